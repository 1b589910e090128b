import { type Checkpoint, type CheckpointHead, headOf, jwsIn, readLine } from './domain/checkpoint.ts';
import { runningSha256, sha256 } from './domain/checksum.ts';
import {
  EXPORT_VERSION,
  type ExportEnd,
  type ExportHead,
  endLine,
  entryLine,
  headLine,
} from './domain/evidence-export.ts';
import { isInScope } from './domain/evidence-scope.ts';
import type { CheckpointLog } from './ports/checkpoint-log.ts';
import type { Clock } from './ports/clock.ts';
import type { EvidenceLog } from './ports/evidence-log.ts';
import type { RetentionStore } from './ports/retention-store.ts';
import type { Signer } from './ports/signer.ts';
import type { TableName } from './ports/table.ts';

/** What of all evidence is meant. */
export type ExportWish = Pick<ExportHead, 'from' | 'to' | 'scope'>;

interface Needs {
  /** Entra tenant id. */
  readonly tenant: string;
  readonly clock: Clock;
  readonly evidenceLog: EvidenceLog;
  /** Absent: evidence is not anchored, and an export has no checkpoints. */
  readonly checkpointLog?: CheckpointLog;
  readonly signer: Signer;
  /** Says what was archived, and may have been deleted since. */
  readonly retention: Pick<RetentionStore, 'chains'>;
}

export type EvidenceExports = ReturnType<typeof createEvidenceExports>;

/** Evidence for somebody who does not trust us: docs/evidence.md has the form, services/evidence-verification.ts reads it. */
export function createEvidenceExports(needs: Needs) {
  return {
    /**
     * Lines with their ends, as they are read, never all in memory: whoever reads slowly is waited for. What fails after the first line rejects
     * there, and the last line, without which an export is worth nothing, never comes. Rejects at once when nothing can be read or signed.
     */
    export: async (wish: ExportWish): Promise<AsyncIterable<string>> => {
      const [{ keys }, days] = await Promise.all([needs.signer.jwks(), needs.checkpointLog?.days() ?? []]);
      const { from, to, scope } = wish;
      const head = { v: EXPORT_VERSION, tenant: needs.tenant, from, to, scope, at: needs.clock.now() } as ExportHead;
      return signedLines(needs, headLine(head, keys), bodyOf(needs, head, days));
    },
  };
}

async function* signedLines({ signer }: Needs, first: string, body: AsyncIterable<string>): AsyncGenerator<string> {
  const bytes = runningSha256();
  let lines = 0;
  const taken = (line: string): string => {
    const ended = `${line}\n`;
    bytes.add(ended);
    lines += 1;
    return ended;
  };
  yield taken(first);
  for await (const line of body) yield taken(line);
  const end: ExportEnd = { lines, sha256: bytes.hex(), first: sha256(first) };
  yield `${endLine(await signer.sign('countersign-evidence-export+jws', end))}\n`;
}

const BEGINNING = '1970-01-01T00:00:00.000Z';

/**
 * Checkpoints first: an entry that they have signed was there before them, so that it is found in the chains, which are read after them. All
 * that they name is exported, also where it changed a little before or after the time that was asked for.
 */
async function* bodyOf(needs: Needs, head: ExportHead, days: readonly string[]): AsyncGenerator<string> {
  const { from = BEGINNING, to = head.at, scope } = head;
  const named = new Map<string, CheckpointHead>();
  for await (const { line, checkpoint } of checkpointsOf(needs, days, head)) {
    yield line;
    for (const one of requiredBy(checkpoint, from, scope)) named.set(placeOf(one), one);
  }
  const given = new Set<string>();
  for await (const chain of needs.evidenceLog.changed(from, to)) {
    const isNamed = named.delete(placeOf(chain));
    if (!isNamed && scope !== undefined && !isInScope(headOf(chain, chain.entries), scope)) continue;
    given.add(placeOf(chain));
    yield* chain.entries.map(entryLine);
  }
  const gone = yield* chainsAt(needs, named.values(), given);
  if (gone > 0) yield* archivesOf(needs, given);
}

/** Those that are not given yet. */
async function* archivesOf({ retention }: Needs, given: ReadonlySet<string>): AsyncGenerator<string> {
  for await (const chain of retention.chains()) if (!given.has(placeOf(chain))) yield* chain.entries.map(entryLine);
}

/** What the verification looks for: of a checkpoint of the time, that is about the scope. */
function requiredBy(made: Checkpoint | undefined, from: string, scope: string | undefined): readonly CheckpointHead[] {
  return made === undefined || made.at < from ? [] : made.heads.filter((one) => isInScope(one, scope));
}

/** Adds them to those that are given; how many are not there. */
async function* chainsAt(
  { evidenceLog }: Needs,
  places: Iterable<CheckpointHead>,
  given: Set<string>,
): AsyncGenerator<string, number> {
  let gone = 0;
  for (const { table, partition, prefix } of places) {
    const chain = await evidenceLog.chain({ table: table as TableName, partition, prefix });
    if (chain === undefined) gone += 1;
    else given.add(placeOf(chain));
    yield* (chain?.entries ?? []).map(entryLine);
  }
  return gone;
}

function placeOf({ table, partition, prefix }: Pick<CheckpointHead, 'table' | 'partition' | 'prefix'>): string {
  return JSON.stringify([table, partition, prefix]);
}

interface LoggedCheckpoint {
  readonly line: string;
  /** Undefined: it cannot be read, which is for the verifier to say. */
  readonly checkpoint?: Checkpoint | undefined;
}

/** The last one from before the time, those of the time, and the first after it by which all of it is signed. */
async function* checkpointsOf(
  needs: Needs,
  days: readonly string[],
  { from = '', to = NEVER }: ExportHead,
): AsyncGenerator<LoggedCheckpoint> {
  const firstDay = days.findLast((day) => day < from.slice(0, 10)) ?? '';
  const meant = days.filter((day) => day >= firstDay);
  let before: readonly LoggedCheckpoint[] = [];
  for await (const logged of loggedOn(needs, meant)) {
    const { at = NEVER, through = '' } = logged.checkpoint ?? {};
    if (at >= from) yield* [...before, logged];
    before = at < from ? [logged] : [];
    if (through >= to) return;
  }
  yield* before;
}

/** Later than every instant. */
const NEVER = '9';

async function* loggedOn({ checkpointLog }: Needs, days: readonly string[]): AsyncGenerator<LoggedCheckpoint> {
  for (const day of days) {
    const part = await checkpointLog?.read(day);
    for (const line of part?.lines ?? []) yield { line, checkpoint: checkpointIn(line) };
  }
}

/** Whether it is genuine is not asked here. */
function checkpointIn(line: string): Checkpoint | undefined {
  const payload = jwsIn(line)?.split('.')[1] ?? '';
  const read = readLine(line, Buffer.from(payload, 'base64url').toString(), {});
  return 'problem' in read ? undefined : read.checkpoint;
}
