import { expect } from 'vitest';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import type { StoredGate } from '../../services/ports/gate-store.ts';
import type { SimulatedCheck, SimulatedRun } from './azure-devops-model.ts';
import { PEOPLE } from './core-world.ts';
import type { Call } from './fault-proxy.ts';
import { isCard, type ProcessWorld } from './process-world.ts';
import { type ActionAnswer, personalConversation, type TeamsUser } from './teams.ts';
import { elementOf, wordsOf } from './teams-card.ts';
import type { TeamsMessage } from './teams-connector.ts';

export const ALEX: TeamsUser = { oid: PEOPLE.alex, name: 'Alex Wilber' };
export const MEGAN: TeamsUser = { oid: PEOPLE.megan, name: 'Megan Bowen' };
export const ADELE: TeamsUser = { oid: PEOPLE.adele, name: 'Adele Vance' };
const requester = { displayName: ADELE.name, id: ADELE.oid, uniqueName: 'adele.vance@contoso.example' };
const author = { name: ADELE.name, id: ADELE.oid };

/** One deployment on its way through the bot, and what the outside saw of it. */
export interface Deployment {
  readonly built: SimulatedRun;
  readonly check: SimulatedCheck;
  readonly id: string;
  /** Bodies of the events that reached Azure DevOps. */
  readonly events: string[];
}

/** Everybody who is told of payments-api can be reached; nobody else can. */
export async function meetPeople(world: ProcessWorld): Promise<void> {
  for (const person of [ALEX, MEGAN, ADELE]) await world.install(person);
}

export function build(world: ProcessWorld): SimulatedRun {
  const pipeline = world.azureDevOps.addPipeline({ name: 'payments-api', repository: 'payments-api' });
  return world.azureDevOps.queueRun({ pipeline, requestedFor: requester, authors: [author] });
}

export async function reportClean(world: ProcessWorld, built: SimulatedRun): Promise<void> {
  for (const name of ['semgrep-payments.sarif', 'gitleaks-clean.sarif']) await world.report(name, queryOf(built));
}

function queryOf(built: SimulatedRun) {
  return { service: 'payments-api', commit: built.commit, runId: String(built.id) };
}

export function deploy(world: ProcessWorld, built: SimulatedRun): Deployment {
  const { azureDevOps } = world;
  const pipeline = azureDevOps.addPipeline({ name: 'payments-api-deploy', repository: 'payments-api-deploy' });
  const run = azureDevOps.queueRun({ pipeline, requestedFor: requester, authors: [author], consumes: [built] });
  const check = azureDevOps.startCheck(run, { environment: 'prod', stage: 'Deploy', service: 'payments-api' });
  world.secrets.push(check.token);
  return { built, check, id: world.requestIdOf(check), events: [] };
}

/** To be called with each call that had its effect. */
export function noteEvent({ check, events }: Deployment, { line, method, url, body }: Call): void {
  const isEvent = line === 'Azure DevOps' && method === 'POST' && url.includes(`/plans/${check.plan.id}/events`);
  if (isEvent && body.includes('TaskCompleted')) events.push(body);
}

/** A delivered check is judged, asked about, approved and told. What Alex was shown. */
export async function approve(world: ProcessWorld, deployment: Deployment): Promise<readonly ActionAnswer[]> {
  await world.deliver(deployment.check);
  return approveAsked(world, deployment);
}

export async function approveAsked(world: ProcessWorld, deployment: Deployment): Promise<readonly ActionAnswer[]> {
  const card = await world.until('the card that asks', () => cardWith(world, deployment, 'approval.decide'));
  const shown = await world.click(ALEX, card, 'approve');
  await world.until('the verdict', () => world.azureDevOps.verdictOf(deployment.check));
  return shown;
}

/** The next story need not look through those of the last. */
export function forgetCards({ teams }: ProcessWorld): void {
  for (const message of [...teams.messages()]) teams.remove(message);
}

/** A leaked secret blocks, a clean report releases. */
export async function blockAndRelease(world: ProcessWorld, deployment: Deployment): Promise<void> {
  await world.deliver(deployment.check);
  await world.until('the card that blocks', () => cardWith(world, deployment, 'exception.request', ADELE));
  await reportClean(world, deployment.built);
  await world.until('the card that asks', () => cardWith(world, deployment, 'approval.decide'));
}

/** One of which no exception was ever asked for: a finding can be covered anew only so often. */
export async function reportNewLeak(world: ProcessWorld, built: SimulatedRun): Promise<void> {
  const location = { artifactLocation: { uri: `src/run-${built.id}.ts` }, region: { startLine: 7 } };
  const result = {
    ruleId: 'generic-api-key',
    level: 'error',
    message: { text: `a key in run ${built.id}` },
    locations: [{ physicalLocation: location }],
  };
  const runs = [{ tool: { driver: { name: 'gitleaks' } }, results: [result] }];
  await world.report('semgrep-payments.sarif', queryOf(built));
  await world.import(JSON.stringify({ version: '2.1.0', runs }), queryOf(built));
}

export async function reportLeak(world: ProcessWorld, built: SimulatedRun): Promise<void> {
  await world.report('semgrep-payments.sarif', queryOf(built));
  await world.report('gitleaks-orders.sarif', queryOf(built));
}

export function cardWith(
  world: ProcessWorld,
  { id }: Pick<Deployment, 'id'>,
  verb: string,
  of = ALEX,
): TeamsMessage | undefined {
  return world.teams.messages(personalConversation(of)).find(({ activity }) => {
    const text = JSON.stringify(activity);
    return text.includes(id) && text.includes(verb);
  });
}

/** Lets time pass until nothing is left to do for this deployment; as it is stored then. */
export async function settled(world: ProcessWorld, { id }: Pick<Deployment, 'id'>): Promise<StoredGate> {
  return world.until(
    'everything done',
    () => undefined,
    async () => {
      const stored = await world.gates.locate(id);
      // The stage runs on: when it ends is looked up for hours.
      const left = stored?.outbox.filter(({ kind }) => kind !== 'stage');
      const isDone = stored?.gate.toldAt !== undefined && left?.length === 0;
      return isDone ? stored : undefined;
    },
  );
}

/** Promises I1, I2, I8, I9, I10 and I14 (docs/security.md) of an approved deployment, whatever happened on the way. */
export async function expectApproved(
  world: ProcessWorld,
  deployment: Deployment,
  shown: readonly ActionAnswer[],
  whereOf: () => string,
): Promise<void> {
  const stored = await settled(world, deployment);
  const where = whereOf();
  const decided = stored.evidence.filter(({ entry }) => entry.includes('"kind":"decided"'));
  expect(decided, where).toHaveLength(1);
  expect(stored.gate.decision, where).toMatchObject({ verdict: 'approve', by: { oid: ALEX.oid } });
  expect(new Set(deployment.events), where).toHaveLength(1);
  expect(world.azureDevOps.verdictOf(deployment.check), where).toBe('succeeded');
  expect(firstBrokenEntry(stored.evidence), where).toBeUndefined();
  expect(stored.deadLetters, where).toEqual([]);
  expect(stored.token, where).toBeUndefined();
  expect(await world.gates.open(), where).toEqual([]);
  for (const answer of shown) expectTrue(answer, where);
}

/** Alex alone clicks: a card may only say that it was he, a sentence not that nothing was done. */
function expectTrue(answer: ActionAnswer, where: string): void {
  if (isCard(answer)) expect(wordsOf(elementOf(answer.value, 'state')), where).toContain('you');
  else expect(String(answer.value), where).toContain('could not finish this. Try again');
}

/** For messages. */
export function nameOf(call: Call | undefined): string {
  return call === undefined ? 'none' : `${call.line} ${call.method} ${call.url}`;
}
