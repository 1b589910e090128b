import { CLOUD_ENDPOINTS, isAllowedServiceUrl } from '../../bot/teams/clouds.ts';
import { type Gate, isSettled, orgOf } from '../../services/domain/gate.ts';
import type { NativeStatus } from '../../services/domain/native-approval.ts';
import type { Row, Table, TableName, Write } from '../../services/ports/table.ts';
import { TENANT } from '../builders.ts';
import { createDriftWatch, type DriftWatch } from './drift-watch.ts';
import { createExceptionWatch, type ExceptionWatch } from './exception-watch.ts';
import { type Heads, headsIn, passes } from './expected.ts';
import { createKeptBoth } from './next-version.ts';
import type { WaitingStage } from './pipelines.ts';
import type { DeliveryPlatform } from './platform.ts';
import type { Answer, Recorded } from './replay.ts';
import { createSaidOnce, type SaidOnce } from './said-once.ts';
import { type Content, type DirectoryState, POLICIES, SERVICE } from './scenery.ts';
import { areEnough, type Seat, seatsOf } from './voters.ts';
import type { Action, World } from './world.ts';

/** One reading of a scope. */
interface Look {
  readonly partition: string;
  readonly step: number;
  readonly heads: Heads;
  /** Requests that a report would have woken at that moment. */
  readonly registered: readonly string[];
}

/** What one action was shown from outside, and when. */
interface Seen {
  readonly policies: { readonly version: number; readonly step: number }[];
  readonly answers: Answer[];
  readonly scopes: Look[];
  readonly members: { readonly oid: string; readonly isMember: boolean; readonly step: number }[];
}

/** A request as its committed rows tell it. */
interface Known {
  gate: Gate;
  /** When its state last changed. */
  movedAt: number;
  readonly decided: Map<number, { readonly oid: string; readonly verdict: string; readonly step: number }>;
  /** By revision: who approved, at which step. */
  readonly votes: Map<number, Map<string, number>>;
  sealed?: { readonly result: string; readonly verdict: string };
}

const BLOCKS = 'what it was judged on blocks';

/**
 * Watches every commit and every call out while they happen, and says which promise they break (docs/security.md). It judges by what it
 * has itself seen of the rows and of the world, never by asking the product.
 */
export interface Monitor {
  readonly violations: string[];
  /** Every judgement, with what it was made of. */
  readonly recorded: readonly Recorded[];
  /** By report id. */
  readonly contents: ReadonlyMap<string, Content>;
  readonly exceptions: ExceptionWatch;
  readonly saidOnce: SaidOnce;
  readonly drift: DriftWatch;
  violated(invariant: string, what: string): void;
  readPolicy(version: number): void;
  listed(table: TableName, partition: string, rows: readonly Row[], options?: Parameters<Table['list']>[2]): void;
  /** Rows of this partition were read or written. */
  touched(partition: string): void;
  committed(table: TableName, partition: string, writes: readonly Write[]): void;
  askedWhetherMember(oid: string, isMember: boolean): void;
  directoryChanged(): void;
  calledOut(serviceUrl: string): void;
  told(stage: WaitingStage, result: string): void;
  toldNatively(stage: WaitingStage, result: string, wasRead: NativeStatus | undefined): void;
  sealedVerdictOf(stage: WaitingStage): string | undefined;
  /** Nothing has gone wrong for so many milliseconds: what was decided must have been told. */
  quietFor(milliseconds: number): void;
}

export function createMonitor(
  world: World,
  stages: () => readonly WaitingStage[],
  platform: DeliveryPlatform,
): Monitor {
  const violations: string[] = [];
  const recorded: Recorded[] = [];
  const orgs = world.organizations.map((organization) => orgOf(TENANT, organization));
  const contents = new Map<string, Content>();
  const requests = new Map<string, Known>();
  const seen = new WeakMap<Action, Seen>();
  const directories: { readonly from: number; readonly state: DirectoryState }[] = [
    { from: 0, state: world.directory },
  ];

  function violated(invariant: string, what: string): void {
    violations.push(`${invariant} ${what} (step ${world.step})`);
    world.note(`VIOLATED ${invariant}: ${what}`);
  }

  const exceptions = createExceptionWatch({ world, directories, violated });

  const keptBoth = createKeptBoth(violated);
  const saidOnce = createSaidOnce(world, violated);
  const isApproved = (id: string) => requests.values().some(({ gate }) => gate.id === id && gate.state === 'approved');
  const drift = createDriftWatch({ world, platform, directories, isApproved, violated });

  function seenNow(): Seen {
    const action = world.actions.getStore();
    if (action === undefined) throw new Error('nothing happens outside an action');
    const before = seen.get(action) ?? { policies: [], answers: [], scopes: [], members: [] };
    seen.set(action, before);
    return before;
  }

  const stageOf = (gate: Gate) => stages().find(({ requestId }) => requestId === gate.id);

  /** The seats that this person could fill at some instant since the action began, whatever the product was told. */
  function seats(oid: string, gate: Gate): Seat[] {
    const since = world.actions.getStore()?.beganAt ?? world.step;
    return seatsOf(world, directories, stageOf(gate), gate, oid, since);
  }

  /** Whether the directory was asked in this action, not before `since`, and said that one of the seats is theirs. */
  function wasAsked(theirs: readonly Seat[], since: number): boolean {
    const { members } = seenNow();
    return theirs.some(({ oid }) => members.some((one) => one.oid === oid && one.isMember && one.step >= since));
  }

  function checked(known: Known | undefined, gate: Gate, oid: string): void {
    if (known?.gate.state !== 'asked' || known.sealed !== undefined)
      violated('I12', `a decision on a request that was ${known?.gate.state}`);
    if (known?.gate.revision !== gate.revision) violated('I7', 'a decision changed the revision');
    const theirs = seats(oid, known?.gate ?? gate);
    if (theirs.length === 0 || !wasAsked(theirs, 0)) violated('I6', `${oid} decided and may not`);
  }

  function decided(known: Known | undefined, gate: Gate, values: Readonly<Record<string, unknown>>): void {
    const [oid, verdict] = [String(values['oid']), String(values['verdict'])];
    checked(known, gate, oid);
    known?.decided.set(gate.revision, { oid, verdict, step: world.step });
  }

  function voted(known: Known | undefined, gate: Gate, values: Readonly<Record<string, unknown>>): void {
    const [oid, verdict] = [String(values['oid']), String(values['verdict'])];
    const votes = known?.votes.get(gate.revision) ?? new Map<string, number>();
    known?.votes.set(gate.revision, votes);
    if (verdict === 'withdraw') {
      if (!votes.delete(oid)) violated('I6', `${oid} withdrew what was not given`);
      return;
    }
    if (verdict !== 'approve') return;
    checked(known, gate, oid);
    if (votes.has(oid)) violated('I4', `${oid} voted twice`);
    votes.set(oid, world.step);
  }

  /** storage.md rule 5: registered in every scope before it is read, or a report in between wakes nobody. */
  function judged(gate: Gate, before: Gate | undefined): void {
    const { policies, answers } = seenNow();
    const [stage, all] = [stageOf(gate), POLICIES.get(world.crew) ?? []];
    const used = new Set(policies.map(({ version }) => version));
    const known = all.filter((_, version) => used.has(version));
    if (stage !== undefined && before !== undefined && gate.judgement !== undefined)
      recorded.push({ stage, before, judgement: gate.judgement, policies: known, answers: [...answers] });
    for (const environment of [gate.environment, '-']) {
      const partition = `${gate.org}~s~${SERVICE}~${environment}`;
      const look = seenNow().scopes.findLast((one) => one.partition === partition);
      if (look !== undefined && !look.registered.includes(`w~${gate.id}`))
        violated('I21', `${gate.id} was judged on a scope in which it was not registered`);
    }
  }

  function sealed(known: Known, gate: Gate, values: Readonly<Record<string, unknown>>): void {
    if (known.sealed !== undefined) violated('I2', 'sealed twice');
    const result = String(values['result']);
    known.sealed = { result, verdict: JSON.stringify([result, JSON.parse(String(values['lines']))]) };
    if (result !== 'succeeded') return;
    const why = cannotSucceed(known, gate, String(values['sealedAt']));
    if (why !== undefined) violated(why === BLOCKS ? 'I5' : 'I3', `succeeded although ${why}`);
  }

  /** Every look that the seal rests on must be newer than the state it seals. */
  function cannotSucceed(known: Known, gate: Gate, sealedAt: string): string | undefined {
    const { policies, scopes } = seenNow();
    const policy = policies.at(-1);
    const since = known.movedAt;
    if (policy === undefined || policy.step < since) return 'the contract was not read afresh';
    const looks = [gate.environment, '-'].map((environment) =>
      scopes.filter(({ partition, step }) => step >= since && partition === `${gate.org}~s~${SERVICE}~${environment}`),
    );
    const [own = [], all = []] = looks;
    if (own.length === 0 || all.length === 0) return 'its scopes were not read afresh';
    const isFine = own.some((a) => {
      const covered = exceptions.coveredAt(a.step, sealedAt);
      return all.some((b) => passes(policy.version, gate, [a.heads, b.heads], covered));
    });
    if (!isFine) return BLOCKS;
    if (gate.environment !== 'prod') return undefined;
    const votes = [...(known.votes.get(gate.revision) ?? [])];
    if (known.decided.get(gate.revision)?.verdict !== 'approve') return `nobody approved revision ${gate.revision}`;
    const voters = votes.map(([oid, step]) => ({ theirs: seats(oid, known.gate), step }));
    const fresh = voters.filter(({ theirs, step }) => wasAsked(theirs, step)).map(({ theirs }) => theirs);
    return areEnough(world, fresh)
      ? undefined
      : `only ${fresh.length} of its ${votes.length} approvers still may decide`;
  }

  function committedGate(partition: string, writes: readonly Write[]): void {
    const valuesOf = (test: (row: string) => boolean) =>
      writes.flatMap((write) => (test(write.row) && 'values' in write ? [write] : []));
    const [header] = valuesOf((row) => row === 'h');
    const entries = valuesOf((row) => row.startsWith('e~'));
    const known = requests.get(partition);
    if (header === undefined) {
      if (entries.length > 0 || writes.some(({ row }) => /^[dtv](?:~|$)/.test(row)))
        violated('I10', 'a record was written without its header');
      return;
    }
    const gate = JSON.parse(String(header.values['gate'])) as Gate;
    if (entries.length !== 1 || Number(entries[0]?.row.split('~')[1]) !== header.values['evSeq'])
      violated('I10', `${entries.length} entries of evidence for one change`);
    if (known?.sealed !== undefined && JSON.stringify(gate.verdict) !== JSON.stringify(known.gate.verdict))
      violated('I2', 'a sealed verdict was changed');
    if (entries.some(({ values }) => String(values['entry']).includes('"kind":"judged"'))) judged(gate, known?.gate);
    for (const { values } of valuesOf((row) => row.startsWith('v~'))) voted(known, gate, values);
    for (const { values } of valuesOf((row) => row.startsWith('d~'))) decided(known, gate, values);
    const now = known ?? { gate, movedAt: world.step, decided: new Map(), votes: new Map() };
    for (const { values } of valuesOf((row) => row === 't')) sealed(now, gate, values);
    if (now.gate.state !== gate.state) now.movedAt = world.step;
    now.gate = gate;
    requests.set(partition, now);
  }

  function committedScope(writes: readonly Write[]): void {
    exceptions.committed(writes);
    const report = world.actions.getStore()?.report;
    // How old the bot's own word on the platform is stands in a head without a report.
    const isReport = ({ row }: Write) => !row.startsWith('s~-~');
    const heads = writes.flatMap((write) =>
      'values' in write && 'head' in write.values && isReport(write) ? [write.values] : [],
    );
    if (heads.length === 0) return;
    for (const { reportId } of heads) if (report !== undefined) contents.set(String(reportId), report.content);
    if (writes.filter(({ row }) => row.startsWith('e~')).length !== 1) violated('I10', 'a report without its evidence');
    if (!writes.some(({ row }) => row.endsWith('~wake'))) violated('I21', 'a report without its wake-up');
  }

  const partitionOf = ({ org, requestId }: WaitingStage) => `${org}~r~${requestId}`;
  function told(stage: WaitingStage, result: string): void {
    const known = requests.get(partitionOf(stage));
    if (known?.sealed === undefined) violated('I2', `${result} was told before it was sealed`);
  }

  return {
    violations,
    recorded,
    contents,
    exceptions,
    saidOnce,
    drift,
    violated,
    readPolicy: (version) => {
      if (world.actions.getStore() !== undefined) seenNow().policies.push({ version, step: world.step });
    },
    touched: (partition) => {
      const own = world.actions.getStore()?.org;
      const touched = own === undefined ? own : orgs.find((org) => org !== own && partition.startsWith(`${org}~`));
      if (touched !== undefined) violated('I15', `${partition} was touched for organization ${own}`);
    },
    listed: (table, partition, rows, options) => {
      if (table !== 'scope') return;
      seenNow().answers.push({ partition, ranges: JSON.stringify(options?.ranges), rows });
      const registered = world.store.rowsOf('scope', partition).map(({ row }) => row);
      seenNow().scopes.push({ partition, step: world.step, heads: headsIn(rows, contents), registered });
    },
    committed: (table, partition, writes) => {
      keptBoth.committed(partition, writes);
      if (table === 'gate') committedGate(partition, writes);
      if (table === 'scope') committedScope(writes);
      if (table === 'find') drift.committed(partition, writes);
      if (table === 'roll') saidOnce.committed(partition, writes);
    },
    askedWhetherMember: (oid, isMember) => void seenNow().members.push({ oid, isMember, step: world.step }),
    directoryChanged: () => void directories.push({ from: world.step, state: world.directory }),
    calledOut: (serviceUrl) => {
      const rule = { hosts: CLOUD_ENDPOINTS.public.hosts, local: false };
      if (!isAllowedServiceUrl(serviceUrl, rule)) violated('I17', `a call to ${serviceUrl}`);
    },
    told,
    toldNatively: (stage, result, wasRead) => {
      told(stage, result);
      // A person's word is sent once: what may have arrived is looked up, not said again.
      if (wasRead !== 'pending')
        violated('I4', `an approval that was ${wasRead ?? 'not looked at'} was told ${result}`);
    },
    sealedVerdictOf: (stage) => requests.get(partitionOf(stage))?.sealed?.verdict,
    quietFor: (milliseconds) => {
      for (const [partition, { gate }] of requests) {
        const isDead = world.store.rowsOf('gate', partition).some(({ row }) => row.startsWith('dl~'));
        const isLate = isSettled(gate.state) && gate.toldAt === undefined && !isDead;
        if (isLate) violated('I9', `${gate.id} is ${gate.state} and not told after ${milliseconds / 1_000} s of quiet`);
      }
    },
  };
}
