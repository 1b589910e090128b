import { expect } from 'vitest';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import type { Exception } from '../../services/domain/exception.ts';
import type { StoredGate } from '../../services/ports/gate-store.ts';
import type { SimulatedApproval, SimulatedRun } from './azure-devops-model.ts';
import type { Call } from './fault-proxy.ts';
import {
  ADELE,
  ALEX,
  approve,
  approveAsked,
  blockAndRelease,
  build,
  cardWith,
  type Deployment,
  deploy,
  expectApproved,
  MEGAN,
  noteEvent,
  reportClean,
  reportLeak,
  reportNewLeak,
  settled,
} from './process-stories.ts';
import { isCard, type ProcessWorld } from './process-world.ts';
import { type ActionAnswer, personalConversation } from './teams.ts';
import { actionsOf, elementOf, wordsOf } from './teams-card.ts';

/** One story that has begun and in which something may go wrong from now on. */
export interface Played {
  /** Told of each call that had its effect. */
  effect?(call: Call): void;
  play(): Promise<void>;
  /** What must hold afterwards, whatever went wrong; nothing does any more. */
  holds(where: () => string): Promise<void>;
}

export type ProcessStory = (world: ProcessWorld) => Promise<Played>;

/** A delivered check is judged, asked about, approved and told. */
export const approval: ProcessStory = async (world) => {
  const built = await reported(world);
  const deployment = deploy(world, built);
  return ending(world, deployment, () => approve(world, deployment));
};

const clean = new WeakMap<ProcessWorld, Promise<SimulatedRun>>();

/** Built and found clean once for all that deploy it. */
function reported(world: ProcessWorld): Promise<SimulatedRun> {
  const begun =
    clean.get(world) ??
    (async () => {
      const built = build(world);
      await reportClean(world, built);
      return built;
    })();
  clean.set(world, begun);
  return begun;
}

function ending(
  world: ProcessWorld,
  deployment: Deployment,
  play: () => Promise<readonly ActionAnswer[]>,
  besides: (where: string) => Promise<void> = async () => {},
): Played {
  let shown: readonly ActionAnswer[] = [];
  return {
    effect: (call) => noteEvent(deployment, call),
    play: async () => {
      shown = await play();
    },
    holds: async (where) => {
      await expectApproved(world, deployment, shown, where);
      await besides(where());
    },
  };
}

/** A leak blocks, clean reports release: each import of a report is among the calls. */
export const imports: ProcessStory = async (world) => {
  const built = build(world);
  await reportLeak(world, built);
  const deployment = deploy(world, built);
  return ending(world, deployment, async () => {
    await blockAndRelease(world, deployment);
    return approveAsked(world, deployment);
  });
};

/** Somebody asks for an exception from what blocks, another one grants it, the same deployment goes on, and it is revoked. */
export const exception: ProcessStory = async (world) => {
  const built = build(world);
  await reportNewLeak(world, built);
  const deployment = deploy(world, built);
  const before = new Set((await world.exceptions()).map(({ exception: { id } }) => id));
  const mine = async () => (await world.exceptions()).filter(({ exception: { id } }) => !before.has(id));
  const play = async () => {
    await world.deliver(deployment.check);
    await askForException(world, deployment);
    const card = await world.until('the card that asks for an exception', () => cardThat(world, 'exception.decide'));
    await world.press(MEGAN, card, { verb: 'exception.decide', verdict: 'approve' });
    const shown = await approveAsked(world, deployment);
    for (const {
      exception: { id },
    } of await mine())
      await world.say(MEGAN, `revoke ${id} because it is over`);
    await world.until(
      'the end of the exception',
      () => undefined,
      async () => (await mine()).every(({ exception: one }) => one.state === 'revoked') || undefined,
    );
    return shown;
  };
  return ending(world, deployment, play, async (where) => {
    const stored = await mine();
    expect(stored, where).toHaveLength(1);
    for (const { exception: one, evidence } of stored) expectTold(one, evidence, where);
  });
};

function expectTold(one: Exception, evidence: StoredGate['evidence'], where: string): void {
  const kinds = evidence.map(({ entry }) => (JSON.parse(entry) as { readonly kind: string }).kind);
  for (const kind of ['exception-requested', 'exception-granted', 'exception-revoked'])
    expect(
      kinds.filter((each) => each === kind),
      `${kind} ${where}`,
    ).toHaveLength(1);
  expect(
    one.votes.map(({ by }) => by.oid),
    where,
  ).toEqual([MEGAN.oid]);
  expect(firstBrokenEntry(evidence), where).toBeUndefined();
}

async function askForException(world: ProcessWorld, deployment: Deployment): Promise<void> {
  const card = await world.until('the card that blocks', () => cardWith(world, deployment, 'exception.request', ADELE));
  const [form] = (await world.press(ADELE, card, 'exception.request')).filter(isCard);
  const until = new Date(world.now() + 3 * 86_400_000).toISOString().slice(0, 10);
  const reason = 'The key is revoked, the history is being rewritten';
  const typed = { reasonClass: 'fix-scheduled', reason, until };
  await world.press(ADELE, card, 'exception.submit', { typed, card: form?.value });
}

function cardThat(world: ProcessWorld, verb: string, of = MEGAN) {
  return world.teams
    .messages(personalConversation(of))
    .find((message) => actionsOf(world.teams.cardOf(message)).some((action) => action.verb === verb));
}

/** Azure DevOps asks by an approval of its own, and is told by the bot's account whose decision it was. */
export const nativeApproval: ProcessStory = async (world) => {
  const run = await reported(world);
  const asked = world.azureDevOps.requestApproval(run, {
    stage: 'Deploy',
    environment: 'prod',
    approvers: ['Countersign Bot'],
  });
  const id = world.requestIdOfApproval(asked);
  const decisions: string[] = [];
  let shown: readonly ActionAnswer[] = [];
  return {
    effect: ({ method, body }) => {
      if (method === 'PATCH' && body.includes(asked.id)) decisions.push(body);
    },
    play: async () => {
      await world.tellOf(asked);
      const card = await world.until('the card that asks', () => cardWith(world, { id }, 'approval.decide'));
      // Whoever is told that nothing was recorded presses again.
      for (let tries = 0; tries < 3 && !shown.some(isApproved); tries += 1)
        shown = await world.click(ALEX, card, 'approve');
      await world.until('the decision', () => asked.status === 'approved' || undefined);
    },
    holds: (where) => expectDecided(world, { asked, id, decisions, shown }, where()),
  };
};

function isApproved(answer: ActionAnswer): boolean {
  return wordsOf(elementOf(answer.value, 'history')).includes('pproved by you');
}

interface Decided {
  readonly asked: SimulatedApproval;
  readonly id: string;
  readonly decisions: readonly string[];
  readonly shown: readonly ActionAnswer[];
}

async function expectDecided(world: ProcessWorld, { asked, id, decisions, shown }: Decided, where: string) {
  const { gate, evidence, deadLetters } = await settled(world, { id });
  expect(gate.decision, where).toMatchObject({ verdict: 'approve', by: { oid: ALEX.oid } });
  expect(
    evidence.filter(({ entry }) => entry.includes('"kind":"decided"')),
    where,
  ).toHaveLength(1);
  expect(firstBrokenEntry(evidence), where).toBeUndefined();
  expect(deadLetters, where).toEqual([]);
  expect(new Set(decisions), where).toHaveLength(1);
  expect(
    asked.steps.map(({ comment = '' }) => comment.includes(`(Countersign request ${id})`)),
    where,
  ).toEqual([true]);
  expect(shown.filter(isCard), where).toHaveLength(1);
}

/** A death between its claim and the note that it was sent may cost a second one, never the first. */
const MOST_DIGESTS = 2;

/** The day's digest goes to whoever owns a warning. */
export const digest: ProcessStory = async (world) => {
  await reported(world);
  // Of this day nobody was told yet, and no process remembers otherwise.
  world.kill();
  await world.forgetDigests();
  const all = () => world.teams.messages(personalConversation(ADELE)).filter(isDigest);
  const before = all().length;
  const came = () => all().slice(before);
  return {
    play: async () => {
      // A claim is left to another process after ten minutes, and that one looks every five.
      await world.within(20, 'the digest', () => came()[0]);
    },
    holds: async (where) => {
      const marks = async () => (await world.digestMarks()).filter(({ reader }) => reader === `user:${ADELE.oid}`);
      await world.within(
        20,
        'that it was sent',
        () => undefined,
        async () => (await marks()).find(({ outcome }) => outcome === 'sent'),
      );
      const sent = came().length;
      expect(sent, where()).toBeLessThanOrEqual(MOST_DIGESTS);
      world.kill();
      // Whoever starts looks at once.
      await expect(world.within(1, 'another one', () => came()[sent])).rejects.toThrow('another one');
    },
  };
};

function isDigest({ activity }: { readonly activity: object }): boolean {
  return /"summary":"[●○] /.test(JSON.stringify(activity));
}
