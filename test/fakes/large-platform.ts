import type { AzureDevOpsSimulator } from './azure-devops.ts';
import { POLICY_TYPES } from './platform-checks.ts';

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
 * the environments have a check of ours, a fifth are open to all. `more`: fills in what other simulators hold, such as users.
 */
export function raisePlatform(
  simulator: AzureDevOpsSimulator,
  size: LargePlatform,
  more: (simulator: AzureDevOpsSimulator, size: LargePlatform) => void = () => {},
): void {
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
  more(simulator, size);
}

function numbered<T>(count: number, make: (n: number) => T): T[] {
  return Array.from({ length: count }, (_, n) => make(n));
}
