import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  type Checkpoint,
  type CheckpointHead,
  chainProblem,
  checkpointLine,
  checkpointText,
  contradicts,
  EMPTY_LOG,
  headOf,
  jwsIn,
  lineChecksum,
  MOST_HEADS,
  nextCheckpoint,
  readLine,
} from '../../services/domain/checkpoint.ts';
import { EMPTY_CHAIN, type EvidenceEntry, nextEntry } from '../../services/domain/evidence.ts';
import { createEd25519Signer, localSigningKey } from '../../services/vault/ed25519-signer.ts';
import { verifySigned } from '../../services/vault/verify-signed.ts';
import { TENANT } from '../builders.ts';

const KIND = 'countersign-checkpoint+jws';
const AT = '2026-11-28T12:00:00.000Z';
const signer = createEd25519Signer(localSigningKey(new Uint8Array(32).fill(7)));
const { keys } = await signer.jwks();
const place = { table: 'gate', partition: 'org~r~1', prefix: 'e' };

function aChain(length: number, data: object = {}): EvidenceEntry[] {
  const chain: EvidenceEntry[] = [];
  for (let n = 1; n <= length; n += 1) {
    const draft = { kind: 'judged', actor: { kind: 'countersign' }, data: { n, ...data } } as const;
    chain.push(nextEntry(chain.at(-1) ?? EMPTY_CHAIN, draft, { aggregate: 'org 1', at: AT, op: `op ${n}`, salt: 's' }));
  }
  return chain;
}

const head = (over: Partial<CheckpointHead> = {}): CheckpointHead => ({ ...headOf(place, aChain(3)), ...over });
const aCheckpoint = (over: Partial<Checkpoint> = {}): Checkpoint => ({
  ...nextCheckpoint(EMPTY_LOG, { tenant: TENANT, at: AT, through: AT, heads: [head()] }),
  ...over,
});
const sign = (payload: object) => signer.sign(KIND, payload);
const lineOf = async (checkpoint: Checkpoint) =>
  checkpointLine(await sign(JSON.parse(checkpointText(checkpoint)) as object));
const signedIn = async (line: string) => {
  const jws = jwsIn(line);
  return jws === undefined ? undefined : await verifySigned.payloadOf(KIND, jws, keys);
};
const read = async (line: string, after = EMPTY_LOG) => readLine(line, await signedIn(line), { after, tenant: TENANT });

test('a signed line reads as the checkpoint that it is, and names what the next one follows', async () => {
  const line = await lineOf(aCheckpoint());
  expect(await read(line)).toEqual({
    checkpoint: aCheckpoint(),
    head: { number: 1, checksum: lineChecksum(line) },
  });
  const next = nextCheckpoint({ number: 1, checksum: lineChecksum(line) }, { ...aCheckpoint(), heads: [] });
  expect(await read(await lineOf(next), { number: 1, checksum: lineChecksum(line) })).toMatchObject({
    checkpoint: { number: 2, previous: lineChecksum(line) },
  });
});

test('no single character of a line can be changed, left out or added unnoticed', async () => {
  const line = await lineOf(aCheckpoint());
  const characters = [...new Set(line), 'A', '!', ' ', '\\', 'ü'];
  const edits = fc.tuple(
    fc.nat(line.length - 1),
    fc.constantFrom('change', 'remove', 'insert'),
    fc.constantFrom(...characters),
  );
  await fc.assert(
    fc.asyncProperty(edits, async ([at, how, character]) => {
      const kept = how === 'insert' ? line.slice(at) : line.slice(at + 1);
      const edited = line.slice(0, at) + (how === 'remove' ? '' : character) + kept;
      fc.pre(edited !== line);
      expect(await read(edited)).toHaveProperty('problem');
    }),
    { numRuns: 400 },
  );
  // The last character of a signature has bits that decoders ignore.
  const flipped = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_']
    .map((last) => line.replace(/.("\})$/, `${last}$1`))
    .filter((edited) => edited !== line);
  for (const edited of flipped) expect(await read(edited)).toHaveProperty('problem', 'not-signed');
});

test.each([
  ['a line of another product', '{"event":"login"}', 'foreign'],
  ['what is no JSON', 'not even close', 'foreign'],
  ['nothing', '', 'foreign'],
  ['a line with something added', '{"checkpoint":"a.b.c","x":1}', 'foreign'],
  ['a text that nobody signed', checkpointLine('a.b.c'), 'not-signed'],
])('%s is named', async (_, line, problem) => {
  expect(await read(line)).toMatchObject({ problem });
});

test('what another key, or this one for another purpose, has signed is no checkpoint', async () => {
  const other = createEd25519Signer(localSigningKey(new Uint8Array(32).fill(8)));
  const payload = JSON.parse(checkpointText(aCheckpoint())) as object;
  expect(await read(checkpointLine(await other.sign(KIND, payload)))).toMatchObject({ problem: 'not-signed' });
  const decision = await signer.sign('countersign-decision+jwt', payload);
  expect(await read(checkpointLine(decision))).toMatchObject({ problem: 'not-signed' });
});

test('a newer version, another tenant and a signed text that we do not write are told apart', async () => {
  const signed = async (over: object) => checkpointLine(await sign({ ...aCheckpoint(), ...over }));
  expect(await read(await signed({ v: 2 }))).toMatchObject({ problem: 'newer-version', detail: /newer version/ });
  expect(await read(await lineOf(aCheckpoint({ tenant: 'b' })))).toMatchObject({ problem: 'other-tenant' });
  for (const over of [
    { number: 0 },
    { number: '1' },
    { previous: 'x' },
    { heads: {} },
    { heads: [{}] },
    { heads: [{ ...head(), seq: 1.5 }] },
    { heads: Array.from({ length: MOST_HEADS + 1 }, () => head()) },
    { continues: 'tomorrow' },
    { extra: 1 },
    { v: 0 },
  ])
    expect(await read(await signed(over))).toMatchObject({ problem: 'not-understood' });
  const swapped = { ...JSON.parse(checkpointText(aCheckpoint())), at: AT } as Record<string, unknown>;
  const reversed = Object.fromEntries(Object.entries(swapped).reverse());
  expect(await read(checkpointLine(await sign(reversed)))).toMatchObject({ problem: 'not-understood' });
});

test('a line that was left out, doubled, moved or put on another chain does not follow', async () => {
  let after = EMPTY_LOG;
  const lines: string[] = [];
  for (let n = 0; n < 4; n += 1) {
    const line = await lineOf(nextCheckpoint(after, { ...aCheckpoint(), heads: [] }));
    after = { number: n + 1, checksum: lineChecksum(line) };
    lines.push(line);
  }
  const [one = '', two = '', three = ''] = lines;
  const headAfter = { number: 1, checksum: lineChecksum(one) };
  expect(await read(three, headAfter)).toMatchObject({ problem: 'does-not-follow' });
  expect(await read(one, headAfter)).toMatchObject({ problem: 'does-not-follow' });
  expect(await read(two, { ...headAfter, checksum: lineChecksum(two) })).toMatchObject({ problem: 'does-not-follow' });
});

test('a chain holds what is under a checkpoint as long as it only goes on', () => {
  const chain = aChain(5);
  const anchored = headOf(place, chain.slice(0, 3));
  expect(chainProblem(chain, anchored)).toBeUndefined();
  expect(chainProblem(chain.slice(0, 3), anchored)).toBeUndefined();
  expect(chainProblem(chain.slice(0, 2), anchored)).toBe('gone');
  expect(chainProblem([], anchored)).toBe('gone');
  expect(chainProblem(aChain(5, { forged: true }), anchored)).toBe('changed');
  expect(chainProblem(chain.toSpliced(1, 1), anchored)).toBe('broken');
  expect(chainProblem(chain)).toBeUndefined();
});

test('a later head of a chain never lies behind an earlier one, nor beside it', () => {
  expect(contradicts(head({ seq: 3 }), head({ seq: 4, hash: 'x' }))).toBe(false);
  expect(contradicts(head(), head())).toBe(false);
  expect(contradicts(head({ seq: 3 }), head({ seq: 2 }))).toBe(true);
  expect(contradicts(head(), head({ hash: 'x' }))).toBe(true);
});

test('a head says which services and environment its entries name', () => {
  expect(headOf(place, aChain(2, { services: ['b', 'a'], service: 'c', environment: 'prod' }))).toMatchObject({
    services: ['a', 'b', 'c'],
    environment: 'prod',
    aggregate: 'org 1',
    seq: 2,
  });
  expect(headOf(place, aChain(1, { services: 'x', environment: 5 }))).not.toHaveProperty('environment');
  expect(() => headOf(place, [])).toThrow(RangeError);
});
