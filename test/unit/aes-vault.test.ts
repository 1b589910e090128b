import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Random } from '../../services/ports/clock.ts';
import { createAesVault } from '../../services/vault/aes-vault.ts';

const key = Uint8Array.from({ length: 32 }, (_, n) => n);

/** Bytes that count up, so that each nonce differs from the one before. */
function countingRandom(): Random {
  let last = 0;
  return { bytes: (count) => new Uint8Array(count).fill(++last) };
}

const aVault = (bytes = key) => createAesVault({ key: bytes, random: countingRandom() });

test('what was sealed opens with the same key and context', async () => {
  const vault = aVault();
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), async (secret, context) => {
      expect(await vault.open(await vault.seal(secret, context), context)).toBe(secret);
    }),
  );
});

test('the sealed text holds neither the secret nor the context, in letters that a table property takes', async () => {
  const sealed = await aVault().seal('job-token-of-the-run', 'request-7');

  expect(sealed).toMatch(/^v1\.[\w-]{16}\.[\w-]+$/);
  for (const hidden of ['job-token-of-the-run', 'request-7']) {
    expect(sealed).not.toContain(hidden);
    expect(Buffer.from(sealed.split('.')[2] ?? '', 'base64url').toString('latin1')).not.toContain(hidden);
  }
});

test('sealing the same secret twice gives different texts', async () => {
  const vault = aVault();

  expect(await vault.seal('token', 'r')).not.toBe(await vault.seal('token', 'r'));
});

test('a text does not open in another context', async () => {
  const vault = aVault();
  const sealed = await vault.seal('token', 'request-1');

  await expect(vault.open(sealed, 'request-2')).rejects.toThrow(/key, context or bytes differ/);
});

test('a text does not open with another key', async () => {
  const sealed = await aVault().seal('token', 'request-1');

  await expect(aVault(key.map((byte) => byte ^ 1)).open(sealed, 'request-1')).rejects.toThrow(/key, context or bytes/);
});

test('a text with any one character changed, added or cut off does not open', async () => {
  const vault = aVault();
  const sealed = await vault.seal('token of 23 characters.', 'r');

  for (let at = 0; at < sealed.length; at += 1) {
    const [head, tail] = [sealed.slice(0, at), sealed.slice(at + 1)];
    for (const other of ['A', 'B', '_', '=', '.', '']) {
      if (other !== sealed[at]) await expect(vault.open(head + other + tail, 'r'), `at ${at}`).rejects.toThrow();
    }
  }
  for (const added of ['=', 'A', '.', '\n']) await expect(vault.open(sealed + added, 'r')).rejects.toThrow();
});

test('a text of another version is refused by name', async () => {
  const vault = aVault();
  const sealed = await vault.seal('token', 'r');

  await expect(vault.open(sealed.replace('v1', 'v2'), 'r')).rejects.toThrow('not a text sealed as v1');
});

test('a key that has not 32 bytes is refused', () => {
  expect(() => aVault(new Uint8Array(16))).toThrow(RangeError);
});

test('a key that its owner wipes later stays the key of the vault', async () => {
  const bytes = Uint8Array.from(key);
  const vault = aVault(bytes);
  const sealed = await vault.seal('token', 'r');

  bytes.fill(0);

  expect(await vault.open(sealed, 'r')).toBe('token');
});

test('a short nonce, a secret or a context with half a surrogate pair is refused', async () => {
  const short = createAesVault({ key, random: { bytes: () => new Uint8Array(4) } });

  await expect(short.seal('token', 'r')).rejects.toThrow(RangeError);
  await expect(aVault().seal('\ud800', 'r')).rejects.toThrow(RangeError);
  await expect(aVault().seal('token', '\udc00')).rejects.toThrow(RangeError);
});
