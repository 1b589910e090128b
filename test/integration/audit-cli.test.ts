import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { reportHtml } from '../../bot/console/report-html.ts';
import { deploymentReport } from '../../services/domain/deployment-report.ts';
import { createAzureTable } from '../../services/tables/azure-table.ts';
import { createEvidenceLog } from '../../services/tables/evidence-log.ts';
import { launchChromium } from '../browser/chromium.ts';
import { TENANT } from '../builders.ts';
import { type Azurite, startAzurite } from '../fakes/azurite.ts';
import { commandLine } from '../fakes/command-line.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { setReportSceneOn } from '../fakes/report-scene.ts';
import { aMonth, aRecord, aRecordedDecision } from '../report-samples.ts';

// The command as a process of its own, over a store and over files; its page in a real browser.

/** Each command is a process that loads all adapters. */
vi.setConfig({ testTimeout: 120_000 });

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.close());

const DAY = ['--from', '2026-11-24', '--to', '2026-11-25', '--zone', 'Europe/Berlin'];

/** One deployment that was approved, and after it one by nobody. */
async function aStore(prefix: string) {
  const { connectionString } = azurite;
  const table = createAzureTable({ connection: { connectionString }, prefix, budgetMs: 20_000 });
  await table.prepare();
  const scene = await setReportSceneOn(table, createEvidenceLog({ table, tenant: TENANT }));
  const approved = await scene.asked();
  await scene.decide(approved.requestId, 'approve');
  approved.begin();
  const settings = {
    ...{ COUNTERSIGN_LOCAL: 'true', BOT_TENANT_ID: TENANT, TOKEN_KEY: Buffer.alloc(32, 7).toString('base64') },
    ...{
      AZURE_DEVOPS_ORGS: scene.organization,
      AZURE_DEVOPS_TOKEN: scene.devOps.pat,
      POLICY_DIR: await policyFolder(),
    },
  };
  const stored = { TABLES_CONNECTION_STRING: connectionString, TABLES_PREFIX: prefix };
  return { scene, approved, settings, stored };
}

test('over the store and over a file: rows on standard output, what they come to beside them, and an exit code', async () => {
  const { scene, approved, settings, stored } = await aStore('audit1n');
  const folder = await mkdtemp(join(tmpdir(), 'countersign-evidence-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'evidence of November, 1.jsonl');
  const lines: string[] = [];
  const { now } = scene.world;
  scene.world.now = '2026-11-25T09:00:00.000Z';
  const { evidenceExports, requests } = scene.world.core;
  for await (const line of await evidenceExports.export({})) lines.push(line);
  scene.world.now = now;
  await writeFile(file, lines.join(''));
  const key = join(folder, 'jwks.json');
  await writeFile(key, JSON.stringify(await requests.jwks()));

  const live = await commandLine({ ...settings, ...stored }, ['audit', ...DAY]);
  expect(live).toMatchObject({
    code: 0,
    error: expect.stringContaining('Deployments: 1 (1 approved). Without a decision that let them: 0.'),
  });
  expect(live.out).toMatch(/^deployment\t2026-11-24 10:00:00 \+01:00\tapproved\tpayments-api\tprod\t/);
  expect(live.out).toContain('Alex Wilber');

  scene.deploy();
  const archived = await commandLine(settings, ['audit', ...DAY, '--csv', '--key', key, '--evidence', file, file]);
  expect(archived.error).toContain('Deployments: 2 (1 approved, 1 none). Without a decision that let them: 1.');
  expect(archived.code).toBe(1);
  expect(archived.out).toContain(approved.requestId);
  expect(archived.out.split('\r\n')).toHaveLength(4);

  const forged = lines.map((line) => line.replace('"verdict\\":\\"approve', '"verdict\\":\\"reject'));
  for (const [text, why] of [
    [lines.slice(0, -1), 'the export is cut off'],
    [forged, 'was changed'],
  ] as const) {
    await writeFile(file, text.join(''));
    const refused = await commandLine(settings, ['audit', ...DAY, '--evidence', file]);
    expect(refused).toMatchObject({ code: 1, out: '', error: expect.stringContaining(why) });
    expect(refused.error).toContain('evidence of November, 1.jsonl is not what Countersign exported');
  }
});

/** In the browser: how many parts show less than they hold, and how the head of a table is laid out. */
const CUT = `[document.documentElement, ...document.querySelectorAll('td, th')]
  .filter((one) => one.scrollWidth > one.clientWidth + 1).length`;
const HEAD = `getComputedStyle(document.querySelector('thead')).display`;

test('the page shows everything on a screen and on paper: nothing is cut, nothing is loaded, nothing runs', async () => {
  const month = aMonth();
  const runs = Array.from({ length: 60 }, (_, n) => 1_000 + n);
  const long = aRecord({
    id: 1,
    runId: 999,
    runName: 'x'.repeat(10_000),
    stage: '<script>document.title = "x"</script>',
  });
  const report = deploymentReport({
    ...month,
    records: [...month.records, long, ...runs.map((id) => aRecord({ id, runId: id }))],
    decisions: [...month.decisions, ...runs.map((id) => aRecordedDecision({ id: `r${id}`, run: { id } }))],
    unread: ['something was not read'],
  });
  const title = {
    fromDay: '2026-10-01',
    toDay: '2026-11-01',
    zone: 'Europe/Berlin',
    madeAt: '2026-11-02',
    evidence: 'x',
  };
  const { context, close } = await launchChromium({ viewport: { width: 1_280, height: 900 } });
  onTestFinished(close);
  const page = await context.newPage();
  const asked: string[] = [];
  page.on('request', (request) => asked.push(request.url()));
  await page.setContent(reportHtml(report, title).join('\n'));
  const cutIn = () => page.evaluate<number>(CUT);

  expect(await cutIn()).toBe(0);
  await page.emulateMedia({ media: 'print' });
  // Of A4 across, less the margins.
  await page.setViewportSize({ width: 1_047, height: 700 });
  expect(await cutIn()).toBe(0);
  expect(await page.evaluate<string>(HEAD)).toBe('table-header-group');
  expect(await page.title()).toBe('Deployments 2026-10-01 to 2026-11-01');
  expect(asked.filter((url) => !url.startsWith('about:'))).toEqual([]);
  const pdf = (await page.pdf({ preferCSSPageSize: true })).toString('latin1');
  expect(pdf.match(/\/Type \/Page\b/g)?.length).toBeGreaterThan(5);
});
