import { sha256 } from '../domain/checksum.ts';
import type { Report } from '../domain/finding.ts';
import {
  type ExpectedProvenance,
  faultsOf,
  PROVENANCE_FORMAT,
  PROVENANCE_TOOL,
  type Provenance,
  type ProvenanceFault,
  type ProvenanceRule,
} from '../domain/provenance.ts';
import type { VerifyAttestation } from '../ports/attestation-verifier.ts';
import type { ReportRefusal } from '../ports/report-reader.ts';
import { malformed, type ReportFormat } from './element-format.ts';
import { FoundReport } from './found-report.ts';
import { IN_TOTO, type Statement, statementIn, statementOf } from './in-toto.ts';
import { listOf, member, objectOf, textOf } from './json-value.ts';
import { pause, readText } from './read-text.ts';
import { strictValues } from './strict-json.ts';

/** Characters of all attestations together; they are read whole. */
const LONGEST = 8 * 1024 * 1024;
const MOST_ENTRIES = 1_000;
/** Each stands in the head of the scan, which is one row. */
const MOST_ARTIFACTS = 500;

/** https://github.com/sigstore/protobuf-specs/blob/main/protos/sigstore_bundle.proto */
const MEDIA_TYPES = [
  ...['0.1', '0.2', '0.3'].map((version) => `application/vnd.dev.sigstore.bundle+json;version=${version}`),
  'application/vnd.dev.sigstore.bundle.v0.3+json',
];

const SIGNS = [
  'verificationMaterial',
  'payloadType',
  'attestations[].bundle',
  'attestation.bundle',
  'bundle.dsseEnvelope',
];

/** Attestations of where an artifact comes from: Sigstore bundles, DSSE envelopes, in-toto statements. */
export function provenanceFormat(verify: VerifyAttestation | undefined): ReportFormat {
  return {
    name: PROVENANCE_FORMAT,
    title: 'a signed attestation of provenance',
    recognises: (head) =>
      SIGNS.some((sign) => head.has(sign) || head.has(`[].${sign}`)) ||
      (head.has('_type') && String(head.value('predicateType')).startsWith('https://slsa.dev/provenance/')),
    read: async (body, { provenance }) => {
      const entries = await entriesOf(body);
      return 'refused' in entries ? entries : new Reading(verify, provenance).read(entries.found);
    },
  };
}

async function entriesOf(body: AsyncIterable<Uint8Array>): Promise<ReportRefusal | { found: readonly unknown[] }> {
  const found: unknown[] = [];
  let length = 0;
  const values = strictValues((value) => {
    found.push(...entriesIn(value));
    return found.length > MOST_ENTRIES ? tooLarge(`${MOST_ENTRIES} attestations`) : undefined;
  });
  const push = (text: string) => {
    length += text.length;
    return length > LONGEST ? tooLarge(`${LONGEST} characters`) : values.push(text);
  };
  return (await readText(body, { push, end: () => values.end() })) ?? { found };
}

/** Alone, in a list, and as npm, the API and the command line of GitHub wrap them. */
function entriesIn(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value.flatMap(entriesIn);
  const wrapped = ['attestations', 'attestation', 'bundle'].find((key) => member(value, key) !== undefined);
  return wrapped === undefined ? [value] : entriesIn(member(value, wrapped));
}

/** One report, attestation by attestation. */
class Reading {
  readonly #verify: VerifyAttestation | undefined;
  readonly #expected: ExpectedProvenance | undefined;
  readonly #report = new FoundReport(PROVENANCE_FORMAT);
  readonly #scan = this.#report.scan(PROVENANCE_TOOL);
  readonly #artifacts = new Set<string>();
  #looked = 0;

  constructor(verify: VerifyAttestation | undefined, expected: ExpectedProvenance | undefined) {
    this.#verify = verify;
    this.#expected = expected;
  }

  async read(entries: readonly unknown[]): Promise<Report | ReportRefusal> {
    for (const [at, entry] of entries.entries()) {
      this.#report.results++;
      const refusal = this.#entry(entry, `Attestation ${at + 1}`);
      if (refusal !== undefined) return refusal;
      await pause();
    }
    if (this.#looked === 0) return noProvenance();
    if (this.#artifacts.size > MOST_ARTIFACTS) return tooLarge(`${MOST_ARTIFACTS} artifacts`);
    this.#scan.categories.add('provenance');
    this.#scan.artifacts = [...this.#artifacts].sort();
    if (this.#artifacts.size > 0 && this.#expected?.artifact === undefined) this.#report.remark(UNNAMED);
    await this.#report.settle();
    const report = this.#report.finish();
    const trust = this.#expected?.trust;
    return trust === undefined ? report : { ...report, trust: sha256(JSON.stringify(trust)) };
  }

  #entry(entry: unknown, which: string): ReportRefusal | undefined {
    if (member(entry, 'verificationMaterial') !== undefined) return this.#bundle(entry, which);
    if (member(entry, 'payloadType') !== undefined) return this.#envelope(entry, which);
    const statement = statementOf(entry);
    if (statement === undefined) return malformed(`${which} is no Sigstore bundle, DSSE envelope or in-toto statement`);
    this.#about(statement, JSON.stringify(entry), () => [
      fault('unsigned', 'it is not signed: anybody can have written it'),
    ]);
    return undefined;
  }

  #bundle(bundle: unknown, which: string): ReportRefusal | undefined {
    const version = textOf(member(bundle, 'mediaType'));
    if (version === undefined || !MEDIA_TYPES.includes(version)) return otherVersion(which);
    const envelope = member(bundle, 'dsseEnvelope');
    if (objectOf(envelope) === undefined) return signsFile(which);
    const { refusal, payload, statement } = signedIn(envelope, which);
    if (refusal !== undefined) return refusal;
    this.#about(statement, payload, () => this.#faultsIn(bundle));
    return undefined;
  }

  /** Without a bundle around it no envelope says when it was signed, or where that stands written. */
  #envelope(envelope: unknown, which: string): ReportRefusal | undefined {
    const { refusal, payload, statement } = signedIn(envelope, which);
    if (refusal !== undefined) return refusal;
    const isSigned = listOf(member(envelope, 'signatures')).length > 0;
    const lone =
      'it is a DSSE envelope without entry of a log or timestamp: nothing in it proves who signed it, and when';
    this.#about(statement, payload, () => [
      isSigned ? fault('unverifiable', lone) : fault('unsigned', 'it is an envelope without a signature'),
    ]);
    return undefined;
  }

  /** What can be read of it and is no provenance is passed over; what cannot be read is found out by its signature. */
  #about(statement: Statement | undefined, payload: string, look: () => readonly ProvenanceFault[]): void {
    if (statement !== undefined && statement.provenance === undefined) {
      this.#report.problem(`it is about something else (${statement.predicateType.slice(0, 100)}), not looked at`);
      return;
    }
    this.#looked++;
    for (const { rule, message: written } of look()) {
      const message = withoutLogin(written);
      const { name, artifacts = [] } = statement?.provenance ?? ({} as Partial<Provenance>);
      this.#report.add(this.#scan, {
        category: 'provenance',
        rule: `provenance/${rule}`,
        severity: 'high',
        message: `${name === undefined ? '' : `${name.slice(0, 80)}: `}${message}`,
        help: HELP[rule],
        identity: { toolPrint: artifacts.length > 0 ? artifacts.toSorted().join(' ') : payload, message },
      });
    }
  }

  #faultsIn(bundle: unknown): readonly ProvenanceFault[] {
    const { trust } = this.#expected ?? {};
    if (this.#verify === undefined || this.#expected === undefined || trust === undefined) {
      this.#report.incomplete(this.#scan, 'The policy does not say whom to trust, so nothing was verified');
      return [fault('unverifiable', 'the policy has no readable provenance.yaml and trusted-root.json')];
    }
    const verified = this.#verify(bundle, trust);
    if (verified.kind === 'refuted') return [verified.fault];
    const said = statementIn(verified.payload)?.provenance;
    if (said === undefined)
      return [fault('unverifiable', 'what was signed is no SLSA provenance in in-toto, or has a key twice')];
    const faults = faultsOf(said, verified.signer, trust, this.#expected);
    if (faults.length === 0) for (const artifact of said.artifacts) this.#artifacts.add(artifact);
    return faults;
  }
}

/** Builds write the address that they fetched from, with whatever let them in: `https://user:token@host/`. */
function withoutLogin(text: string): string {
  return text.replace(/\/\/[^\s/]{1,2000}@/g, '//');
}

const UNNAMED =
  'No artifact was named: what was verified counts for the artifacts that it is about (send artifact=sha256:…)';

interface Signed {
  readonly refusal?: ReportRefusal;
  /** In base64. */
  readonly payload: string;
  readonly statement: Statement | undefined;
}

/** What an envelope says, whoever signed it. */
function signedIn(envelope: unknown, which: string): Signed {
  const payload = textOf(member(envelope, 'payload')) ?? '';
  const statement = statementIn(Buffer.from(payload, 'base64'));
  if (member(envelope, 'payloadType') === IN_TOTO && payload !== '') return { payload, statement };
  const detail = `${which} signs no in-toto statement (${IN_TOTO}). Send the attestation of the build.`;
  return { payload, statement, refusal: { refused: 'no-scan', detail } };
}

const TRUST_HELP = 'Have the trusted pipeline build and sign it, or have the owners of the policy trust who did';
const HELP: Readonly<Record<ProvenanceRule, string>> = {
  'bad-signature': 'Send the bundle as the build wrote it; if it is, the artifact is not the one that was signed',
  'untrusted-issuer': TRUST_HELP,
  'expired-certificate': 'Sign again: the signature was made outside the life of its certificate',
  'no-trusted-time': 'Have the signature logged, or stamped by a timestamp authority of trusted-root.json',
  'not-logged':
    'Have the signature logged, or set transparencyLog: optional where a timestamp authority is used instead',
  'untrusted-identity': TRUST_HELP,
  'untrusted-builder': TRUST_HELP,
  'other-source': 'Send the provenance of this service, or add its repository to the catalog',
  'other-commit': 'Send the provenance of the commit that is deployed',
  'other-artifact': 'Send the provenance of the artifact that is deployed',
  unsigned: 'Sign it with Sigstore (cosign attest, actions/attest-build-provenance) and send the bundle',
  unverifiable: 'Send a Sigstore bundle with a certificate and a log entry, and see that the policy says whom to trust',
};

function fault(rule: ProvenanceRule, message: string): ProvenanceFault {
  return { rule, message };
}

function tooLarge(limit: string): ReportRefusal {
  return {
    refused: 'too-large',
    detail: `There are more than ${limit}. Send only the provenance of what is deployed.`,
  };
}

function otherVersion(which: string): ReportRefusal {
  const detail = `${which} is no Sigstore bundle of version 0.1, 0.2 or 0.3. Have it written as one of these.`;
  return { refused: 'unsupported-version', detail };
}

function signsFile(which: string): ReportRefusal {
  const detail = `${which} signs a file and says nothing of where it was built. Send the attestation of the build.`;
  return { refused: 'no-scan', detail };
}

function noProvenance(): ReportRefusal {
  const detail = 'There is no SLSA provenance (v0.2 or v1) among the attestations. Send that of the build.';
  return { refused: 'no-scan', detail };
}
