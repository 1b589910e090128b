import type {
  DigestMark,
  DigestMarks,
  MarkChange,
  StoredMark,
  Subscription,
  Subscriptions,
} from '../ports/digest-store.ts';
import type { NudgeRecords } from '../ports/nudge-store.ts';
import { ConflictError, type Table, type Write } from '../ports/table.ts';
import { component, key, prefixRange } from './keys.ts';
import { createNudgeRecords } from './nudge-store.ts';

interface Needs {
  readonly table: Table;
  readonly tenant: string;
}

/** Who was told when, and who wants to be told more. */
export function createDigestStore(needs: Needs): {
  readonly digestMarks: DigestMarks;
  readonly subscriptions: Subscriptions;
  readonly nudgeRecords: NudgeRecords;
} {
  return {
    digestMarks: createDigestMarks(needs),
    subscriptions: createSubscriptions(needs),
    nudgeRecords: createNudgeRecords(needs),
  };
}

/** Marks in table `roll`, one partition for the tenant: a row for each reader, replaced by its ETag. */
function createDigestMarks({ table, tenant }: Needs): DigestMarks {
  const partition = key(component(tenant), 'digest');
  return {
    all: async () =>
      (await table.list('roll', partition)).map(({ etag, values }) => ({ etag, mark: markIn(values['mark']) })),
    of: async (reader) => {
      const found = await table.get('roll', partition, component(reader));
      return found === undefined ? undefined : { etag: found.etag, mark: markIn(found.values['mark']) };
    },
    put: (changes) => putMarks(table, partition, changes),
  };
}

/** One transaction; when one of them was overtaken, each by itself. */
async function putMarks(
  table: Table,
  partition: string,
  changes: readonly MarkChange[],
): Promise<readonly (StoredMark | undefined)[]> {
  if (changes.length === 0) return [];
  try {
    const etags = await table.commit('roll', partition, changes.map(markWrite));
    return changes.map(({ mark }) => ({ mark, etag: etags.get(component(mark.reader)) ?? '' }));
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    if (changes.length === 1) return [undefined];
    const stored: (StoredMark | undefined)[] = [];
    for (const change of changes) stored.push(...(await putMarks(table, partition, [change])));
    return stored;
  }
}

function markWrite({ mark, before }: MarkChange): Write {
  const row = component(mark.reader);
  const values = { mark: JSON.stringify(mark) };
  return before === undefined ? { kind: 'create', row, values } : { kind: 'replace', row, values, etag: before.etag };
}

function markIn(text: unknown): DigestMark {
  return JSON.parse(String(text)) as DigestMark;
}

/** Subscriptions in table `roll`, one partition for the tenant: a row for each person and scope. */
function createSubscriptions({ table, tenant }: Needs): Subscriptions {
  const partition = key(component(tenant), 'sub');
  const rowOf = ({ oid, scope }: Subscription) => key(component(oid), component(scope));
  return {
    all: async () => (await table.list('roll', partition)).map(({ values }) => subscriptionIn(values)),
    of: async (oid) => {
      const rows = await table.list('roll', partition, { ranges: [prefixRange(component(oid))] });
      return rows.map(({ values }) => subscriptionIn(values));
    },
    add: async (subscription) => {
      const { oid, scope } = subscription;
      await table.commit('roll', partition, [{ kind: 'put', row: rowOf(subscription), values: { oid, scope } }]);
    },
    remove: (subscription) => table.remove('roll', partition, rowOf(subscription)),
  };
}

function subscriptionIn({ oid, scope }: Readonly<Record<string, unknown>>): Subscription {
  return { oid: String(oid), scope: String(scope) };
}
