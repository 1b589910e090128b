import { DECISION_CLASSES, type EnvironmentPolicy } from '../domain/contract.ts';
import { type StandingGroup, tellFoundAfter } from '../domain/found-after.ts';
import { decisionsOf } from '../domain/judge.ts';
import type { Like, OpenGroup } from '../domain/judgement.ts';
import { likenessIn } from '../domain/likeness.ts';
import { listed } from '../domain/listed.ts';
import { NO_COMMIT, type ScanHead } from '../domain/scan-head.ts';
import type { PolicySnapshot } from './policy.ts';
import { knownIn, type ScopeKey, type ScopeStore } from './scope-store.ts';

/** Where findings are looked for. */
export interface FindingsWanted {
  readonly scope: ScopeKey;
  readonly environment: EnvironmentPolicy;
  /** Only what was found in these; absent: the newest report of each tool, of whatever commit. */
  readonly commits?: readonly string[];
  /** With the newest report that lists each of these. */
  readonly fingerprints?: readonly string[];
  /** As gates judge it: what an exception covers is a warning that names it. Else as if there were none. */
  readonly withExceptions?: boolean;
  /** Also what the contract only counts. */
  readonly withMonitored?: boolean;
  /** Says of each what it was before in another file. */
  readonly withLikes?: boolean;
  /** Says of each by what exemptions of Azure Policy are told. */
  readonly withExemptionKeys?: boolean;
  /** ISO-8601 UTC. */
  readonly now: string;
}

/**
 * What the contract says of the findings of one service and environment: the classes that exceptions are asked for, the
 * strictest first. Empty without a contract. Rejects with StoreUnavailableError.
 */
export async function openFindings(
  scopes: Pick<ScopeStore, 'view'>,
  { contract, catalog, knownExploited }: PolicySnapshot,
  wanted: FindingsWanted,
): Promise<readonly OpenGroup[]> {
  const { scope, environment, commits, fingerprints = [], now } = wanted;
  if (contract === undefined) return [];
  const views = await Promise.all(
    [scope.environment, '-'].map((name) => scopes.view({ ...scope, environment: name }, commits ?? 'any')),
  );
  const { heads: all, pasts, spreads, vex, release: last, ...excepting } = knownIn(views);
  const heads = commits === undefined ? newestHeads(all, fingerprints) : all;
  const service = catalog.services.get(scope.service);
  const judged = {
    name: scope.service,
    ...(service === undefined ? {} : { service }),
    heads,
    ...(wanted.withExceptions === true ? excepting : { exceptions: [] }),
    commits: [...new Set(heads.map(({ commit }) => commit))],
    pasts,
    spreads,
    vex,
  };
  const rules = { contract, environment, ...(knownExploited === undefined ? {} : { knownExploited }) };
  const decided = decisionsOf({ ...rules, services: [judged], arrivedAt: now, now, obstacles: [] });
  const release = last === undefined ? {} : { release: { environment: environment.name, release: last } };
  const likes = wanted.withLikes === true ? likenessIn(heads, all) : () => [];
  const keys = wanted.withExemptionKeys === true ? exemptionKeysIn(heads) : new Map<string, string>();
  const groups = tellFoundAfter(decided, { ...release, pasts, heads }).map((one) =>
    openGroup(one, likes(one.judged), keys),
  );
  const classes = wanted.withMonitored === true ? DECISION_CLASSES : (['block', 'warn'] as const);
  return classes.flatMap((decision) => listed(groups, decision));
}

function exemptionKeysIn(heads: readonly ScanHead[]): ReadonlyMap<string, string> {
  const groups = heads.flatMap((head) => head.groups);
  return new Map(
    groups.flatMap(({ fingerprints, exemptionKeys = [] }) =>
      fingerprints.map((print, n) => [print, exemptionKeys[n] ?? ''] as const),
    ),
  );
}

function openGroup(
  { judged, group: { fixAvailable }, foundAfter }: StandingGroup,
  likes: readonly Like[],
  keys: ReadonlyMap<string, string>,
): OpenGroup {
  const { fingerprints, duplicates = [] } = judged;
  const prints = keys.size === 0 ? [] : [...fingerprints, ...duplicates.map(({ fingerprint }) => fingerprint)];
  const exemptionKeys = prints.flatMap((print) => {
    const own = keys.get(print) ?? '';
    return own === '' ? [] : [[print, own] as const];
  });
  return {
    ...judged,
    ...(fixAvailable === undefined ? {} : { fixAvailable }),
    ...(foundAfter === undefined ? {} : { foundAfter }),
    ...(likes.length === 0 ? {} : { likes }),
    ...(exemptionKeys.length === 0 ? {} : { exemptionKeys }),
  };
}

/** Of each tool and category the newest that lists one of these findings, else the newest. */
export function newestHeads(heads: readonly ScanHead[], fingerprints: readonly string[] = []): ScanHead[] {
  const chosen = new Map<string, ScanHead>();
  const sorted = [...heads].sort((a, b) => (a.receivedAt < b.receivedAt ? 1 : -1));
  const lists = (head: ScanHead, print: string) => head.groups.some((group) => group.fingerprints.includes(print));
  const put = (key: string, head: ScanHead) => chosen.has(key) || chosen.set(key, head);
  for (const print of fingerprints) {
    const head = sorted.find((one) => lists(one, print));
    if (head !== undefined) put(kindOf(head), head);
  }
  for (const head of sorted) put(kindOf(head), head);
  return [...chosen.values()];
}

/** What is so whatever is deployed is no newer word on what is. */
function kindOf({ category, tool, environment = '-', commit }: ScanHead): string {
  return `${category} ${tool} ${environment} ${commit === NO_COMMIT}`;
}
