import type { Reply } from './azure-devops-model.ts';
import { type JsonServer, startJsonServer } from './json-server.ts';

export interface RepositoryWithAlerts {
  readonly id: string;
  readonly name: string;
  readonly project: { readonly id: string; readonly name: string };
  readonly isDisabled?: boolean;
  /** Absent: Advanced Security is off. */
  readonly alerts?: readonly Readonly<Record<string, unknown>>[];
}

export interface AdvancedSecurityFake extends JsonServer {
  /** Organization (URL). */
  readonly organization: string;
  readonly pat: string;
  readonly world: {
    repositories: readonly RepositoryWithAlerts[];
    pageSize: number;
    isEndless?: boolean;
    /** What the list of repositories answers in place of them, with its headers. */
    listing?: Pick<Reply, 'status' | 'headers'> | undefined;
  };
}

const ALERTS = /^\/contoso\/([^/]+)\/_apis\/alert\/repositories\/([^/]+)\/alerts$/;

/** Repositories of an organization and their alerts, in pages by the header that Azure DevOps names the next one in. */
export async function startAdvancedSecurity(
  pat = `pat-${Math.random().toString(36).slice(2)}`,
): Promise<AdvancedSecurityFake> {
  const world: AdvancedSecurityFake['world'] = { repositories: [], pageSize: 1_000 };
  const server = await startJsonServer(({ url, authorization }): Reply => {
    if (authorization !== `Basic ${Buffer.from(`:${pat}`).toString('base64')}`) return message(401, 'Access denied');
    if (url.pathname === '/contoso/_apis/git/repositories') {
      if (world.listing !== undefined) return { ...message(world.listing.status, 'TF401019'), ...world.listing };
      const value = world.repositories.map(({ alerts: _, ...repository }) => repository);
      return { status: 200, body: { count: value.length, value } };
    }
    const [, project, id] = ALERTS.exec(url.pathname) ?? [];
    const found = world.repositories.find((one) => one.id === id && one.project.id === project);
    const isAsked = url.searchParams.get('criteria.onlyDefaultBranch') === 'true';
    if (found?.alerts === undefined || !isAsked) return message(404, 'Advanced Security is not enabled');
    const from = Number(url.searchParams.get('continuationToken') ?? 0);
    const until = from + Math.min(world.pageSize, Number(url.searchParams.get('top')));
    const next = world.isEndless === true ? '0' : String(until);
    const isMore = world.isEndless === true || until < found.alerts.length;
    const value = found.alerts.slice(from, until);
    return {
      status: 200,
      body: { count: value.length, value },
      ...(isMore ? { headers: { 'x-ms-continuationtoken': next } } : {}),
    };
  });
  return { ...server, world, pat, organization: `${server.url}/contoso` };
}

function message(status: number, text: string): Reply {
  return { status, body: { message: text } };
}
