import { canonicalJson } from './canonical.ts';
import { sha256 } from './checksum.ts';
import { duplicateKeysOf, mayBeOneVersion, problemOf, readDuplicateKeys } from './duplicate-keys.ts';

/** What a statement says of a vulnerability in a product, the strictest first. */
export const VEX_STATUSES = ['affected', 'under-investigation', 'fixed', 'not-affected'] as const;
export type VexStatus = (typeof VEX_STATUSES)[number];

export interface VexStatement {
  /** Of vulnerability and package, as findings keep theirs (duplicate-keys.ts). */
  readonly keys: string;
  readonly status: VexStatus;
  /** ISO-8601 UTC; empty: not said. */
  readonly at: string;
  /** Why, in the author's words; may be empty. */
  readonly why: string;
}

/** Statements of one author, as one file has them (Vulnerability Exploitability eXchange). */
export interface VexDocument {
  /** Of all versions of the document the same; of one that has none a checksum of what it says. */
  readonly id: string;
  readonly version: number;
  /** ISO-8601 UTC; when this version was written; empty: not said. */
  readonly at: string;
  readonly statements: readonly VexStatement[];
}

/** A document as it was brought in for a commit. */
export interface ScopedVex extends VexDocument {
  readonly reportId: string;
  /** Lower-case hexadecimal. */
  readonly commit: string;
  /** True when Azure DevOps confirmed run and commit. */
  readonly verified: boolean;
  /** ISO-8601 UTC. */
  readonly receivedAt: string;
}

/** Keys of a vulnerability in a package; undefined: one of the two cannot be told, so that it applies to nothing. */
export function vexKeysOf(ids: readonly string[], purl: string, version?: string): string | undefined {
  const named = version === undefined ? {} : { package: `-@${version}` };
  const problem = problemOf({ vulnerability: { ids, purl, ...named } });
  return problem === undefined ? undefined : duplicateKeysOf(problem);
}

/** Of documents without an id of their own each stands for itself. */
export function idByContent(statements: readonly VexStatement[]): string {
  const said = statements.map(({ keys, status, at, why }) => [keys, status, at, why]);
  return sha256(canonicalJson(said)).slice(0, 32);
}

/** Whether a version of a document takes the place of another: newer, or the same once more. */
export function replaces(one: ScopedVex, other: ScopedVex): boolean {
  return documentOf(one) === documentOf(other) && (isNewer(one, other) || saysTheSame(one, other));
}

function isNewer(one: VexDocument, other: VexDocument): boolean {
  return one.at === other.at ? one.version > other.version : one.at > other.at;
}

function saysTheSame(one: VexDocument, other: VexDocument): boolean {
  if (one.at !== other.at || one.version !== other.version) return false;
  return idByContent(one.statements) === idByContent(other.statements);
}

/** Of one commit, each as much vouched for: judgements read them all. */
const MOST_DOCUMENTS = 100;
const MOST_STATEMENTS = 20_000;

/**
 * Whether a document fits beside those of its commit that it does not replace. What nobody vouched for never takes the room
 * of what somebody did.
 */
export function fitsBeside(vex: ScopedVex, stored: readonly ScopedVex[]): boolean {
  const others = stored.filter((one) => one.verified === vex.verified && !replaces(vex, one));
  const statements = others.reduce((sum, one) => sum + one.statements.length, vex.statements.length);
  return others.length < MOST_DOCUMENTS && statements <= MOST_STATEMENTS;
}

/** What the documents together say of one finding. */
export interface VexWord {
  readonly status: VexStatus;
  readonly why: string;
  /** Whether one of them that says so is as much vouched for as the finding's own report. */
  readonly isVouched: boolean;
}

/** What is said of a finding with these keys (duplicate-keys.ts), from a report of a confirmed run or of any. */
export type VexOf = (keys: string, verified: boolean) => VexWord | undefined;

interface Said extends VexStatement {
  readonly document: string;
  readonly version: string | undefined;
  readonly verified: boolean;
}

/**
 * In whatever order they came: of one document its newest version, in it the latest statement about the finding, the
 * strictest of equally late ones; of several documents the strictest. Nothing where there is none.
 */
export function vexIn(documents: readonly ScopedVex[]): VexOf | undefined {
  const said = [...Map.groupBy(documents, documentOf).values()].flatMap(newestOf).flatMap(saidIn);
  if (said.length === 0) return undefined;
  const byKey = new Map<string, Said[]>();
  for (const one of said) for (const key of readDuplicateKeys(one.keys).keys) push(byKey, key, one);
  return (keys, verified) => {
    const { keys: own, ...version } = readDuplicateKeys(keys);
    const found = new Set(own.flatMap((key) => byKey.get(key) ?? []));
    const here = [...found].filter((one) => mayBeOneVersion({ keys: own, ...version }, versionOf(one)));
    return here.length === 0 ? undefined : wordOf(here, verified);
  };
}

/** What its versions have in common; what nobody vouched for is never a version of what somebody did. */
function documentOf({ id, verified }: ScopedVex): string {
  return `${verified} ${id}`;
}

/** Of the versions of one document those that none is newer than. */
function newestOf(versions: readonly ScopedVex[]): readonly ScopedVex[] {
  const newest = versions.reduce((best, next) => (isNewer(next, best) ? next : best));
  return versions.filter((one) => !isNewer(newest, one));
}

function saidIn(vex: ScopedVex): Said[] {
  const document = documentOf(vex);
  return vex.statements.map((one) => ({
    ...one,
    document,
    version: readDuplicateKeys(one.keys).version,
    verified: vex.verified,
  }));
}

function versionOf({ version }: Said) {
  return { keys: [], ...(version === undefined ? {} : { version }) };
}

function wordOf(said: readonly Said[], verified: boolean): VexWord {
  const words = [...Map.groupBy(said, ({ document }) => document).values()].map((all) => {
    const last = all
      .map(({ at }) => at)
      .sort()
      .at(-1);
    return strictest(all.filter(({ at }) => at === last));
  });
  const { status, why } = strictest(words);
  const isVouched = !verified || words.some((one) => one.verified && one.status === status);
  return { status, why, isVouched };
}

/** Of equal ones whichever says it first by the alphabet: the order in which they came means nothing. */
function strictest(words: readonly Said[]): Said {
  const rank = ({ status, why }: Said) => `${VEX_STATUSES.indexOf(status)} ${why}`;
  return words.reduce((best, next) => (rank(next) < rank(best) ? next : best));
}

function push<Key, Value>(all: Map<Key, Value[]>, key: Key, value: Value): void {
  const list = all.get(key);
  if (list === undefined) all.set(key, [value]);
  else list.push(value);
}
