import { expect, onTestFinished, test } from 'vitest';
import { createAdvancedSecurity } from '../../services/azure-devops/advanced-security.ts';
import { createPatIdentity } from '../../services/azure-devops/identity.ts';
import { orgOf } from '../../services/domain/gate.ts';
import { TENANT } from '../builders.ts';
import { startAdvancedSecurity } from '../fakes/advanced-security.ts';
import { createCoreWorld } from '../fakes/core-world.ts';

const PROJECT = { id: '9d444840-9dc0-11d1-b245-5ffdce74fad2', name: 'Shop' };
const IDS = ['ad444840-9dc0-11d1-b245-5ffdce74fad2', 'bd444840-9dc0-11d1-b245-5ffdce74fad2'];

const anAlert = (alertId: number, over: Readonly<Record<string, unknown>> = {}) => ({
  alertId,
  alertType: 'code',
  severity: 'high',
  state: 'active',
  title: `SQL injection ${alertId}`,
  firstSeenDate: '2026-11-20T08:00:00Z',
  tools: [{ name: 'CodeQL', rules: [{ opaqueId: 'js/sql-injection', friendlyName: 'SQL injection' }] }],
  physicalLocations: [{ filePath: 'src/orders.ts', region: { lineStart: alertId } }],
  ...over,
});

/** Both repositories of payments-api, with these alerts. */
async function setScene(...alerts: (readonly Readonly<Record<string, unknown>>[] | undefined)[]) {
  const fake = await startAdvancedSecurity();
  onTestFinished(() => fake.close());
  const put = (...all: typeof alerts) => {
    fake.world.repositories = ['payments-api', 'payments-api-deploy'].map((name, n) => {
      const found = all[n];
      return { id: IDS[n] ?? '', name, project: PROJECT, ...(found === undefined ? {} : { alerts: found }) };
    });
  };
  put(...alerts);
  const { organization, pat } = fake;
  const source = createAdvancedSecurity({ organizations: [organization], identity: createPatIdentity(pat) });
  const world = await createCoreWorld({ organization, signalSources: [source] });
  const scope = { org: orgOf(TENANT, organization), service: 'payments-api', environment: '-' };
  return {
    fake,
    put,
    world,
    pull: async () => {
      await world.core.reconcile();
      await world.core.idle();
    },
    heads: async () => (await world.ports.scopes.view(scope, [])).heads,
  };
}

test('alerts of all repositories of a service stand in every environment of it', async () => {
  const scene = await setScene([anAlert(1)], [anAlert(2)]);
  await scene.pull();

  expect(await scene.heads()).toMatchObject([{ commit: '-', category: 'sast', complete: true }]);
  expect((await scene.heads()).flatMap(({ groups }) => groups.map(({ count }) => count))).toEqual([2]);
});

test('while one of its repositories cannot be read nothing of the service is proven', async () => {
  const scene = await setScene([anAlert(1)], undefined);
  await scene.pull();

  expect(await scene.heads()).toMatchObject([{ complete: false }]);
  const signals = (await scene.world.core.status.deliveryHealth()).signals ?? [];
  expect(signals.find(({ name }) => name === 'Shop/payments-api-deploy')?.failure?.why).toContain('vso.advsec');
});

test('an alert that somebody dismissed in Azure DevOps is still there, as a suppression', async () => {
  const scene = await setScene([anAlert(1, { state: 'dismissed' })], []);
  await scene.pull();

  expect((await scene.heads())[0]?.groups).toMatchObject([{ suppressed: true, count: 1 }]);
});

test('the last alert that is fixed is gone, and its class of findings known to be clean', async () => {
  const scene = await setScene([anAlert(1)], []);
  await scene.pull();
  scene.put([anAlert(1, { state: 'fixed', fixedDate: '2026-11-24T09:30:00Z' })], []);
  scene.world.advance(66);
  await scene.pull();

  expect((await scene.heads()).find(({ category }) => category === 'sast')).toMatchObject({
    complete: true,
    groups: [],
  });
});

test('a service hook about alerts has them pulled with the next round; of its body nothing is believed', async () => {
  const scene = await setScene([], []);
  await scene.pull();
  scene.put([anAlert(1)], []);
  scene.world.advance(6);
  await scene.pull();
  expect((await scene.heads()).flatMap(({ groups }) => groups)).toEqual([]);

  await scene.world.core.eventReceived({ id: '1', eventType: 'ms.vss-alerts.alert-created-event', kind: 'alert' });
  scene.world.advance(6);
  await scene.pull();
  expect((await scene.heads()).flatMap(({ groups }) => groups)).toHaveLength(1);

  const asked = scene.fake.requests.length;
  scene.world.advance(6);
  await scene.pull();
  expect(scene.fake.requests).toHaveLength(asked);
});
