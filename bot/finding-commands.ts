import type { FindingFilter } from '../services/domain/finding-list.ts';
import type { Meant } from '../services/ports/meant.ts';
import type { Answer, TurnPerson } from './answer.ts';
import type { Command } from './commands.ts';
import { meantBy } from './said.ts';

/** A finding as a command or a button names it. */
export interface FindingMeant {
  readonly fingerprint: string;
  readonly service?: string;
  readonly environment?: string;
}

export interface FindingHandlers {
  readonly findings: (by: TurnPerson, filter: FindingFilter) => Promise<Answer>;
  readonly finding: (by: TurnPerson, meant: FindingMeant) => Promise<Answer>;
  readonly claim: (by: TurnPerson, meant: FindingMeant, op: string) => Promise<Answer>;
  readonly unclaim: (by: TurnPerson, meant: FindingMeant, op: string) => Promise<Answer>;
  readonly snooze: (by: TurnPerson, meant: FindingMeant, op: string, until?: string) => Promise<Answer>;
  readonly assign: (by: TurnPerson, meant: FindingMeant, op: string, to?: Meant) => Promise<Answer>;
}

const DECISIONS = ['block', 'warn', 'monitor'] as const;
const PRINT = '(?<print>\\S{1,100})';
const IN_SERVICE = '(?: (?<service>\\S{1,200}))?';

/** What is open, and what people do with it. */
export function findingCommands(handlers: FindingHandlers): readonly Command[] {
  return [
    {
      usage: 'findings [SERVICE] [ENV] [block|warn|monitor]',
      meaning: 'what is open: of a service, of an environment, or alone what you or a group of yours owns',
      pattern: /^findings(?<words>(?: \S{1,200}){0,3})$/i,
      run: (by, { words = '' }) => handlers.findings(by, filterOf(words.trim())),
    },
    {
      usage: 'finding FP SERVICE [ENV]',
      meaning: 'one finding: where it blocks or warns, its past, who has it, its exceptions',
      pattern: /^finding (?<print>\S{1,100}) (?<service>\S{1,200})(?: (?<environment>\S{1,200}))?$/i,
      run: (by, words) => handlers.finding(by, meantIn(words)),
    },
    {
      usage: 'claim FP [SERVICE]',
      meaning: 'say that you mend it',
      pattern: new RegExp(`^claim ${PRINT}${IN_SERVICE}$`, 'i'),
      run: (by, words, op) => handlers.claim(by, meantIn(words), op),
    },
    {
      usage: 'unclaim FP [SERVICE]',
      meaning: 'give it back; it is no longer put off either',
      pattern: new RegExp(`^unclaim ${PRINT}${IN_SERVICE}$`, 'i'),
      run: (by, words, op) => handlers.unclaim(by, meantIn(words), op),
    },
    {
      usage: 'snooze FP [SERVICE] until DATE|fix',
      meaning: 'put a warning off until a day, or until a fix exists',
      pattern: new RegExp(`^snooze ${PRINT}${IN_SERVICE} until (?<until>.{1,200})$`, 'i'),
      run: (by, { until = '', ...words }, op) => handlers.snooze(by, meantIn(words), op, until),
    },
    {
      usage: 'assign FP [SERVICE] to @PERSON',
      meaning: 'say who mends it',
      pattern: new RegExp(`^assign ${PRINT}${IN_SERVICE} to (?<to>.{1,200})$`, 'i'),
      run: async (by, { to = '', ...words }, op, said) =>
        handlers.assign(by, meantIn(words), op, await meantBy(to, said)),
    },
  ];
}

function meantIn({ print = '', service, environment }: Readonly<Record<string, string | undefined>>): FindingMeant {
  return {
    fingerprint: print,
    ...(service === undefined ? {} : { service }),
    ...(environment === undefined ? {} : { environment }),
  };
}

/** The last word may be a decision; before it a service, then an environment. */
function filterOf(words: string): FindingFilter {
  const named = words === '' ? [] : words.split(' ');
  const decision = DECISIONS.find((one) => one === named.at(-1)?.toLowerCase());
  const [service, environment] = decision === undefined ? named : named.slice(0, -1);
  return {
    ...(service === undefined ? {} : { service }),
    ...(environment === undefined ? {} : { environment }),
    ...(decision === undefined ? {} : { decision }),
  };
}
