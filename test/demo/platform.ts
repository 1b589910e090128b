import type { Person } from '../../services/domain/person.ts';
import type { AzureDevOpsSimulator } from '../fakes/azure-devops.ts';
import type { SimulatedPipeline } from '../fakes/azure-devops-model.ts';
import { POLICY_TYPES } from '../fakes/platform-checks.ts';
import { aConnection } from '../fakes/platform-connections.ts';
import type { PlatformSubject } from '../fakes/platform-people.ts';
import { IDENTITIES, SUBSCRIPTIONS } from './azure.ts';

const DAY_MS = 86_400_000;
const daysFromNow = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

interface Given {
  /** Address of the bot, as its own settings have it. */
  readonly bot: string;
  readonly people: readonly Person[];
  readonly pipelines: readonly SimulatedPipeline[];
}

/** What the pipelines go through: guarded in the first project, forgotten in the second, and a little too wide in places. */
export function addPlatform(azureDevOps: AzureDevOpsSimulator, { bot, people, pipelines }: Given): void {
  addEnvironments(azureDevOps, bot, pipelines);
  addConnections(azureDevOps, pipelines);
  addPeople(azureDevOps, people);
  protectBranches(azureDevOps, pipelines);
}

function addEnvironments(azureDevOps: AzureDevOpsSimulator, bot: string, pipelines: readonly SimulatedPipeline[]) {
  const connection = azureDevOps.addAddress('countersign', bot);
  const prod = azureDevOps.addEnvironment('prod');
  azureDevOps.addOurCheck(prod, { connection, environment: 'prod' });
  azureDevOps.allowPipelines(
    prod,
    pipelines.filter(({ name }) => name.endsWith('-deploy')),
  );
  azureDevOps.allowPipelines(azureDevOps.addEnvironment('staging'), 'all');
  const forgotten = azureDevOps.addProject('Shop-2019');
  const pipeline = azureDevOps.addPipeline({ name: 'orders-api', project: forgotten, repository: 'orders-api' });
  azureDevOps.allowPipelines(azureDevOps.addEnvironment('prod', forgotten), [pipeline]);
  azureDevOps.alerts.set(pipeline.repository.id, []);
}

function addConnections({ library, project }: AzureDevOpsSimulator, pipelines: readonly SimulatedPipeline[]): void {
  const of = (name: string) => pipelines.filter((one) => one.name === `${name}-deploy`);
  const add = (name: string, service: string, principal: string, data: Readonly<Record<string, string | null>>) => {
    const { id, scheme, parameters, data: usual } = aConnection(project, name);
    const own = { ...usual, resourceGroupName: null, spnObjectId: principal, ...data };
    const uses = of(service).map((pipeline) => ({ pipeline, at: daysFromNow(-1) }));
    const since = { createdOn: daysFromNow(-400), uses, pipelines: of(service) };
    return { ...aConnection(project, name), id, scheme, parameters, data: own, ...since };
  };
  const payments = { subscriptionId: SUBSCRIPTIONS.payments, subscriptionName: 'payments-prod' };
  const orders = { subscriptionId: SUBSCRIPTIONS.orders, subscriptionName: 'orders-prod' };
  library.connections.push(
    add('payments-prod', 'payments-api', IDENTITIES.federated, { ...payments, resourceGroupName: 'rg-payments-prod' }),
    { ...add('payments-terraform', 'payments-api', IDENTITIES.secret, payments), scheme: 'ServicePrincipal' },
    add('orders-prod', 'orders-api', IDENTITIES.orders, { ...orders, resourceGroupName: 'rg-orders-prod' }),
  );
}

/** Everybody of the directory, one who left long ago, and the bot itself. */
function addPeople({ people: platform, bot, project }: AzureDevOpsSimulator, people: readonly Person[]): void {
  const users = people.map(({ oid, name, upn }) =>
    platform.addUser(name, { originId: oid, principalName: upn, lastAccessedDate: daysFromNow(-1) }),
  );
  const named = (name: string): PlatformSubject[] => users.filter(({ displayName }) => displayName === name);
  platform.addUser('Norman Paulk', { lastAccessedDate: daysFromNow(-210) });
  const { descriptor, id, displayName } = bot;
  platform.addUser(displayName, { descriptor, id, lastAccessedDate: daysFromNow(0) });
  const platformTeam = platform.addGroup('Platform Team', [...named('Isaiah Langer'), ...named('Lee Gu')], project);
  platform.group('Project Administrators').members.push(platformTeam.descriptor);
  platform
    .group('Project Collection Administrators')
    .members.push(...named('Megan Bowen').map((one) => one.descriptor));
  platform.roles.set(`${project.id}_1`, [{ subject: platformTeam, role: 'Administrator' }]);
}

function protectBranches(azureDevOps: AzureDevOpsSimulator, pipelines: readonly SimulatedPipeline[]): void {
  for (const { repository } of pipelines) {
    const scope = [{ repositoryId: repository.id, refName: 'refs/heads/main', matchKind: 'Exact' }];
    const strict = { creatorVoteCounts: false, resetOnSourcePush: true };
    azureDevOps.addPolicy(POLICY_TYPES.reviewers, { minimumApproverCount: 1, ...strict, scope });
    azureDevOps.alerts.set(repository.id, []);
  }
}
