import type { Erosion } from '../domain/erosion.ts';
import type { CalibrationNotes, Noted, OwnerNote, Round } from '../ports/calibration-notes.ts';
import type { Clock } from '../ports/clock.ts';
import type { Eroded } from '../ports/eroded.ts';
import { ConflictError, type Row, type Table, type Write } from '../ports/table.ts';
import { component, key, prefixRange } from './keys.ts';

const KEPT_MS = 600_000;
/** Writes of one transaction. */
const AT_ONCE = 100;

const ROUND = 'round';
const EROSION = 'e';
const OWNER = 'o';

interface Needs {
  readonly table: Table;
  readonly tenant: string;
  readonly clock: Clock;
}

/**
 * Table `roll`, one partition for the tenant: the measurement of the day, a row for each control that exceptions have
 * eroded, and one for each owner who was ever told something.
 */
export function createCalibrationNotes(needs: Needs): {
  readonly calibrationNotes: CalibrationNotes;
  readonly eroded: Eroded;
} {
  const eroded = createEroded(needs);
  return { calibrationNotes: createNotes(needs, eroded.forget), eroded };
}

function createNotes({ table, tenant }: Needs, erosionsChanged: () => void): CalibrationNotes {
  const partition = partitionOf(tenant);
  async function put<T>(row: string, note: T, before: Noted<T> | undefined): Promise<Noted<T> | undefined> {
    const values = { note: JSON.stringify(note) };
    const write: Write =
      before === undefined ? { kind: 'create', row, values } : { kind: 'replace', row, values, etag: before.etag };
    try {
      const etags = await table.commit('roll', partition, [write]);
      return { note, etag: etags.get(row) ?? '' };
    } catch (error) {
      if (error instanceof ConflictError) return undefined;
      throw error;
    }
  }
  return {
    read: async () => {
      const rows = await table.list('roll', partition);
      const round = rows.find(({ row }) => row === ROUND);
      const owners = rows.filter(({ row }) => row.startsWith(`${OWNER}~`)).map((row) => notedIn<OwnerNote>(row));
      return {
        ...(round === undefined ? {} : { round: notedIn<Round>(round) }),
        erosions: rows.filter(({ row }) => row.startsWith(`${EROSION}~`)).map((row) => notedIn<Erosion>(row).note),
        owners: new Map(owners.map((owner) => [owner.note.oid, owner])),
      };
    },
    putRound: (round, before) => put(ROUND, round, before),
    putOwner: (owner, before) => put(key(OWNER, component(owner.oid)), owner, before),
    putErosions: async (erosions, before) => {
      const writes = erosions.map(
        (one): Write => ({ kind: 'put', row: erosionRow(one), values: { note: JSON.stringify(one) } }),
      );
      for (let from = 0; from < writes.length; from += AT_ONCE)
        await table.commit('roll', partition, writes.slice(from, from + AT_ONCE));
      const kept = new Set(erosions.map(erosionRow));
      const gone = before.map(erosionRow).filter((row) => !kept.has(row));
      for (const row of gone) await table.remove('roll', partition, row);
      erosionsChanged();
    },
  };
}

function createEroded({ table, tenant, clock }: Needs): Eroded & { readonly forget: () => void } {
  let kept: { readonly at: number; readonly erosions: Promise<readonly Erosion[]> } | undefined;
  return {
    noted: () => {
      const now = Date.parse(clock.now());
      if (kept === undefined || Math.abs(now - kept.at) >= KEPT_MS) {
        const rows = table.list('roll', partitionOf(tenant), { ranges: [prefixRange(EROSION)] });
        // A store that does not answer is asked again in ten minutes: nobody waits for it in vain at every block.
        const erosions = rows.then((all) => all.map((row) => notedIn<Erosion>(row).note)).catch(() => []);
        kept = { at: now, erosions };
      }
      return kept.erosions;
    },
    forget: () => {
      kept = undefined;
    },
  };
}

function partitionOf(tenant: string): string {
  return key(component(tenant), 'calibration');
}

function erosionRow({ control }: Pick<Erosion, 'control'>): string {
  return key(EROSION, component(control));
}

function notedIn<T>({ etag, values }: Row): Noted<T> {
  return { etag, note: JSON.parse(String(values['note'])) as T };
}
