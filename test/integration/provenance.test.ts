import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ARTIFACT, aPredicate, aSigstore, aStatement, BUILDER, ISSUER, type Json } from '../attestations.ts';
import { type Answer, answerOf, type CheckScene, expectProblem, setCheckScene } from '../fakes/check-scene.ts';
import { API_KEY } from '../fakes/countersign.ts';
import { edited } from '../fakes/policy-folder.ts';

// A production gate that asks for provenance, from the report over HTTP to the verdict.

/** A judgement may be under way when a report comes. */
const WAIT = { timeout: 20_000, interval: 100 };
const OTHER = `sha256:${'c'.repeat(64)}`;
const PROVENANCE = `kind: Provenance
identities: [{ issuer: "${ISSUER}", subject: "https://github.com/contoso/*/.github/workflows/build.yml@refs/heads/main" }]
builders: ["${BUILDER}"]
sources: ["https://github.com/contoso/*"]
`;

let scene: CheckScene;
let folder: string;
let attest: Awaited<ReturnType<typeof aSigstore>>['attest'];
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-provenance-'));
  await cp('manifest/policy', folder, { recursive: true });
  await edited(folder, ['routes.yaml', /^ +escalateTo: .*$/gm, '']);
  const evidence = 'evidence: { tools: [sigstore], sameCommit: true }';
  await edited(folder, ['contract.yaml', evidence, evidence.replace('{', '{ required: [production],')]);
  const sigstore = await aSigstore();
  attest = sigstore.attest;
  await writeFile(join(folder, 'provenance.yaml'), PROVENANCE);
  await writeFile(join(folder, 'trusted-root.json'), JSON.stringify(sigstore.trustedRoot, null, 2));
  scene = await setCheckScene({ POLICY_DIR: folder });
});
afterAll(async () => {
  await scene.close();
  await rm(folder, { recursive: true, force: true });
});

/** A bundle for this commit and artifact. */
const bundleOf = (commit: string, artifact = ARTIFACT): Promise<Json> =>
  attest({
    statement: aStatement({
      subject: [{ name: 'payments-api', digest: { sha256: artifact.slice('sha256:'.length) } }],
      predicate: aPredicate({ commit }),
    }),
  });

async function submit(body: unknown, query: Readonly<Record<string, string>>): Promise<Answer> {
  const search = new URLSearchParams({ service: 'payments-api', ...query });
  const content = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = { 'X-Api-Key': API_KEY };
  return answerOf(await fetch(`${scene.url}/api/findings?${search}`, { method: 'POST', headers, body: content }));
}

/** A check that waits, with all the other evidence that production asks for. */
async function aGate(artifact?: string, sentBefore: 'nothing' | 'another artifact' = 'nothing') {
  const check = scene.waiting('payments-api', artifact === undefined ? {} : { artifact });
  const { commit } = check.run;
  for (const name of ['gitleaks-clean.sarif', 'semgrep-payments.sarif'])
    expect((await scene.report(name, { service: 'payments-api', commit })).status).toBe(200);
  if (sentBefore === 'another artifact') await submit(await bundleOf(commit, OTHER), { commit });
  const { json } = await scene.send(check);
  const judged = async () => {
    await scene.app.core.idle();
    const gate = await scene.app.core.approvals.find(String(json['requestId']));
    const { judgement } = gate ?? {};
    return {
      state: gate?.state,
      obstacles: judgement?.obstacles.map(({ kind, detail }) => `${kind}: ${detail}`),
      blocks: judgement?.blocks.map(({ control, rule }) => `${control} ${rule}`),
    };
  };
  return { commit, judged };
}

const MISSING = (why: string) => ({
  state: 'blocked',
  obstacles: [`missing-signal: provenance (payments-api): ${why}`],
  blocks: [],
});
const ASKED = { state: 'asked', obstacles: [], blocks: [] };

test('production waits for provenance, and is asked about once it is verified', async () => {
  const { commit, judged } = await aGate();
  await expect.poll(judged, WAIT).toEqual(MISSING('absent'));

  const sent = await submit(await bundleOf(commit), { commit, artifact: ARTIFACT.toUpperCase().replace('SHA', 'sha') });
  expect(sent).toMatchObject({
    status: 200,
    json: { tool: 'sigstore', results: 1, findings: 0, decisions: { block: 0, warn: 0, monitor: 0 } },
  });
  await expect.poll(judged, WAIT).toEqual(ASKED);
  const [entry] = (await scene.rows()).filter((row) => row.includes('report-imported') && row.includes('sigstore'));
  expect(entry).toContain(ARTIFACT);
  expect(entry).toMatch(/\W+trust\W+[0-9a-f]{64}\W/);
});

test('a bundle that was changed is a finding that blocks, and the right one after it is let through', async () => {
  const { commit, judged } = await aGate();
  const bundle = await bundleOf(commit);
  const changed = JSON.parse(JSON.stringify(bundle)) as { dsseEnvelope: { payload: string } };
  changed.dsseEnvelope.payload = Buffer.from(JSON.stringify(aStatement({ more: true }))).toString('base64');
  expect(await submit(changed, { commit })).toMatchObject({
    status: 200,
    json: { findings: 1, decisions: { block: 1 } },
  });
  await expect
    .poll(judged, WAIT)
    .toEqual({ state: 'blocked', obstacles: [], blocks: ['provenance provenance/bad-signature'] });

  await submit(bundle, { commit });
  await expect.poll(judged, WAIT).toEqual(ASKED);
});

test('provenance of another commit, or of another artifact than the sender names, blocks', async () => {
  const { commit, judged } = await aGate();
  await submit(await bundleOf('e'.repeat(40)), { commit, artifact: OTHER });
  await expect.poll(judged, WAIT).toMatchObject({
    state: 'blocked',
    blocks: ['provenance provenance/other-artifact', 'provenance provenance/other-commit'],
  });
});

test('a gate that waits for provenance says so once that of another artifact has come', async () => {
  const { commit, judged } = await aGate(`registry.example/payments-api@${ARTIFACT}`);
  await expect.poll(judged, WAIT).toEqual(MISSING('absent'));
  await submit(await bundleOf(commit, OTHER), { commit });
  await expect.poll(judged, WAIT).toEqual(MISSING('other-artifact'));
});

test('a check that names its artifact by a checksum takes provenance of no other', async () => {
  const { commit, judged } = await aGate(`registry.example/payments-api@${ARTIFACT}`, 'another artifact');
  await expect.poll(judged, WAIT).toEqual(MISSING('other-artifact'));

  const both = [await bundleOf(commit, OTHER), await bundleOf(commit)];
  await submit(both.map((one) => JSON.stringify(one)).join('\n'), { commit });
  await expect.poll(judged, WAIT).toEqual(ASKED);
});

test('the same of another artifact is another report, however soon it comes', async () => {
  const { commit, judged } = await aGate(`payments-api@${ARTIFACT}`);
  const first = await submit(await bundleOf(commit, OTHER), { commit });
  const second = await submit(await bundleOf(commit), { commit });
  expect(second.json['reportId']).not.toBe(first.json['reportId']);
  await expect.poll(judged, WAIT).toEqual(ASKED);
});

test('a report that only says that it is of the verifier is refused, and stores nothing', async () => {
  const { commit, judged } = await aGate();
  const before = await scene.rows();
  const sarif = { version: '2.1.0', runs: [{ tool: { driver: { name: 'Sigstore' } }, results: [] }] };
  expectProblem(await submit(sarif, { commit, category: 'provenance' }), 422, 'report-refused');
  const other = { version: '2.1.0', runs: [{ tool: { driver: { name: 'my-attestor' } }, results: [] }] };
  expect(await scene.rows()).toEqual(before);
  expect((await submit(other, { commit, category: 'provenance' })).status).toBe(200);
  expect(await judged()).toEqual(MISSING('absent'));
});

test.each(['sha256:12', 'payments-api:1.4', 'a'.repeat(64)])(
  '%s is no checksum that a sender may name',
  async (artifact) => {
    const answer = await submit('{}', { commit: 'e'.repeat(40), artifact });
    expectProblem(answer, 400, 'field-invalid');
    expect(answer.json).toMatchObject({ field: 'artifact' });
  },
);
