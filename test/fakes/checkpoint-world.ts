import { type Checkpoints, createCheckpoints } from '../../services/checkpoints.ts';
import type { EvidenceTrouble } from '../../services/domain/anchoring.ts';
import { type CheckpointHead, contradicts, EMPTY_LOG, jwsIn, readLine } from '../../services/domain/checkpoint.ts';
import { EMPTY_CHAIN, nextEntry } from '../../services/domain/evidence.ts';
import { ConflictError, type Table, type Write } from '../../services/ports/table.ts';
import { createAnchors } from '../../services/tables/anchors.ts';
import { createEvidenceLog } from '../../services/tables/evidence-log.ts';
import { decodeEvidence, evidenceWrite } from '../../services/tables/evidence-row.ts';
import { createNotedTable } from '../../services/tables/noted-table.ts';
import { createEd25519Signer, localSigningKey } from '../../services/vault/ed25519-signer.ts';
import { verifySigned } from '../../services/vault/verify-signed.ts';
import { TENANT } from '../builders.ts';
import { createInMemoryAppendLog, type InMemoryAppendLog, type LogFault } from './in-memory-append-log.ts';
import { createInMemoryTable, type InMemoryTable, type InMemoryTableOptions } from './in-memory-table.ts';
import { proofPorts } from './proof-ports.ts';

/** As a request's chain lies there. */
export const partitionOf = (name: string) => `org~r~${name}`;
export const TODAY = '2026-11-28';
const START = `${TODAY}T12:00:00.000Z`;

export interface Landed {
  readonly name: string;
  readonly seq: number;
  readonly hash: string;
  /** When it was in the store. */
  readonly at: string;
}

export interface CheckpointWorld {
  readonly table: InMemoryTable;
  readonly log: InMemoryAppendLog;
  /** As every process here sees it. */
  now: string;
  advance(minutes: number): void;
  /** A process that writes evidence: one more entry of this chain. */
  writer(through?: (table: Table) => Table): ((name: string) => Promise<void>) & { noted(): number };
  /** A process that could write checkpoints; its edges may fail on their own. */
  leader(through?: (table: Table) => Table, noted?: () => number): Checkpoints;
  /** What was committed, in that order. */
  readonly landed: readonly Landed[];
  readonly alarms: readonly EvidenceTrouble[];
  /** Everything that the log says, each line verified and following the one before it; throws where one does not. */
  heads(): Promise<ReadonlyMap<string, CheckpointHead>>;
  numbers(): Promise<number>;
  /** How far each aggregate is under a checkpoint, by its name. */
  seqs(): Promise<Readonly<Record<string, number>>>;
  lines(): readonly string[];
  anchoring(): ReturnType<ReturnType<typeof createAnchors>['read']>;
}

/** Writers of evidence and leaders on one table and one log: no network, no clock. */
export function createCheckpointWorld(
  options: InMemoryTableOptions & {
    readonly logFault?: (call: string) => LogFault | Promise<LogFault>;
    readonly key?: number;
  } = {},
): CheckpointWorld {
  const table = createInMemoryTable(options);
  const log = createInMemoryAppendLog(options.logFault);
  const world = { now: START };
  const clock = { now: () => world.now };
  const signer = createEd25519Signer(localSigningKey(new Uint8Array(32).fill(options.key ?? 7)));
  const landed: Landed[] = [];
  const alarms: EvidenceTrouble[] = [];
  let seed = 0;
  const random = { bytes: (count: number) => new Uint8Array(count).fill(++seed % 256) };

  const heads = async () => (await readAll(log, (await signer.jwks()).keys)).heads;

  /** What the store took, whatever its caller was told. */
  const watched: Table = {
    ...table,
    commit: async (name, partition, writes) => {
      const note = () => {
        if (name === 'gate') landed.push(...writes.flatMap((write) => landedRow(partition, write, world.now)));
      };
      try {
        const etags = await table.commit(name, partition, writes);
        note();
        return etags;
      } catch (error) {
        if (/the answer was lost|met its own write/.test(String(error))) note();
        throw error;
      }
    },
  };
  return Object.assign(world, {
    table,
    log,
    landed,
    alarms,
    advance: (minutes: number) => {
      world.now = new Date(Date.parse(world.now) + minutes * 60_000).toISOString();
    },
    writer: (through: (inner: Table) => Table = (inner) => inner) => {
      const noted = createNotedTable(through(watched), { tenant: TENANT, clock });
      const write = async (name: string) => {
        const last = table.rowsOf('gate', partitionOf(name)).map(decodeEvidence).at(-1);
        const draft = { kind: 'judged', actor: { kind: 'countersign' }, data: { service: name } } as const;
        const written = { aggregate: `org ${name}`, at: world.now, op: `op ${++seed}`, salt: 's' };
        const entry = nextEntry(last ?? EMPTY_CHAIN, draft, written);
        await noted.commit('gate', partitionOf(name), [evidenceWrite(['e'], entry)]).catch((error: unknown) => {
          if (!(error instanceof ConflictError)) throw error;
        });
      };
      return Object.assign(write, { noted: () => noted.noted() });
    },
    leader: (through: (inner: Table) => Table = (inner) => inner, noted?: () => number) => {
      const inner = createNotedTable(through(table), { tenant: TENANT, clock });
      return createCheckpoints({
        ...proofPorts(),
        ...(noted === undefined ? {} : { noted }),
        evidenceLog: createEvidenceLog({ table: inner, tenant: TENANT }),
        anchors: createAnchors({ table: inner, tenant: TENANT, random }),
        clock,
        tenant: TENANT,
        checkpointLog: log,
        signer,
        alarmed: (trouble) => void alarms.push(trouble),
      });
    },
    heads,
    seqs: async () => Object.fromEntries([...(await heads()).values()].map(({ aggregate, seq }) => [aggregate, seq])),
    lines: () => (log.parts.get(TODAY) ?? '').split('\n').slice(0, -1),
    anchoring: () => createAnchors({ table, tenant: TENANT, random }).read(),
    numbers: async () => (await readAll(log, (await signer.jwks()).keys)).number,
  });
}

function landedRow(partition: string, write: Write, at: string): Landed[] {
  const [name = '', seq = ''] = [partition, write.row].map((key) => key.split('~').at(-1));
  return 'values' in write ? [{ name, seq: Number(seq), hash: String(write.values['hash']), at }] : [];
}

async function readAll({ parts }: InMemoryAppendLog, keys: Parameters<typeof verifySigned.payloadOf>[2]) {
  const heads = new Map<string, CheckpointHead>();
  let after = EMPTY_LOG;
  for (const day of [...parts.keys()].sort()) {
    for (const line of (parts.get(day) ?? '').split('\n').slice(0, -1)) {
      const jws = jwsIn(line) ?? '';
      const signed = await verifySigned.payloadOf('countersign-checkpoint+jws', jws, keys);
      const read = readLine(line, signed, { after, tenant: TENANT });
      if ('problem' in read) throw new Error(`${day}: ${read.problem}, ${read.detail}`);
      after = read.head;
      for (const head of read.checkpoint.heads) {
        const earlier = heads.get(head.aggregate);
        if (earlier !== undefined && contradicts(earlier, head)) throw new Error(`${head.aggregate} goes back`);
        heads.set(head.aggregate, head);
      }
    }
  }
  return { heads, number: after.number };
}
