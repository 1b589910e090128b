import { expect, test } from 'vitest';
import { COMMIT } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from '../fakes/core-world.ts';

const FINDINGS = 10_000;

/** As many findings as there are numbers, of a handful of rules in many files. */
function report(count: number): string {
  const results = Array.from({ length: count }, (_, n) => ({
    ruleId: `js/rule-${n % 7}`,
    level: n % 2 === 0 ? 'warning' : 'error',
    message: { text: `problem ${n}` },
    locations: [{ physicalLocation: { artifactLocation: { uri: `src/f${n}.ts` }, region: { startLine: 1 } } }],
  }));
  return JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name: 'CodeQL' } }, results }] });
}

async function importInto(world: CoreWorld) {
  const text = new TextEncoder().encode(report(FINDINGS));
  async function* body() {
    yield text;
  }
  const outcome = await world.core.findings.import({ service: 'payments-api', commit: COMMIT, body: body() });
  await world.settle();
  return outcome;
}

test('behaviour 28: the first import of a service, however large, floods nobody', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.alex);
  await world.meet(PEOPLE.adele);

  expect(await importInto(world)).toMatchObject({ kind: 'imported', findings: FINDINGS, new: FINDINGS });
  expect(world.posted).toEqual([]);
});

test('behaviour 28: whoever waits for that service gets one card for all of its findings', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.alex);
  await world.report('gitleaks-clean.sarif');
  const id = await world.deliver();
  await world.settle();
  expect((await world.core.approvals.find(id))?.state).toBe('blocked');

  await importInto(world);

  const gate = await world.core.approvals.find(id);
  expect(gate?.state).toBe('asked');
  expect(gate?.judgement?.counts).toEqual({ block: 0, warn: expect.any(Number), monitor: expect.any(Number) });
  expect((gate?.judgement?.counts.warn ?? 0) + (gate?.judgement?.counts.monitor ?? 0)).toBe(FINDINGS);
  const toAlex = world.posted.filter(({ to }) => to === `a:${PEOPLE.alex}`).map(({ notice }) => notice.about ?? 'card');
  expect(toAlex).toEqual(['card']);
});
