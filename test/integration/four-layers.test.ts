import { expect, test } from 'vitest';
import { type EvidenceEntry, firstBrokenEntry } from '../../services/domain/evidence.ts';
import { decodeEvidence } from '../../services/tables/evidence-row.ts';
import { TENANT } from '../builders.ts';
import { type CoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { aLife } from '../fakes/deployments.ts';
import { JOURNEYS } from '../fakes/journeys.ts';
import { anAskedApproval } from '../fakes/native-world.ts';
import { edited } from '../fakes/policy-folder.ts';
import { wish } from '../fakes/waiting-gate.ts';

// Delivery, control, identity and evidence: every stored entry connects all four, whatever happened to the request.

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
const PEOPLES = [...COVERS, 'decided', 'refused', 'delegated', 'bypass-explained', 'bypass-confirmed'];
const ASKED = ['decided', 'refused', 'delegated', 'reminded', 'escalated'];

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
    ['actor', isActor(actor, PEOPLES.includes(kind)) || (kind === 'reminded' && isActor(actor, true))],
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
    const before = ['check-received', 'report-imported', 'contract-in-force', ...COVERS];
    expect(entries.filter(({ kind }) => !before.includes(kind)).flatMap(missingIn)).toEqual([]);
  },
);

test('a native approval that is decided by its approver leaves out no layer either', async () => {
  const { world, approval, id, entriesOf } = await anAskedApproval({ signedIn: ['alex'] });
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();

  const [first, ...others] = (await entriesOf(approval)) as unknown as readonly Said[];
  expect(others.map(({ kind }) => kind)).toEqual(['judged', 'decided', 'verdict-sealed', 'told']);
  expect(others.flatMap(missingIn)).toEqual([]);
  expect(first).toMatchObject({
    kind: 'approval-noticed',
    data: { stage: 'Deploy', attempt: 1, environment: 'prod', services: ['payments-api'] },
  });
});

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
