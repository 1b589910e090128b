import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import type { SimulatedRun } from '../fakes/azure-devops-model.ts';
import { type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { AUDIENCE, createEntra } from '../fakes/entra.ts';

const alex = { oid: PEOPLE.alex, name: 'Alex Wilber' };
const adele = { id: PEOPLE.adele, displayName: 'Adele Vance', uniqueName: 'adele.vance@contoso.example' };

/** In place of curl, which not every machine has: the options that the template uses. */
const CURL = `#!${process.execPath}
const { readFileSync } = require('node:fs');
const [url, ...given] = process.argv.slice(2).reverse();
const options = given.reverse();
const after = (name) => options.flatMap((option, at) => (option === name ? [options[at + 1]] : []));
const headers = after('--header').map((header) => header.split(/: (.*)/s).slice(0, 2));
const body = readFileSync(after('--data-binary')[0].slice(1));
fetch(url, { method: 'POST', headers, body }).then(async (answer) => {
  process.stdout.write(await answer.text());
  process.exitCode = answer.ok ? 0 : 22;
});
`;

const entra = await createEntra();
let scene: CheckScene;
beforeAll(async () => {
  scene = await setCheckScene({ API_AUDIENCE: AUDIENCE }, { entraKeys: entra.keys });
  await scene.teams.install(alex);
});
afterAll(() => scene.close());

interface Step {
  readonly inputs?: { readonly script?: string };
}

/** The step of manifest/pipelines/report-findings.yml that needs no service connection. */
async function reportStep(): Promise<string> {
  const template = await readFile(new URL('../../manifest/pipelines/report-findings.yml', import.meta.url), 'utf8');
  const branches = (parse(template) as { readonly steps: readonly Readonly<Record<string, readonly Step[]>>[] }).steps;
  const steps = branches.flatMap((branch) => Object.values(branch).flat());
  return steps.map(({ inputs }) => inputs?.script ?? '').find((script) => script !== '') ?? expect.fail('no step');
}

/** The step as an agent runs it in a job of this run. */
async function reported(run: SimulatedRun, report: string): Promise<Readonly<Record<string, unknown>>> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-agent-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'curl'), CURL);
  await chmod(join(folder, 'curl'), 0o755);
  const env = {
    PATH: [folder, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter),
    SERVICE: 'payments-api',
    REPORT: fileURLToPath(new URL(`../fixtures/sarif/${report}`, import.meta.url)),
    BRANCH: 'refs/heads/main',
    COUNTERSIGN_URL: scene.url,
    COUNTERSIGN_TOKEN: await entra.application(['Findings.Submit']),
    BUILD_SOURCEVERSION: run.commit,
    BUILD_BUILDID: String(run.id),
  };
  const script = await reportStep();
  return new Promise((resolve, reject) => {
    execFile('/bin/bash', ['-c', script], { env }, (failure, out) =>
      failure === null ? resolve(JSON.parse(out)) : reject(new Error(`${failure.message} ${out}`)),
    );
  });
}

test('a stock pipeline needs no change but a step that reports: its deployment is asked about, approved and released', async () => {
  const { azureDevOps, teams } = scene;
  const pipeline = azureDevOps.addPipeline({ name: 'payments-api', repository: 'payments-api' });
  const run = azureDevOps.queueRun({ pipeline, requestedFor: adele, authors: [{ name: 'Adele Vance', id: adele.id }] });
  for (const name of ['semgrep-payments.sarif', 'gitleaks-clean.sarif']) {
    expect(await reported(run, name)).toMatchObject({ decisions: { block: 0 }, problems: [] });
  }

  const check = azureDevOps.startCheck(run, { environment: 'prod', stage: 'Deploy' });
  expect((await scene.send(check)).status).toBe(200);
  const asked = await teams.until(() =>
    teams.messages().find((one) => JSON.stringify(one).includes('approval.decide')),
  );
  await teams.press(alex, asked, { verb: 'approval.decide', verdict: 'approve' });

  await expect.poll(() => azureDevOps.verdictOf(check)).toBe('succeeded');
});

test('without that step the same pipeline is held back, and the card names the reports that are missing', async () => {
  const { azureDevOps } = scene;
  const pipeline = azureDevOps.addPipeline({ name: 'payments-api', repository: 'payments-api' });
  const run = azureDevOps.queueRun({ pipeline, requestedFor: adele, authors: [{ name: 'Adele Vance', id: adele.id }] });
  const check = azureDevOps.startCheck(run, { environment: 'prod', stage: 'Deploy' });
  const { json } = await scene.send(check);
  await scene.app.core.idle();

  expect(await scene.app.core.approvals.find(String(json['requestId']))).toMatchObject({
    state: 'blocked',
    judgement: { obstacles: [{ kind: 'missing-signal' }, { kind: 'missing-signal' }] },
  });
});
