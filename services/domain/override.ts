import { canonicalJson } from './canonical.ts';
import { coverage, type Grounds, isContradiction } from './condition.ts';
import { type Condition, type Control, compareStrictness, type EscalationStep, type Rule } from './contract.ts';
import { decidingAmong, SILENCE } from './rule-match.ts';

/** A rule for all that can decide what an override is about; without an index, the control's silence. */
interface Deciding {
  readonly rule: Rule;
  readonly index?: number;
}

/** The rules for all that can decide whatever matches this condition, as far as can be told without a finding. */
export function decidingRules(
  { decisions }: Pick<Control, 'decisions'>,
  when: Condition,
  grounds: Grounds,
): Deciding[] {
  const { rules, isCertain } = decidingAmong(decisions, (rule) => coverage(when, rule.when, grounds));
  const placed = rules.map((rule) => ({ rule, index: decisions.indexOf(rule) }));
  return isCertain ? placed : [...placed, { rule: SILENCE }];
}

/** An override speaks of one service, whatever else it asks. */
export function conditionOf(service: string, { when }: Rule): Condition {
  return { ...when, service: [service] };
}

/**
 * What decides at least as strictly already wherever this override could; undefined when it is stricter somewhere.
 * A rule that cannot be told to be as strict everywhere leaves the benefit of the doubt: it can do no harm.
 */
export function asStrictAlready(
  control: Pick<Control, 'decisions'>,
  service: string,
  override: Rule,
  grounds: Grounds,
): Deciding | undefined {
  if (isContradiction(override.when, grounds)) return undefined;
  const deciding = decidingRules(control, conditionOf(service, override), grounds);
  return deciding.every(({ rule }) => isAsStrict(rule, override)) ? deciding.at(-1) : undefined;
}

/** On every day: a block that begins later is a warning until then, and a warning may climb. */
function isAsStrict(rule: Rule, other: Rule): boolean {
  const order = compareStrictness(rule.then, other.then);
  if (order !== 0 && other.then !== 'warn') return order < 0;
  if (other.then === 'block') return (rule.from ?? '') <= (other.from ?? '');
  const blocksNow = rule.then === 'block' && rule.from === undefined;
  return order <= 0 && (blocksNow || climbsAsSoon(rule, other));
}

function climbsAsSoon(rule: Rule, other: Rule): boolean {
  const known = rule.then === 'warn' ? rule.escalate.map(wordsOf) : [];
  return (
    (rule.dueDays ?? Number.POSITIVE_INFINITY) <= (other.dueDays ?? Number.POSITIVE_INFINITY) &&
    other.escalate.every((step) => known.includes(wordsOf(step)))
  );
}

function wordsOf({ after, to, ...rest }: EscalationStep): string {
  return canonicalJson({ ...rest, after: { ...after }, to: typeof to === 'string' ? to : { ...to } });
}
