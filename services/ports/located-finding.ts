import { duplicatePrints, printsOf } from '../domain/judgement.ts';
import type { OpenFinding } from '../domain/open-finding.ts';
import type { PersonActor } from '../domain/person.ts';
import { latestWord, prefixOf } from '../domain/triage.ts';
import type { TriageRefusal } from '../domain/triage-refusal.ts';
import type { Clock } from './clock.ts';
import { concernOf } from './concern.ts';
import type { Directory } from './directory.ts';
import { inLanes } from './lanes.ts';
import type { Policy, PolicySnapshot } from './policy.ts';
import type { ScopeStore } from './scope-store.ts';
import { type FoundIn, serviceFindings } from './service-findings.ts';
import type { TriageStore } from './triage-store.ts';

export interface FindingNeeds {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly scopes: Pick<ScopeStore, 'view'>;
  readonly triage: TriageStore;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
}

/** A finding as somebody means it. */
export interface FindingWish {
  readonly by: PersonActor;
  /** Its beginning, of at least 8 characters. */
  readonly fingerprint: string;
  /** In any case of its letters; absent: among what the person answers for. */
  readonly service?: string;
  /** Absent: wherever it is open. */
  readonly environment?: string;
}

/**
 * With the policy that it was judged by. Where several tools found it, its key has the fingerprint under which people have
 * said something, else the one that it is shown by.
 */
export interface LocatedFinding extends OpenFinding {
  /** Every fingerprint that a tool calls it by. */
  readonly prints: readonly string[];
  readonly policy: PolicySnapshot;
}

/** The one open finding that is meant; of two nobody guesses. Rejects with DirectoryUnavailableError or StoreUnavailableError. */
export async function locateFinding(needs: FindingNeeds, wish: FindingWish): Promise<LocatedFinding | TriageRefusal> {
  const prefix = prefixOf(wish.fingerprint);
  if (prefix === undefined) return { code: 'fingerprint-unreadable' };
  const policy = await needs.policy.current();
  const { contract, catalog } = policy;
  if (contract === undefined) return { code: 'no-contract' };
  const known = [...contract.environments.keys()];
  const { environment } = wish;
  if (environment !== undefined && !known.includes(environment)) return { code: 'unknown-environment', known };
  const now = needs.clock.now();
  const services = await servicesMeant(needs, policy, wish);
  const found = await inLanes(
    services.flatMap((service) => needs.orgs.map((org) => ({ org, service }))),
    (one) =>
      serviceFindings(needs.scopes, policy, {
        ...one,
        ...{
          environments: environment === undefined ? known : [environment],
          withMonitored: true,
          withLikes: true,
          now,
        },
      }),
  );
  const finding = oneOf(found.flat(), prefix);
  if (finding !== undefined && 'code' in finding) return finding;
  if (finding !== undefined) return withOwners(await asKnown(needs, finding), policy, now);
  const [service] = wish.service === undefined ? [] : services;
  if (service !== undefined && !catalog.services.has(service))
    return { code: 'unknown-service', known: [...catalog.services.keys()] };
  return { code: 'unknown-finding', fingerprint: prefix, ...(service === undefined ? {} : { service }) };
}

async function servicesMeant(
  { directory, triage }: FindingNeeds,
  policy: PolicySnapshot,
  { by, service }: FindingWish,
): Promise<readonly string[]> {
  if (service !== undefined) return [serviceNamed(policy, service)];
  const [concern, assigned] = await Promise.all([
    concernOf(directory, policy, by.oid),
    triage.assignedTo(by.oid.toLowerCase()),
  ]);
  return [...new Set([...concern.services, ...assigned.map((one) => one.service)])];
}

/** As the catalog writes it, else as it is written. */
export function serviceNamed({ catalog }: PolicySnapshot, written: string): string {
  if (catalog.services.has(written)) return written;
  const same = (name: string) => name.toLowerCase() === written.toLowerCase();
  return [...catalog.services.keys()].find(same) ?? written;
}

type Found = Pick<LocatedFinding, 'key' | 'places' | 'prints'>;
const NAMED = 5;

/** Where another tool's finding stands for it in one environment and not in the other, it is the same all the same. */
function oneOf(found: readonly FoundIn[], prefix: string): Found | TriageRefusal | undefined {
  const findings = new Map<string, Found>();
  for (const { meant, key, place, prints } of found.flatMap((one) => matching(one, prefix))) {
    const name = JSON.stringify([key.org, key.service, meant]);
    const known = findings.get(name) ?? { key, places: [], prints: [] };
    const all = new Set([...known.prints, ...prints]);
    findings.set(name, { ...known, places: [...known.places, place], prints: [...all] });
  }
  const [first, another] = findings.values();
  if (another === undefined) return first;
  const named = [...findings.values()]
    .slice(0, NAMED)
    .map(({ key: { service, fingerprint } }) => ({ service, fingerprint }));
  return { code: 'several-findings', fingerprint: prefix, found: named };
}

/** By whatever one of its tools calls it. */
function matching({ org, service, environment, groups }: FoundIn, prefix: string) {
  return groups.flatMap((group) => {
    const others = duplicatePrints(group);
    return printsOf(group).flatMap((fingerprint) => {
      const prints = [fingerprint, ...(others.get(fingerprint) ?? [])];
      const meant = prints.find((print) => print.startsWith(prefix));
      return meant === undefined
        ? []
        : [{ meant, key: { org, service, fingerprint }, place: { environment, group }, prints }];
    });
  });
}

async function asKnown({ triage }: FindingNeeds, found: Found): Promise<Found> {
  const { key, prints } = found;
  if (prints.length < 2) return found;
  const word = latestWord(await triage.of(key.org, key.service), prints);
  return word === undefined ? found : { ...found, key: { ...key, fingerprint: word.fingerprint } };
}

function withOwners({ key, places, prints }: Found, policy: PolicySnapshot, now: string): LocatedFinding {
  const lead = policy.catalog.services.get(key.service)?.lead;
  const owners = [...new Set(places.map(({ group }) => group.owner))];
  return { key, places, prints, owners, ...(lead === undefined ? {} : { lead }), policy, now };
}
