import { sha256Base32 } from '../domain/checksum.ts';
import type { Contract, Control, EnvironmentPolicy } from '../domain/contract.ts';
import { type Exception, expiryOf, latestUntil } from '../domain/exception.ts';
import { continued, type Grant } from '../domain/exception-grants.ts';
import type { ExceptionRefusal } from '../domain/exception-refusal.ts';
import {
  chooseTarget,
  type ExceptionOffer,
  type Hidden,
  requestedFor,
  type TargetWish,
} from '../domain/exception-request.ts';
import { proposedReview, type TermsWish } from '../domain/exception-terms.ts';
import type { Gate } from '../domain/gate.ts';
import type { Person, PersonActor } from '../domain/person.ts';
import type { Clock } from './clock.ts';
import type { Directory } from './directory.ts';
import type { ExceptionScope, ExceptionStore, LiveException, StoredException } from './exception-store.ts';
import type { GateStore } from './gate-store.ts';
import type { ImportStore } from './import-store.ts';
import { importMeant } from './imported-wish.ts';
import type { Meant } from './meant.ts';
import { openFindings } from './open-findings.ts';
import type { Policy, PolicySnapshot } from './policy.ts';
import type { ScopeKey, ScopeStore } from './scope-store.ts';

export interface BasisNeeds {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly gates: Pick<GateStore, 'locate'>;
  readonly scopes: Pick<ScopeStore, 'view'>;
  readonly exceptions: ExceptionStore;
  readonly imports: ImportStore;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
}

/** What somebody wants an exception for, by whichever road. */
export interface ExceptionWish extends TargetWish {
  readonly by: PersonActor;
  /** The blocked request from which it is asked for: its findings are meant. */
  readonly requestId?: string;
  /** What was shown to whoever asks: refused when it would hide something else by now. */
  readonly shown?: string;
  readonly terms: TermsWish;
  /** Who is meant by `terms.owner` where it is a mention. */
  readonly owner?: Meant;
  /** IANA zone of whoever wrote the date. */
  readonly timezone?: string;
  /** The exception that it is to take the place of. */
  readonly renews?: string;
  /** The exception of another tool in whose place it is asked for: what that lets pass is meant, on its terms where they are not said. */
  readonly imported?: string;
  readonly op: string;
}

/** Everything that a request is judged by, read once. */
export interface Basis {
  readonly now: string;
  readonly contract: Contract;
  readonly control: Control;
  readonly scope: ScopeKey;
  /** With what it takes over from the exception that it renews. */
  readonly terms: TermsWish;
  readonly hidden: Hidden;
  readonly known: ExceptionScope;
  readonly person: Person;
  readonly gate: Gate | undefined;
  /** Not over, of this service, within its budget. */
  readonly used: readonly string[];
  readonly continues: Grant | undefined;
  readonly renews: StoredException | undefined;
}

export async function basisOf(needs: BasisNeeds, wish: ExceptionWish): Promise<Basis | ExceptionRefusal> {
  if (wish.imported === undefined) return basisFor(needs, wish);
  const meant = await importMeant(needs, wish.imported, wish);
  if ('code' in meant) return meant;
  return basisFor(needs, { ...wish, ...meant, terms: { ...meant.terms, ...wish.terms } });
}

async function basisFor(needs: BasisNeeds, said: ExceptionWish): Promise<Basis | ExceptionRefusal> {
  const renews = said.renews === undefined ? undefined : await needs.exceptions.locate(said.renews);
  const wish = renews === undefined ? said : renewing(said, renews.exception);
  // Nothing else is renewed than what was said.
  if (said.renews !== undefined && (renews === undefined || !isThere(said, wish)))
    return { code: 'unknown-exception', id: said.renews };
  const rules = rulesFor(await needs.policy.current(), wish, needs.clock.now());
  if ('code' in rules) return rules;
  const { contract, now } = rules;
  const gate = wish.requestId === undefined ? undefined : (await needs.gates.locate(wish.requestId))?.gate;
  const place = await targetOf(needs, wish, rules, { gate, org: gate?.org ?? renews?.exception.org });
  if ('code' in place) return place;
  const { scope, hidden } = place;
  const control = contract.controls.find(({ name }) => name === hidden.target.control);
  if (control === undefined) return { code: 'unknown-control', known: contract.controls.map(({ name }) => name) };
  const [known, live, person] = await Promise.all([
    needs.exceptions.scope(scope),
    needs.exceptions.live(wish.service),
    needs.directory.person(wish.by.oid),
  ]);
  if (person === undefined) return { code: 'stranger', refusal: 'not-in-directory' };
  const grants = known.grants.get(control.name)?.grants ?? [];
  const continues = continued(grants, hidden.target, control.expiry.maxDays, now);
  return {
    ...{ now, contract, control, scope, hidden, known, person, gate, continues, renews },
    terms: wish.terms,
    used: countedIn(live, now).filter((id) => id !== wish.renews),
  };
}

/** Those that count against the budget of their service; one that is being renewed counts once. */
function countedIn(live: readonly LiveException[], now: string): string[] {
  const renewed = new Set(live.map(({ exception }) => exception.renewal.renews));
  const counted = live.filter(
    ({ id, exception }) => exception.baseline !== true && now < expiryOf(exception.terms) && !renewed.has(id),
  );
  return [...new Set(counted.map(({ id }) => id))];
}

/** What decides about a request there, or what of it the policy does not know. */
function rulesFor(
  policy: PolicySnapshot,
  { service, environment: name }: ExceptionWish,
  now: string,
): Rules | ExceptionRefusal {
  const { contract, catalog } = policy;
  if (contract === undefined) return { code: 'no-contract' };
  const environment = contract.environments.get(name);
  if (environment === undefined) return { code: 'unknown-environment', known: [...contract.environments.keys()] };
  if (!catalog.services.has(service)) return { code: 'unknown-service', known: [...catalog.services.keys()] };
  return { policy, contract, environment, now };
}

function isThere(said: ExceptionWish, { service, environment, control }: ExceptionWish): boolean {
  return said.service === service && said.environment === environment && (said.control ?? control) === control;
}

/** A renewal is for the same, on the same terms but for what is said anew; until when and why has to be said. */
function renewing(wish: ExceptionWish, { target, terms }: Exception): ExceptionWish {
  const { requestId: _, ...rest } = wish;
  const { owner, reasonClass, review, mitigation, ticket } = terms;
  const kept = {
    owner,
    reasonClass,
    reviewEvery: review.cadence ?? `${review.everyDays}d`,
    ...(mitigation === undefined ? {} : { mitigation }),
    ...(ticket === undefined ? {} : { ticket }),
  };
  return { ...rest, ...target, isRenewal: true, terms: { ...kept, ...wish.terms } };
}

interface Place {
  readonly scope: ScopeKey;
  readonly hidden: Hidden;
}

interface Rules {
  readonly policy: PolicySnapshot;
  readonly contract: Contract;
  readonly environment: EnvironmentPolicy;
  readonly now: string;
}

interface From {
  readonly gate: Gate | undefined;
  /** Undefined: any. */
  readonly org: string | undefined;
}

/** In the organization of the request, or of what is renewed, else in the first one where it is found. */
async function targetOf(
  needs: BasisNeeds,
  wish: ExceptionWish,
  rules: Rules,
  { gate, org: only }: From,
): Promise<Place | ExceptionRefusal> {
  const { service, environment } = wish;
  const isOfGate = gate !== undefined && gate.environment === environment && gate.services.includes(service);
  if (wish.requestId !== undefined && !isOfGate) return { code: 'stranger', refusal: 'unknown-request' };
  let refused: ExceptionRefusal = { code: 'nothing-to-except' };
  for (const org of only === undefined ? needs.orgs : [only]) {
    const scope = { org, service, environment };
    const open = await openFindings(needs.scopes, rules.policy, { scope, ...rules, ...wantedOf(wish, gate) });
    // From a request exactly what blocks it is meant, not what the control may find another day.
    const isListed = wish.isListed === true || isOfGate;
    const chosen = chooseTarget({ ...wish, isListed }, open, rules.contract.controls);
    if (chosen.kind === 'hidden') return { scope, hidden: chosen.hidden };
    refused = chosen.why;
  }
  return refused;
}

function wantedOf({ fingerprints }: ExceptionWish, gate: Gate | undefined) {
  const commits = gate?.sources?.commits.map(({ commit }) => commit);
  return {
    ...(commits === undefined ? {} : { commits }),
    ...(fingerprints === undefined ? {} : { fingerprints }),
  };
}

export function offerOf(basis: Basis): ExceptionOffer {
  const { hidden, control, contract, now, used, known } = basis;
  const pending = requestedFor(known.requested, hidden);
  return {
    hidden,
    shown: shownOf(hidden),
    owner: hidden.owner,
    reviewEvery: proposedReview(control.expiry),
    latest: latestUntil(now, control.expiry.maxDays),
    expiry: control.expiry,
    budget: { used: used.length, limit: contract.limits.exceptionsPerService },
    renewal: renewalOf(basis),
    known: basis.terms,
    ...(pending === undefined ? {} : { pending: pending.id }),
  };
}

export function renewalOf({ continues, control }: Pick<Basis, 'continues' | 'control'>) {
  return { number: continues === undefined ? 0 : continues.number + 1, of: control.expiry.renewals };
}

/** What was shown, in 16 characters: a form that comes back for something else is refused. */
function shownOf({ target, severity }: Hidden): string {
  return sha256Base32(
    JSON.stringify([target.control, target.service, target.environment, target.fingerprints, severity]),
  ).slice(0, 16);
}

/** Once for each control of a scope, and before anything was let through there: as it is asked for, and as it is granted. */
export async function tooLateForBaseline(
  { scopes, exceptions }: Pick<BasisNeeds, 'scopes' | 'exceptions'>,
  scope: ScopeKey,
  control: string,
): Promise<ExceptionRefusal | undefined> {
  const [{ release }, all] = await Promise.all([scopes.view(scope, []), exceptions.all(scope)]);
  if (release !== undefined) return { code: 'no-baseline', why: 'released', control };
  const isUsed = all.some(
    ({ baseline, target, grantedAt }) => baseline === true && target.control === control && grantedAt !== undefined,
  );
  return isUsed ? { code: 'no-baseline', why: 'used', control } : undefined;
}
