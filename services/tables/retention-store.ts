import { ARCHIVED, type ArchivedHead, archiveAggregate, archivedIn } from '../domain/archived-head.ts';
import { isOpenBypass } from '../domain/bypass.ts';
import { EMPTY_CHAIN, type EvidenceEntry, nextEntry } from '../domain/evidence.ts';
import { scopesOf } from '../domain/gate.ts';
import { plusDays } from '../domain/instant.ts';
import { isJsonObject, parsedJson } from '../domain/json.ts';
import type { Anchors } from '../ports/anchors.ts';
import type { Random } from '../ports/clock.ts';
import type { ChainPlace, EvidenceLog } from '../ports/evidence-log.ts';
import type { StoredGate } from '../ports/gate-store.ts';
import { inLanes } from '../ports/lanes.ts';
import type { Deleted, RetentionState, RetentionStore } from '../ports/retention-store.ts';
import type { Row, Table, Write } from '../ports/table.ts';
import { bucketOf, placeKey, pointersAt } from './evidence-places.ts';
import { decodeEvidence, evidenceWrite } from './evidence-row.ts';
import { decode, gatePartition, HEADER } from './gate-codec.ts';
import { component, key, prefixRange } from './keys.ts';
import { MOMENT, newestFirstTime } from './moment-rows.ts';
import { cardPartition, runPartition } from './open-index.ts';
import { scopePartition } from './scope-views.ts';

const STATE = 'state';
const EVIDENCE = 'e';
const MOST_WRITES = 100;

interface Needs {
  readonly table: Table;
  /** Entra tenant id. */
  readonly tenant: string;
  readonly random: Random;
  readonly evidenceLog: EvidenceLog;
  readonly anchors: Pick<Anchors, 'headOf'>;
}

/** Table `log`, a partition of its own: the day in work, and a chain of evidence for each month that was archived. */
export function createRetentionStore(needs: Needs): RetentionStore {
  const { table, tenant, evidenceLog } = needs;
  const own = key(component(tenant), 'archive');
  const placeOf = (day: string): ChainPlace => ({ table: 'log', partition: own, prefix: key(EVIDENCE, monthOf(day)) });
  const entriesOf = async (day: string) => (await evidenceLog.chain(placeOf(day)))?.entries ?? [];
  return {
    state: async () => {
      const row = await table.get('log', own, STATE);
      return row && (JSON.parse(String(row.values['state'])) as RetentionState);
    },
    note: async (state) => {
      await table.commit('log', own, [{ kind: 'put', row: STATE, values: { state: JSON.stringify(state) } }]);
    },
    nextDay: (from) => nextDay(needs, from),
    ended: (day) => endedOn(needs, day),
    archived: async (archived, at) => {
      const last = (await entriesOf(archived.day)).at(-1);
      const draft = {
        kind: ARCHIVED,
        actor: { kind: 'countersign' } as const,
        data: { ...archived, heads: archived.heads.map((head) => ({ ...head })) },
      };
      const salt = Buffer.from(needs.random.bytes(16)).toString('hex');
      const aggregate = archiveAggregate(tenant, monthOf(archived.day));
      const entry = nextEntry(last ?? EMPTY_CHAIN, draft, { aggregate, at, op: `archive ${archived.day} ${at}`, salt });
      await table.commit('log', own, [evidenceWrite([EVIDENCE, monthOf(archived.day)], entry)]);
      return entry.seq;
    },
    signedThrough: async (day) => (await needs.anchors.headOf(placeOf(day)))?.seq ?? 0,
    headsOf: async (day) => {
      const days = (await entriesOf(day)).map(archivedIn).filter((one) => one?.day === day);
      return [...new Map(days.flatMap((one) => one?.heads ?? []).map((head) => [head.aggregate, head])).values()];
    },
    delete: (head) => deleteRequest(needs, head),
    chains: async function* () {
      const rows = await table.list('log', own, { ranges: [prefixRange(EVIDENCE)] });
      for (const month of new Set(rows.map(({ row }) => row.split('~')[1] ?? ''))) {
        const chain = await evidenceLog.chain(placeOf(month));
        if (chain !== undefined) yield chain;
      }
    },
  };
}

function monthOf(day: string): string {
  return day.slice(0, 7);
}

async function nextDay({ table, tenant }: Needs, from: string): Promise<string | undefined> {
  const pointers = prefixRange(key(component(tenant), 'head'));
  const range = { from: pointersAt(tenant, `${from}T00:00:00.000Z`), before: pointers.before };
  for await (const { partition } of table.across('log', range, [{ from: '', before: '~~' }])) {
    const time = partition.split('~').at(-1) ?? '';
    return `${time.slice(0, 4)}-${time.slice(4, 6)}-${time.slice(6, 8)}`;
  }
  return undefined;
}

async function endedOn(needs: Needs, day: string): Promise<readonly ArchivedHead[]> {
  const { evidenceLog } = needs;
  const before = `${plusDays(day, 1)}T00:00:00.000Z`;
  const places = (await evidenceLog.places(`${day}T00:00:00.000Z`, before)).filter(isOfRequest);
  const heads = await inLanes(places, async ({ partition }): Promise<ArchivedHead | undefined> => {
    const stored = await readGate(needs, partition);
    const last = stored?.evidence.at(-1);
    if (stored === undefined || last === undefined || !isOver(stored) || atOf(last.entry) >= before) return undefined;
    return { aggregate: last.aggregate, seq: last.seq, hash: last.hash };
  });
  return heads.filter((head) => head !== undefined);
}

function isOfRequest({ table, partition, prefix }: ChainPlace): boolean {
  return table === 'gate' && prefix === 'e' && partition.split('~')[1] === 'r';
}

async function readGate({ table }: Needs, partition: string): Promise<StoredGate | undefined> {
  return decode(await table.list('gate', partition), '');
}

/** Nothing is to be done about it any more, and nobody has to say anything. */
function isOver({ gate, outbox, deadLetters }: StoredGate): boolean {
  return gate.toldAt !== undefined && outbox.length === 0 && deadLetters.length === 0 && !isOpenBypass(gate);
}

function atOf(entry: string): string {
  const said = parsedJson(entry);
  return isJsonObject(said) ? String(said['at']) : '9';
}

/** An aggregate is named by organization and id. */
async function deleteRequest(needs: Needs, head: ArchivedHead): Promise<Deleted> {
  const [org = '', id = ''] = head.aggregate.split(' ');
  const partition = gatePartition(org, id);
  const rows = await needs.table.list('gate', partition);
  if (rows.length === 0) return 'gone';
  const stored = decode(rows, '');
  const links = rows.filter(({ row }) => row.startsWith('e~')).map(decodeEvidence);
  const last = links.at(-1);
  if ((stored !== undefined && !isOver(stored)) || (last !== undefined && last.hash !== head.hash)) return 'kept';
  // What points to it first: without them it is found by nobody, and without its header nobody could tell what they are.
  if (stored !== undefined) await forgetPointers(needs, stored, links);
  await deleteRows(needs, partition, rows);
  return 'deleted';
}

async function forgetPointers({ table, tenant }: Needs, { gate }: StoredGate, links: readonly EvidenceEntry[]) {
  const { org, id } = gate;
  const place: ChainPlace = { table: 'gate', partition: gatePartition(org, id), prefix: 'e' };
  const buckets = new Set(links.map(({ entry }) => bucketOf(atOf(entry))));
  await Promise.all([
    ...scopesOf(gate).flatMap((scope) => [
      table.remove('scope', scopePartition(scope), key('w', component(id))),
      table.remove(
        'scope',
        scopePartition(scope),
        key(MOMENT, newestFirstTime(gate.toldAt ?? ''), 'gate', component(id)),
      ),
    ]),
    ...[...buckets].map((bucket) => table.remove('log', pointersAt(tenant, bucket), placeKey(place))),
    table.remove('log', key(component(tenant), 'anchored'), placeKey(place)),
    table.remove('open', runPartition(org, gate.run.id), component(id)),
    forgetCard(table, org, gate.run.id, id),
  ]);
}

/** The header with the first of them: from then on there is no request that could go on with half of its rows. The evidence last. */
async function deleteRows({ table }: Needs, partition: string, rows: readonly Row[]): Promise<void> {
  const rankOf = ({ row }: Row) => (row === HEADER ? 0 : row.startsWith('e~') ? 2 : 1);
  const inOrder = rows.toSorted((a, b) => rankOf(a) - rankOf(b));
  for (let from = 0; from < inOrder.length; from += MOST_WRITES) {
    const writes = inOrder
      .slice(from, from + MOST_WRITES)
      .map(({ row, etag }): Write => ({ kind: 'delete', row, etag }));
    await table.commit('gate', partition, writes);
  }
}

/** Which request's card asks some people: others of the run may have claimed it since. */
async function forgetCard(table: Table, org: string, runId: number, id: string): Promise<void> {
  const partition = cardPartition(org, runId);
  for (const { row, etag, values } of await table.list('open', partition))
    if (values['requestId'] === id) await table.remove('open', partition, row, etag);
}
