import type { Entry } from '../../services/domain/baseline.ts';
import type { DriftItem } from '../../services/domain/drift.ts';
import type { StoredDrift } from '../../services/ports/baseline-store.ts';
import type { Row, Values, Write } from '../../services/ports/table.ts';
import { findPartition } from '../../services/tables/history-rows.ts';
import { personal } from '../fakes/core-world.ts';
import { type DeliveryPlatform, GUARDED, keyOfCheck } from './platform.ts';
import type { DirectoryState } from './scenery.ts';
import type { World } from './world.ts';

type Violated = (invariant: string, what: string) => void;

/** I23: watches what becomes of a baseline, and who is shown how the platform differs from it. */
export interface DriftWatch {
  /** What is approved before anybody acts. */
  begins(): void;
  /** Rows of table `find`. */
  committed(partition: string, writes: readonly Write[]): void;
  /** A card of it, new in its chat. */
  cardCame(reader: string): void;
  /** Teams has said that something there, or all of it, is gone. */
  lost(conversation: string): void;
}

interface Needs {
  readonly world: World;
  readonly platform: DeliveryPlatform;
  readonly directories: readonly { readonly state: DirectoryState }[];
  readonly isApproved: (requestId: string) => boolean;
  readonly violated: Violated;
}

/** A claim that is older is another process' to take. */
const CLAIM_MS = 10 * 60_000;
/** Clocks of processes differ by as much (run.ts, incidents.ts). */
const CLOCKS_MS = 130_000;
const PARTITION = findPartition(GUARDED);

export function createDriftWatch({ world, platform, directories, isApproved, violated }: Needs): DriftWatch {
  let approved = '';
  const came = new Map<string, { at: number; isNoted: boolean }>();

  function mayAccept(oid: string): boolean {
    const seats = [oid, ...world.covers.filter(({ by }) => by === oid).map(({ absent }) => absent)];
    const groups = world.crew.levels.flatMap((level) => level.groups);
    return directories.some(({ state }) =>
      groups.some((group) => seats.some((seat) => state.groups.get(group)?.includes(seat) === true)),
    );
  }

  function baselineChanged(writes: readonly Write[]): void {
    const entries = valuesOf(writes, /^be~/);
    if (entries.length !== 1) violated('I10', `${entries.length} entries of evidence for one baseline`);
    const said = JSON.parse(String(entries[0]?.['entry'] ?? '{}')) as Said;
    const now = approvedIn(writes);
    if (said.kind === 'baseline-taken') {
      const { requestId = '' } = said.data;
      if (!isApproved(requestId)) violated('I23', `a baseline was taken of ${requestId}, which nobody approved`);
    } else if (said.kind !== 'drift-accepted' || said.actor.oid === undefined)
      violated('I23', `a baseline was changed by ${said.kind}`);
    else {
      if (!mayAccept(said.actor.oid)) violated('I6', `${said.actor.oid} accepted drift and may not`);
      if (now !== approved) violated('I23', 'what was approved is otherwise, though it was only accepted');
    }
    approved = now;
  }

  function driftChanged({ drift, claim, messages }: StoredDrift, items: readonly DriftItem[]): void {
    for (const item of items) if (!wasEver(platform, item)) violated('I23', `${item.key} was never ${item.kind}`);
    for (const [reader, one] of came) {
      if (messages.some(({ recipient, activityId }) => recipient === reader && activityId !== '')) one.isNoted = true;
      else if (claim === undefined) came.delete(reader);
    }
    world.note(`drift ${drift.revision}: ${items.map(({ key, kind }) => `${kind} ${key}`)}`);
  }

  return {
    begins: () => {
      approved = approvedIn(world.store.rowsOf('find', PARTITION));
    },
    committed: (partition, writes) => {
      if (partition !== PARTITION) return;
      if (writes.some(({ row }) => row === 'b')) baselineChanged(writes);
      else if (writes.some(({ row }) => /^be?~/.test(row))) violated('I10', 'a baseline was written without its head');
      const [head] = valuesOf(writes, /^bd$/);
      if (head !== undefined)
        driftChanged(JSON.parse(String(head['head'])) as StoredDrift, listIn<DriftItem>(writes, /^bd~/));
    },
    cardCame: (reader) => {
      const head = world.store.rowsOf('find', PARTITION).find(({ row }) => row === 'bd')?.values['head'];
      const { claim } = JSON.parse(String(head ?? '{}')) as Partial<StoredDrift>;
      const before = came.get(reader);
      came.set(reader, { at: world.time, isNoted: false });
      if (claim === undefined) violated('I13', `a card of drift to ${reader} that nobody had claimed`);
      if (before === undefined) return;
      const isTooSoon = world.time - before.at < CLAIM_MS - CLOCKS_MS;
      if (before.isNoted || isTooSoon || !world.isTroubled) violated('I13', `two cards of one drift to ${reader}`);
    },
    lost: (conversation) => {
      for (const reader of came.keys())
        if (personal(reader.slice('user:'.length)).id === conversation) came.delete(reader);
    },
  };
}

interface Said {
  readonly kind?: string;
  readonly actor: { readonly oid?: string };
  readonly data: { readonly requestId?: string };
}

/** Whether the platform was so at some time: what a read has not come to is not gone. */
function wasEver({ history }: DeliveryPlatform, { key, kind, after }: DriftItem): boolean {
  return history.some((checks) => {
    const known = [...checks].find(([id]) => keyOfCheck(id) === key);
    return kind === 'removed' ? known === undefined : String(known?.[1]) === after?.values['timeoutMinutes'];
  });
}

function approvedIn(rows: readonly (Write | Row)[]): string {
  return JSON.stringify(listIn<readonly [string, Entry]>(rows, /^b~/).filter(([kind]) => kind === 'entry'));
}

function valuesOf(writes: readonly (Write | Row)[], row: RegExp): Values[] {
  return writes.flatMap((write) => ('values' in write && row.test(write.row) ? [write.values] : []));
}

function listIn<T>(writes: readonly (Write | Row)[], row: RegExp): T[] {
  return valuesOf(writes, row).flatMap((values) => JSON.parse(String(values['list'])) as T[]);
}
