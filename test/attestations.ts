import { createHash, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { type CA, initializeCA, initializeCTLog } from '@sigstore/mock/dist/fulcio/index.js';
import { initializeTLog } from '@sigstore/mock/dist/rekor/index.js';
import { initializeTSA } from '@sigstore/mock/dist/timestamp/index.js';
import type { ProvenanceTrust } from '../services/domain/provenance.ts';
import { COMMIT } from './builders.ts';

/** A JSON object that tests take apart. */
export type Json = { [key: string]: Json } & { [index: number]: Json } & Json[] & string;

export const ISSUER = 'https://token.actions.example';
export const SIGNER = 'https://github.com/contoso/payments-api/.github/workflows/build.yml@refs/heads/main';
export const BUILDER = 'https://github.com/actions/runner/github-hosted';
export const SOURCE = 'https://github.com/contoso/payments-api';
export const ARTIFACT = `sha256:${'a'.repeat(64)}`;
export const IN_TOTO = 'application/vnd.in-toto+json';

export type Version = '0.1' | '0.2' | '0.3';

/** How an attestation is made; what is left out is as it should be. */
export interface Made {
  readonly statement?: unknown;
  /** In place of the statement. */
  readonly payload?: string | Buffer;
  readonly payloadType?: string;
  readonly version?: Version;
  readonly subject?: string;
  readonly issuer?: string;
  /** What the certificate says was being built; absent: nothing. */
  readonly certified?: { readonly uri: string; readonly commit: string };
  /** Seconds after the certificate was issued. */
  readonly loggedAfter?: number;
  /** No entry of a log, but the stamp of a timestamp authority. */
  readonly stamped?: boolean;
}

const LOG = 'https://log.example';

/** A Sigstore of its own: authority, logs and timestamp authority, with keys that live as long as the test. */
export async function aSigstore({ hasCtlog = true } = {}) {
  // Authorities are as old as this call: what they sign comes a second later.
  const at = new Date(Math.ceil(Date.now() / 1_000) * 1_000 + 1_000);
  const keys = { ca: ecPair('P-384'), ctlog: ecPair(), log: ecPair(), tsa: ecPair() };
  const ctlog = await initializeCTLog(keys.ctlog, at);
  const ca = await initializeCA(keys.ca, hasCtlog ? ctlog : undefined, at);
  const tsa = await initializeTSA(keys.tsa, at);
  const trustedRoot = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [logAs(LOG, keys.log.publicKey)],
    ctlogs: [logAs('https://ctlog.example', keys.ctlog.publicKey)],
    certificateAuthorities: [authorityOf(ca.rootCertificate)],
    timestampAuthorities: [authorityOf(tsa.intCertificate, tsa.rootCertificate)],
  };

  async function attest(made: Made = {}): Promise<Json> {
    const { version = '0.3', payloadType = IN_TOTO, loggedAfter = 0 } = made;
    const signer = ecPair();
    const payload = Buffer.from(made.payload ?? JSON.stringify(made.statement ?? aStatement()));
    const signature = sign('sha256', signedBytes(payloadType, payload), signer.privateKey);
    const certificate = await issue(ca, signer.publicKey, made);
    const logged = await initializeTLog(LOG, keys.log, new Date(at.getTime() + loggedAfter * 1_000));
    const [entry] = Object.values(await logged.log(entryOf(payload, signature, certificate)));
    const stamp = await tsa.timestamp({
      artifactHash: createHash('sha256').update(signature).digest(),
      hashAlgorithmOID: '2.16.840.1.101.3.4.2.1',
      nonce: 1,
      policyOID: '1.3.6.1.4.1.57264.2',
    });
    return JSON.parse(
      JSON.stringify({
        mediaType: mediaTypeOf(version),
        verificationMaterial: {
          ...(version === '0.3'
            ? { certificate: { rawBytes: base64(certificate) } }
            : { x509CertificateChain: { certificates: [{ rawBytes: base64(certificate) }] } }),
          tlogEntries: made.stamped === true ? [] : [entryJson(entry as unknown as Logged, version)],
          timestampVerificationData: {
            rfc3161Timestamps: made.stamped === true ? [{ signedTimestamp: base64(stamp) }] : [],
          },
        },
        dsseEnvelope: { payload: base64(payload), payloadType, signatures: [{ sig: base64(signature), keyid: '' }] },
      }),
    );
  }

  return {
    trustedRoot,
    attest,
    trust: (overrides: Partial<ProvenanceTrust> = {}) => aTrust({ trustedRoot, ...overrides }),
  };
}

/** Trusts the builder, workflow and organization of what `attest` makes. */
export function aTrust(overrides: Partial<ProvenanceTrust> & Pick<ProvenanceTrust, 'trustedRoot'>): ProvenanceTrust {
  return {
    transparencyLog: 'required',
    identities: [
      { issuer: ISSUER, subject: 'https://github.com/contoso/*/.github/workflows/build.yml@refs/heads/main' },
    ],
    builders: [BUILDER],
    buildTypes: [],
    sources: ['https://github.com/contoso/*'],
    ...overrides,
  };
}

/** The provenance of the payments service at the deployed commit (SLSA v1). */
export function aStatement(changes: Readonly<Record<string, unknown>> = {}) {
  return {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ name: 'payments-api', digest: { sha256: 'a'.repeat(64) } }],
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: aPredicate(),
    ...changes,
  };
}

export function aPredicate({ builder = BUILDER, uri = `git+${SOURCE}@refs/heads/main`, commit = COMMIT } = {}) {
  return {
    buildDefinition: {
      buildType: 'https://actions.github.io/buildtypes/workflow/v1',
      externalParameters: {},
      resolvedDependencies: [
        { uri, digest: { gitCommit: commit } },
        { uri: 'pkg:docker/bash@5', digest: { sha256: 'b'.repeat(64) } },
      ],
    },
    runDetails: { builder: { id: builder } },
  };
}

/** The same as SLSA v0.2 says it. */
export function anOlderStatement(materials: readonly unknown[] = [{ uri: `git+${SOURCE}`, digest: { sha1: COMMIT } }]) {
  return {
    _type: 'https://in-toto.io/Statement/v0.1',
    subject: [{ name: 'payments-api', digest: { sha256: 'a'.repeat(64) } }],
    predicateType: 'https://slsa.dev/provenance/v0.2',
    predicate: {
      builder: { id: BUILDER },
      buildType: 'https://github.com/slsa-framework/slsa-github-generator/generic@v1',
      invocation: { configSource: { uri: `git+${SOURCE}@refs/heads/main`, digest: { sha1: COMMIT } } },
      materials,
    },
  };
}

export function mediaTypeOf(version: string): string {
  return version === '0.3'
    ? 'application/vnd.dev.sigstore.bundle.v0.3+json'
    : `application/vnd.dev.sigstore.bundle+json;version=${version}`;
}

function base64(bytes: ArrayBufferView | Buffer): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}

function ecPair(namedCurve = 'P-256') {
  return generateKeyPairSync('ec', { namedCurve });
}

/** https://github.com/secure-systems-lab/dsse/blob/master/protocol.md */
function signedBytes(type: string, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]);
}

function issue(ca: CA, key: KeyObject, { subject = SIGNER, issuer = ISSUER, certified }: Made) {
  const extension = (last: number, value: string) => ({ oid: `1.3.6.1.4.1.57264.1.${last}`, value });
  return ca.issueCertificate({
    publicKey: key.export({ format: 'der', type: 'spki' }),
    subjectAltName: subject,
    extensions: [
      extension(8, issuer),
      ...(certified === undefined ? [] : [extension(12, certified.uri), extension(13, certified.commit)]),
    ],
  });
}

/** As Rekor keeps a DSSE envelope. */
function entryOf(payload: Buffer, signature: Buffer, certificate: ArrayBufferView) {
  const pem = `-----BEGIN CERTIFICATE-----\n${base64(certificate)}\n-----END CERTIFICATE-----\n`;
  const hash = { algorithm: 'sha256', value: createHash('sha256').update(payload).digest('hex') };
  return {
    apiVersion: '0.0.1',
    kind: 'dsse',
    spec: {
      envelopeHash: hash,
      payloadHash: hash,
      signatures: [{ signature: base64(signature), verifier: base64(Buffer.from(pem)) }],
    },
  };
}

interface Logged {
  readonly body: string;
  readonly integratedTime: number;
  readonly logID: string;
  readonly logIndex: number;
  readonly verification: {
    readonly signedEntryTimestamp: string;
    readonly inclusionProof: {
      readonly logIndex: number;
      readonly treeSize: number;
      readonly rootHash: string;
      readonly checkpoint: string;
    };
  };
}

function entryJson({ body, integratedTime, logID, logIndex, verification }: Logged, version: Version) {
  const { signedEntryTimestamp, inclusionProof } = verification;
  const proof = {
    logIndex: String(inclusionProof.logIndex),
    treeSize: String(inclusionProof.treeSize),
    rootHash: Buffer.from(inclusionProof.rootHash, 'hex').toString('base64'),
    hashes: [],
    checkpoint: { envelope: inclusionProof.checkpoint },
  };
  return {
    logIndex: String(logIndex),
    logId: { keyId: Buffer.from(logID, 'hex').toString('base64') },
    kindVersion: { kind: 'dsse', version: '0.0.1' },
    integratedTime: String(integratedTime),
    inclusionPromise: { signedEntryTimestamp },
    ...(version === '0.1' ? {} : { inclusionProof: proof }),
    canonicalizedBody: body,
  };
}

function logAs(baseUrl: string, key: KeyObject) {
  const rawBytes = key.export({ format: 'der', type: 'spki' });
  return {
    baseUrl,
    hashAlgorithm: 'SHA2_256',
    publicKey: {
      rawBytes: base64(rawBytes),
      keyDetails: 'PKIX_ECDSA_P256_SHA_256',
      validFor: { start: '2020-01-01T00:00:00Z' },
    },
    logId: { keyId: createHash('sha256').update(rawBytes).digest('base64') },
  };
}

function authorityOf(...chain: readonly ArrayBufferView[]) {
  return {
    subject: { organization: 'test', commonName: 'test' },
    uri: 'https://authority.example',
    certChain: { certificates: chain.map((one) => ({ rawBytes: base64(one) })) },
    validFor: { start: '2020-01-01T00:00:00Z' },
  };
}
