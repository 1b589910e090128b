import { assetKey } from './asset.ts';
import { canonicalJson } from './canonical.ts';
import { sha256Half } from './checksum.ts';
import type { Finding, Vulnerability } from './finding.ts';

/** What a problem is and where it is, as any tool that finds it would say. */
export interface Problem {
  /** Names of the problem that mean nothing else: a CVE, the definition of a policy. */
  readonly ids: readonly string[];
  /** What has it: `pkg:npm/lodash`, the ARM id of a resource. In any case of its letters. */
  readonly subject: string;
  /** Absent: the tool does not say. */
  readonly version?: string;
}

/** More names of one problem than this are left out. */
const IDS = 4;
/** Databases in which an id stands for one vulnerability; advisories of vendors (DSA, RHSA) are about several. */
const DATABASES = ['CVE', 'GHSA', 'GO', 'MAL', 'PYSEC', 'RUSTSEC'];
const KEY_LENGTH = 12;
const VERSION_MARK = '.';
const CUT = '…';

/** Undefined: what it is, or of what package or resource, cannot be told from what other tools find. */
export function problemOf({
  vulnerability,
  policyDefinition,
  asset,
}: Pick<Finding, 'vulnerability' | 'policyDefinition' | 'asset'>): Problem | undefined {
  if (vulnerability !== undefined) return vulnerabilityIn(vulnerability);
  if (policyDefinition === undefined || asset === undefined) return undefined;
  return { ids: [assetKey(policyDefinition)], subject: assetKey(asset) };
}

function vulnerabilityIn({ ids, package: named, purl }: Vulnerability): Problem | undefined {
  const known = [...new Set(ids.map((id) => id.trim().toUpperCase()))].filter((id) => databaseOf(id) >= 0);
  const url = purl === undefined ? undefined : packageIn(purl);
  if (known.length === 0 || url === undefined) return undefined;
  const version = url.version ?? versionIn(named);
  return {
    ids: known.sort((a, b) => databaseOf(a) - databaseOf(b) || (a < b ? -1 : 1)).slice(0, IDS),
    subject: url.subject,
    ...(version === undefined ? {} : { version: sameVersion(version) }),
  };
}

/** The keys that duplicates share, as short as they can be kept; empty for no problem. */
export function duplicateKeysOf(problem: Problem | undefined): string {
  if (problem === undefined) return '';
  const { ids, subject, version } = problem;
  const keys = ids.slice(0, IDS).map((id) => shortened([id.toUpperCase(), subject.toLowerCase()], KEY_LENGTH));
  const mark = version === undefined ? '' : `${VERSION_MARK}${shortened([version], KEY_LENGTH / 2)}`;
  return `${keys.join('')}${mark}`;
}

/** Keys as they were kept. */
export interface DuplicateKeys {
  readonly keys: readonly string[];
  readonly version?: string;
}

export function readDuplicateKeys(written: string): DuplicateKeys {
  const [all = '', version] = written.split(VERSION_MARK);
  const keys = Array.from({ length: all.length / KEY_LENGTH }, (_, n) =>
    all.slice(n * KEY_LENGTH, (n + 1) * KEY_LENGTH),
  );
  return { keys, ...(version === undefined ? {} : { version }) };
}

/** They share a key, and are not known to be of different versions. */
export function areDuplicates(a: DuplicateKeys, b: DuplicateKeys): boolean {
  return mayBeOneVersion(a, b) && a.keys.some((key) => b.keys.includes(key));
}

export function mayBeOneVersion(a: DuplicateKeys, b: DuplicateKeys): boolean {
  return a.version === undefined || b.version === undefined || a.version === b.version;
}

function databaseOf(id: string): number {
  return DATABASES.findIndex((name) => id.startsWith(`${name}-`));
}

/** Base64url characters of a checksum; a multiple of 4 leaves no padding. */
export function shortened(parts: readonly string[], length: number): string {
  return Buffer.from(sha256Half(canonicalJson(parts)), 'hex')
    .toString('base64url')
    .slice(0, length);
}

/** `pkg:type/namespace/name@version?qualifiers#subpath`. */
const PURL = /^pkg:\/{0,2}([a-z][a-z0-9.+-]*)\/([^?#]+)/i;
/** Their namespace is the distribution, which tools name differently; the name alone is one package of a system. */
const SYSTEM_TYPES: ReadonlySet<string> = new Set(['alpm', 'apk', 'deb', 'rpm']);

function packageIn(purl: string): { readonly subject: string; readonly version?: string } | undefined {
  const [, written = '', rest = ''] = PURL.exec(purl.trim()) ?? [];
  const type = written.toLowerCase();
  const at = rest.lastIndexOf('@');
  // A scope of npm may stand there as it is: `pkg:npm/@scope/name`.
  const hasVersion = at > 0 && rest[at - 1] !== '/';
  const path = decoded(hasVersion ? rest.slice(0, at) : rest).toLowerCase();
  const parts = path.split('/').filter((part) => part !== '');
  const name = SYSTEM_TYPES.has(type) ? parts.slice(-1) : parts;
  // Readers cut what is too long: two of these may be of different packages.
  if (type === '' || name.length === 0 || rest.endsWith(CUT)) return undefined;
  const version = hasVersion ? decoded(rest.slice(at + 1)) : '';
  return { subject: `pkg:${type}/${spelled(type, name.join('/'))}`, ...(version === '' ? {} : { version }) };
}

/** PyPI takes these for the same. */
function spelled(type: string, name: string): string {
  return type === 'pypi' ? name.replace(/[-_.]+/g, '-') : name;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Of `name@version`. */
function versionIn(named: string | undefined): string | undefined {
  const at = named?.lastIndexOf('@') ?? 0;
  return at > 0 ? named?.slice(at + 1) || undefined : undefined;
}

/** Go writes a `v` before it, systems an epoch, some tools only in a qualifier. */
function sameVersion(version: string): string {
  return version
    .trim()
    .toLowerCase()
    .replace(/^\d+:/, '')
    .replace(/^v(?=\d)/, '')
    .replace(/\+incompatible$/, '');
}
