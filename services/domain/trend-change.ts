import { type Change, changeOf } from './calibration-change.ts';
import { coverage, groundsOf } from './condition.ts';
import { type Contract, type Control, type Rule, TIERS } from './contract.ts';
import { neverGates, SEVERITIES } from './finding.ts';
import { plusDays } from './instant.ts';

const DUE_DAYS = 30;
const WARNS_FOR_DAYS = 90;
const LEAD_AFTER_DAYS = 60;

/**
 * A warning, which has an owner and a date, in the place of the first rule that only counts; what merely informs, and what
 * the warning leaves, is counted as before. Undefined: nothing of the control is only counted that could warn as a whole.
 */
export function ownedWarning(contract: Contract, control: Control, now: string): Change | undefined {
  if (neverGates(control.signal.category)) return undefined;
  const grounds = groundsOf(contract, control);
  const counted = control.decisions
    .map((rule) => ({ rule, severity: severityLeft(contract, control, rule) }))
    .filter(({ rule, severity }) => rule.then === 'monitor' && severity.length > 0);
  const [first] = counted;
  if (first === undefined) return undefined;
  const { rule, severity } = first;
  const today = now.slice(0, 10);
  const warn: Rule = {
    when: { ...rule.when, severity },
    // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
    then: 'warn',
    because: `Say what its owner is to do. Only counted until ${today}`,
    dueDays: DUE_DAYS,
    decideBy: plusDays(today, WARNS_FOR_DAYS),
    escalate: [{ after: { ageDays: LEAD_AFTER_DAYS }, to: 'owner-lead' }],
  };
  const isAllOfIt = coverage(rule.when, warn.when, grounds) === 'yes';
  return changeOf({ contract, control }, rule, isAllOfIt ? [warn] : [warn, rule], counted.length);
}

/** Severities that reach this rule: neither information, nor what rules before it decide wherever it is. */
function severityLeft(contract: Contract, control: Control, rule: Rule) {
  const { when } = rule;
  const grounds = groundsOf(contract, control);
  const before = control.decisions.slice(0, control.decisions.indexOf(rule));
  const tiers = (when.tier ?? TIERS).filter((tier) => [...grounds.tiers.values()].includes(tier));
  return (when.severity ?? SEVERITIES).filter((severity) => {
    const isDecided = (tier: (typeof TIERS)[number]) =>
      before.some((rule) => coverage({ ...when, tier: [tier], severity: [severity] }, rule.when, grounds) === 'yes');
    return severity !== 'info' && !tiers.every(isDecided);
  });
}
