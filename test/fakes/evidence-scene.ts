import {
  type CheckpointHead,
  checkpointLine,
  checkpointText,
  EMPTY_LOG,
  headOf,
  lineChecksum,
  MOST_HEADS,
  nextCheckpoint,
} from '../../services/domain/checkpoint.ts';
import { EMPTY_CHAIN, type EvidenceDraft, type EvidenceEntry, nextEntry } from '../../services/domain/evidence.ts';
import { createEvidenceExports, type ExportWish } from '../../services/evidence-exports.ts';
import type { CheckpointLog, LogPosition } from '../../services/ports/checkpoint-log.ts';
import type { ChainPlace, EvidenceChain, EvidenceLog } from '../../services/ports/evidence-log.ts';
import { createEd25519Signer, localSigningKey } from '../../services/vault/ed25519-signer.ts';
import { ANN, ORG, TENANT } from '../builders.ts';

/** Nothing was ever deleted. */
export const NOTHING_ARCHIVED = { chains: async function* () {} };

export const signerOf = (byte: number) => createEd25519Signer(localSigningKey(new Uint8Array(32).fill(byte)));

interface Kept extends EvidenceChain {
  readonly entries: EvidenceEntry[];
  readonly times: string[];
}

/** Evidence and checkpoints in memory: what happens is told by `happens`, and put under a checkpoint by `anchor`. */
export function evidenceScene({ signer = signerOf(7), tenant = TENANT } = {}) {
  const chains = new Map<string, Kept>();
  const days = new Map<string, string[]>();
  let [logHead, changed]: [typeof EMPTY_LOG, Set<string>] = [EMPTY_LOG, new Set()];
  const scene = {
    signer,
    now: '2026-11-28T12:00:00.000Z',
    /** One entry of this aggregate at this instant. */
    happens: (name: string, at: string, draft: EvidenceDraft = aDraft(name, at)): EvidenceEntry => {
      const { entries, times }: Pick<Kept, 'entries' | 'times'> = chains.get(name) ?? { entries: [], times: [] };
      const written = { aggregate: `${ORG} ${name}`, at, op: `op ${at}`, salt: `salt ${at}` };
      const entry = nextEntry(entries.at(-1) ?? EMPTY_CHAIN, draft, written);
      entries.push(entry);
      times.push(at);
      chains.set(name, { ...placeOf(name), entries, times });
      changed.add(name);
      return entry;
    },
    /** Checkpoints over everything that happened since the one before. */
    anchor: async (at: string): Promise<void> => {
      const heads = [...changed].sort().map((name) => headIn(chains, name));
      for (let n = 0; n === 0 || n < heads.length; n += MOST_HEADS) {
        const what = { tenant, at, through: at, heads: heads.slice(n, n + MOST_HEADS) };
        const checkpoint = nextCheckpoint(logHead, what);
        // The order in which its members were parsed is that in which they are written.
        const canonical = JSON.parse(checkpointText(checkpoint)) as object;
        const line = checkpointLine(await signer.sign('countersign-checkpoint+jws', canonical));
        logHead = { number: checkpoint.number, checksum: lineChecksum(line) };
        days.set(at.slice(0, 10), [...(days.get(at.slice(0, 10)) ?? []), line]);
      }
      changed = new Set();
    },
    chains,
    /** As the store would have it after somebody was there. */
    rewrite: (name: string, entries: readonly EvidenceEntry[]): void => {
      const { times = [] } = chains.get(name) ?? {};
      chains.set(name, { ...placeOf(name), entries: [...entries], times });
    },
    log: (): string[] => [...days.values()].flat(),
    evidenceLog: logOver(chains),
    checkpointLog: checkpointsOver(days),
    exported: async (wish: ExportWish = {}): Promise<string[]> => {
      const { evidenceLog, checkpointLog, now } = scene;
      const exports = createEvidenceExports({
        tenant,
        clock: { now: () => now },
        evidenceLog,
        checkpointLog,
        signer,
        retention: NOTHING_ARCHIVED,
      });
      const lines: string[] = [];
      for await (const line of await exports.export(wish)) lines.push(line);
      return lines;
    },
  };
  return scene;
}

function placeOf(name: string): ChainPlace {
  return { table: 'gate', partition: `${ORG}~r~${name}`, prefix: 'e' };
}

function aDraft(name: string, at: string): EvidenceDraft {
  const data = { at, service: name.split(' ')[0], environment: 'prod', odd: '"\\ü\u2028' };
  const person = { kind: 'person', tenant: TENANT, oid: ANN.oid, name: ANN.name } as const;
  if (Date.parse(at) % 2 === 0) return { kind: 'judged', actor: { kind: 'countersign' }, data };
  return { kind: 'decided', actor: person, data, texts: { comment: `Looks good, ${name}` } };
}

function headIn(chains: ReadonlyMap<string, Kept>, name: string): CheckpointHead {
  return headOf(placeOf(name), chains.get(name)?.entries ?? []);
}

function logOver(chains: ReadonlyMap<string, Kept>): EvidenceLog {
  const within = (from: string, before: string) =>
    [...chains.keys()].sort().flatMap((name) => {
      const kept = chains.get(name);
      return kept?.times.some((at) => from <= at && at < before) ? [kept] : [];
    });
  return {
    async *changed(from, before) {
      yield* within(from, before);
    },
    places: async (from, before) => within(from, before),
    chain: async ({ partition }) => [...chains.values()].find((one) => one.partition === partition),
  };
}

/** Read alone: nothing here appends through the port. */
function checkpointsOver(days: ReadonlyMap<string, readonly string[]>): CheckpointLog {
  const end = async (day: string): Promise<LogPosition> => ({ day, bytes: 0 });
  return {
    days: async () => [...days.keys()].sort(),
    read: async (day) => {
      const lines = days.get(day);
      return lines === undefined ? undefined : { lines, end: await end(day) };
    },
    end,
    append: async () => 'moved',
  };
}

/** So many entries of some aggregates within two days, all but the last of them under one of four checkpoints. */
export async function lively(entries: number, scene = evidenceScene(), aggregates = 7) {
  const step = Math.round(172_800_000 / entries / 2) * 2;
  for (let n = 0; n < entries; n += 1) {
    const at = Date.parse('2026-11-26T08:00:00.000Z') + n * step;
    // Some have a single entry, some many; every other one is a person's.
    const name = n % 11 === 0 ? `once-${n}` : `service-${n % aggregates} gate`;
    scene.happens(name, new Date(at + (n % 2)).toISOString());
    if (n % Math.ceil(entries / 4) === Math.ceil(entries / 5))
      await scene.anchor(new Date(at + step / 2).toISOString());
  }
  return scene;
}
