import { bundleFromJSON, ValidationError } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import {
  PolicyError,
  type SignedEntity,
  toSignedEntity,
  toTrustMaterial,
  VerificationError,
  Verifier,
} from '@sigstore/verify';
import type { ProvenanceRule, ProvenanceTrust, Signer, SourceAt } from '../domain/provenance.ts';
import type { Verified, VerifyAttestation } from '../ports/attestation-verifier.ts';

/** Verifies with Sigstore's own libraries, which get everything that they need handed in and open no connection. */
export function createSigstoreVerifier(): VerifyAttestation {
  const trusted = new WeakMap<ProvenanceTrust, Trusted>();
  return (bundle, trust) => {
    const known = trusted.get(trust) ?? trustedBy(trust);
    trusted.set(trust, known);
    return 'unusable' in known ? refuted('unverifiable', known.unusable) : verified(bundle, known.verifier);
  };
}

type Trusted = { readonly verifier: Verifier } | { readonly unusable: string };

/** A time must be proven, by a log or a timestamp authority; a certificate log is asked for where the root has one. */
function trustedBy({ trustedRoot, transparencyLog }: ProvenanceTrust): Trusted {
  try {
    const material = toTrustMaterial(TrustedRoot.fromJSON(trustedRoot));
    const tlogThreshold = transparencyLog === 'required' ? 1 : 0;
    const ctlogThreshold = material.ctlogs.length > 0 ? 1 : 0;
    return { verifier: new Verifier(material, { tlogThreshold, ctlogThreshold, timestampThreshold: 1 }) };
  } catch (cause) {
    return { unusable: `trusted-root.json cannot be used (${said(cause)}), so nothing can be verified` };
  }
}

/** Whatever is thrown on the way, by whichever part of a parser, means that nothing was proven. */
function verified(written: unknown, verifier: Verifier): Verified {
  let entity: SignedEntity | undefined;
  try {
    const bundle = bundleFromJSON(written);
    if (bundle.content.$case !== 'dsseEnvelope') return refuted('unverifiable', 'it signs no attestation');
    if (bundle.verificationMaterial.content.$case === 'publicKey')
      return refuted('unverifiable', 'it was signed with a key that nobody vouches for: only certificates are trusted');
    entity = toSignedEntity(bundle);
    const { identity } = verifier.verify(entity);
    return { kind: 'verified', signer: signerOf(identity), payload: bundle.content.dsseEnvelope.payload };
  } catch (cause) {
    return refuted(
      ruleOf(cause, entity),
      `${WORDS[ruleOf(cause, entity)] ?? 'it cannot be verified'} (${said(cause)})`,
    );
  }
}

const WORDS: Readonly<Partial<Record<ProvenanceRule, string>>> = {
  'bad-signature': 'its signature is not that of what it says',
  'untrusted-issuer': 'its certificate does not come from an authority in trusted-root.json',
  'expired-certificate': 'its certificate was not valid at the time that the bundle proves',
  'no-trusted-time': 'it proves no time at which it was signed',
  'not-logged': 'it does not prove that it stands in a log of trusted-root.json',
};

function ruleOf(cause: unknown, entity: SignedEntity | undefined): ProvenanceRule {
  if (cause instanceof ValidationError)
    return cause.fields.some((field) => field.includes('.inclusion')) ? 'not-logged' : 'unverifiable';
  if (!(cause instanceof VerificationError || cause instanceof PolicyError)) return 'unverifiable';
  if (cause.code === 'CERTIFICATE_ERROR') return isOutOfTime(entity) ? 'expired-certificate' : 'untrusted-issuer';
  return RULES[cause.code] ?? 'unverifiable';
}

const RULES: Readonly<Record<string, ProvenanceRule>> = {
  SIGNATURE_ERROR: 'bad-signature',
  // The entry of the log is about something else than the envelope.
  TLOG_BODY_ERROR: 'bad-signature',
  TIMESTAMP_ERROR: 'no-trusted-time',
  TLOG_ERROR: 'not-logged',
  TLOG_INCLUSION_PROMISE_ERROR: 'not-logged',
  TLOG_INCLUSION_PROOF_ERROR: 'not-logged',
  TLOG_MISSING_INCLUSION_ERROR: 'not-logged',
};

/** A certificate whose dates cannot be read, as a changed one's, is out of no time. */
function isOutOfTime(entity: SignedEntity | undefined): boolean {
  if (entity?.key.$case !== 'certificate') return false;
  const { certificate } = entity.key;
  try {
    return entity.timestamps.map(timeOf).some((time) => !certificate.validForDate(time));
  } catch {
    return false;
  }
}

function timeOf(one: SignedEntity['timestamps'][number]): Date {
  if (one.$case === 'timestamp-authority') return one.timestamp.signingTime;
  return new Date(Number(one.tlogEntry.integratedTime) * 1_000);
}

type Identity = NonNullable<ReturnType<Verifier['verify']>['identity']>;

function signerOf(identity: Identity | undefined): Signer {
  const { subjectAlternativeName: subject, extensions, oids = [] } = identity ?? {};
  const textAt = (oid: string) => derText(oids.find((one) => one.oid?.id.join('.') === oid)?.value);
  const source = sourceOf(textAt(SOURCE_URI), textAt(SOURCE_DIGEST));
  return {
    ...(extensions?.issuer === undefined ? {} : { issuer: extensions.issuer }),
    ...(subject === undefined ? {} : { subject }),
    ...(source === undefined ? {} : { source }),
  };
}

/** https://github.com/sigstore/fulcio/blob/main/docs/oid-info.md */
const SOURCE_URI = '1.3.6.1.4.1.57264.1.12';
const SOURCE_DIGEST = '1.3.6.1.4.1.57264.1.13';

function sourceOf(uri: string | undefined, commit: string | undefined): SourceAt | undefined {
  if (uri === undefined && commit === undefined) return undefined;
  return { uri: uri ?? '', ...(commit === undefined ? {} : { commit }) };
}

/** A UTF8String of DER; what is none reads as empty, which is no source of anybody. */
function derText(value: Buffer | undefined): string | undefined {
  if (value === undefined) return undefined;
  const [tag, length = 0] = value;
  const start = length < 128 ? 2 : 2 + (length - 128);
  return tag === 12 ? value.subarray(start).toString('utf8') : '';
}

/** Libraries' words about a document: never quoted at length. */
function said(cause: unknown): string {
  const error = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const words = error instanceof Error ? error.message : 'unknown fault';
  return words.replace(/[^\x20-\x7e]/g, '?').slice(0, 120);
}

function refuted(rule: ProvenanceRule, message: string): Verified {
  return { kind: 'refuted', fault: { rule, message } };
}
