import { expect, test } from 'vitest';
import type { Report } from '../../services/domain/finding.ts';
import { createReportReader } from '../../services/signals/readers.ts';
import { ARTIFACT, anOlderStatement, aSigstore, aStatement, type Json, mediaTypeOf } from '../attestations.ts';
import { COMMIT, OLDER_COMMIT } from '../builders.ts';
import { readAttestations, SIGSTORE, TRUST, verdictOf } from './read-attestations.ts';

const { attest } = SIGSTORE;
const STRANGERS = await aSigstore();

test.each(['0.1', '0.2', '0.3'] as const)(
  'a bundle of version %s that holds in all is a clean scan',
  async (version) => {
    const read = await readAttestations(await attest({ version }), { artifact: ARTIFACT });
    expect(read).toMatchObject({ format: 'provenance', results: 1, findings: [], problems: [] });
    expect(read).toMatchObject({ scans: [{ tool: 'sigstore', complete: true, categories: ['provenance'] }] });
    expect(read).toMatchObject({ scans: [{ artifacts: [ARTIFACT] }] });
  },
);

test('the other media type of version 0.3 is the same', async () => {
  const bundle = await attest();
  set(bundle, 'mediaType', 'application/vnd.dev.sigstore.bundle+json;version=0.3');
  expect(verdictOf(await readAttestations(bundle))).toBe('clean');
});

test('SLSA v0.2 is read as v1 is, and its configuration where no material is a commit', async () => {
  for (const materials of [undefined, [], [{ uri: 'pkg:docker/bash', digest: { sha256: 'b'.repeat(64) } }]]) {
    const bundle = await attest({ statement: anOlderStatement(materials) });
    expect(verdictOf(await readAttestations(bundle))).toBe('clean');
    expect(verdictOf(await readAttestations(bundle, { commit: OLDER_COMMIT }))).toBe('provenance/other-commit');
  }
});

/** What is changed after everything was signed. */
type Change = (bundle: Json) => void;
const material = (bundle: Json) => bundle['verificationMaterial'] as Json;
const entry = (bundle: Json) => material(bundle)['tlogEntries']?.[0] as Json;
const set = (object: Json | undefined, key: string, value: unknown) => {
  (object as Record<string, unknown>)[key] = value;
};
const flipped = (base64: unknown) => {
  const bytes = Buffer.from(String(base64), 'base64');
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  return bytes.toString('base64');
};
const flip = (object: Json | undefined, key: string) => set(object, key, flipped(object?.[key]));
const envelope = (bundle: Json) => bundle['dsseEnvelope'] as Json;
const signature = (bundle: Json) => envelope(bundle)['signatures']?.[0];

const OTHER = await attest({ statement: aStatement({ subject: [{ name: 'x', digest: { sha256: 'c'.repeat(64) } }] }) });

test.each<[string, Change, string]>([
  [
    'a payload that was changed',
    (b) => set(envelope(b), 'payload', Buffer.from(JSON.stringify(aStatement({ x: 1 }))).toString('base64')),
    'provenance/bad-signature',
  ],
  ['a payload that is no base64', (b) => set(envelope(b), 'payload', '%%% no base64 %%%'), 'provenance/bad-signature'],
  ['a signature that was changed', (b) => flip(signature(b), 'sig'), 'provenance/bad-signature'],
  ['the signature of another', (b) => set(signature(b), 'sig', signature(OTHER)?.['sig']), 'provenance/bad-signature'],
  [
    'the log entry of another',
    (b) => set(material(b), 'tlogEntries', material(OTHER)['tlogEntries']),
    'provenance/bad-signature',
  ],
  [
    'the certificate of another',
    (b) => set(material(b), 'certificate', material(OTHER)['certificate']),
    'provenance/bad-signature',
  ],
  ['a body of the log that was changed', (b) => flip(entry(b), 'canonicalizedBody'), 'provenance/not-logged'],
  [
    'a signed entry timestamp that was changed',
    (b) => flip(entry(b)['inclusionPromise'], 'signedEntryTimestamp'),
    'provenance/not-logged',
  ],
  [
    'a time that the log did not sign',
    (b) => set(entry(b), 'integratedTime', String(Number(entry(b)['integratedTime']) + 1)),
    'provenance/not-logged',
  ],
  [
    'a place in the log that was changed',
    (b) => set(entry(b)['inclusionProof'], 'logIndex', '7'),
    'provenance/not-logged',
  ],
  ['no promise, and so no time', (b) => set(entry(b), 'inclusionPromise', undefined), 'provenance/no-trusted-time'],
  [
    'a proof with a hash too many',
    (b) => set(entry(b)['inclusionProof'], 'hashes', [Buffer.alloc(32).toString('base64')]),
    'provenance/not-logged',
  ],
  ['no proof in version 0.3', (b) => set(entry(b), 'inclusionProof', undefined), 'provenance/not-logged'],
  [
    'a proof without checkpoint',
    (b) => set(entry(b)['inclusionProof'], 'checkpoint', undefined),
    'provenance/not-logged',
  ],
  [
    'a checkpoint that was changed',
    (b) =>
      set(
        entry(b)['inclusionProof']?.['checkpoint'],
        'envelope',
        String(entry(b)['inclusionProof']?.['checkpoint']?.['envelope']).replace('\n1\n', '\n2\n'),
      ),
    'provenance/not-logged',
  ],
  ['no entry of a log, and so no time', (b) => set(material(b), 'tlogEntries', []), 'provenance/no-trusted-time'],
  ['the same entry twice', (b) => set(material(b), 'tlogEntries', [entry(b), entry(b)]), 'provenance/no-trusted-time'],
  [
    'a certificate that is none',
    (b) => set(material(b), 'certificate', { rawBytes: 'AAAA' }),
    'provenance/unverifiable',
  ],
  ['no certificate', (b) => set(material(b), 'certificate', undefined), 'provenance/unverifiable'],
  [
    'a key in place of a certificate',
    (b) => {
      set(material(b), 'certificate', undefined);
      set(material(b), 'publicKey', { hint: 'mine' });
    },
    'provenance/unverifiable',
  ],
  [
    'two signatures',
    (b) => set(envelope(b), 'signatures', [signature(b), signature(OTHER)]),
    'provenance/unverifiable',
  ],
  ['no signature', (b) => set(envelope(b), 'signatures', []), 'provenance/unverifiable'],
  ['no payload', (b) => set(envelope(b), 'payload', ''), 'refused: no-scan'],
  ['another type of payload', (b) => set(envelope(b), 'payloadType', 'text/plain'), 'refused: no-scan'],
  ['another version', (b) => set(b, 'mediaType', mediaTypeOf('0.9')), 'refused: unsupported-version'],
  ['no version', (b) => set(b, 'mediaType', undefined), 'refused: unsupported-version'],
  [
    'the material of version 0.1 under the name of 0.3',
    (b) => {
      set(material(b), 'x509CertificateChain', { certificates: [material(b)['certificate']] });
      set(material(b), 'certificate', undefined);
    },
    'provenance/unverifiable',
  ],
  [
    'a signed file in place of an attestation',
    (b) => {
      set(b, 'messageSignature', { messageDigest: { algorithm: 'SHA2_256', digest: 'AAAA' }, signature: 'AAAA' });
      set(b, 'dsseEnvelope', undefined);
    },
    'refused: no-scan',
  ],
])('%s is never clean: %#', async (_, change, verdict) => {
  const bundle = await attest();
  expect(verdictOf(await readAttestations(bundle))).toBe('clean');
  change(bundle);
  expect(verdictOf(await readAttestations(bundle))).toBe(verdict);
});

test('in version 0.1 the promise of the log stands for the proof, and without it there is no time', async () => {
  const bundle = await attest({ version: '0.1' });
  set(entry(bundle), 'inclusionPromise', undefined);
  expect(verdictOf(await readAttestations(bundle))).toBe('provenance/not-logged');
});

test('a payload type that was signed and is no in-toto is refused', async () => {
  expect(verdictOf(await readAttestations(await attest({ payloadType: 'text/plain' })))).toBe('refused: no-scan');
});

test.each([-30, 700])(
  'a signature that was logged %d seconds after a certificate of ten minutes began is out of its time',
  async (loggedAfter) => {
    expect(verdictOf(await readAttestations(await attest({ loggedAfter })))).toBe('provenance/expired-certificate');
  },
);

test('what others have signed and logged is not trusted, whichever part of it the root knows', async () => {
  const theirs = await STRANGERS.attest();
  expect(verdictOf(await readAttestations(theirs))).toBe('provenance/untrusted-issuer');
  const { trustedRoot } = STRANGERS;
  const known = (part: object) => ({ trust: { ...TRUST, trustedRoot: { ...SIGSTORE.trustedRoot, ...part } } });
  const { certificateAuthorities, ctlogs, tlogs } = trustedRoot;
  expect(verdictOf(await readAttestations(theirs, known({ certificateAuthorities })))).toBe(
    'provenance/untrusted-issuer',
  );
  expect(verdictOf(await readAttestations(theirs, known({ certificateAuthorities, ctlogs })))).toBe(
    'provenance/not-logged',
  );
  expect(verdictOf(await readAttestations(theirs, known({ certificateAuthorities, tlogs })))).toBe(
    'provenance/untrusted-issuer',
  );
  expect(verdictOf(await readAttestations(theirs, known(trustedRoot)))).toBe('clean');
});

test('a certificate must stand in a log of certificates where the root has one', async () => {
  const { attest: unlogged, trustedRoot } = await aSigstore({ hasCtlog: false });
  const bundle = await unlogged();
  const asked = await readAttestations(bundle, { trust: SIGSTORE.trust({ trustedRoot }) });
  expect(verdictOf(asked)).toBe('provenance/untrusted-issuer');
  const trust = SIGSTORE.trust({ trustedRoot: { ...trustedRoot, ctlogs: [] } });
  expect(verdictOf(await readAttestations(bundle, { trust }))).toBe('clean');
});

test('a time of a timestamp authority is enough where the policy does not ask for a log', async () => {
  const stamped = await attest({ stamped: true });
  expect(verdictOf(await readAttestations(stamped))).toBe('provenance/not-logged');
  const trust = SIGSTORE.trust({ transparencyLog: 'optional' });
  expect(verdictOf(await readAttestations(stamped, { trust }))).toBe('clean');
  const others = { ...SIGSTORE.trustedRoot, timestampAuthorities: STRANGERS.trustedRoot.timestampAuthorities };
  const verdict = verdictOf(await readAttestations(stamped, { trust: { ...trust, trustedRoot: others } }));
  expect(verdict).toBe('provenance/no-trusted-time');
  const neither = await attest({ stamped: true });
  set(material(neither), 'timestampVerificationData', undefined);
  expect(verdictOf(await readAttestations(neither, { trust }))).toBe('provenance/no-trusted-time');
});

test('an entry of a log that is there must hold also where none is asked for', async () => {
  const bundle = await attest();
  flip(entry(bundle)['inclusionPromise'], 'signedEntryTimestamp');
  const trust = SIGSTORE.trust({ transparencyLog: 'optional' });
  expect(verdictOf(await readAttestations(bundle, { trust }))).toBe('provenance/not-logged');
});

test('without trust, or with a root that cannot be used, nothing is verified and nothing is clean', async () => {
  const bundle = await attest();
  const body = (async function* () {
    yield Buffer.from(JSON.stringify(bundle));
  })();
  const untrusting = await createReportReader().read(body, {
    provenance: { trust: TRUST, repositories: ['payments-api'], commit: COMMIT },
  });
  expect(verdictOf(untrusting)).toBe('provenance/unverifiable');
  const { trust: _, ...nobody } = { trust: undefined, repositories: ['payments-api'], commit: COMMIT };
  const read = await readAttestations(bundle, { ...nobody, trust: undefined as never });
  expect(verdictOf(read)).toBe('provenance/unverifiable');
  expect(read).toMatchObject({ scans: [{ complete: false, artifacts: [] }] });
  expect(read).toMatchObject({ problems: [expect.stringContaining('does not say whom to trust')] });
  for (const trustedRoot of [{}, { tlogs: [{}] }, null, { ...SIGSTORE.trustedRoot, certificateAuthorities: [] }]) {
    const verdict = verdictOf(await readAttestations(bundle, { trust: SIGSTORE.trust({ trustedRoot }) }));
    expect(['provenance/unverifiable', 'provenance/untrusted-issuer']).toContain(verdict);
  }
});

test('a report names the trust that it was verified by: the same for the same, another for another, none for none', async () => {
  const bundle = await attest();
  const [own, narrower] = [TRUST, { ...TRUST, builders: [] }];
  const of = [{}, { trust: { ...own } }, { trust: narrower }];
  const [first, again, another] = await Promise.all(of.map((expected) => readAttestations(bundle, expected)));

  expect(first).toMatchObject({ trust: expect.stringMatching(/^[0-9a-f]{64}$/) });
  expect(again).toEqual(first);
  expect(another).not.toMatchObject({ trust: (first as Report).trust });
  expect(await readAttestations(bundle, { trust: undefined as never })).not.toHaveProperty('trust');
});
