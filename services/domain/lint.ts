import type { Catalog } from './catalog.ts';
import { coverage, groundsOf, isContradiction } from './condition.ts';
import { type Contract, type Control, isAnnounced, type PlacedRule, type Rule, rulesOf } from './contract.ts';
import { lintRoutes, type WhoIsWho } from './lint-routes.ts';
import { lintRule } from './lint-rule.ts';
import type { ProvenanceTrust } from './provenance.ts';
import { inContract, type Place, type Remark, remark } from './remark.ts';
import type { Route } from './route.ts';
import { type ContractPast, missingSoak, SOAK_DAYS } from './soak.ts';

/** A policy that is sound in its shape, and what is known around it. */
export interface LintedPolicy {
  readonly contract: Contract;
  readonly catalog: Catalog;
  readonly routes: readonly Route[];
  /** Absent: nothing is said about how many people there are. */
  readonly directory?: WhoIsWho;
  /** Absent: nobody is trusted about provenance. */
  readonly provenance?: ProvenanceTrust;
  readonly past: ContractPast;
  /** ISO date. */
  readonly today: string;
}

/** Everything unwise about it (docs/contract.md, Lint), in the order in which it is written. Total; closes no gate. */
export function lint(policy: LintedPolicy): Remark[] {
  const { contract } = policy;
  return [
    ...manyBlocks(contract),
    ...soakUnknown(policy),
    ...contract.controls.flatMap((control) => lintControl(policy, control)),
    ...lintRoutes(policy),
  ];
}

function lintControl(policy: LintedPolicy, control: Control): Remark[] {
  return [
    ...lateReview(control),
    ...noTrust(policy, control),
    ...rulesOf(control).flatMap((placed) => {
      const where = placeOf(control, placed);
      return [
        ...lintRule(control, placed.rule, where, policy.today),
        ...unreachable(policy, control, placed, where),
        ...unknownServices(policy.catalog, placed, where),
        ...noSoak(policy, control, placed, where),
      ];
    }),
  ];
}

function placeOf({ name }: Control, { service, index }: PlacedRule): Place {
  const list = service === undefined ? ['decisions'] : ['overrides', service];
  return inContract('controls', name, ...list, index);
}

function lateReview({ name, expiry }: Control): Remark[] {
  const { maxDays, reviewEveryDays } = expiry;
  // Without any day there is no exception to review.
  if (maxDays === 0 || reviewEveryDays <= maxDays) return [];
  const message = `is ${reviewEveryDays} days although an exception ends after ${maxDays}: review it before it ends`;
  return [remark('late-review', inContract('controls', name, 'expiry', 'reviewEvery'), message)];
}

function noTrust({ provenance }: LintedPolicy, control: Control): Remark[] {
  const { name, signal, evidence } = control;
  const gates = evidence.required.length > 0 || rulesOf(control).some(({ rule }) => rule.then === 'block');
  if (provenance !== undefined || signal.category !== 'provenance' || !gates) return [];
  const message =
    'stops deployments by provenance and nobody is trusted, so no attestation can be verified: put provenance.yaml and trusted-root.json beside it';
  return [remark('no-trust', inContract('controls', name, 'signal'), message)];
}

function unreachable(policy: LintedPolicy, control: Control, placed: PlacedRule, where: Place): Remark[] {
  const { rule, service, index } = placed;
  const grounds = groundsOf(policy.contract, control);
  if (isContradiction(rule.when, grounds)) {
    const message =
      'can match nothing: its environment is of another tier, or its tool or rule is none of the control; mend or remove it';
    return [remark('unreachable', where, message)];
  }
  const rules = service === undefined ? control.decisions : (control.overrides.get(service) ?? []);
  const startOfToday = `${policy.today}T00:00:00.000Z`;
  // Until its day an announced block takes nothing from what blocks already.
  const isReached = (earlier: Rule) => rule.then === 'block' && isAnnounced(earlier, startOfToday);
  const first = rules
    .slice(0, index)
    .findIndex((earlier) => coverage(rule.when, earlier.when, grounds) === 'yes' && !isReached(earlier));
  if (first === -1) return [];
  const message = `is never reached: rule [${first}] before it matches everything that this one does; move it up or remove it`;
  return [remark('unreachable', where, message)];
}

function unknownServices({ services, broken }: Catalog, { rule, service }: PlacedRule, where: Place): Remark[] {
  const named = service === undefined ? (rule.when.service ?? []) : [service];
  return named
    .filter((name) => !services.has(name) && !broken.has(name))
    .map((name) =>
      remark('unknown-service', where, `is for ${name}, which the catalog does not have: it matches nothing`),
    );
}

function manyBlocks({ controls, limits }: Contract): Remark[] {
  const blocks = controls.flatMap(rulesOf).filter(({ rule }) => rule.then === 'block').length;
  if (blocks <= limits.maxBlockRules) return [];
  const message = `is ${limits.maxBlockRules} and the contract has ${blocks} block rules: let some warn, or say why so many are needed by raising it`;
  return [remark('many-blocks', inContract('limits', 'maxBlockRules'), message)];
}

function soakUnknown({ past }: LintedPolicy): Remark[] {
  if (past.kind === 'known') return [];
  const message = `soak unknown: whether block rules have warned for ${SOAK_DAYS} days cannot be told, because ${past.why}`;
  return [remark('soak-unknown', inContract('controls'), message)];
}

function noSoak({ contract, past, today }: LintedPolicy, control: Control, placed: PlacedRule, where: Place): Remark[] {
  if (past.kind === 'unknown' || placed.rule.then !== 'block') return [];
  const missing = missingSoak({ contract, control, placed, versions: past.versions, today });
  if (missing === undefined) return [];
  const { environment, blocksFrom, days, soakedFrom } = missing;
  const message = `blocks in ${environment} from ${blocksFrom} on after ${days} of ${SOAK_DAYS} days as a warning: let it warn until then with from: ${soakedFrom}, or observe the environment`;
  return [remark('no-soak', where, message)];
}
