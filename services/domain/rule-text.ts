import type { Condition, EscalationStep, Rule } from './contract.ts';

/**
 * A rule of `decisions` as YAML on one line, which means the same at any indentation. What a card would not show as it
 * is (controls, marks, angle brackets, several blanks) is written as an escape of YAML.
 */
export function ruleText(rule: Rule): string {
  const { when, group, because, justification, from, dueDays, decideBy, escalate } = rule;
  return `- ${mapping([
    ['when', Object.keys(when).length === 0 ? undefined : conditionText(when)],
    ['then', rule.then],
    ['group', group],
    ['from', from],
    ['justification', justification === undefined ? undefined : quoted(justification)],
    ['because', because === undefined ? undefined : quoted(because)],
    ['due', days(dueDays)],
    ['decideBy', decideBy],
    ['escalate', escalate.length === 0 ? undefined : `[${escalate.map(stepText).join(', ')}]`],
  ])}`;
}

function conditionText(when: Condition): string {
  const members = Object.entries(when) as [string, Condition[keyof Condition]][];
  return mapping(
    members.map(([name, asked]) => {
      if (typeof asked !== 'object') return [name, asked === undefined ? undefined : String(asked)];
      return [name, `[${asked.map(quoted).join(', ')}]`];
    }),
  );
}

function stepText({ after, to, in: tier }: EscalationStep): string {
  const { seen, withinDays, ageDays, services } = after;
  return mapping([
    [
      'after',
      mapping([
        ['seen', seen],
        ['within', days(withinDays)],
        ['age', days(ageDays)],
        ['services', services],
      ]),
    ],
    ['to', typeof to === 'string' ? to : mapping([['due', days(to.dueDays)]])],
    ['in', tier],
  ]);
}

/** Members that are there. */
function mapping(members: readonly (readonly [string, string | number | undefined])[]): string {
  const given = members.filter(([, value]) => value !== undefined);
  return `{ ${given.map(([name, value]) => `${name}: ${value}`).join(', ')} }`;
}

function days(count: number | undefined): string | undefined {
  return count === undefined ? undefined : `${count}d`;
}

const WORD = /^[a-z][a-z-]*$/;
/** Words that YAML reads as something else. */
const NO_TEXT = /^(?:y|yes|n|no|on|off|true|false|null)$/;
const UNSHOWN = /[\p{C}\p{M}\p{Z}\p{Default_Ignorable_Code_Point}<>]/gu;
/** Clients read these as a link, or as a date of the author's choosing. */
const PAIRS = /(?<=\])\(|(?<=\{)\{/g;

function quoted(text: string): string {
  if (WORD.test(text) && !NO_TEXT.test(text)) return text;
  const written = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replace(UNSHOWN, (one, at: number, whole: string) => (one === ' ' && whole[at - 1] !== ' ' ? one : escaped(one)))
    .replace(PAIRS, escaped);
  return `"${written}"`;
}

/** A half of a surrogate pair is no sign at all, and no file can hold one. */
function escaped(sign: string): string {
  const code = (sign.isWellFormed() ? (sign.codePointAt(0) ?? 0) : 0xfffd).toString(16);
  if (code.length > 4) return `\\U${code.padStart(8, '0')}`;
  return code.length > 2 ? `\\u${code.padStart(4, '0')}` : `\\x${code.padStart(2, '0')}`;
}
