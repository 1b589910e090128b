import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256, sha256Base32, sha256Half } from '../../services/domain/checksum.ts';

const EMPTY = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
const ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

// FIPS 180-2, appendix B.
test.each([
  ['', EMPTY],
  ['abc', ABC],
  [
    'abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq',
    '248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1',
  ],
])('SHA-256 of %j is the published one', (text, hex) => {
  expect(sha256(text)).toBe(hex);
});

test('parts are taken one after the other, texts as UTF-8, bytes as they are', () => {
  expect(sha256('a', new Uint8Array([0x62]), 'c')).toBe(ABC);
  expect(sha256('€')).toBe(sha256(new Uint8Array([0xe2, 0x82, 0xac])));
  expect(sha256()).toBe(EMPTY);
});

test('the half is the first 32 characters of the whole', () => {
  expect(sha256Half('abc')).toBe(ABC.slice(0, 32));
});

test('in base32 a checksum has 52 characters of the alphabet of RFC 4648', () => {
  expect(sha256Base32('')).toBe('4oymiquy7qobjgx36tejs35zeqt24qpemsnzgtfeswmrw6csxbkq');
  expect(sha256Base32('abc')).toMatch(/^[a-z2-7]{52}$/);
});

/** RFC 4648, section 6, the slow way: the whole number in base 32. */
function base32(hex: string): string {
  let number = BigInt(`0x${hex}`) << 4n;
  let text = '';
  for (let n = 0; n < 52; n += 1) {
    text = 'abcdefghijklmnopqrstuvwxyz234567'.charAt(Number(number & 31n)) + text;
    number >>= 5n;
  }
  return text;
}

test('base32 says the same as hexadecimal', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(sha256Base32(text)).toBe(base32(sha256(text)));
      expect(sha256(text).startsWith(sha256Half(text))).toBe(true);
    }),
  );
});
