import { dayWords, type Figures, percent } from './calibration-figures.ts';
import type { Window } from './calibration-tally.ts';
import { coverage, environmentsOf, type Grounds, groundsOf } from './condition.ts';
import { type Condition, type Contract, type Control, isAnnounced, type Rule } from './contract.ts';
import { MINUTES_A_DAY, minuteOf } from './finding-history.ts';
import { plusDays } from './instant.ts';
import { asStrictAlready } from './override.ts';
import { ruleText } from './rule-text.ts';
import { SOAK_DAYS } from './soak.ts';

/** One rule of `decisions` as it stands, and what could stand in its place: YAML, a line each. */
export interface Change {
  readonly index: number;
  readonly before: string;
  readonly after: readonly string[];
  /** Rules of the control that could change likewise, this one among them: figures do not say which is meant. */
  readonly choices: number;
  /** Services whose overrides would be refused beside it, because they are no stricter then. */
  readonly superfluous: readonly string[];
}

interface Asked {
  readonly contract: Contract;
  readonly control: Control;
  readonly figures: Figures;
  readonly window: Window;
}

/** Rules that warn in production, where none before them decides all of that. */
export function promotable(contract: Contract, control: Control): Rule[] {
  const grounds = groundsOf(contract, control);
  return control.decisions.filter(({ when, then: decision }, index) => {
    const asked = inProduction(when, contract, grounds);
    const isDecided = control.decisions.slice(0, index).some((rule) => coverage(asked, rule.when, grounds) === 'yes');
    return decision === 'warn' && environmentsOf(when, grounds).some(isProduction(contract)) && !isDecided;
  });
}

/** A block in production, which still warns until it has soaked; where the first of these is about more, it stays behind. */
export function promotion(warns: readonly Rule[], asked: Asked): Change | undefined {
  const { contract, control, figures, window } = asked;
  const [rule] = warns;
  if (rule === undefined) return undefined;
  const { because: _, decideBy: __, escalate, when, ...kept } = rule;
  const grounds = groundsOf(contract, control);
  const block: Rule = {
    ...kept,
    when: inProduction(when, contract, grounds),
    // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
    then: 'block',
    from: dayAfter(window.now, SOAK_DAYS),
    justification: `Say why. ${summaryOf(figures, window)}`,
    escalate: escalate.filter(({ to }) => to !== 'block'),
  };
  const isAllOfIt = coverage(when, block.when, grounds) === 'yes';
  return changeOf(asked, rule, isAllOfIt ? [block] : [block, rule], warns.length);
}

const WARNS_FOR_DAYS = 90;
const DUE_DAYS = 14;
const LEAD_AFTER_DAYS = 30;

/** A warning in the place of the first rule that blocks, today if there is one. */
export function demotion(asked: Asked): Change | undefined {
  const { control, figures, window } = asked;
  const blocks = control.decisions.filter(({ then }) => then === 'block');
  const rule = blocks.find((block) => !isAnnounced(block, window.now)) ?? blocks[0];
  if (rule === undefined) return undefined;
  const warn: Rule = {
    when: rule.when,
    // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
    then: 'warn',
    because: `Say what must change. ${summaryOf(figures, window)}`,
    dueDays: rule.dueDays ?? DUE_DAYS,
    decideBy: dayAfter(window.now, WARNS_FOR_DAYS),
    escalate: [{ after: { ageDays: LEAD_AFTER_DAYS }, to: 'owner-lead' }],
  };
  return changeOf(asked, rule, [warn], blocks.length);
}

/** These rules in the place of one. */
export function changeOf(
  { contract, control }: Pick<Asked, 'contract' | 'control'>,
  rule: Rule,
  rules: readonly Rule[],
  choices: number,
): Change {
  const index = control.decisions.indexOf(rule);
  const decisions = control.decisions.toSpliced(index, 1, ...rules);
  const grounds = groundsOf(contract, control);
  const isSuperfluous = (service: string, own: Rule) =>
    asStrictAlready({ decisions }, service, own, grounds) !== undefined;
  const superfluous = [...control.overrides].filter(([service, own]) =>
    own.some((override) => isSuperfluous(service, override)),
  );
  return {
    index,
    before: ruleText(rule),
    after: rules.map(ruleText),
    choices,
    superfluous: superfluous.map(([service]) => service),
  };
}

/** As it is where it says so itself: what names neither tier nor environment holds for whatever is added. */
function inProduction(when: Condition, contract: Contract, grounds: Grounds): Condition {
  const isNamed = when.tier !== undefined || when.environment !== undefined;
  const isAlone = isNamed && environmentsOf(when, grounds).every(isProduction(contract));
  const { tier: _, ...kept } = when;
  return isAlone ? when : { tier: ['production'], ...kept };
}

function isProduction({ environments }: Contract) {
  return (name: string) => environments.get(name)?.tier === 'production';
}

function dayAfter(now: string, days: number): string {
  return plusDays(now.slice(0, 10), days);
}

/** The figures in one sentence, for the contract's own history. */
function summaryOf({ gone, medianFixDays, noiseShare, exceptedShare, recurrence }: Figures, { since, now }: Window) {
  const parts = [
    `${gone} gone in ${Math.round((minuteOf(now) - minuteOf(since)) / MINUTES_A_DAY)} days`,
    ...(medianFixDays === undefined ? [] : [`half of them within ${dayWords(medianFixDays)}`]),
    ...(recurrence === undefined ? [] : [`${percent(recurrence)} came back`]),
    ...(noiseShare === undefined ? [] : [`${percent(noiseShare)} noise`]),
    ...(exceptedShare === undefined ? [] : [`${percent(exceptedShare)} of what blocks excepted`]),
  ];
  return `Measured on ${now.slice(0, 10)}: ${parts.join(', ')}`;
}
