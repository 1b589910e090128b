import type { Cover, CoverNews, NamedCover } from '../domain/cover.ts';
import { type ChainHead, EMPTY_CHAIN, nextEntry } from '../domain/evidence.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { CoverChange, CoverChanged, Covers } from '../ports/covers.ts';
import { ConflictError, type Row, StoreUnavailableError, type Table, type Write } from '../ports/table.ts';
import { evidenceWrite } from './evidence-row.ts';
import { component, key, prefixRange } from './keys.ts';

const KEPT_MS = 60_000;
/** How often another change of the same cover may come first. */
const TRIES = 3;

interface Needs {
  readonly table: Table;
  readonly tenant: string;
  readonly clock: Clock;
  readonly random: Random;
}

/**
 * Covers in table `roll`, one partition for the tenant: a row for each person who is or was away, read at most once a
 * minute; beside it the chain of evidence of that person's covers, and what somebody has still to be told of.
 */
export function createCovers(needs: Needs): Covers {
  const { table, tenant, clock } = needs;
  const partition = partitionOf(tenant);
  let kept: { readonly at: number; readonly covers: Promise<readonly Cover[]> } | undefined;

  function read(): Promise<readonly Cover[]> {
    const now = Date.parse(clock.now());
    if (kept === undefined || Math.abs(now - kept.at) >= KEPT_MS) {
      const covers = table
        .list('roll', partition, { ranges: [prefixRange(COVER)] })
        .then((rows) => rows.map(({ values }) => JSON.parse(String(values['cover'])) as Cover));
      kept = { at: now, covers };
      covers.catch(() => {
        kept = undefined;
      });
    }
    return kept.covers;
  }

  async function changed(kind: CoverNews['kind'], cover: NamedCover, change: CoverChange): Promise<CoverChanged> {
    try {
      return await write(needs, kind, cover, change);
    } finally {
      kept = undefined;
    }
  }

  return {
    inForce: async (now) => (await read()).filter(({ until }) => now < until),
    coverOf: async (absent) => coverIn(await table.get('roll', partition, coverRow(absent))),
    set: (cover, change) => changed('set', cover, change),
    end: (cover, change) => changed('ended', cover, change),
    untold: async () => {
      const rows = await table.list('roll', partition, { ranges: [prefixRange(NEWS)] });
      return rows.map(({ etag, values }) => ({ etag, news: JSON.parse(String(values['news'])) as CoverNews }));
    },
    told: ({ news, etag }) => table.remove('roll', partition, newsRow(news), etag),
  };
}

const COVER = 'c';
const EVIDENCE = 'e';
const NEWS = 'n';

function partitionOf(tenant: string): string {
  return key(component(tenant), 'cover');
}

function coverRow(absent: string): string {
  return key(COVER, component(absent));
}

function newsRow({ to, cover }: CoverNews): string {
  return key(NEWS, component(to), component(cover.absent.oid));
}

function coverIn(row: Row | undefined): Cover | undefined {
  return row === undefined ? undefined : (JSON.parse(String(row.values['cover'])) as Cover);
}

/** Cover, evidence and news together, or nothing; after a conflict on top of what is there by then. */
async function write(
  needs: Needs,
  kind: CoverNews['kind'],
  cover: NamedCover,
  change: CoverChange,
): Promise<CoverChanged> {
  for (let n = 0; n < TRIES; n += 1) {
    const changed = await tryToWrite(needs, kind, cover, change);
    if (changed !== 'lost') return changed;
  }
  throw new StoreUnavailableError(`the cover of ${cover.absent.oid} was changed by others again and again`);
}

async function tryToWrite(
  { table, ...needs }: Needs,
  kind: CoverNews['kind'],
  cover: NamedCover,
  change: CoverChange,
): Promise<CoverChanged | 'lost'> {
  const partition = partitionOf(needs.tenant);
  const before = await stateOf(table, partition, cover.absent.oid);
  if (before.ops.has(change.op)) return { kind: 'known' };
  if (kind === 'ended' && before.cover === undefined) return { kind: 'changed' };
  try {
    await table.commit('roll', partition, writes(needs, kind, cover, change, before));
  } catch (error) {
    if (error instanceof ConflictError) return 'lost';
    throw error;
  }
  return { kind: 'changed', ...(before.cover === undefined ? {} : { cover: before.cover }) };
}

interface State {
  readonly cover: Cover | undefined;
  readonly chain: ChainHead;
  /** Operations that were carried out before. */
  readonly ops: ReadonlySet<string>;
}

async function stateOf(table: Table, partition: string, absent: string): Promise<State> {
  const [cover, evidence] = [coverRow(absent), key(EVIDENCE, component(absent))];
  const ranges = [{ from: cover, before: `${cover}~` }, prefixRange(evidence)];
  const rows = await table.list('roll', partition, { ranges });
  const links = rows.filter(({ row }) => row.startsWith(`${evidence}~`));
  const last = links.at(-1);
  return {
    cover: coverIn(rows.find(({ row }) => row === cover)),
    chain:
      last === undefined ? EMPTY_CHAIN : { seq: Number(last.row.split('~').at(-1)), hash: String(last.values['hash']) },
    ops: new Set(links.map(({ values }) => String(values['op']))),
  };
}

function writes(
  { tenant, random }: Pick<Needs, 'tenant' | 'random'>,
  kind: CoverNews['kind'],
  cover: NamedCover,
  { op, actor, at, news }: CoverChange,
  { cover: replaced, chain }: State,
): Write[] {
  const { absent, by, until, setBy } = cover;
  const stored: Cover = { absent: absent.oid, by: by.oid, until, setBy: setBy.oid };
  const draft = {
    kind: `cover-${kind}`,
    actor,
    data: { ...stored, ...(kind === 'set' && replaced !== undefined ? { replaced: { ...replaced } } : {}) },
    texts: { absent: absent.name, by: by.name },
  };
  const salt = Buffer.from(random.bytes(16)).toString('hex');
  const entry = nextEntry(chain, draft, { aggregate: `${tenant} cover ${absent.oid}`, at, op, salt });
  const name = coverRow(absent.oid);
  return [
    evidenceWrite([EVIDENCE, component(absent.oid)], entry),
    kind === 'set'
      ? { kind: 'put', row: name, values: { cover: JSON.stringify(stored) } }
      : { kind: 'delete', row: name },
    ...news.map((one): Write => ({ kind: 'put', row: newsRow(one), values: { news: JSON.stringify(one) } })),
  ];
}
