import { expect, onTestFinished, test, vi } from 'vitest';
import { setUpOf } from '../../bot/compose.ts';
import { setUpAzureDevOps } from '../../bot/console/set-up-azure-devops.ts';
import { startAzureDevOps } from '../fakes/azure-devops.ts';
import { commandLine } from '../fakes/command-line.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { BOT, CHECK_KEY, HOOK_PASSWORD } from '../fakes/set-up-scene.ts';

/** The command is a process that loads all adapters. */
vi.setConfig({ testTimeout: 60_000 });

async function setShop() {
  const simulator = await startAzureDevOps();
  onTestFinished(() => simulator.close());
  for (const name of ['payments-api', 'orders-api']) simulator.addPipeline({ name });
  for (const name of ['prod', 'staging']) simulator.addEnvironment(name);
  const env = {
    COUNTERSIGN_LOCAL: 'true',
    AZURE_DEVOPS_ORGS: simulator.organizationUrl(),
    AZURE_DEVOPS_TOKEN: simulator.pat,
    PUBLIC_URL: BOT,
    ...{ CHECK_SECRETS: CHECK_KEY, HOOK_SECRETS: `${HOOK_PASSWORD},an-older-password-of-a-test` },
    POLICY_DIR: await policyFolder(),
  };
  /** As the command does, without a process for each. */
  const setUp = (options: Readonly<Record<string, string>>, over: Readonly<Record<string, string>> = {}) =>
    setUpAzureDevOps(async () => setUpOf({ ...env, ...over }), options);
  return { simulator, env, setUp };
}

const GIVEN = 'true';

test('setup azure-devops and setup teams are commands, which end with 2 for wrong options, and print no secret', async () => {
  const { simulator, env } = await setShop();

  const planned = await commandLine(env, ['setup', 'azure-devops', '--from', 'catalog']);
  expect([planned.code, planned.out.split('\n').filter((line) => line.startsWith('create\tcheck')).length]).toEqual([
    0, 2,
  ]);
  expect(planned.error).toContain('Nothing was written: --apply does it.');

  for (const secret of [CHECK_KEY, HOOK_PASSWORD, simulator.pat])
    expect(planned.out + planned.error).not.toContain(secret);

  const wrong = { code: 2, out: '', error: expect.stringContaining('--check writes nothing') };
  expect(await commandLine({}, ['setup', 'azure-devops', '--check', '--apply'])).toEqual(wrong);
  expect(await commandLine({}, ['setup', 'teams', '--check', '--apply'])).toEqual(wrong);
});

test('it plans, applies, finds nothing to change, and takes away, by few settings and without a secret in what it says', async () => {
  const { simulator, setUp } = await setShop();

  const plan = await setUp({ from: 'catalog' });
  expect(plan.exitCode).toBe(0);
  expect(simulator.configurations).toEqual([]);
  expect(await setUp({ check: GIVEN })).toMatchObject({ exitCode: 1, lines: plan.lines });

  const applied = await setUp({ apply: GIVEN });
  const shop = `${simulator.organizationUrl()}/Shop`;
  expect(applied.lines).toContain(
    `created\tcheck\t${shop}\tprod\torders-api, payments-api; enforced: what it blocks is stopped`,
  );
  expect(simulator.subscriptions.map(({ password }) => password)).toContain(HOOK_PASSWORD);
  expect(await setUp({ check: GIVEN })).toMatchObject({ exitCode: 0 });

  const removed = await setUp({ remove: GIVEN, apply: GIVEN });
  expect(removed.exitCode).toBe(0);
  expect([simulator.configurations, simulator.subscriptions]).toEqual([[], []]);
  expect(await setUp({ remove: GIVEN })).toMatchObject({ exitCode: 0, lines: [] });
  for (const secret of [CHECK_KEY, HOOK_PASSWORD, simulator.pat])
    expect(JSON.stringify([plan, applied, removed])).not.toContain(secret);
});

test('it ends with 1 where something cannot be done, or nothing of the catalog is there', async () => {
  const { simulator, setUp } = await setShop();
  simulator.forbidChecks({ id: 1, project: simulator.project });

  const applied = await setUp({ apply: GIVEN });
  expect([applied.exitCode, applied.lines]).toEqual([
    1,
    expect.arrayContaining([
      expect.stringMatching(/^cannot\tcheck\t.*\tprod\t.*the role Administrator of the environment/),
    ]),
  ]);
  expect(await setUp({ only: 'Nowhere' })).toMatchObject({ exitCode: 1, lines: [] });
});

test.each([
  [{ from: 'elsewhere' }, {}, '--from takes catalog'],
  [{ check: GIVEN, apply: GIVEN }, {}, '--check writes nothing'],
  [{ check: GIVEN, remove: GIVEN }, {}, '--check writes nothing'],
  [{ observe: GIVEN, remove: GIVEN }, {}, '--observe is for what is made'],
  [{ only: '/prod' }, {}, '--only takes PROJECT'],
  [{ only: 'Shop/' }, {}, '--only takes PROJECT'],
  [{}, { PUBLIC_URL: '' }, 'PUBLIC_URL'],
  [{}, { AZURE_DEVOPS_ORGS: 'ftp://x' }, 'AZURE_DEVOPS_ORGS'],
  [{}, { COUNTERSIGN_LOCAL: '' }, 'AZURE_DEVOPS_TOKEN'],
  [{}, { POLICY_DIR: '/nowhere' }, 'there is no contract in force'],
])('with %j and %j it does not run, and says why: %s', async (options, over, said) => {
  const { simulator, setUp } = await setShop();

  await expect(setUp(options, over)).rejects.toThrow(said);
  expect(simulator.requests).toEqual([]);
});
