import { X509Certificate } from 'node:crypto';
import * as z from 'zod';
import type { ProvenanceTrust } from '../domain/provenance.ts';
import type { PolicyFile } from '../ports/policy-source.ts';
import { loadFile, wrong } from './load-file.ts';
import { loadPolicyFile, missing, problemsOf, type ReadFile } from './load-policy-file.ts';
import { oneOrMany, text } from './scalars.ts';

const TRUST = 'provenance.yaml';
const ROOT = 'trusted-root.json';

/** Whom the policy trusts about provenance; nobody unless both files are there and sound, whatever was before. */
export function loadProvenance(files: readonly PolicyFile[]): {
  readonly trust?: ProvenanceTrust;
  readonly problems: readonly string[];
} {
  const [written, root] = [TRUST, ROOT].map((name) => files.find(({ file }) => file === name));
  if (written === undefined && root === undefined) return { problems: [] };
  if (written === undefined) return { problems: [missing(TRUST, `kind: Provenance in this file, beside ${ROOT}`)] };
  if (root === undefined) return { problems: [missing(ROOT, `a TrustedRoot of Sigstore as JSON, beside ${TRUST}`)] };
  const trust = readWith(written, trustSchema);
  const trustedRoot = readWith(root, rootSchema);
  if (trust.loaded.kind === 'broken' || trustedRoot.loaded.kind === 'broken')
    return { problems: [...problemsOf(trust), ...problemsOf(trustedRoot)] };
  const { kind: _, ...said } = trust.loaded.value;
  return { trust: { ...said, trustedRoot: trustedRoot.loaded.value }, problems: [] };
}

function readWith<T>(file: PolicyFile, schema: z.ZodType<T>): ReadFile<T> {
  return loadPolicyFile(file, (source) => {
    const loaded = loadFile(source, schema);
    return loaded.kind === 'broken' ? loaded : { kind: 'loaded', value: loaded.value.value };
  });
}

const globs = oneOrMany(text(500));

/** `**` alone would let anybody in: it is no glob of an address. */
const place = z.string({ error: (issue) => wrong(issue.input, PLACE) }).regex(/^https:\/\/[^*?/]+\/./, {
  error: (issue) => wrong(issue.input, PLACE),
});
const PLACE = 'an address such as https://github.com/contoso/* (the host without wildcards)';

const trustSchema = z.strictObject({
  kind: z.literal('Provenance'),
  transparencyLog: z.enum(['required', 'optional']).default('required'),
  identities: z.array(z.strictObject({ issuer: text(500), subject: text(500) })).min(1),
  builders: globs,
  buildTypes: oneOrMany(text(500), 0).default([]),
  sources: oneOrMany(place),
});

const CERTIFICATE = 'an X.509 certificate in base64 (DER)';
const certificate = z.string({ error: (issue) => wrong(issue.input, CERTIFICATE) }).refine(isCertificate, {
  error: (issue) => wrong(issue.input, CERTIFICATE),
});

function isCertificate(base64: string): boolean {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64')).raw.length > 0;
  } catch {
    return false;
  }
}

const authority = z.looseObject({
  certChain: z.looseObject({ certificates: z.array(z.looseObject({ rawBytes: certificate })).min(1) }),
});
const log = z.looseObject({
  publicKey: z.looseObject({ rawBytes: z.base64() }),
  logId: z.looseObject({ keyId: z.base64() }),
});

const ROOT_TYPES = [
  'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
  'application/vnd.dev.sigstore.trustedroot.v0.2+json',
] as const;

/** https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_trustroot.proto; the rest is the verifier's. */
const rootSchema = z.looseObject({
  mediaType: z.enum(ROOT_TYPES),
  certificateAuthorities: z.array(authority).min(1),
  tlogs: z.array(log).default([]),
  ctlogs: z.array(log).default([]),
  timestampAuthorities: z.array(authority).default([]),
});
