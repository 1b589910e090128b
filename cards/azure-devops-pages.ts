import type { Gate } from '../services/domain/gate.ts';

const LEGACY_HOST = /^[a-z0-9-]+\.visualstudio\.com$/;

/**
 * The run's page, if it is a page of the organization that we were configured for; anything else gets no link. One
 * organization has two Microsoft addresses, `dev.azure.com/NAME` and `NAME.visualstudio.com`.
 */
export function runPage({ run, door }: Gate): string | undefined {
  return pageWithin(run.url, door.organization);
}

/** The same of any address that Azure DevOps gave. */
export function pageWithin(url: string, organization: string): string | undefined {
  const page = addressOf(url);
  const home = addressOf(organization);
  if (page === undefined || home === undefined || page.username !== '' || page.password !== '') return undefined;
  const bothMicrosoft = isMicrosoft(page) && isMicrosoft(home);
  return page.origin === home.origin || bothMicrosoft ? encoded(page) : undefined;
}

/** The page of the run that took this one's place. */
export function newerRunPage({ door, run, supersededBy }: Gate): string | undefined {
  if (supersededBy === undefined) return undefined;
  return pageIn(door.organization, [run.project, '_build', 'results'], { buildId: String(supersededBy.runId) });
}

const COMMIT = /^[0-9a-f]{40}$/i;

/**
 * What the run's own repository has more than at the last deployment (Azure Repos, compare branches). Undefined where it
 * lies elsewhere, where a commit is not known, or where both are the same.
 */
export function changesPage({ door, run, previous }: Gate): string | undefined {
  const { repository, commit } = run;
  const isOwn = (name: string) => name.toLowerCase() === repository.name.toLowerCase();
  const old = previous?.commits.find((one) => one.runId === previous.runId && isOwn(one.repository))?.commit;
  if (repository.type !== 'TfsGit' || old === undefined || !COMMIT.test(old) || !COMMIT.test(commit)) return undefined;
  if (old.toLowerCase() === commit.toLowerCase()) return undefined;
  const versions = { baseVersion: `GC${old}`, targetVersion: `GC${commit}` };
  return pageIn(door.organization, [run.project, '_git', repository.name, 'branchCompare'], versions);
}

/** An environment, where its approvals and checks are. */
export function environmentPage(
  organization: string,
  project: string | undefined,
  environment: string | undefined,
): string | undefined {
  if (project === undefined || environment === undefined) return undefined;
  return pageIn(organization, [project, '_environments', environment], {});
}

export function connectionPage(
  organization: string,
  project: string | undefined,
  connection: string | undefined,
): string | undefined {
  if (project === undefined || connection === undefined) return undefined;
  return pageIn(organization, [project, '_settings', 'adminservices'], { resourceId: connection });
}

/** Who may do what in a project. */
export function permissionsPage(organization: string, project: string | undefined): string | undefined {
  return project === undefined ? undefined : pageIn(organization, [project, '_settings', 'permissions'], {});
}

/** Settings of an organization by the name of their page, such as `users`. */
function organizationPage(organization: string, settings: string): string | undefined {
  return pageIn(organization, ['_settings', settings], {});
}

const ORGANIZATION_PAGES: Readonly<Record<string, string>> = { user: 'users', auditing: 'audit' };

/** Where a finding about the platform is looked at, by its subject (platform-rules.ts); undefined: there is no such page. */
export function subjectPage({
  organization,
  subject = '',
  project,
}: {
  readonly organization: string;
  readonly subject?: string;
  readonly project?: string;
}): string | undefined {
  const [kind = '', ...ids] = subject.split(':');
  if (kind === 'environment') return environmentPage(organization, project, ids[1]);
  if (kind === 'connection') return connectionPage(organization, project, ids[0]);
  const settings = Object.hasOwn(ORGANIZATION_PAGES, kind) ? ORGANIZATION_PAGES[kind] : undefined;
  return settings === undefined ? undefined : organizationPage(organization, settings);
}

const PORTAL_VIEWS = {
  policy: '#view/Microsoft_Azure_Policy/PolicyMenuBlade/~/Compliance',
  defender: '#view/Microsoft_Azure_Security/SecurityMenuBlade/~/0',
} as const;

/** A view of the portal of Azure, whose address depends on the cloud. */
export function portalPage(portal: string | undefined, view: keyof typeof PORTAL_VIEWS): string | undefined {
  const home = addressOf(portal ?? '');
  return home?.protocol === 'https:' ? `${home.origin}/${PORTAL_VIEWS[view]}` : undefined;
}

/** Longer than the name of any project or repository. */
const SEGMENT_MAX = 256;

/** A page of the configured organization; no name can lead out of it. */
export function pageIn(organization: string, path: readonly string[], query: Readonly<Record<string, string>>) {
  const home = addressOf(organization);
  // A segment of dots alone would be taken for a way up.
  const isName = (segment: string) => segment.length <= SEGMENT_MAX && !/^\.*$/.test(segment);
  if (home === undefined || !path.every(isName)) return undefined;
  const segments = path.map((segment) => encodeURIComponent(segment.toWellFormed()));
  home.pathname = [home.pathname.replace(/\/+$/, ''), ...segments].join('/');
  home.search = new URLSearchParams(query).toString();
  return encoded(home);
}

function addressOf(text: string): URL | undefined {
  const address = URL.parse(text);
  return address !== null && /^https?:$/.test(address.protocol) ? address : undefined;
}

function encoded(page: URL): string {
  return page.href.replace(/[()[\]]/g, percentEncoded);
}

/** Brackets are legal in an address, but end a link where text is read as Markdown. */
function percentEncoded(bracket: string): string {
  return `%${bracket.charCodeAt(0).toString(16).toUpperCase()}`;
}

function isMicrosoft(address: URL): boolean {
  return address.protocol === 'https:' && (address.host === 'dev.azure.com' || LEGACY_HOST.test(address.host));
}
