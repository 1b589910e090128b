import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import type { SimulatedRun } from '../fakes/azure-devops-model.ts';
import { editedPolicy } from '../fakes/process-policy.ts';
import {
  build,
  cardWith,
  type Deployment,
  deploy,
  forgetCards,
  noteEvent,
  reportClean,
  settled,
} from '../fakes/process-stories.ts';
import { isCard, type ProcessWorld, startProcessWorld } from '../fakes/process-world.ts';
import type { TeamsUser } from '../fakes/teams.ts';
import { elementOf, wordsOf } from '../fakes/teams-card.ts';

const ROUNDS = 3;
/** Real clocks do not matter: twenty people take their time to install an app. */
const LONG = 240_000;
const CROWD: readonly TeamsUser[] = Array.from({ length: 20 }, (_, n) => ({
  oid: `c0000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
  name: `Approver ${'ABCDEFGHIJKLMNOPQRST'[n]}`,
}));

let folder: string;
let world: ProcessWorld;
let urls: readonly string[];
let built: SimulatedRun;
beforeAll(async () => {
  folder = await policyOfACrowd();
  world = await startProcessWorld({ policy: folder });
  urls = [world.url, await world.another()];
  for (const person of CROWD) await world.install(person);
  built = build(world);
  await reportClean(world, built);
}, LONG);
afterAll(async () => {
  await world?.close();
  await rm(folder, { recursive: true });
});

/** The sample policy, but for who may approve payments-api. */
function policyOfACrowd(): Promise<string> {
  const people = CROWD.map(({ oid, name }) => ({ oid, name, upn: `${name.replace(' ', '.')}@contoso.example` }));
  return editedPolicy([
    ...people.map((person, n) => ['directory.yaml', ['people', 7 + n], person] as const),
    ['directory.yaml', ['groups', 'crowd'], people.map(({ oid }) => oid)],
    ['routes.yaml', ['routes', 0, 'levels', 0, 'from'], ['group:crowd']],
    // By night nobody is at work, and others would be asked at once.
    ['routes.yaml', ['routes', 0, 'escalateTo'], undefined],
    ['routes.yaml', ['routes', 0, 'escalateAfter'], undefined],
    ['contract.yaml', ['limits', 'maxApprovers'], CROWD.length],
  ]);
}

/** Everybody of the crowd has the card of a new deployment. */
async function asked() {
  const deployment = deploy(world, built);
  world.effect = (call) => noteEvent(deployment, call);
  await world.deliver(deployment.check);
  const cards = await world.until('a card for everybody', () => {
    const found = CROWD.flatMap((person) => cardWith(world, deployment, 'approval.decide', person) ?? []);
    return found.length === CROWD.length ? found : undefined;
  });
  return { deployment, cards };
}

/** Who loses a race may wait a moment before the next try: the bots' clocks go on meanwhile. */
async function answered<T>(sent: readonly Promise<T>[]): Promise<T[]> {
  return (await world.during('an answer to each', Promise.all(sent))) ?? fail();
}

async function expectOneDecision(deployment: Deployment) {
  const stored = await settled(world, deployment);
  const decided = stored.evidence.filter(({ entry }) => entry.includes('"kind":"decided"'));
  expect(decided).toHaveLength(1);
  expect(firstBrokenEntry(stored.evidence)).toBeUndefined();
  expect(new Set(deployment.events)).toHaveLength(1);
  expect(await world.gates.open()).toEqual([]);
  const { decision } = stored.gate;
  expect(world.azureDevOps.verdictOf(deployment.check)).toBe(decision?.verdict === 'approve' ? 'succeeded' : 'failed');
  return decision;
}

test(
  'of twenty approvers who click at once on two processes one decides, and each is told the truth',
  async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { deployment, cards } = await asked();

      const answers = await answered(
        CROWD.map(async (person, n) => {
          const invoke = world.invokeOf(person, cards[n] ?? fail(), n % 3 === 0 ? 'reject' : 'approve');
          return { person, ...(await world.send(invoke, urls[n % 2])) };
        }),
      );

      const decision = await expectOneDecision(deployment);
      for (const { person, answer } of answers) {
        const words = answer !== undefined && isCard(answer) ? wordsOf(answer.value) : '';
        const isDecider = person.oid === decision?.by.oid;
        const verb = decision?.verdict === 'approve' ? 'pproved' : 'ejected';
        expect(wordsOf(elementOf(answer?.value, 'history'))).toContain(
          `${verb} by ${isDecider ? 'you' : decision?.by.name}`,
        );
        expect(words.includes('Nothing was changed')).toBe(!isDecider);
        expect(words.includes('by you')).toBe(isDecider);
      }
      forgetCards(world);
    }
  },
  LONG,
);

test('the same click, sent five times at once to each of two processes, is one decision and one answer', async () => {
  const { deployment, cards } = await asked();
  const [person, card] = [CROWD[1] ?? fail(), cards[1] ?? fail()];
  const invoke = world.invokeOf(person, card, 'approve');

  const answers = await answered(Array.from({ length: 10 }, (_, n) => world.send(invoke, urls[n % 2])));

  expect((await expectOneDecision(deployment))?.by.oid).toBe(person.oid);
  for (const { answer } of answers) {
    expect(wordsOf(elementOf(answer?.value, 'history'))).toContain('Approved by you');
    expect(wordsOf(answer?.value)).not.toContain('Nothing was changed');
  }
});

test('the same check, delivered five times at once to each of two processes, is one request', async () => {
  const deployment = deploy(world, built);

  const answers = await answered(Array.from({ length: 10 }, (_, n) => world.post(deployment.check, urls[n % 2])));

  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  expect(new Set(answers.map(({ body }) => body))).toEqual(new Set([JSON.stringify({ requestId: deployment.id })]));
  await world.until('the card', () => cardWith(world, deployment, 'approval.decide', CROWD[0]));
  const stored = await world.gates.locate(deployment.id);
  expect(stored?.evidence.filter(({ entry }) => entry.includes('"kind":"check-received"'))).toHaveLength(1);
  expect(stored?.evidence.filter(({ entry }) => entry.includes('"kind":"judged"'))).toHaveLength(1);
});

function fail(): never {
  throw new Error('somebody has no card, or no answer');
}
