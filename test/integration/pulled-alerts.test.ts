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

/** Two organizations; `payments-api` is in the first, `payments-api-deploy` in the second. */
async function twoOrganizations() {
  const first = await startAdvancedSecurity();
  const second = await startAdvancedSecurity(first.pat);
  onTestFinished(async () => {
    await Promise.all([first.close(), second.close()]);
  });
  const [inFirst, inSecond] = [
    { id: IDS[0] ?? '', name: 'payments-api' },
    { id: IDS[1] ?? '', name: 'payments-api-deploy' },
  ] as const;
  const put = (one: number, other: number) => {
    first.world.repositories = [{ ...inFirst, project: PROJECT, alerts: [anAlert(one)] }];
    second.world.repositories = [{ ...inSecond, project: PROJECT, alerts: [anAlert(other)] }];
  };
  put(1, 2);
  const organizations = [first.organization, second.organization];
  const identity = createPatIdentity(first.pat);
  const source = createAdvancedSecurity({ organizations, identity });
  const [organization, other] = organizations as [string, string];
  const world = await createCoreWorld({ organization, others: [other], signalSources: [source] });
  const headIn = async (url: string) => {
    const scope = { org: orgOf(TENANT, url), service: 'payments-api', environment: '-' };
    const [head] = (await world.ports.scopes.view(scope, [])).heads;
    return {
      complete: head?.complete,
      scannedAt: head?.scannedAt,
      lines: head?.groups[0]?.samples.map(({ line }) => line),
    };
  };
  return {
    ...{ first, second, put, world, organization, other },
    heads: async () => [await headIn(organization), await headIn(other)],
    pull: async () => {
      await world.core.reconcile();
      await world.core.idle();
    },
    signals: async () => {
      const { signals = [] } = await world.core.status.deliveryHealth();
      return signals.filter(({ name }) => !name.startsWith('orders-api'));
    },
  };
}

test('an organization that does not show its repositories is unknown with what is missing; what it said stands with its age, the others go on', async () => {
  const scene = await twoOrganizations();
  await scene.pull();
  const [, before] = await scene.heads();
  expect(await scene.heads()).toMatchObject([
    { complete: true, lines: [1] },
    { complete: true, lines: [2] },
  ]);

  scene.second.world.listing = { status: 403 };
  scene.put(3, 4);
  scene.world.advance(70);
  await scene.pull();

  expect(await scene.heads()).toMatchObject([{ complete: true, lines: [3], scannedAt: scene.world.now }, before]);
  const failures = (await scene.signals()).flatMap(({ name, failure }) =>
    failure === undefined ? [] : [[name, failure.why]],
  );
  expect(failures.map(([name]) => name).sort()).toEqual(['Shop/payments-api-deploy', scene.other]);
  for (const [, why] of failures) expect(why).toContain('vso.code');

  scene.second.world.listing = undefined;
  scene.world.advance(70);
  await scene.pull();
  expect(await scene.heads()).toMatchObject([{ lines: [3] }, { complete: true, lines: [4] }]);
  expect((await scene.signals()).filter(({ failure }) => failure !== undefined)).toEqual([]);
});

test('an organization that asks for patience is not asked before, and what was to be pulled there is not forgotten', async () => {
  const scene = await twoOrganizations();
  await scene.pull();
  const asked = () => scene.second.requests.filter((line) => line.includes('/git/repositories')).length;

  scene.second.world.listing = { status: 429, headers: { 'retry-after': '1800' } };
  scene.world.advance(70);
  await scene.pull();
  const once = asked();
  await scene.world.ports.sourceNotes.hint('advanced-security', scene.other, scene.world.now);
  for (const minutes of [6, 6, 6]) {
    scene.world.advance(minutes);
    await scene.pull();
  }
  expect(asked()).toBe(once);

  scene.second.world.listing = undefined;
  scene.put(1, 5);
  scene.world.advance(14);
  await scene.pull();
  expect(asked()).toBe(once + 1);
  expect(await scene.heads()).toMatchObject([{ lines: [1] }, { lines: [5] }]);
});

test('a repository that only an organization may have that never showed any proves nothing of the service clean', async () => {
  const scene = await twoOrganizations();
  scene.second.world.listing = { status: 403 };
  await scene.pull();

  expect(await scene.heads()).toMatchObject([{ complete: false, lines: [1] }, { complete: undefined }]);
  const note = (await scene.signals()).find(({ name }) => name === 'payments-api-deploy');
  expect(note?.failure?.why).toContain(`unless it is in ${scene.other}, which could not be listed`);
});
