import { z } from 'zod';
import { fullBranch } from '../domain/catalog.ts';
import { type BranchFact, sectionsOf } from '../domain/platform.ts';
import type { SectionRead } from '../ports/platform-source.ts';
import { isGuid, sameId } from './paths.ts';
import { translated } from './platform-faults.ts';
import { policyConfigurationsPath, projectRepositoriesPath } from './platform-paths.ts';
import { type PlatformRead, readSteps, type SectionReader } from './platform-read.ts';

const PERMISSION = 'give the bot "Read" of code (vso.code) and "View project-level information" in the project';
const POLICIES_A_PAGE = 200;

/** Policy types that are told apart, the same in every organization. */
const KINDS: readonly (readonly [string, string])[] = [
  ['fa4e907d-c16b-4a4c-9dfa-4906e5d171dd', 'minimum-reviewers'],
  ['0609b952-1397-4640-95ec-e00a01b2c241', 'build-validation'],
  ['fd2167ab-b0be-447a-8ec8-39368250530e', 'required-reviewers'],
  ['cbdc66da-9728-4af8-aada-9a5a32e4a226', 'status'],
];

const text = z.string().nullish();
const repositories = z.object({
  value: z.array(
    z.object({
      id: z.string().refine(isGuid),
      name: z.string(),
      defaultBranch: text,
      isDisabled: z.boolean().nullish(),
    }),
  ),
});
const configurations = z.object({
  value: z.array(
    z.object({
      id: z.number().int(),
      isEnabled: z.boolean(),
      isBlocking: z.boolean(),
      isDeleted: z.boolean().nullish(),
      type: z.object({ id: z.string(), displayName: text }),
      settings: z.object({
        scope: z.array(z.object({ repositoryId: text, refName: text, matchKind: text })).nullish(),
        minimumApproverCount: z.number().int().nonnegative().nullish(),
        creatorVoteCounts: z.boolean().nullish(),
        resetOnSourcePush: z.boolean().nullish(),
        resetRejectionsOnSourcePush: z.boolean().nullish(),
      }),
    }),
  ),
});
type Configuration = z.output<typeof configurations>['value'][number];
type Scope = NonNullable<Configuration['settings']['scope']>[number];

interface Repository {
  readonly id: string;
  readonly name: string;
  readonly defaultRef?: string;
}

interface State {
  readonly isDone?: true;
  /** Absent: not asked for yet. */
  readonly repositories?: readonly Repository[];
  readonly policies: readonly { readonly fact: BranchFact['policies'][number]; readonly scope: readonly Scope[] }[];
  readonly token?: string;
}

/**
 * What guards the branches of a project that production may be deployed from: the default branch of each repository, the one that the
 * catalog names, and those that a check lets through. All policies of the project are read at once; one that is turned off is told as that.
 */
export const readBranches: SectionReader<'branches'> = (read, section) =>
  translated(PERMISSION, async () => {
    const first: State = { policies: [] };
    const { state, ...cost } = await readSteps(read, section, first, (from) => step(read, section, from));
    const facts = (state.repositories ?? []).flatMap((repository) =>
      refsOf(repository, section).map((ref) => branchOf(repository, ref, state.policies)),
    );
    return { facts, ...cost };
  });

async function step(read: PlatformRead, { target }: SectionRead<'branches'>, state: State): Promise<State> {
  if (state.repositories === undefined) {
    const page = await read(projectRepositoriesPath(target.target), repositories);
    const found = page.value.value
      .filter(({ isDisabled }) => isDisabled !== true)
      .map(({ id, name, defaultBranch }) => ({
        ...{ id: id.toLowerCase(), name },
        ...(defaultBranch ? { defaultRef: defaultBranch } : {}),
      }));
    return { ...state, repositories: found };
  }
  const { token, ...known } = state;
  const page = await read(policyConfigurationsPath(target.target, POLICIES_A_PAGE, token), configurations);
  const policies = [...state.policies, ...page.value.value.flatMap(policyOf)];
  return page.next === undefined ? { ...known, policies, isDone: true } : { ...known, policies, token: page.next };
}

function policyOf({ id, isEnabled, isBlocking, isDeleted, type, settings }: Configuration): State['policies'] {
  if (isDeleted === true) return [];
  const kind = KINDS.find(([known]) => sameId(type.id, known))?.[1] ?? (type.displayName || type.id);
  const { minimumApproverCount, creatorVoteCounts, resetOnSourcePush } = settings;
  // Only what is said outright keeps the author out.
  const authorCounts = creatorVoteCounts !== false;
  const reviewers = {
    reviewers: Math.max((minimumApproverCount ?? 0) - Number(authorCounts), 0),
    ...(authorCounts ? { authorCounts } : {}),
    resetsOnPush: resetOnSourcePush === true,
  };
  const fact = {
    ...{ id: String(id), kind, isBlocking },
    ...(isEnabled ? {} : { isDisabled: true as const }),
    ...(kind === 'minimum-reviewers' ? reviewers : {}),
  };
  return [{ fact, scope: settings.scope ?? [] }];
}

function refsOf({ name, defaultRef }: Repository, { target, sections, setting }: SectionRead<'branches'>): string[] {
  const services = [...(setting?.catalog.services.values() ?? [])];
  const named = services
    .filter(({ repositories: all }) => all.some((one) => sameId(one, name)))
    .flatMap(({ defaultBranch }) => defaultBranch ?? []);
  const environments = sectionsOf({ organization: '', sections }, 'environments').find(
    (one) => one.target === target.target,
  );
  const checks = environments?.known?.facts.flatMap((one) => one.checks) ?? [];
  const allowed = checks.flatMap(({ branches }) => branches?.allowed ?? []).filter((ref) => !ref.includes('*'));
  const isOfCatalog = services.some(({ repositories: all }) => all.some((one) => sameId(one, name)));
  const refs = [...(defaultRef === undefined ? [] : [defaultRef]), ...named, ...(isOfCatalog ? allowed : [])];
  return [...new Set(refs.map(fullBranch))].sort();
}

function branchOf({ id, name, defaultRef }: Repository, ref: string, policies: State['policies']): BranchFact {
  const own = policies.filter(({ scope }) => scope.some((one) => covers(one, { id, ref, defaultRef })));
  return { repositoryId: id, repository: name, ref, policies: own.map(({ fact }) => fact) };
}

interface Covered {
  readonly id: string;
  readonly ref: string;
  readonly defaultRef: string | undefined;
}

/** Without a repository a scope is of all in the project; one without a branch is of the repository, and guards what is pushed. */
function covers({ repositoryId, refName, matchKind }: Scope, { id, ref, defaultRef }: Covered): boolean {
  if (repositoryId && !sameId(repositoryId, id)) return false;
  if (sameId(matchKind ?? undefined, 'DefaultBranch')) return ref === defaultRef;
  if (!refName) return false;
  if (sameId(matchKind ?? undefined, 'Prefix')) return ref.startsWith(refName.replace(/\/?$/, '/'));
  return ref === refName;
}
