import type { AzureDevOpsSimulator } from './azure-devops.ts';
import { POLICY_TYPES } from './platform-checks.ts';
import { aConnection } from './platform-connections.ts';

/** A large organization: how many things of each kind its delivery platform is made of. */
export const LARGE = {
  environments: 200,
  repositories: 500,
  pipelines: 500,
  hooks: 20,
  connections: 1_000,
  users: 10_000,
};
export type LargePlatform = Readonly<Record<keyof typeof LARGE, number>>;

/**
 * Puts all that the simulator knows into its project Shop. One pipeline is payments-api's, by which the project is the catalog's; a tenth of
 * the environments have a check of ours, a fifth are open to all. A tenth of the service connections are of Azure; of a hundred users one
 * administers the project, and of twenty one is a guest.
 */
export function raisePlatform(simulator: AzureDevOpsSimulator, size: LargePlatform): void {
  const pipelines = numbered(size.pipelines, (n) =>
    simulator.addPipeline({
      name: n === 0 ? 'payments-api' : `pipeline-${n}`,
      repository: `repo-${n % size.repositories}`,
    }),
  );
  const connection = simulator.addAddress('countersign', 'https://bot.contoso.example');
  numbered(size.environments, (n) => {
    const name = n === 0 ? 'prod' : `env-${n}`;
    const environment = simulator.addEnvironment(name);
    if (n % 10 === 0) simulator.addOurCheck(environment, { connection, environment: name });
    simulator.allowPipelines(environment, n % 5 === 1 ? 'all' : pipelines.slice(n, n + 1));
  });
  numbered(size.repositories, (n) => {
    const repository = simulator.addRepository(`repo-${n}`);
    repository.push({ 'README.md': String(n) });
    const scope = [{ repositoryId: repository.id, refName: 'refs/heads/main', matchKind: 'Exact' }];
    simulator.addPolicy(POLICY_TYPES.reviewers, { minimumApproverCount: 1 + (n % 2), scope });
  });
  numbered(size.hooks, (n) =>
    simulator.subscribe({
      eventType: 'ms.vss-pipelinechecks-events.approval-pending',
      url: `https://bot.contoso.example/api/azure-devops/events?n=${n}`,
    }),
  );
  numbered(size.connections, (n) => {
    const pipeline = pipelines.slice(n % size.pipelines).slice(0, 1);
    const isOfAzure = n % 10 === 0;
    const over = isOfAzure
      ? {}
      : { ...{ type: 'dockerregistry', scheme: 'UsernamePassword' }, parameters: {}, data: {} };
    simulator.library.connections.push(
      aConnection(simulator.project, `connection-${n}`, { pipelines: pipeline, ...over }),
    );
  });
  const users = numbered(size.users, (n) =>
    simulator.people.addUser(`User ${n}`, n % 20 === 1 ? { metaType: 'guest' } : {}),
  );
  const administrators = users.filter((_, n) => n % 100 === 0).map(({ descriptor }) => descriptor);
  simulator.people.group('Project Administrators').members.push(...administrators);
}

function numbered<T>(count: number, make: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, n) => make(n));
}
