import fc from 'fast-check';
import { expect, test } from 'vitest';
import { strictValue } from '../../services/signals/strict-json.ts';
import { ARTIFACT, anOlderStatement, aStatement, IN_TOTO, type Json } from '../attestations.ts';
import { readAttestations, SIGSTORE, verdictOf } from './read-attestations.ts';

const { attest } = SIGSTORE;
const GOOD = await attest();
const BAD = await attest({ subject: 'https://github.com/evil/x/.github/workflows/build.yml@refs/heads/main' });
const SBOM = await attest({ statement: aStatement({ predicateType: 'https://spdx.dev/Document' }) });
const text = (value: unknown) => JSON.stringify(value);

test.each<[string, unknown, number]>([
  ['alone', GOOD, 1],
  ['in lines', [GOOD, GOOD], 2],
  ['in a list', text([GOOD, GOOD]), 2],
  ['over several lines', JSON.stringify(GOOD, null, 2), 1],
  ['as npm answers', { attestations: [{ predicateType: 'https://slsa.dev/provenance/v1', bundle: GOOD }] }, 1],
  ['as the API of GitHub answers', { attestations: [{ repository_id: 1, bundle_url: 'x', bundle: GOOD }] }, 1],
  ['as gh attestation verify prints', text([{ attestation: { bundle: GOOD }, verificationResult: {} }]), 1],
])('a bundle is read %s', async (_, written, results) => {
  const read = await readAttestations(written, { artifact: ARTIFACT });
  expect(verdictOf(read)).toBe('clean');
  expect(read).toMatchObject({ results, problems: [] });
});

test('of several, each must hold', async () => {
  for (const written of [[GOOD, BAD], [BAD, GOOD], { attestations: [{ bundle: GOOD }, { bundle: BAD }] }])
    expect(verdictOf(await readAttestations(written))).toBe('provenance/untrusted-identity');
  expect(await readAttestations([GOOD, BAD])).toMatchObject({ scans: [{ artifacts: [ARTIFACT] }] });
});

test('attestations of something else are passed over and told, and are no provenance', async () => {
  const read = await readAttestations([SBOM, GOOD, SBOM], { artifact: ARTIFACT });
  expect(verdictOf(read)).toBe('clean');
  expect(read).toMatchObject({
    results: 3,
    problems: [expect.stringContaining('2 entries: it is about something else')],
  });
  expect(verdictOf(await readAttestations(SBOM))).toBe('refused: no-scan');
  expect(verdictOf(await readAttestations({ attestations: [] }))).toBe('refused: unknown-format');
});

test('that no artifact was named is said', async () => {
  expect(await readAttestations(GOOD)).toMatchObject({ problems: [expect.stringContaining('No artifact was named')] });
});

const payload = Buffer.from(text(aStatement())).toString('base64');
const envelope = { payloadType: IN_TOTO, payload, signatures: [{ keyid: '', sig: 'AAAA', cert: 'x' }] };

test.each<[string, unknown, string]>([
  ['an envelope with a certificate and no entry of a log', envelope, 'provenance/unverifiable'],
  ['an envelope with a signature alone', { ...envelope, signatures: [{ sig: 'AAAA' }] }, 'provenance/unverifiable'],
  ['an envelope without signature', { ...envelope, signatures: [] }, 'provenance/unsigned'],
  ['an envelope of what is no base64', { ...envelope, payload: '%%%' }, 'provenance/unverifiable'],
  ['an envelope of something else', { ...envelope, payloadType: 'text/plain' }, 'refused: no-scan'],
  ['a statement', aStatement(), 'provenance/unsigned'],
  ['a statement of SLSA v0.2', anOlderStatement(), 'provenance/unsigned'],
  ['a good bundle beside a statement', [GOOD, aStatement()], 'provenance/unsigned'],
  ['a good bundle beside something else', [GOOD, { hello: 1 }], 'refused: malformed'],
  ['a bundle that is not there', { attestations: [{ bundle: null }] }, 'refused: malformed'],
  ['a good bundle twice, cut off', text(GOOD) + text(GOOD).slice(0, -1), 'refused: malformed'],
])('%s is never clean', async (_, written, verdict) => {
  expect(verdictOf(await readAttestations(written))).toBe(verdict);
});

test.each<[string, unknown]>([
  ['provenance of Google Cloud Build', { image_summary: { digest: 'x' }, provenance_summary: { provenance: [] } }],
  [
    'a scan for vulnerabilities as an in-toto statement',
    {
      _type: 'https://in-toto.io/Statement/v0.1',
      predicateType: 'https://in-toto.io/attestation/vulns/v0.1',
      predicate: { scanner: { uri: 'osv.dev' } },
    },
  ],
  [
    'an in-toto statement that is no SLSA provenance',
    { _type: 'https://in-toto.io/Statement/v1', predicateType: 'https://spdx.dev/Document' },
  ],
])('%s is refused by name', async (title, written) => {
  expect(await readAttestations(written)).toMatchObject({
    refused: 'unknown-format',
    detail: expect.stringContaining(title),
  });
});

test('a key that stands twice is refused outside of what is signed, and proves nothing inside of it', async () => {
  const twice = text(GOOD).replace('"payload":', '"payload":"AAAA","payload":');
  expect(verdictOf(await readAttestations(twice))).toBe('refused: malformed');
  const escaped = text(GOOD).replace('"payload":', '"\\u0070ayload":');
  expect(verdictOf(await readAttestations(escaped))).toBe('refused: malformed');
  const signed = text(aStatement()).replace('"predicate":', '"predicate":{},"predicate":');
  expect(verdictOf(await readAttestations(await attest({ payload: signed })))).toBe('provenance/unverifiable');
});

test.each<[string, string | Buffer]>([
  ['no JSON', 'hello'],
  ['no statement', '{"hello":1}'],
  ['two statements', text(aStatement()) + text(aStatement())],
  ['no UTF-8', Buffer.from([0xff, 0xfe, 0xfd])],
  [
    'a statement with a name that is no UTF-8',
    Buffer.from(text(aStatement()).replace('payments-api', '\xff'), 'latin1'),
  ],
  ['a statement of an unknown version', text(aStatement({ _type: 'https://in-toto.io/Statement/v9' }))],
])('a rightly signed payload that is %s proves nothing', async (_, signed) => {
  expect(verdictOf(await readAttestations(await attest({ payload: signed })))).toBe('provenance/unverifiable');
});

test('a bundle that was cut off is never clean, wherever', async () => {
  const whole = text(GOOD);
  for (let length = 0; length < whole.length; length += 13)
    expect(verdictOf(await readAttestations(whole.slice(0, length))), `cut at ${length}`).not.toBe('clean');
});

test('whatever one changed character makes of a bundle, it is clean only if it still says the same', async () => {
  const whole = text(GOOD);
  const certificate = whole.indexOf('rawBytes') + 11;
  const places = fc.oneof(
    fc.nat(whole.length - 1),
    fc.nat(900).map((at) => certificate + at),
  );
  const said = text(Object.assign({}, GOOD['dsseEnvelope'], { signatures: undefined }));
  await fc.assert(
    fc.asyncProperty(places, fc.constantFrom('A', '"', '0', '}', ' ', '='), async (at, character) => {
      const changed = `${whole.slice(0, at)}${character}${whole.slice(at + 1)}`;
      if (verdictOf(await readAttestations(changed)) !== 'clean') return;
      const { dsseEnvelope } = JSON.parse(changed) as Record<string, Json>;
      expect(text(Object.assign({}, dsseEnvelope, { signatures: undefined }))).toBe(said);
    }),
    { numRuns: 400 },
  );
});

test('more than can be read whole is refused', async () => {
  const huge = await attest({ payload: text(aStatement({ x: 'x'.repeat(8 * 1024 * 1024) })) });
  expect(verdictOf(await readAttestations(huge))).toBe('refused: too-large');
  expect(verdictOf(await readAttestations(Array(1_001).fill(aStatement())))).toBe('refused: too-large');
  const subject = Array.from({ length: 501 }, (_, n) => ({ digest: { sha256: n.toString(16).padStart(64, '0') } }));
  expect(verdictOf(await readAttestations(await attest({ statement: aStatement({ subject }) })))).toBe(
    'refused: too-large',
  );
});

test('what nests too deeply is refused, and __proto__ is a key like any other', async () => {
  const deep = `${text(GOOD).slice(0, -1)},"x":${'['.repeat(100)}${']'.repeat(100)}}`;
  expect(verdictOf(await readAttestations(deep))).toBe('refused: too-deep');
  const named = text(GOOD).replace('{', '{"__proto__":{"dsseEnvelope":{}},');
  expect(verdictOf(await readAttestations(named))).toBe('clean');
  expect(Object.keys(strictValue('{"__proto__":{"a":1}}') as object)).toEqual(['__proto__']);
  const inherited = text({ mediaType: GOOD['mediaType'], verificationMaterial: GOOD['verificationMaterial'] });
  const given = inherited.replace('{', `{"__proto__":{"dsseEnvelope":${text(GOOD['dsseEnvelope'])}},`);
  expect(verdictOf(await readAttestations(given))).toBe('refused: no-scan');
});

test('the same fault of the same artifact is the same finding the next time', async () => {
  const prints = async (written: unknown) => {
    const read = await readAttestations(written);
    return 'refused' in read ? [] : read.findings.map(({ fingerprint }) => fingerprint);
  };
  const again = await attest({ subject: 'https://github.com/evil/y/.github/workflows/build.yml@refs/heads/main' });
  expect(await prints(BAD)).toEqual(await prints(again));
  expect(new Set(await prints([BAD, again])).size).toBe(2);
});
