import type { Section, SectionKey } from '../domain/platform.ts';
import type { PlatformStore, SectionHint, StoredSection } from '../ports/platform-store.ts';
import { ConflictError, type Row, type Table, type Write } from '../ports/table.ts';
import { component, key, prefixRange, sequence } from './keys.ts';

const SECTION = 's';
const HINT = 'h';
/** Characters of one row: half of what a row may hold in UTF-16. */
const PART_LENGTH = 250_000;
/** Of one section, facts and what is read so far each: three quarters of what one transaction takes. */
const MOST_PARTS = 6;

/** Table `sys`, one partition for each organization: a head for each section, replaced by its ETag, and long texts in numbered rows behind it. */
export function createPlatformStore({
  table,
  tenant,
}: {
  readonly table: Table;
  readonly tenant: string;
}): PlatformStore {
  const partitionOf = (organization: string) => key(component(tenant), 'platform', component(organization));
  return {
    all: async (organization) => sectionsIn(await table.list('sys', partitionOf(organization))),
    put: async (organization, next, before) => {
      const row = rowOf(next.section);
      const writes = writesOf(row, next, before);
      try {
        const etags = await table.commit('sys', partitionOf(organization), writes);
        return { ...next, hints: before?.hints ?? [], version: etags.get(row) ?? '' };
      } catch (error) {
        if (error instanceof ConflictError) return undefined;
        throw error;
      }
    },
    forget: async (organization, section) => {
      const partition = partitionOf(organization);
      const row = rowOf(section);
      // The head first: what is behind it is then nobody's.
      await table.remove('sys', partition, row);
      const ranges = [prefixRange(row), prefixRange(hintsRow(section))];
      for (const part of await table.list('sys', partition, { ranges })) await table.remove('sys', partition, part.row);
    },
    hint: async (organization, section, at, thing) => {
      const values = { at, ...(thing === undefined ? {} : { thing }) };
      const write: Write = { kind: 'put', row: hintRow(section, thing), values };
      await table.commit('sys', partitionOf(organization), [write]);
    },
    heeded: async (organization, section, hints) => {
      for (const { thing, etag } of hints)
        await table.remove('sys', partitionOf(organization), hintRow(section, thing), etag);
    },
  };
}

function rowOf({ kind, target }: SectionKey): string {
  return key(SECTION, component(kind), component(target));
}

function hintsRow({ kind, target }: SectionKey): string {
  return key(HINT, component(kind), component(target));
}

function hintRow(section: SectionKey, thing: string | undefined): string {
  return `${hintsRow(section)}~${thing === undefined ? '-' : key(`t${component(thing)}`)}`;
}

interface Head extends Omit<StoredSection, 'section' | 'version' | 'hints' | 'begun'> {
  readonly section: Omit<Section, 'known'>;
  readonly knownAt?: string;
  readonly begun?: Omit<NonNullable<StoredSection['begun']>, 'next'>;
}

/** Facts that stay as they were are not written again. Throws a RangeError for more than is kept. */
function writesOf(
  row: string,
  next: Omit<StoredSection, 'version' | 'hints'>,
  before: StoredSection | undefined,
): Write[] {
  const { section, begun, ...rest } = next;
  const { known, ...shown } = section;
  const facts = textsOf(known?.facts);
  const read = begun === undefined ? [] : chunked(begun.next);
  const head: Head = {
    ...rest,
    section: shown,
    ...(known === undefined ? {} : { knownAt: known.at }),
    ...(begun === undefined ? {} : { begun: withoutNext(begun) }),
  };
  const values = { head: JSON.stringify(head), facts: facts.length, read: read.length };
  const isKept = before?.section.known !== undefined && before.section.known === known;
  return [
    before === undefined ? { kind: 'create', row, values } : { kind: 'replace', row, values, etag: before.version },
    ...(isKept ? [] : facts.map((text, n) => partOf(row, 'f', n, known?.at ?? '', text))),
    ...read.map((text, n) => partOf(row, 'n', n, begun?.at ?? '', text)),
  ];
}

function withoutNext({ next: _, ...begun }: NonNullable<StoredSection['begun']>): NonNullable<Head['begun']> {
  return begun;
}

function partOf(row: string, list: 'f' | 'n', n: number, of: string, text: string): Write {
  return { kind: 'put', row: partRow(row, list, n), values: { of, text } };
}

function partRow(row: string, list: 'f' | 'n', n: number): string {
  return key(...row.split('~'), list, sequence(n));
}

function textsOf(facts: unknown): string[] {
  return facts === undefined ? [] : chunked(JSON.stringify(facts));
}

function chunked(text: string): string[] {
  const parts = Math.ceil(text.length / PART_LENGTH);
  if (parts > MOST_PARTS) throw new RangeError(`${text.length} characters are more than one section holds`);
  return Array.from({ length: parts }, (_, n) => text.slice(n * PART_LENGTH, (n + 1) * PART_LENGTH));
}

function sectionsIn(rows: readonly Row[]): StoredSection[] {
  const byRow = new Map(rows.map((one) => [one.row, one]));
  return rows.flatMap((one) => (one.values['head'] === undefined ? [] : [decoded(one, byRow)]));
}

/** Of which a part is missing, or another read's, is as if it had never been read: half must never pass for the whole. */
function decoded({ row, etag, values }: Row, byRow: ReadonlyMap<string, Row>): StoredSection {
  const { section, knownAt, begun, ...rest } = JSON.parse(String(values['head'])) as Head;
  const facts = textOf(row, 'f', Number(values['facts']), knownAt, byRow);
  const next = textOf(row, 'n', Number(values['read']), begun?.at, byRow);
  const isWhole = knownAt === undefined || facts !== undefined;
  return {
    ...rest,
    ...(isWhole ? {} : { nextAt: '' }),
    section: {
      ...section,
      ...(facts === undefined ? {} : { known: { at: knownAt, facts: JSON.parse(facts) } }),
    } as Section,
    ...(begun === undefined || next === undefined ? {} : { begun: { ...begun, next } }),
    hints: hintsOf(section, byRow),
    version: etag,
  };
}

function hintsOf(section: SectionKey, byRow: ReadonlyMap<string, Row>): SectionHint[] {
  const own = `${hintsRow(section)}~`;
  return [...byRow.values()]
    .filter(({ row }) => row.startsWith(own))
    .map(({ values: { at, thing }, etag }) => ({
      ...{ at: String(at), etag },
      ...(thing === undefined ? {} : { thing: String(thing) }),
    }));
}

function textOf(
  row: string,
  list: 'f' | 'n',
  count: number,
  of: string | undefined,
  byRow: ReadonlyMap<string, Row>,
): string | undefined {
  const parts = Array.from({ length: count }, (_, n) => byRow.get(partRow(row, list, n)));
  const isWhole = of !== undefined && parts.every((part) => part?.values['of'] === of);
  return isWhole ? parts.map((part) => String(part?.values['text'])).join('') : undefined;
}
