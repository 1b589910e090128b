import { onTestFinished } from 'vitest';
import { createAuditLog } from '../../services/azure-devops/audit-log.ts';
import { createDeployments } from '../../services/azure-devops/deployments.ts';
import { createPatIdentity } from '../../services/azure-devops/identity.ts';
import { createActivityLog } from '../../services/azure-resources/activity-log.ts';
import type { OffPath } from '../../services/domain/off-path.ts';
import type { Table } from '../../services/ports/table.ts';
import { startAzureDevOps } from './azure-devops.ts';
import type { SimulatedDeployment } from './azure-devops-model.ts';
import { startAzureSignals } from './azure-signals.ts';
import { createCoreWorldOn } from './core-world.ts';
import { CAST } from './exception-scene.ts';
import { type Edit, policyFolder } from './policy-folder.ts';
import { ORDERS, PAYMENTS, vault } from './signal-scene.ts';

/** Named in the catalog for payments-api in prod. */
export const RELEASE_IDENTITY = '5f000000-0000-4000-8000-00000000000a';
/** Of a person who may do much and is no part of the release path. */
export const OUTSIDER = '5f000000-0000-4000-8000-00000000000b';
const OBJECT_ID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';

/** All that the sample catalog names. */
const SUBSCRIPTIONS = {
  [PAYMENTS]: 'payments-prod',
  [ORDERS]: 'orders-prod',
  '7d444840-9dc0-11d1-b245-5ffdce74fad3': 'payments-test',
  '8d444840-9dc0-11d1-b245-5ffdce74fad3': 'orders-test',
};

let count = 0;

/** An entry of Azure DevOps' audit log as its REST API writes it. */
export function anAuditEntry(actionId: string, at: string, over: Readonly<Record<string, unknown>> = {}) {
  count += 1;
  return {
    ...{ id: `251850;${count}`, actionId, timestamp: at, category: 'modify', area: 'Checks' },
    ...{ scopeType: 'organization', scopeDisplayName: 'contoso (Organization)', projectName: 'Shop' },
    ...{ actorUserId: OUTSIDER, actorDisplayName: 'Nestor Wilke', details: 'as written' },
    ...over,
  };
}

/** What anEntry says in the case of exports and streams. */
export function capitalized(entry: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(entry).map(([name, value]) => [`${name.charAt(0).toUpperCase()}${name.slice(1)}`, value]),
  );
}

/** An entry of Azure's activity log as its REST API writes it. */
export function anActivity(operation: string, at: string, over: Readonly<Record<string, unknown>> = {}) {
  count += 1;
  return {
    ...{ eventDataId: `e${count}`, operationName: { value: operation }, status: { value: 'Succeeded' } },
    ...{ category: { value: 'Administrative' }, eventTimestamp: at, resourceId: vault(), correlationId: `c${count}` },
    claims: { name: 'Nestor Wilke', [OBJECT_ID]: OUTSIDER },
    ...over,
  };
}

/** The whole core with a simulated Azure DevOps and Azure, the logs of both and the deployments being read. */
export function setAuditScene(table: Table, ...edits: readonly Edit[]) {
  return setAuditSceneWith({}, table, ...edits);
}

/** The same with more of the core than the logs need. */
export async function setAuditSceneWith(
  more: Pick<NonNullable<Parameters<typeof createCoreWorldOn>[1]>, 'platformSources'>,
  table: Table,
  ...edits: readonly Edit[]
) {
  const time: { world?: ReturnType<typeof createCoreWorldOn> } = {};
  const devOps = await startAzureDevOps({ now: () => Date.parse(time.world?.now ?? '2026-11-24T09:00:00.000Z') });
  const azure = await startAzureSignals();
  onTestFinished(() => Promise.all([devOps.close(), azure.close()]).then(() => undefined));
  azure.world.subscriptions = SUBSCRIPTIONS;
  azure.world.activity = Object.fromEntries(Object.keys(SUBSCRIPTIONS).map((id) => [id, []]));
  const organization = devOps.organizationUrl();
  const access = { organizations: [organization], identity: createPatIdentity(devOps.pat) };
  const logged: { readonly message: string; readonly data: object }[] = [];
  const world = createCoreWorldOn(table, {
    ...{ ...more, organization, policyDir: await policyFolder(...edits), deployments: createDeployments(access) },
    auditLogs: [
      createAuditLog(access),
      createActivityLog({ url: azure.url, credential: azure.credential, allowLoopback: true }),
    ],
    log: (message, data) => logged.push({ message, data }),
  });
  time.world = world;
  for (const oid of Object.values(CAST)) await world.meet(oid);
  const pipeline = devOps.addPipeline({ name: 'payments-api', repository: 'payments-api' });
  devOps.deployTo('prod', devOps.queueRun({ pipeline }), { startTime: '2026-11-01T08:00:00.000Z' });
  const round = async (core = world.core) => {
    await core.reconcile();
    await core.idle();
  };
  return {
    ...{ world, devOps, azure, organization, pipeline, logged, round },
    /** Five simulated minutes, then a round. */
    pass: async (minutes = 5) => {
      world.advance(minutes);
      await round();
    },
    deploy: (job: Partial<SimulatedDeployment['job']> = {}, environment = 'prod') => {
      const run = devOps.queueRun({ pipeline });
      devOps.deployTo(environment, run, { stage: 'Deploy', ...job });
      return run;
    },
    /** Of payments-prod. */
    activity: (...entries: readonly Readonly<Record<string, unknown>>[]) => {
      azure.world.activity = { ...azure.world.activity, [PAYMENTS]: entries };
    },
    audit: (...entries: readonly Readonly<Record<string, unknown>>[]) =>
      devOps.auditLog.entries.push(...entries.map((entry) => ({ organization: 'contoso', entry }))),
    /** Cards that were sent anew, in order. */
    cards: (): { readonly to: string; readonly offPath: OffPath }[] =>
      world.news.flatMap((news) =>
        'offPath' in news && news.audience.kind === 'person' ? [{ to: news.audience.oid, offPath: news.offPath }] : [],
      ),
    signals: async () => (await world.core.status.deliveryHealth()).signals ?? [],
  };
}

/** Whom a new card was sent to, once for each card. */
export function cardReaders(scene: Pick<Awaited<ReturnType<typeof setAuditScene>>, 'cards'>): string[] {
  return scene
    .cards()
    .map(({ to }) => to)
    .sort();
}
