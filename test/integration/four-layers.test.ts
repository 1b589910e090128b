import { expect, test } from 'vitest';
import { type EvidenceEntry, firstBrokenEntry } from '../../services/domain/evidence.ts';
import { decodeEvidence } from '../../services/tables/evidence-row.ts';
import { TENANT } from '../builders.ts';
import { aCoverSet } from '../covers.ts';
import { type CoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { aLife, type Life } from '../fakes/deployments.ts';
import { type Edit, edited } from '../fakes/policy-folder.ts';
import { by } from '../fakes/waiting-gate.ts';

// Delivery, control, identity and evidence: every stored entry connects all four, whatever happened to the request.

const DIEGO = '136b7a8b-8bfb-4a8d-b680-bd2b183ee7cb';
const LEVEL = '{ quorum: 1, from: ["group:payments-leads"] }';
const QUORUM_2: Edit = ['routes.yaml', LEVEL, '{ quorum: 2, from: ["group:payments-leads"] }'];
const LEVELS: Edit = ['routes.yaml', LEVEL, `${LEVEL}\n      - { quorum: 1, from: ["group:release-managers"] }`];
const OBSERVED: Edit = [
  'contract.yaml',
  'onBlock: { wait: 60m }, enforce: true }',
  'onBlock: { wait: 60m }, enforce: observe, until: 2027-01-02 }',
];

/** What is said in an entry, as far as it is looked at here. */
interface Said {
  readonly kind: string;
  readonly at: string;
  readonly actor: { readonly kind: string; readonly oid?: string; readonly tenant?: string };
  readonly data: {
    readonly run?: { readonly project?: string; readonly pipeline?: number; readonly id?: number };
    readonly stage?: string;
    readonly attempt?: number;
    readonly environment?: string;
    readonly services?: readonly string[];
    readonly context?: readonly { readonly owner?: string; readonly lead?: string; readonly criticality?: string }[];
    readonly contract?: { readonly version?: number; readonly checksum?: string } | null;
    readonly subject?: string | null;
    readonly revision?: number;
    readonly controls?: readonly { readonly control: string; readonly owner?: string }[];
    readonly findings?: readonly { readonly owner?: string; readonly decision: string }[];
    readonly absent?: string;
    readonly by?: string;
    readonly until?: string;
    readonly levels?: readonly { readonly route?: string; readonly from?: readonly string[] }[];
  };
}

const saidBy = ({ entry }: EvidenceEntry): Said => JSON.parse(entry);

/** Every chain of every partition of every table. */
function chainsIn({ table }: CoreWorld): EvidenceEntry[][] {
  const rows = table.dump().filter(({ row }) => row.startsWith('e~'));
  const entries = rows.map(decodeEvidence).sort((a, b) => a.seq - b.seq);
  return [...Map.groupBy(entries, ({ aggregate }) => aggregate).values()];
}

/** Covers are about people, whatever is deployed meanwhile. */
const COVERS = ['cover-set', 'cover-ended'];
const PEOPLES = [...COVERS, 'decided', 'refused', 'bypass-explained', 'bypass-confirmed'];
const ASKED = ['decided', 'refused', 'reminded', 'escalated'];

/** Names of the layers that an entry of a judged gate leaves out. */
function missingIn({ kind, actor, data }: Said): string[] {
  const { run, stage, attempt, environment, services, contract, subject, revision, controls, findings, levels } = data;
  const layers: readonly (readonly [string, boolean])[] = [
    ['run', run?.project !== undefined && run.pipeline !== undefined && run.id !== undefined],
    ['stage and attempt', stage !== undefined && attempt !== undefined],
    ['environment and services', environment !== undefined && (services ?? []).length > 0],
    ['context', data.context?.filter((one) => one.owner && one.lead && one.criticality).length === services?.length],
    ['owner of controls', (controls ?? []).length > 0 && (controls ?? []).every(({ owner }) => owner !== undefined)],
    ['owner of findings', findings?.every(({ owner }) => owner !== undefined) === true],
    ['contract', contract?.version !== undefined && contract.checksum !== undefined],
    ['subject', typeof subject === 'string' && subject !== '' && revision !== undefined],
    ['actor', isActor(actor, PEOPLES.includes(kind))],
    ['route', !ASKED.includes(kind) || (levels ?? []).length > 0],
    ['people of the route', (levels ?? []).every(({ route, from }) => route !== undefined && (from ?? []).length > 0)],
  ];
  return layers.flatMap(([name, isThere]) => (isThere ? [] : [`${kind}: ${name}`]));
}

/** A cover connects who is absent, who decides instead, until when, and who arranged it. */
function missingInCover({ kind, actor, data: { absent, by: instead, until } }: Said): string[] {
  const layers: readonly (readonly [string, boolean])[] = [
    ['actor', isActor(actor, true)],
    ['absent', absent !== undefined],
    ['by', instead !== undefined],
    ['until', until !== undefined],
  ];
  return layers.flatMap(([name, isThere]) => (isThere ? [] : [`${kind}: ${name}`]));
}

function isActor({ kind, oid, tenant }: Said['actor'], isPerson: boolean): boolean {
  return isPerson ? kind === 'person' && oid !== undefined && tenant === TENANT : kind === 'countersign';
}

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

const JOURNEYS: readonly Journey[] = [
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

test.each(JOURNEYS)(
  '$name: no entry leaves out a layer, and every chain is whole',
  async ({ edits = [], leaves, play }) => {
    const life = await aLife(...edits);
    await play(life);
    await life.world.settle();
    const chains = chainsIn(life.world);
    expect(chains.map(firstBrokenEntry)).toEqual(chains.map(() => undefined));

    const entries = chains.flat().map(saidBy);
    const kinds = new Set(entries.map(({ kind }) => kind));
    expect([...kinds]).toEqual(expect.arrayContaining([...leaves]));
    const covers = entries.filter(({ kind }) => COVERS.includes(kind));
    expect(covers.flatMap(missingInCover)).toEqual([]);
    const before = ['check-received', 'report-imported', ...COVERS];
    expect(entries.filter(({ kind }) => !before.includes(kind)).flatMap(missingIn)).toEqual([]);
  },
);

test('what was received and reported names delivery and service before anything is judged', async () => {
  const { world, deploy } = await aLife();
  await deploy();
  const entries = chainsIn(world).flat().map(saidBy);
  const of = (wanted: string) => entries.filter(({ kind }) => kind === wanted).map(({ data }) => data);
  expect(of('check-received')).toMatchObject([
    { run: 100, stage: 'Deploy', environment: 'prod', services: ['payments-api'] },
  ]);
  expect(of('report-imported').length).toBeGreaterThan(0);
  for (const data of of('report-imported')) expect(data).toMatchObject({ service: 'payments-api' });
});

test('an entry names the owners of its own time, whoever owns the service later', async () => {
  const { world, policyDir, deploy, decide, said } = await aLife();
  const before = await deploy();
  await decide(before, PEOPLE.alex);
  await world.settle();
  await edited(policyDir, ['catalog.yaml', 'group:payments-owners', 'group:platform']);
  world.advance(2);
  const after = await deploy({ run: 200 });
  await decide(after, PEOPLE.alex);
  await world.settle();
  const owned = (owner: string) => ({ findings: [{ control: 'sast', owner }] });
  expect(await said(before, 'decided')).toMatchObject(owned('group:payments-owners'));
  expect(await said(after, 'decided')).toMatchObject(owned('group:platform'));
  expect(await said(after, 'verdict-sealed')).toMatchObject(owned('group:platform'));
});

test('the same request is the same in all its entries', async () => {
  const { world, deploy, decide, gate } = await aLife();
  const id = await deploy();
  await decide(id, PEOPLE.alex);
  await world.settle();
  const { run, subjectChecksum } = await gate(id);
  const chain = chainsIn(world).find(([first]) => first?.aggregate.endsWith(id)) ?? [];
  for (const { kind, data } of chain.map(saidBy).slice(1)) {
    expect(data, kind).toMatchObject({ run: { id: run.id }, subject: subjectChecksum, attempt: 1, revision: 1 });
  }
});
