/** What package managers and ecosystems are called, and the type of their package URLs. Of systems names differ too much. */
const TYPES: ReadonlyMap<string, string> = new Map([
  ...['npm', 'yarn', 'pnpm'].map((name) => [name, 'npm'] as const),
  ...['maven', 'gradle', 'sbt'].map((name) => [name, 'maven'] as const),
  ...['pypi', 'pip', 'poetry', 'pipenv'].map((name) => [name, 'pypi'] as const),
  ...['go', 'gomodules', 'golang'].map((name) => [name, 'golang'] as const),
  ...['nuget', 'paket'].map((name) => [name, 'nuget'] as const),
  ...['crates.io', 'cargo'].map((name) => [name, 'cargo'] as const),
  ...['rubygems', 'gem'].map((name) => [name, 'gem'] as const),
  ...['packagist', 'composer'].map((name) => [name, 'composer'] as const),
  ...['hex', 'pub'].map((name) => [name, name] as const),
]);

/** Of a package whose report names no package URL; undefined: the ecosystem is none of which names are the same everywhere. */
export function packageUrl(
  ecosystem: string | undefined,
  name: string | undefined,
  version?: string | undefined,
): string | undefined {
  const type = TYPES.get(ecosystem?.trim().toLowerCase() ?? '');
  // JSON may write half a surrogate pair, which no URL can hold.
  if (type === undefined || name === undefined || !`${name} ${version}`.isWellFormed()) return undefined;
  const path = type === 'maven' ? name.replaceAll(':', '/') : name;
  const at = version === undefined || version === '' ? '' : `@${encodeURIComponent(version)}`;
  return `pkg:${type}/${path.split('/').map(encodeURIComponent).join('/')}${at}`;
}
