import type { Control, Rule } from './contract.ts';
import { neverGates } from './finding.ts';
import { type Place, type Remark, type RemarkCode, remark } from './remark.ts';

/** What is unwise about one rule by itself. `today` is an ISO date. */
export function lintRule(control: Control, rule: Rule, where: Place, today: string): Remark[] {
  const own = rule.then === 'block' ? lintBlock(rule, where) : rule.then === 'warn' ? lintWarn(rule, where) : [];
  return [...own, ...informational(control, rule, where), ...decideByPast(rule, where, today)];
}

function lintWarn({ because, dueDays, decideBy, escalate }: Rule, where: Place): Remark[] {
  const needs: readonly (readonly [boolean, RemarkCode, string])[] = [
    [because !== undefined, 'no-because', 'because: say why it warns and does not block'],
    [dueDays !== undefined, 'no-due', 'due: say how long the owner has, such as 14d'],
    [decideBy !== undefined, 'no-decide-by', 'decideBy: name the day on which it becomes block or monitor'],
    [escalate.length > 0, 'no-escalation', 'escalate: say what follows when it is seen again, grows old or spreads'],
  ];
  return needs.flatMap(([isThere, code, need]) => (isThere ? [] : [remark(code, where, `warns without ${need}`)]));
}

function lintBlock({ when, group, justification }: Rule, where: Place): Remark[] {
  const asked = Object.keys(when);
  const remarks: Remark[] = [];
  if (asked.length === 1 && asked[0] === 'severity') {
    const message = 'blocks by severity alone: add what makes it matter, such as tier, rule or exploitability';
    remarks.push(remark('severity-only', where, message));
  }
  if (group !== undefined) return remarks;
  if (justification === undefined) {
    const message = 'blocks outside the four groups without justification: name its group, or say why it must block';
    remarks.push(remark('no-justification', where, message));
  }
  if (when.tier === undefined && when.environment === undefined) {
    const message = 'blocks outside the four groups in every environment: name tier or environment';
    remarks.push(remark('no-environment', where, message));
  }
  return remarks;
}

/** What merely informs must not stop or burden anybody unless a rule is named for it. */
function informational({ signal }: Control, { when, then }: Rule, where: Place): Remark[] {
  const informs = neverGates(signal.category) || (when.severity?.every((severity) => severity === 'info') ?? false);
  const isNamed = when.rule !== undefined || signal.rules.length > 0;
  if (then === 'monitor' || !informs || isNamed) return [];
  const what = neverGates(signal.category) ? 'activity' : 'findings of severity info';
  const message = `is ${then} for ${what} as a whole: name the rules that matter in when.rule, or monitor it`;
  return [remark('informational-gate', where, message)];
}

function decideByPast({ decideBy }: Rule, where: Place, today: string): Remark[] {
  if (decideBy === undefined || decideBy >= today) return [];
  const message = `was ${decideBy}: decide now whether it blocks or is monitored, or name another day`;
  return [remark('decide-by-past', { ...where, path: [...where.path, 'decideBy'] }, message)];
}
