import type { Exception } from './domain/exception.ts';
import type { FindingView } from './domain/finding-view.ts';
import { contextsIn } from './domain/judgement.ts';
import type { FindingKey } from './domain/open-finding.ts';
import { isUnowned, prefixOf } from './domain/triage.ts';
import type { TriageRefusal } from './domain/triage-refusal.ts';
import type { ExceptionStore } from './ports/exception-store.ts';
import { findingPast } from './ports/finding-past.ts';
import { holdersOf } from './ports/holders.ts';
import { listedIn } from './ports/listed-findings.ts';
import {
  type FindingNeeds,
  type FindingWish,
  type LocatedFinding,
  locateFinding,
  serviceNamed,
} from './ports/located-finding.ts';
import type { ScopeStore } from './ports/scope-store.ts';
import { type AnswerNeeds, unlessUnknown } from './ports/triage-answer.ts';

interface Needs extends FindingNeeds, AnswerNeeds {
  readonly scopes: Pick<ScopeStore, 'view' | 'finding'>;
  readonly exceptions: Pick<ExceptionStore, 'all'>;
}

export type ViewFinding = ReturnType<typeof createFindingView>;

/** One finding, for whoever may read. Changes nothing; rejects when the store does not answer. */
export function createFindingView(needs: Needs) {
  return (wish: FindingWish): Promise<FindingView | TriageRefusal> =>
    unlessUnknown(needs, wish.by, () => viewOf(needs, wish));
}

async function viewOf(needs: Needs, wish: FindingWish): Promise<FindingView | TriageRefusal> {
  const located = await locateFinding(needs, wish);
  const finding = 'code' in located && located.code === 'unknown-finding' ? await goneFinding(needs, wish) : located;
  if (finding === undefined || 'code' in finding) return finding ?? (located as TriageRefusal);
  const { key, places, prints, policy, now } = finding;
  const environments = [...(policy.contract?.environments.keys() ?? [])];
  const [{ triage }, pasts, exceptions] = await Promise.all([
    needs.triage.read(key),
    pastsOf(needs, key, prints, ['-', ...environments]),
    exceptionsOf(needs, finding, environments),
  ]);
  const holders = await holdersOf(needs.directory, {
    oids: triage?.assignee === undefined ? [] : [triage.assignee],
    principals: finding.owners,
  });
  const triages = new Map(triage === undefined ? [] : [[key.fingerprint, triage]]);
  const rows = places.flatMap(({ environment, group }) =>
    listedIn({ ...key, environment, groups: [group] }, triages, holders, now),
  );
  const assignee =
    triage?.assignee !== undefined && holders.isActive(triage.assignee) ? holders.nameOf(triage.assignee) : undefined;
  return {
    ...{ key, at: now, places: rows, pasts, exceptions },
    ...serviceContext(finding),
    ...(triage === undefined ? {} : { triage }),
    ...(assignee === undefined ? {} : { assignee }),
    isUnowned: isUnowned(triage, { ...holders, hasOwner: finding.owners.some(holders.hasMember) }),
  };
}

function serviceContext({ policy, key }: LocatedFinding): Pick<FindingView, 'context'> {
  const [context] = contextsIn(policy.catalog, [key.service]);
  return context === undefined ? {} : { context };
}

/** Known by its whole fingerprint, from what histories remember. */
async function goneFinding(
  needs: Needs,
  { fingerprint: written, service }: FindingWish,
): Promise<LocatedFinding | undefined> {
  const fingerprint = prefixOf(written);
  if (service === undefined || fingerprint?.length !== 32) return undefined;
  const policy = await needs.policy.current();
  const environments = ['-', ...(policy.contract?.environments.keys() ?? [])];
  for (const org of needs.orgs) {
    const key = { org, service: serviceNamed(policy, service), fingerprint };
    const prints = [fingerprint];
    if ((await pastsOf(needs, key, prints, environments)).length > 0)
      return { key, prints, places: [], owners: [], policy, now: needs.clock.now() };
  }
  return undefined;
}

async function pastsOf(
  { scopes }: Needs,
  { org, service }: FindingKey,
  prints: readonly string[],
  environments: readonly string[],
) {
  const read = await Promise.all(
    environments.flatMap((environment) =>
      prints.map(async (fingerprint) => ({
        environment,
        past: await findingPast(scopes, { org, service, environment }, fingerprint),
      })),
    ),
  );
  return read.flatMap(({ environment, past }) => (past === undefined ? [] : [{ environment, past }]));
}

/** Those that name it, and those for everything of a control that has it. */
async function exceptionsOf(
  { exceptions }: Needs,
  { key, places, prints }: LocatedFinding,
  environments: readonly string[],
): Promise<readonly Exception[]> {
  const { org, service } = key;
  const all = await Promise.all(environments.map((environment) => exceptions.all({ org, service, environment })));
  const controls = new Set(places.map(({ group }) => group.control));
  return all
    .flat()
    .filter(
      ({ target }) => target.fingerprints?.some((print) => prints.includes(print)) ?? controls.has(target.control),
    )
    .sort((a, b) => Number(b.id.slice('EX-'.length)) - Number(a.id.slice('EX-'.length)));
}
