/** What `npm sbom --sbom-format cyclonedx` says of a package; CycloneDX 1.5. */
interface Component {
  readonly name: string;
  readonly version: string;
  readonly licenses?: readonly {
    readonly license?: { readonly id?: string; readonly name?: string };
    readonly expression?: string;
  }[];
}

/** SPDX ids of licences that ask for no more than to keep their notice. */
const ALLOWED: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'Unlicense',
]);

export interface LicenceList {
  /** One line for each package, sorted, below the names of the columns. */
  readonly csv: string;
  /** Each package that may not be delivered, with what it says of itself. */
  readonly problems: readonly string[];
}

/** The licence of every package of a bill of materials. One that says nothing, or something unknown, is a problem. */
export function listLicences({ components }: { readonly components: readonly Component[] }): LicenceList {
  const rows = components
    .map((component) => ({ ...component, licence: licenceOf(component) }))
    .toSorted((a, b) => (`${a.name}@${a.version}` < `${b.name}@${b.version}` ? -1 : 1));
  const lines = rows.map(({ name, version, licence }) => [name, version, licence].map(quoted).join(','));
  return {
    csv: `${['name,version,licence', ...lines].join('\n')}\n`,
    problems: rows
      .filter(({ licence }) => !isAllowed(licence))
      .map(({ name, version, licence }) => `${name}@${version}: ${licence === '' ? 'names no licence' : licence}`),
  };
}

/** Several licences beside one another are all to be kept. */
function licenceOf({ licenses = [] }: Component): string {
  return licenses
    .map(({ license, expression }) => expression ?? license?.id ?? license?.name ?? '')
    .filter((text) => text !== '')
    .join(' AND ');
}

/** Of `A OR B` one is enough, of `A AND B` both are needed; what is nested is not understood, and so not allowed. */
function isAllowed(expression: string): boolean {
  const flat = expression.replace(/^\(([^()]*)\)$/, '$1');
  return flat.split(' OR ').some((choice) => choice.split(' AND ').every((id) => ALLOWED.has(id)));
}

function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
