import { expect, test } from 'vitest';
import { canonicalJson } from '../../services/domain/canonical.ts';
import { sha256 } from '../../services/domain/checksum.ts';
import {
  EMPTY_CHAIN,
  type EvidenceDraft,
  type EvidenceEntry,
  firstBrokenEntry,
  nextEntry,
  textChecksum,
} from '../../services/domain/evidence.ts';
import { ANN, TENANT } from '../builders.ts';

const ann = { kind: 'person', tenant: TENANT, oid: ANN.oid, name: ANN.name } as const;

function aChain(length: number): EvidenceEntry[] {
  const chain: EvidenceEntry[] = [];
  for (let n = 1; n <= length; n += 1) {
    const draft: EvidenceDraft =
      n % 2 === 0
        ? { kind: 'decided', actor: ann, data: { verdict: 'approve', n }, texts: { comment: `Looks good ${n}` } }
        : { kind: 'judged', actor: { kind: 'countersign' }, data: { state: 'blocked', n } };
    const written = { aggregate: 'org 1', at: '2026-11-23T09:30:00.000Z', op: `op ${n}`, salt: `salt ${n}` };
    chain.push(nextEntry(chain.at(-1) ?? EMPTY_CHAIN, draft, written));
  }
  return chain;
}

const CHAIN = aChain(30);
const at = (index: number): EvidenceEntry => CHAIN[index] as EvidenceEntry;
const withEntry = (index: number, change: Partial<EvidenceEntry>) => CHAIN.with(index, { ...at(index), ...change });

test('an untouched chain is whole, and so are the empty one and each of its beginnings', () => {
  for (let length = 0; length <= CHAIN.length; length += 1)
    expect(firstBrokenEntry(CHAIN.slice(0, length))).toBeUndefined();
});

test('a link is SHA-256 of a zero byte, the previous hash and the canonical entry', () => {
  expect(at(0).hash).toBe(sha256('\0', '0'.repeat(64), at(0).entry));
  expect(at(1).hash).toBe(sha256(new Uint8Array([0]), at(0).hash, at(1).entry));
  expect(at(1).entry).toBe(canonicalJson(JSON.parse(at(1).entry)));
});

test('an entry says what happened, in order, and of free texts and names only their checksums', () => {
  expect(JSON.parse(at(1).entry)).toEqual({
    v: 1,
    aggregate: 'org 1',
    seq: 2,
    at: '2026-11-23T09:30:00.000Z',
    kind: 'decided',
    actor: { kind: 'person', tenant: TENANT, oid: ANN.oid },
    op: 'op 2',
    data: { verdict: 'approve', n: 2 },
    texts: {
      name: textChecksum({ salt: 'salt 2', text: ANN.name }),
      comment: textChecksum({ salt: 'salt 2', text: 'Looks good 2' }),
    },
    prev: at(0).hash,
  });
  expect(at(1).entry).not.toContain(ANN.name);
  expect(at(1)).toMatchObject({ seq: 2, op: 'op 2', texts: { name: { salt: 'salt 2', text: ANN.name } } });
});

test('the name of a pipeline is a text, and of our own acts there is none', () => {
  const written = { aggregate: 'a', at: 'now', op: 'o', salt: 's' };
  const drafts = [{ kind: 'pipeline', name: 'deploy' } as const, { kind: 'countersign' } as const];

  const [pipeline, ours] = drafts.map((actor) => nextEntry(EMPTY_CHAIN, { kind: 'k', actor, data: null }, written));

  expect(pipeline?.texts).toEqual({ name: { salt: 's', text: 'deploy' } });
  expect(JSON.parse(pipeline?.entry ?? '')).toMatchObject({ actor: { kind: 'pipeline' } });
  expect(pipeline?.entry).not.toContain('"name":"deploy"');
  expect(ours?.texts).toEqual({});
});

test('salt and text cannot be shifted into one another, and another salt is another checksum', () => {
  expect(textChecksum({ salt: 'ab', text: 'c' })).not.toBe(textChecksum({ salt: 'a', text: 'bc' }));
  expect(textChecksum({ salt: 'x', text: 'c' })).not.toBe(textChecksum({ salt: 'y', text: 'c' }));
});

/** The text with one character made another, at each of its places. */
function changed(text: string): string[] {
  return [...text].map((char, place) => {
    const other = String.fromCharCode(char.charCodeAt(0) ^ 1);
    return text.slice(0, place) + other + text.slice(place + 1);
  });
}

test('every change of a single character is found at its own entry', () => {
  CHAIN.forEach((link, index) => {
    for (const member of ['entry', 'hash', 'op', 'aggregate'] as const)
      for (const text of changed(link[member]))
        expect(firstBrokenEntry(withEntry(index, { [member]: text }))?.seq).toBe(index + 1);
    expect(firstBrokenEntry(withEntry(index, { seq: 77 }))?.seq).toBe(77);
  });
});

test('an entry of another aggregate does not go on, although its hash does', () => {
  const written = { aggregate: 'org 2', at: 'now', op: 'o', salt: 's' };
  const other = nextEntry(at(1), { kind: 'judged', actor: { kind: 'countersign' }, data: null }, written);
  expect(firstBrokenEntry([at(0), at(1), other])).toBe(other);
});

test('of a text its beginning cannot be hidden in the salt', () => {
  const written = { aggregate: 'a', at: 'now', op: 'o', salt: 's' };
  const draft = { kind: 'decided', actor: { kind: 'countersign' }, data: null, texts: { comment: 'no\0yes' } } as const;
  const entry = nextEntry(EMPTY_CHAIN, draft, written);
  expect(firstBrokenEntry([entry])).toBeUndefined();
  const shifted = { ...entry, texts: { comment: { salt: 's\0no', text: 'yes' } } };
  expect(firstBrokenEntry([shifted])).toBe(shifted);
});

test('an entry that is taken out is found at the one after it', () => {
  for (let index = 0; index < CHAIN.length - 1; index += 1)
    expect(firstBrokenEntry(CHAIN.toSpliced(index, 1))?.seq).toBe(index + 2);
});

test('an entry that is put in is found itself, one that stands twice at its second place', () => {
  const foreign = nextEntry(
    { seq: 4, hash: sha256('elsewhere') },
    { kind: 'decided', actor: ann, data: null },
    { aggregate: 'org 1', at: 'now', op: 'forged', salt: 's' },
  );
  expect(firstBrokenEntry(CHAIN.toSpliced(4, 0, foreign))).toBe(foreign);
  CHAIN.forEach((link, index) => {
    const twice = CHAIN.toSpliced(index, 0, { ...link });
    expect(firstBrokenEntry(twice)).toBe(twice[index + 1]);
  });
});

test('two entries that change places are found at the first of them', () => {
  for (let index = 0; index < CHAIN.length - 1; index += 1) {
    const swapped = CHAIN.with(index, at(index + 1)).with(index + 1, at(index));
    expect(firstBrokenEntry(swapped)?.seq).toBe(index + 2);
  }
});

test('an entry that is rewritten with a hash that fits it is found at the one after it', () => {
  const entry = at(9).entry.replace('approve', 'reject!');
  const forged = withEntry(9, { entry, hash: sha256('\0', at(8).hash, entry) });

  expect(firstBrokenEntry(forged)?.seq).toBe(11);
});

test.each([['no JSON'], ['null'], ['[]'], ['7'], ['{}']])(
  'a forged entry %j with a hash that fits it is named, not thrown at',
  (entry) => {
    const forged = withEntry(3, { entry, hash: sha256('\0', at(2).hash, entry) });

    expect(firstBrokenEntry(forged)?.seq).toBe(4);
  },
);

test.each([
  ['seq', { seq: 5 }],
  ['prev', { prev: 'f'.repeat(64) }],
  ['aggregate', { aggregate: 'org 2' }],
  ['op', { op: 'other' }],
  ['texts', { texts: {} }],
])('an entry whose %s is not that of its row is found, although its hash fits', (_, said) => {
  const entry = canonicalJson({ ...JSON.parse(at(3).entry), ...said });
  const forged = withEntry(3, { entry, hash: sha256('\0', at(2).hash, entry) });

  expect(firstBrokenEntry(forged)?.seq).toBe(4);
});

test('erasing texts keeps the chain whole', () => {
  const { comment } = at(1).texts;

  expect(firstBrokenEntry(withEntry(1, { texts: {} }))).toBeUndefined();
  expect(
    firstBrokenEntry(withEntry(1, { texts: { comment: comment as { salt: string; text: string } } })),
  ).toBeUndefined();
  expect(firstBrokenEntry(CHAIN.map((link) => ({ ...link, texts: {} })))).toBeUndefined();
});

test.each([
  ['another text', { comment: { salt: 'salt 2', text: 'Looks bad 2' } }],
  ['an emptied text', { comment: { salt: 'salt 2', text: '' } }],
  ['another salt', { comment: { salt: 'salt 3', text: 'Looks good 2' } }],
  ['a text that was never there', { note: { salt: 'salt 2', text: 'x' } }],
  ['a text under an inherited name', { constructor: { salt: 'salt 2', text: 'x' } }],
  ['two texts in each other’s place', { name: { salt: 'salt 2', text: 'Looks good 2' } }],
])('%s is found', (_, texts) => {
  expect(firstBrokenEntry(withEntry(1, { texts }))?.seq).toBe(2);
});
