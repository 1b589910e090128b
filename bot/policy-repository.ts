/** What `POLICY_REPO` names. */
export interface NamedRepository {
  /** As it is configured in `AZURE_DEVOPS_ORGS`. */
  readonly organization: string;
  readonly project: string;
  readonly name: string;
  /** Begins with a slash and ends without one; empty for the root. */
  readonly folder: string;
}

const SEGMENT = /^(?!\.{1,2}$)[^\p{Cc}\\/:*?"<>|;#$,+=[\]{}~&%@]{1,64}$/u;

/** Whether it could be a repository of Azure Repos: `https://…/PROJECT/_git/NAME`, perhaps with `?path=/folder`. */
export function isRepository(url: URL): boolean {
  return url.hash === '' && partsOf(url) !== undefined;
}

/** The repository in the one of these organizations that the address begins with; undefined when it is of another. */
export function repositoryIn(url: URL, organizations: readonly string[]): NamedRepository | undefined {
  const parts = partsOf(url);
  if (parts === undefined) return undefined;
  // A project may be left out where it has the repository's name.
  return [parts, { ...parts, before: `${parts.before}/${parts.project}`, project: parts.name }]
    .map(({ before, ...named }) => ({ organization: organizations.find((one) => isSame(one, before)), ...named }))
    .find((one): one is NamedRepository => one.organization !== undefined);
}

/** `before`: what stands before the project. */
function partsOf(url: URL): (Omit<NamedRepository, 'organization'> & { readonly before: string }) | undefined {
  const [, before = '', project = '', name = ''] = /^(.*)\/([^/]+)\/_git\/([^/]+)\/?$/.exec(url.pathname) ?? [];
  const [decodedProject, decodedName] = [decoded(project), decoded(name)];
  const folder = folderOf(url.searchParams);
  if (!SEGMENT.test(decodedProject) || !SEGMENT.test(decodedName) || folder === undefined) return undefined;
  return { before: `${url.origin}${before}`, project: decodedProject, name: decodedName, folder };
}

/** Undefined when there is more in the query than one path, or the path leads elsewhere. */
function folderOf(query: URLSearchParams): string | undefined {
  const [path = '', ...more] = query.getAll('path');
  const segments = path.split('/').filter((segment) => segment !== '');
  if (more.length > 0 || [...query.keys()].some((key) => key !== 'path')) return undefined;
  return segments.every((segment) => SEGMENT.test(segment))
    ? segments.map((segment) => `/${segment}`).join('')
    : undefined;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return '';
  }
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}
