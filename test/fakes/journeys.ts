import { aCoverSet } from '../covers.ts';
import { PEOPLE } from './core-world.ts';
import type { Life } from './deployments.ts';
import type { Edit } from './policy-folder.ts';
import { by } from './waiting-gate.ts';

const DIEGO = '136b7a8b-8bfb-4a8d-b680-bd2b183ee7cb';
const LEVEL = '{ quorum: 1, from: ["group:payments-leads"] }';
const QUORUM_2: Edit = ['routes.yaml', LEVEL, '{ quorum: 2, from: ["group:payments-leads"] }'];
const LEVELS: Edit = ['routes.yaml', LEVEL, `${LEVEL}\n      - { quorum: 1, from: ["group:release-managers"] }`];
const OBSERVED: Edit = [
  'contract.yaml',
  'onBlock: { wait: 60m }, enforce: true }',
  'onBlock: { wait: 60m }, enforce: observe, until: 2027-01-02 }',
];

/** A journey of one request or several, in a world of its own. */
interface Journey {
  readonly name: string;
  readonly edits?: readonly Edit[];
  /** Kinds that it must leave behind. */
  readonly leaves: readonly string[];
  readonly play: (life: Life) => Promise<unknown>;
}

async function bypassed({ world }: Life): Promise<void> {
  world.azureDevOps.completed = 'succeeded';
  world.advance(6);
  await world.core.reconcile();
  await world.settle();
}

export const JOURNEYS: readonly Journey[] = [
  {
    name: 'approved',
    leaves: ['judged', 'decided', 'verdict-sealed', 'told'],
    play: async ({ deploy, decide }) => decide(await deploy(), PEOPLE.alex),
  },
  {
    name: 'rejected',
    leaves: ['decided', 'verdict-sealed', 'told'],
    play: async ({ deploy, decide }) => decide(await deploy(), PEOPLE.alex, 'reject'),
  },
  {
    name: 'approved by two, after one took it back',
    edits: [QUORUM_2],
    leaves: ['decided', 'verdict-sealed'],
    play: async ({ deploy, decide }) => {
      const id = await deploy();
      await decide(id, PEOPLE.alex);
      await decide(id, PEOPLE.alex, 'withdraw');
      await decide(id, PEOPLE.megan);
      await decide(id, PEOPLE.alex);
    },
  },
  {
    name: 'approved level by level, by somebody who covers for another',
    edits: [LEVELS],
    leaves: ['cover-set', 'decided', 'verdict-sealed'],
    play: async ({ world, deploy, decide }) => {
      const until = '2026-11-30T00:00:00.000Z';
      await world.ports.covers.set(...aCoverSet(PEOPLE.alex, DIEGO, until, world.now));
      world.advance(2);
      const id = await deploy();
      await decide(id, DIEGO);
      await decide(id, PEOPLE.isaiah);
    },
  },
  {
    name: 'refused to strangers and to whoever asked for it',
    leaves: ['refused'],
    play: async ({ deploy, decide }) => {
      const id = await deploy();
      for (const oid of [PEOPLE.adele, PEOPLE.isaiah, PEOPLE.lee]) await decide(id, oid);
    },
  },
  {
    name: 'handed over, and reminded by whoever asked for it',
    leaves: ['delegated', 'reminded', 'decided'],
    play: async ({ world, deploy, decide }) => {
      const requestId = await deploy();
      const to = { kind: 'person', oid: PEOPLE.megan } as const;
      await world.core.delegations.delegate({ requestId, to, by: by(PEOPLE.alex), op: 'hand over' });
      await world.core.reminders.remind({ requestId, by: by(PEOPLE.adele), op: 'remind' });
      await decide(requestId, PEOPLE.megan);
    },
  },
  {
    name: 'approved, with a stage that ended',
    leaves: ['told', 'stage-finished'],
    play: async ({ world, deploy, decide }) => {
      const ended = { state: 'completed', attempt: 1, result: 'succeeded', finishedAt: world.now } as const;
      Object.assign(world.ports.azureDevOps, { stage: async () => ended });
      await decide(await deploy(), PEOPLE.alex);
      await world.settle();
      world.advance(10);
    },
  },
  {
    name: 'reminded, escalated and expired',
    leaves: ['reminded', 'escalated', 'expired', 'verdict-sealed', 'told'],
    play: async ({ world, deploy }) => {
      await deploy();
      for (let hour = 0; hour < 47; hour += 1) {
        world.advance(60);
        await world.settle();
      }
    },
  },
  {
    name: 'blocked until its wait ended',
    leaves: ['judged', 'wait-ended', 'verdict-sealed', 'told'],
    play: async ({ world, deploy }) => {
      await world.report('gitleaks-orders.sarif');
      await deploy();
      world.advance(61);
      await world.settle();
    },
  },
  {
    name: 'superseded while blocked and while asked',
    leaves: ['judged', 'verdict-sealed', 'told'],
    play: async ({ world, deploy }) => {
      await deploy({ run: 100 });
      await world.report('gitleaks-orders.sarif');
      await deploy({ run: 200 });
      await world.settle();
      await deploy({ run: 300 });
    },
  },
  {
    name: 'asked anew after an approval that did not carry',
    leaves: ['decided', 'decision-void'],
    play: async ({ world, deploy, decide, after }) => {
      const id = await deploy();
      after('decided', () => world.report('gitleaks-orders.sarif'));
      await decide(id, PEOPLE.alex);
    },
  },
  {
    name: 'bypassed, explained and confirmed',
    leaves: ['bypass-detected', 'bypass-explained', 'bypass-confirmed'],
    play: async (life) => {
      const requestId = await life.deploy();
      await bypassed(life);
      const explanation = { reason: 'The shop was down and no lead was there.', ticket: 'INC-1' };
      await life.world.core.bypasses.record({ requestId, by: by(PEOPLE.adele), op: 'explain', explanation });
      await life.world.core.bypasses.record({ requestId, by: by(DIEGO), op: 'confirm' });
    },
  },
  {
    name: 'cancelled in Azure DevOps',
    leaves: ['completed-without-us'],
    play: async ({ world, deploy }) => {
      await deploy();
      world.azureDevOps.completed = 'canceled';
      world.advance(6);
      await world.core.reconcile();
    },
  },
  {
    name: 'told otherwise by Azure DevOps after a decision',
    leaves: ['verdict-sealed', 'bypass-detected'],
    play: async ({ world, deploy, decide }) => {
      const id = await deploy();
      world.azureDevOps.down = true;
      await decide(id, PEOPLE.alex, 'reject');
      await world.settle();
      Object.assign(world.azureDevOps, { down: false, completed: 'succeeded' });
      world.advance(2);
    },
  },
  {
    name: 'observed',
    edits: [OBSERVED],
    leaves: ['judged', 'verdict-sealed', 'told'],
    play: ({ deploy }) => deploy(),
  },
  {
    name: 'passed where nobody has to approve',
    leaves: ['judged', 'verdict-sealed', 'told'],
    play: ({ deploy }) => deploy({ environment: 'staging' }),
  },
];
