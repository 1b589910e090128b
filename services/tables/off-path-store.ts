import { EMPTY_CHAIN, type EvidenceDraft, type EvidenceEntry, nextEntry } from '../domain/evidence.ts';
import { isOpenOffPath, type OffPath } from '../domain/off-path.ts';
import type { Random } from '../ports/clock.ts';
import type { OffPathStore, OffPathTold, StoredOffPath, StoredTold } from '../ports/off-path-store.ts';
import { ConflictError, type Row, StoreUnavailableError, type Table, type Write } from '../ports/table.ts';
import { decodeEvidence, evidenceWrite } from './evidence-row.ts';
import { component, key, keyTime, onlyRange, prefixRange } from './keys.ts';

interface Needs {
  readonly table: Table;
  readonly tenant: string;
  readonly random: Random;
}

const HEADER = 'h';
const EVIDENCE = 'e';
const TIME = 't';
const TOLD = 'n';
const DONE = 'm';
const OPEN = 'o';

/** Table `roll`, one partition for the tenant: every action with its evidence, and who was told of it. */
export function createOffPathStore(needs: Needs): OffPathStore {
  const { table, tenant } = needs;
  const partition = key(component(tenant), 'off-path');
  const read = async (id: string) => {
    const ranges = [onlyRange(headerRow(id)), prefixRange(key(EVIDENCE, component(id)))];
    return decoded(id, await table.list('roll', partition, { ranges }));
  };

  /** False: a condition did not hold, and none of it was written; a lost answer is looked up by the entry that it wrote. */
  async function write(id: string, entry: EvidenceEntry, writes: readonly Write[]): Promise<boolean> {
    try {
      await table.commit('roll', partition, [...writes, evidenceWrite([EVIDENCE, component(id)], entry)]);
      return true;
    } catch (error) {
      if (!(error instanceof ConflictError) && !(error instanceof StoreUnavailableError)) throw error;
      const stored = await read(id);
      if (stored?.evidence.some(({ hash }) => hash === entry.hash) === true) return true;
      if (error instanceof ConflictError) return false;
      throw error;
    }
  }

  return {
    create: (action, evidence, op) => {
      const entry = entryOf(needs, action, [], { evidence, op, at: action.raisedAt });
      return write(action.id, entry, firstWrites(action));
    },
    read,
    commit: async (before, change) => {
      const { action } = change;
      const entry = entryOf(needs, action, before.evidence, change);
      const told = await toldOf(table, partition, action.id);
      const isWritten = await write(action.id, entry, [
        { kind: 'replace', row: headerRow(action.id), values: headerValues(action), etag: before.etag },
        ...listedWrites(action),
        ...toldAgain(action.id, told),
      ]);
      if (isWritten && !isOpenOffPath(action)) await table.remove('roll', partition, openRow(action.id));
      return isWritten ? read(action.id) : undefined;
    },
    untold: async () => {
      const rows = await table.list('roll', partition, { ranges: [prefixRange(TOLD)] });
      return rows.map((row) => ({ id: idIn(row), told: toldIn(row) }));
    },
    told: async (id) => {
      const found = await toldOf(table, partition, id);
      return found?.kind === TOLD ? toldIn(found.row) : undefined;
    },
    putTold: (id, told, before, isDone) => putTold(table, partition, id, told, before, isDone),
    since: async (instant) => {
      const ranges = [{ from: key(TIME, keyTime(instant)), before: prefixRange(TIME).before }];
      return actionsIn(await table.list('roll', partition, { ranges }), read);
    },
    open: () => openIn(table, partition),
  };
}

async function openIn(table: Table, partition: string): Promise<readonly OffPath[]> {
  const listed = (await table.list('roll', partition, { ranges: [prefixRange(OPEN)] })).map(actionIn);
  // Whoever confirmed it died before its row was taken away.
  const over = listed.filter((action) => !isOpenOffPath(action));
  await Promise.all(over.map(({ id }) => table.remove('roll', partition, openRow(id))));
  return listed.filter(isOpenOffPath).sort((a, b) => (a.raisedAt < b.raisedAt ? -1 : 1));
}

function firstWrites(action: OffPath): Write[] {
  const { id } = action;
  const told: OffPathTold = { messages: [], shows: '' };
  return [
    { kind: 'create', row: headerRow(id), values: headerValues(action) },
    ...listedWrites(action),
    { kind: 'create', row: key(TOLD, component(id)), values: { id, told: JSON.stringify(told) } },
  ];
}

/** As lists read it, in the transaction of every change. */
function listedWrites(action: OffPath): Write[] {
  const rows = [key(TIME, keyTime(action.raisedAt), component(action.id)), openRow(action.id)];
  return rows.map((row): Write => ({ kind: 'put', row, values: headerValues(action) }));
}

function openRow(id: string): string {
  return key(OPEN, component(id));
}

/** Rows of an earlier version have an id alone. */
async function actionsIn(rows: readonly Row[], read: OffPathStore['read']): Promise<readonly OffPath[]> {
  const found = rows.map(async (row) =>
    row.values['action'] === undefined ? (await read(idIn(row)))?.action : actionIn(row),
  );
  return (await Promise.all(found)).filter((action) => action !== undefined);
}

function idIn({ values }: Row): string {
  return String(values['id']);
}

function actionIn({ values }: Row): OffPath {
  return JSON.parse(String(values['action'])) as OffPath;
}

function headerRow(id: string): string {
  return key(HEADER, component(id));
}

function headerValues(action: OffPath) {
  return { action: JSON.stringify(action) };
}

function decoded(id: string, rows: readonly Row[]): StoredOffPath | undefined {
  const header = rows.find(({ row }) => row === headerRow(id));
  if (header === undefined) return undefined;
  return {
    action: actionIn(header),
    etag: header.etag,
    evidence: rows.filter((one) => one !== header).map(decodeEvidence),
  };
}

function entryOf(
  { tenant, random }: Needs,
  { id }: OffPath,
  before: readonly EvidenceEntry[],
  { evidence, op, at }: { readonly evidence: EvidenceDraft; readonly op: string; readonly at: string },
): EvidenceEntry {
  const salt = Buffer.from(random.bytes(16)).toString('hex');
  return nextEntry(before.at(-1) ?? EMPTY_CHAIN, evidence, { aggregate: `${tenant} off-path ${id}`, at, op, salt });
}

/** Where it lies says whether somebody is still to be told. */
interface ToldRow {
  readonly kind: typeof TOLD | typeof DONE;
  readonly row: Row;
}

async function toldOf(table: Table, partition: string, id: string): Promise<ToldRow | undefined> {
  for (const kind of [TOLD, DONE] as const) {
    const row = await table.get('roll', partition, key(kind, component(id)));
    if (row !== undefined) return { kind, row };
  }
  return undefined;
}

/** It is to be told anew; whoever is telling it finds out that what they tell is not the newest. */
function toldAgain(id: string, found: ToldRow | undefined): Write[] {
  if (found === undefined) return [];
  const { row, values, etag } = found.row;
  if (found.kind === TOLD) return [{ kind: 'replace', row, values, etag }];
  return [
    { kind: 'delete', row, etag },
    { kind: 'create', row: key(TOLD, component(id)), values },
  ];
}

function toldIn({ values, etag }: Row): StoredTold {
  return { told: JSON.parse(String(values['told'])) as OffPathTold, etag };
}

async function putTold(
  table: Table,
  partition: string,
  id: string,
  told: OffPathTold,
  { etag }: StoredTold,
  isDone: boolean,
): Promise<StoredTold | undefined> {
  const row = key(TOLD, component(id));
  const values = { id, told: JSON.stringify(told) };
  const writes: Write[] = isDone
    ? [
        { kind: 'delete', row, etag },
        { kind: 'put', row: key(DONE, component(id)), values },
      ]
    : [{ kind: 'replace', row, values, etag }];
  try {
    const etags = await table.commit('roll', partition, writes);
    return { told, etag: etags.get(isDone ? key(DONE, component(id)) : row) ?? '' };
  } catch (error) {
    if (error instanceof ConflictError) return undefined;
    throw error;
  }
}
