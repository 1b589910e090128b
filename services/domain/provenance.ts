import { checksumIn } from './artifact.ts';
import type { Service } from './catalog.ts';
import { withoutEndSlashes } from './end-slashes.ts';
import { globMatches } from './glob.ts';

/** Tool family of what the bot has verified by itself; no scanner's report may use it. */
export const PROVENANCE_TOOL = 'sigstore';
/** Name of the report format that alone may. */
export const PROVENANCE_FORMAT = 'provenance';

/** Whom the operator believes about where an artifact comes from (`trusted-root.json`, `provenance.yaml`). */
export interface ProvenanceTrust {
  /** What `trusted-root.json` says: a TrustedRoot of Sigstore as JSON. */
  readonly trustedRoot: unknown;
  readonly transparencyLog: 'required' | 'optional';
  /** Who may sign: issuer letter for letter, subject (the certificate's alternative name) as a glob. */
  readonly identities: readonly { readonly issuer: string; readonly subject: string }[];
  /** Globs of builder ids. */
  readonly builders: readonly string[];
  /** Globs of build types; empty: any. */
  readonly buildTypes: readonly string[];
  /** Globs of the addresses at which the organization keeps its source: `https://github.com/contoso/*`. */
  readonly sources: readonly string[];
}

/** What provenance has to be about. */
export interface ExpectedProvenance {
  /** Absent: nothing can be verified. */
  readonly trust?: ProvenanceTrust;
  /** Of the service, as the catalog names them. */
  readonly repositories: readonly string[];
  readonly commit: string;
  /** As `checksumIn` gives it; absent: any. */
  readonly artifact?: string;
}

/** A source repository at a commit, as an attestation or a certificate writes it. */
export interface SourceAt {
  readonly uri: string;
  /** Absent: no commit is named. */
  readonly commit?: string;
}

/** What a SLSA provenance says. */
export interface Provenance {
  readonly builder?: string;
  readonly buildType?: string;
  readonly sources: readonly SourceAt[];
  /** `sha256:…` and `sha512:…` of its subjects, in lower case. */
  readonly artifacts: readonly string[];
  /** Of its first subject. */
  readonly name?: string;
}

/** Whom a verified certificate names. */
export interface Signer {
  readonly issuer?: string;
  readonly subject?: string;
  /** What the issuer of the certificate says was being built, where it does. */
  readonly source?: SourceAt;
}

/** What can be wrong with an attestation; rules of findings, without `provenance/`. */
export type ProvenanceRule =
  | 'bad-signature'
  | 'untrusted-issuer'
  | 'expired-certificate'
  | 'no-trusted-time'
  | 'not-logged'
  | 'untrusted-identity'
  | 'untrusted-builder'
  | 'other-source'
  | 'other-commit'
  | 'other-artifact'
  | 'unsigned'
  | 'unverifiable';

export interface ProvenanceFault {
  readonly rule: ProvenanceRule;
  readonly message: string;
}

/** What the provenance of a report has to be about; `artifact` as its sender names it. */
export function expectedProvenance(
  { commit, artifact }: { readonly commit: string; readonly artifact?: string },
  service: Service | undefined,
  trust: ProvenanceTrust | undefined,
): ExpectedProvenance {
  const named = checksumIn(artifact);
  return {
    ...(trust === undefined ? {} : { trust }),
    repositories: service?.repositories ?? [],
    commit,
    ...(named === undefined ? {} : { artifact: named }),
  };
}

/** Whether a rightly signed provenance is about what it should be, by whom it should be: everything that is not so. */
export function faultsOf(
  provenance: Provenance,
  signer: Signer,
  trust: ProvenanceTrust,
  expected: ExpectedProvenance,
): ProvenanceFault[] {
  const sources = [...provenance.sources, ...(signer.source === undefined ? [] : [signer.source])];
  return [
    ...identityFaults(signer, trust),
    ...builderFaults(provenance, trust),
    ...sourceFaults(sources, trust, expected),
    ...commitFaults(provenance, signer, expected),
    ...artifactFaults(provenance, expected),
  ];
}

function identityFaults({ issuer, subject }: Signer, { identities }: ProvenanceTrust): ProvenanceFault[] {
  const isAllowed = identities.some((one) => issuer === one.issuer && isOneOf([one.subject], subject));
  if (isAllowed) return [];
  const message = `it was signed by ${subject ?? 'nobody by name'} of issuer ${issuer ?? 'unknown'}, none of identities in provenance.yaml`;
  return [{ rule: 'untrusted-identity', message }];
}

function builderFaults({ builder, buildType }: Provenance, trust: ProvenanceTrust): ProvenanceFault[] {
  const faults: ProvenanceFault[] = [];
  const say = (key: string, named: string | undefined) => {
    faults.push({
      rule: 'untrusted-builder',
      message: `it names ${named ?? 'nothing'}, which is none of ${key} in provenance.yaml`,
    });
  };
  if (!isOneOf(trust.builders, builder)) say('builders', builder);
  if (trust.buildTypes.length > 0 && !isOneOf(trust.buildTypes, buildType)) say('buildTypes', buildType);
  return faults;
}

function isOneOf(globs: readonly string[], name: string | undefined): boolean {
  return name !== undefined && globs.some((glob) => globMatches(glob, name));
}

/** Every source counts: one of another repository means that something else went into the artifact. */
function sourceFaults(
  sources: readonly SourceAt[],
  trust: ProvenanceTrust,
  { repositories }: ExpectedProvenance,
): ProvenanceFault[] {
  if (sources.length === 0) return [{ rule: 'other-source', message: 'it names no source repository with a commit' }];
  const other = sources.find(({ uri }) => !isOfService(uri, trust, repositories));
  if (other === undefined) return [];
  const known = repositories.length === 0 ? 'the catalog names none' : repositories.join(', ');
  const message = `its source is ${other.uri}, no repository of the service (${known}) at one of sources in provenance.yaml`;
  return [{ rule: 'other-source', message }];
}

/** Where a service is of several repositories, one of them is at the commit; the certificate's always is. */
function commitFaults({ sources }: Provenance, signer: Signer, { commit }: ExpectedProvenance): ProvenanceFault[] {
  const isAt = (source: SourceAt) => source.commit?.toLowerCase() === commit.toLowerCase();
  const signed = signer.source === undefined || isAt(signer.source);
  if (signed && sources.some(isAt)) return [];
  const named = signed ? sources.map((one) => one.commit ?? 'none').join(', ') : signer.source?.commit;
  return [{ rule: 'other-commit', message: `it is of commit ${named || 'none'}, not ${commit}` }];
}

function artifactFaults({ artifacts }: Provenance, { artifact }: ExpectedProvenance): ProvenanceFault[] {
  if (artifacts.length === 0)
    return [{ rule: 'other-artifact', message: 'it names no artifact by a SHA-256 or SHA-512 checksum' }];
  if (artifact === undefined || artifacts.includes(artifact)) return [];
  return [{ rule: 'other-artifact', message: `it is about ${artifacts.slice(0, 2).join(', ')}, not ${artifact}` }];
}

/** At a place of the organization, and by its name a repository of the service; in any case of letters. */
function isOfService(uri: string, { sources }: ProvenanceTrust, repositories: readonly string[]): boolean {
  const place = placeOf(uri);
  if (place === undefined) return false;
  const isOurs = sources.some((glob) => globMatches(glob.toLowerCase().replace(/^https:\/\//, ''), place));
  return isOurs && repositories.some((name) => isNamed(name, place));
}

function isNamed(repository: string, place: string): boolean {
  const name = placeOf(repository) ?? repository.toLowerCase();
  return place === name || place.endsWith(`/${name}`);
}

/** `git+https://user@github.com/Contoso/app.git@refs/heads/main` → `github.com/contoso/app`; only of https. */
function placeOf(uri: string): string | undefined {
  const url = URL.parse(uri.replace(/^git\+/, ''));
  if (url?.protocol !== 'https:') return undefined;
  const [path = ''] = url.pathname.split('@');
  // Nothing but a space is decoded: an encoded slash stays no slash.
  const place = withoutEndSlashes(`${url.host}${path.replaceAll('%20', ' ')}`);
  return place.replace(/\.git$/i, '').toLowerCase();
}
