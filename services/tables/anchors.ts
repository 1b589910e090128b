import type { EvidenceTrouble } from '../domain/anchoring.ts';
import type { CheckpointHead } from '../domain/checkpoint.ts';
import { type ChainHead, EMPTY_CHAIN, type EvidenceDraft, nextEntry } from '../domain/evidence.ts';
import type { Anchors, KeptAnchoring, LogState } from '../ports/anchors.ts';
import type { Random } from '../ports/clock.ts';
import { ConflictError, type Row, StoreUnavailableError, type Table, type Write } from '../ports/table.ts';
import { placeKey } from './evidence-places.ts';
import { evidenceWrite } from './evidence-row.ts';
import { component, key, onlyRange, prefixRange } from './keys.ts';

const STATE = 'state';
const FAILURE = 'failure';
const TROUBLE = 't';
const EVIDENCE = 'e';
const MOST_WRITES = 100;
const TRIES = 8;
const SALT_BYTES = 16;

interface Needs {
  readonly table: Table;
  readonly tenant: string;
  readonly random: Random;
}

interface KeptTrouble {
  readonly trouble: EvidenceTrouble;
  readonly isOpen: boolean;
  readonly head: ChainHead;
}

/** Table `log`: a partition of how the checkpoint log stands and what is wrong, and one of a row for each chain under a checkpoint. */
export function createAnchors(needs: Needs): Anchors {
  const { table, tenant } = needs;
  const partition = key(component(tenant), 'checkpoint');
  const anchoredIn = key(component(tenant), 'anchored');
  const troubles = createTroubles(needs, partition);
  return {
    ...troubles,
    begin: async (state) => {
      const values = { state: JSON.stringify(state) };
      if (await isFirst(table, partition, [{ kind: 'create', row: STATE, values }])) return state;
      return stateIn(await table.get('log', partition, STATE)) ?? state;
    },
    headOf: async (place) => {
      const values = (await table.get('log', anchoredIn, placeKey(place)))?.values;
      return values && { seq: Number(values['seq']), hash: String(values['hash']) };
    },
    anchored: async (heads, state) => {
      for (let from = 0; from < heads.length; from += MOST_WRITES) {
        await table.commit('log', anchoredIn, heads.slice(from, from + MOST_WRITES).map(headWrite));
      }
      await moveOn(table, partition, state);
    },
    read: async () => readAll(await table.list('log', partition, { ranges: RANGES })),
    failing: async (why, at) => {
      if (why === undefined) return await table.remove('log', partition, FAILURE);
      const before = await table.get('log', partition, FAILURE);
      const values = { since: before?.values['since'] ?? at, why };
      if (before?.values['why'] !== why) await table.commit('log', partition, [{ kind: 'put', row: FAILURE, values }]);
    },
  };
}

const RANGES = [onlyRange(STATE), onlyRange(FAILURE), prefixRange(TROUBLE)];

function readAll(rows: readonly Row[]): KeptAnchoring {
  const named = (name: string) => rows.find(({ row }) => row === name);
  const state = stateIn(named(STATE));
  const failure = named(FAILURE)?.values;
  const kept = rows.filter(({ row }) => row.startsWith(`${TROUBLE}~`)).map(troubleIn);
  return {
    ...(state === undefined ? {} : { state }),
    ...(state === undefined || state.number === 0 ? {} : { last: lastOf(state) }),
    ...(failure === undefined ? {} : { failure: { since: String(failure['since']), why: String(failure['why']) } }),
    troubles: kept.filter(({ isOpen }) => isOpen).map(({ trouble }) => trouble),
  };
}

function lastOf({ number, at, through }: LogState): NonNullable<KeptAnchoring['last']> {
  return { number, at, through };
}

function stateIn(row: Row | undefined): LogState | undefined {
  return row && (JSON.parse(String(row.values['state'])) as LogState);
}

function troubleIn({ values }: Row): KeptTrouble {
  return JSON.parse(String(values['trouble'])) as KeptTrouble;
}

function headWrite({ table, partition, prefix, seq, hash }: CheckpointHead): Write {
  // Only chains of our own tables are read, so that the name is one of them.
  const place = { table, partition, prefix } as Parameters<typeof placeKey>[0];
  return { kind: 'put', row: placeKey(place), values: { seq, hash } };
}

/** Never back: a process that was overtaken notes nothing older over what is newer. */
async function moveOn(table: Table, partition: string, state: LogState): Promise<void> {
  const values = { state: JSON.stringify(state) };
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = await table.get('log', partition, STATE);
    if ((stateIn(before)?.number ?? -1) > state.number) return;
    const write: Write =
      before === undefined
        ? { kind: 'create', row: STATE, values }
        : { kind: 'replace', row: STATE, values, etag: before.etag };
    if (await isFirst(table, partition, [write])) return;
  }
  throw new StoreUnavailableError('how the checkpoint log stands was changed by others again and again');
}

async function isFirst(table: Table, partition: string, writes: readonly Write[]): Promise<boolean> {
  try {
    await table.commit('log', partition, writes);
    return true;
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
}

/** Each trouble a row, and a chain of evidence of its own: `evidence-broken`, `evidence-restored`. */
function createTroubles({ table, tenant, random }: Needs, partition: string): Pick<Anchors, 'raise' | 'settle'> {
  async function change(trouble: EvidenceTrouble, isOpen: boolean, at: string): Promise<boolean> {
    const id = component(trouble.id);
    const before = await table.get('log', partition, key(TROUBLE, id));
    const kept = before && troubleIn(before);
    if ((kept?.isOpen ?? false) === isOpen) return false;
    const salt = Buffer.from(random.bytes(SALT_BYTES)).toString('hex');
    const entry = nextEntry(kept?.head ?? EMPTY_CHAIN, draftOf(trouble, isOpen), {
      aggregate: `${tenant} trouble ${trouble.id}`,
      at,
      op: `${isOpen ? 'broken' : 'restored'} ${at}`,
      salt,
    });
    const head = { seq: entry.seq, hash: entry.hash };
    const values = { trouble: JSON.stringify({ trouble, isOpen, head } satisfies KeptTrouble) };
    const row = key(TROUBLE, id);
    const write: Write =
      before === undefined ? { kind: 'create', row, values } : { kind: 'replace', row, values, etag: before.etag };
    return await isFirst(table, partition, [write, evidenceWrite([EVIDENCE, id], entry)]);
  }
  return {
    raise: (trouble) => change(trouble, true, trouble.since),
    settle: async (trouble, at) => void (await change(trouble, false, at)),
  };
}

function draftOf({ about }: EvidenceTrouble, isOpen: boolean): EvidenceDraft {
  const { kind, ...data } = about;
  return {
    kind: isOpen ? 'evidence-broken' : 'evidence-restored',
    actor: { kind: 'countersign' },
    data: { about: kind, ...data } as EvidenceDraft['data'],
  };
}
