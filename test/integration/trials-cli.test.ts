import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { orgOf } from '../../services/domain/gate.ts';
import { createAzureTable } from '../../services/tables/azure-table.ts';
import { createDueIndex } from '../../services/tables/due-index.ts';
import { createGateStore } from '../../services/tables/gate-store.ts';
import { createScopeStore } from '../../services/tables/scope-store.ts';
import { aGate, aJudgement, ORGANIZATION, TENANT } from '../builders.ts';
import { type Azurite, startAzurite } from '../fakes/azurite.ts';
import { COMPILED } from '../fakes/command-line.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { run } from '../fakes/policy-repository.ts';
import { aScanHead } from '../scans.ts';
import { aGroup } from '../unit/judge-input.ts';

const ENTRY = fileURLToPath(new URL('../../bot/cli.ts', import.meta.url));
const POLICY = fileURLToPath(new URL('../../manifest/policy', import.meta.url));
const HOUR = 3_600_000;
/** Every command is a process that loads all adapters. */
vi.setConfig({ testTimeout: 180_000 });

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.close());

const org = orgOf(TENANT, ORGANIZATION);
const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR).toISOString();

/** The settings of the bot over this store. */
function settingsOf(prefix: string) {
  return {
    COUNTERSIGN_LOCAL: 'true',
    BOT_TENANT_ID: TENANT,
    AZURE_DEVOPS_ORGS: ORGANIZATION,
    TABLES_CONNECTION_STRING: azurite.connectionString,
    TABLES_PREFIX: prefix,
    TOKEN_KEY: Buffer.alloc(32, 7).toString('base64'),
  };
}

const contract = (env: Readonly<Record<string, string>>, args: readonly string[]) =>
  run(process.execPath, [ENTRY, 'contract', ...args], { ...COMPILED, ...env });

/** An empty store, and the command line on it. */
async function setScene(prefix: string) {
  const { connectionString } = azurite;
  const table = createAzureTable({ connection: { connectionString }, prefix, budgetMs: 20_000 });
  await table.prepare();
  const clock = { now: () => new Date().toISOString() };
  const due = createDueIndex({ table, clock });
  const random = { bytes: (count: number) => globalThis.crypto.getRandomValues(new Uint8Array(count)) };
  return {
    gates: createGateStore({ table, due, clock, random, orgs: [org], instance: 'test' }),
    scopes: createScopeStore({ table, due, random }),
    cli: (...args: readonly string[]) => contract(settingsOf(prefix), args),
  };
}

test('a changed policy is tried on the stored past, and gaps of the present one are found in it', async () => {
  const { gates, scopes, cli } = await setScene('trial');
  const [receivedAt, at] = [hoursAgo(5), hoursAgo(4)];
  const evidence = { kind: 'received', actor: { kind: 'countersign' }, data: {} } as const;
  const gate = aGate({ org, id: 'judged', receivedAt, judgement: aJudgement({ at }) });
  await gates.create({ op: 'receive', gate, evidence, outbox: [], at, token: 'sealed' });
  const scope = { org, service: 'payments-api', environment: '-' };
  const heads = [aScanHead({ receivedAt, scannedAt: receivedAt, groups: [aGroup()] })];
  await scopes.importReport(
    { scope, op: 'import', heads, ladders: [], evidence: () => evidence, reportId: 'report-1', at },
    [],
  );
  const optional = ['contract.yaml', 'required: [production], sameCommit: true', 'sameCommit: true'] as const;
  const older = await policyFolder(optional);
  const milder = await policyFolder(optional, [
    'contract.yaml',
    '- { then: block, group: secret-exposure }',
    '- then: monitor',
  ]);

  expect(await cli('simulate', milder, '--against', older, '--environment', 'prod')).toEqual({
    code: 1,
    out: [
      `request\tjudged\tpayments-api\tprod\t${at}\tblocked by secret-scanning generic-api-key (high)\tasks 1 of group:payments-leads\n`,
      'class\tsecret-scanning\tgitleaks\tgeneric-api-key\thigh\tblock\tmonitor\t1 finding\t1 request\tpayments-api\n',
    ].join(''),
    error: expect.stringMatching(
      /^1 request since .* judged again: 0 would have been blocked, 1 would not have been, 0 /m,
    ),
  });
  expect(await cli('simulate', POLICY)).toMatchObject({ code: 0, out: '' });
  expect(await cli('gaps')).toMatchObject({
    code: 1,
    out: 'missing\tsast\tprod\tpayments-api\tno report was received for what is shipped\tjudged\n',
  });
  expect(await cli('gaps', '--policy', older)).toMatchObject({ code: 0, out: '' });
});

test.each([
  [['simulate', '/nowhere'], 'DIR /nowhere is no folder'],
  [['simulate', POLICY, '--since', '2026-02-30'], '--since is "2026-02-30"; allowed: a date up to '],
  [['gaps', '--since', '9999-01-01'], '--since is "9999-01-01"; allowed: a date up to '],
  [['gaps', '--environment', 'live'], 'there is no environment "live"; there is prod, staging'],
])('contract %j could not run, and says why', async (args, why) => {
  const { cli } = await setScene('empty');
  expect(await cli(...args)).toEqual({
    code: 2,
    out: '',
    error: expect.stringContaining(`Could not run: ${why}`),
  });
});

test('a folder that does not load is named with all its problems, whichever of the two it is, before any setting is asked for', async () => {
  const broken = await policyFolder(
    ['contract.yaml', 'version: 1', 'version: one'],
    ['routes.yaml', 'quorum: 1', 'quorum: 0'],
  );
  for (const args of [
    ['simulate', broken],
    ['simulate', POLICY, '--against', broken],
    ['gaps', '--policy', broken],
  ]) {
    const { code, out, error } = await contract({}, args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(error).toContain(`Could not run: ${broken} does not load:\ncontract.yaml:`);
    expect(error).toMatch(/^routes\.yaml:\d+ routes\[0\]\.levels\[0\]\.quorum: is 0/m);
  }
});

test.each(['simulate', 'gaps'])(
  'contract %s names tables that are not there, a silent store and wrong settings',
  async (name) => {
    const args = name === 'simulate' ? [name, POLICY] : [name];
    const settings = settingsOf('nobodys');
    const absent = await contract(settings, args);
    expect(absent).toMatchObject({ code: 2, out: '', error: expect.stringMatching(/^Could not run: .*nobodys/m) });

    const silent = settings.TABLES_CONNECTION_STRING.replace(/(TableEndpoint=http:\/\/127\.0\.0\.1):\d+/, '$1:9');
    const down = await contract({ ...settings, TABLES_CONNECTION_STRING: silent }, args);
    expect(down).toMatchObject({ code: 2, out: '', error: expect.stringContaining('Could not run: ') });

    const wrong = await contract({ ...settings, TOKEN_KEY: 'short' }, args);
    expect(wrong).toMatchObject({ code: 2, out: '', error: expect.stringContaining('TOKEN_KEY') });
  },
);
