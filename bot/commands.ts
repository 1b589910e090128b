import type { Answer, TurnPerson } from './answer.ts';
import { type DigestHandlers, digestCommands } from './digest-commands.ts';
import { type ExceptionHandlers, exceptionCommands, isExceptionId } from './exception-commands.ts';
import { type FindingHandlers, findingCommands } from './finding-commands.ts';
import { nearest } from './nearest.ts';
import { type PeopleHandlers, peopleCommands } from './people-commands.ts';
import { NOTHING_SAID, type Said } from './said.ts';

/** One command of the chat. Patterns are anchored: what merely contains a command is none. */
export interface Command {
  readonly usage: string;
  readonly meaning: string;
  readonly pattern: RegExp;
  readonly run: (
    by: TurnPerson,
    words: Readonly<Record<string, string | undefined>>,
    op: string,
    said: Said,
  ) => Promise<Answer>;
}

export type RunCommand = (by: TurnPerson, text: string, op: string, said?: Said) => Promise<Answer>;

/** Looks a typed line up in the table; an unknown one is answered with the nearest. */
export function createRunCommand(commands: readonly Command[]): RunCommand {
  return async (by, text, op, said = NOTHING_SAID) => {
    const line = text.trim().replace(/^\//, '');
    for (const command of commands) {
      const match = command.pattern.exec(line);
      if (match !== null) return command.run(by, match.groups ?? {}, op, said);
    }
    return { text: notUnderstood(line, commands) };
  };
}

function notUnderstood(line: string, commands: readonly Command[]): string {
  const words = commands.map(firstWord);
  const first = (line.split(' ')[0] ?? '').toLowerCase();
  const isCommand = words.includes(first);
  const close = isCommand ? first : nearest(first, words);
  const usage = commands.find((command) => firstWord(command) === close)?.usage;
  if (usage === undefined) {
    return 'Nothing was done: I do not know that command. Write "help" to see what you can ask.';
  }
  if (!isCommand) return `Nothing was done: I do not know that command. Did you mean "${usage}"?`;
  const ids = / ID\b/.test(usage) ? ' "approvals all" shows the ids.' : '';
  return `Nothing was done: write it as "${usage}".${ids}`;
}

function firstWord({ usage }: Command): string {
  return usage.split(' ')[0] ?? usage;
}

interface Handlers extends PeopleHandlers, FindingHandlers, DigestHandlers {
  readonly help: (commands: readonly Pick<Command, 'usage' | 'meaning'>[]) => Answer;
  readonly list: (by: TurnPerson, filter: { readonly mine: boolean; readonly scope?: string }) => Promise<Answer>;
  readonly view: (by: TurnPerson, requestId: string) => Promise<Answer>;
  readonly decide: (
    by: TurnPerson,
    requestId: string,
    verdict: 'approve' | 'reject' | 'withdraw',
    comment: string,
    op: string,
  ) => Promise<Answer>;
  readonly bypass: (word: {
    readonly requestId: string;
    readonly explanation?: { readonly reason: string; readonly ticket: string };
    readonly by: TurnPerson;
    readonly op: string;
  }) => Promise<Answer>;
  /** Asks for one confirmation of several decisions. */
  readonly confirm: (
    by: TurnPerson,
    requestIds: readonly string[],
    verdict: 'approve' | 'reject',
    comment: string,
  ) => Promise<Answer>;
  readonly whoApproves: (by: TurnPerson, service: string, environment: string) => Promise<Answer>;
  readonly status: (by: TurnPerson) => Promise<Answer>;
  readonly contract: (by: TurnPerson) => Promise<Answer>;
  /** Of every control, or of one. */
  readonly calibration: (by: TurnPerson, control: string | undefined) => Promise<Answer>;
  /** Of one service, or of one of its environments. */
  readonly show: (
    by: TurnPerson,
    meant: { readonly service: string; readonly environment?: string },
  ) => Promise<Answer>;
  /** Of one service, or of one of its environments. */
  readonly posture: Handlers['show'];
  readonly audit: (by: TurnPerson) => Promise<Answer>;
  readonly evidence: (by: TurnPerson, id: string) => Promise<Answer>;
  /** Of one service, or of one of its environments. */
  readonly drift: Handlers['show'];
  /** Of everything, or of one service or environment. */
  readonly trends: (by: TurnPerson, scope: string | undefined) => Promise<Answer>;
  readonly exceptions: ExceptionHandlers;
}

/** What records the word of a person about a request. */
function decisionCommands(handlers: Handlers): Command[] {
  return [
    {
      usage: 'approve ID [comment]',
      meaning: 'let a deployment through; several ids wait for one confirmation',
      pattern: /^approve (?<id>\S{1,40})(?: (?<comment>.+))?$/is,
      run: decideOrConfirm(handlers, 'approve'),
    },
    {
      usage: 'reject ID comment',
      meaning: 'stop a deployment and say why; several ids wait for one confirmation',
      pattern: /^reject (?<id>\S{1,40})(?: (?<comment>.+))?$/is,
      run: decideOrConfirm(handlers, 'reject'),
    },
    {
      usage: 'withdraw ID',
      meaning: 'take your approval back while others are missing, or your request for an exception (EX-n)',
      pattern: /^withdraw (?<id>\S{1,40})$/i,
      run: (by, { id = '' }, op) =>
        isExceptionId(id)
          ? handlers.exceptions.withdraw(by, { exceptionId: id.toUpperCase() }, op)
          : handlers.decide(by, id.toLowerCase(), 'withdraw', '', op),
    },
    {
      usage: 'explain ID TICKET reason',
      meaning: 'say why a deployment went on without a decision',
      pattern: /^explain (?<id>\S{1,40}) (?<ticket>\S{1,400}) (?<reason>.+)$/is,
      run: (by, { id = '', ticket = '', reason = '' }, op) =>
        handlers.bypass({ requestId: id.toLowerCase(), explanation: { reason, ticket }, by, op }),
    },
    {
      usage: 'confirm ID',
      meaning: 'accept that explanation as the owner',
      pattern: /^confirm (?<id>\S{1,40})$/i,
      run: (by, { id = '' }, op) => handlers.bypass({ requestId: id.toLowerCase(), by, op }),
    },
  ];
}

/** What shows how things stand. */
function viewCommands(handlers: Handlers): Command[] {
  return [
    {
      usage: 'show SERVICE [ENV]',
      meaning: 'requests, findings and exceptions, and all that happened in the last 30 days on one timeline',
      pattern: /^show (?<service>\S{1,200})(?: (?<environment>\S{1,200}))?$/i,
      run: (by, words) => handlers.show(by, scopeIn(words)),
    },
    {
      usage: 'posture SERVICE [ENV]',
      meaning: 'how its environments stand and the platform before them: checks, policy, Defender, access, identity',
      pattern: /^posture (?<service>\S{1,200})(?: (?<environment>\S{1,200}))?$/i,
      run: (by, words) => handlers.posture(by, scopeIn(words)),
    },
    {
      usage: 'drift SERVICE [ENV]',
      meaning: 'what of production is otherwise than its owner approved, since when and after which deployment',
      pattern: /^drift (?<service>\S{1,200})(?: (?<environment>\S{1,200}))?$/i,
      run: (by, { service = '', environment }) =>
        handlers.drift(by, { service, ...(environment === undefined ? {} : { environment }) }),
    },
    {
      usage: 'evidence ID',
      meaning: 'everything that was recorded of a request, an exception or an action off the release path',
      pattern: /^evidence (?<id>\S{1,40})$/i,
      run: (by, { id = '' }) => handlers.evidence(by, id),
    },
    {
      usage: 'status',
      meaning: 'whether cards and answers get through',
      pattern: /^status$/i,
      run: (by) => handlers.status(by),
    },
    {
      usage: 'contract',
      meaning: 'what blocks now or soon, and which warnings should have been decided on',
      pattern: /^contract$/i,
      run: (by) => handlers.contract(by),
    },
    {
      usage: 'calibration [CONTROL]',
      meaning: 'which controls are ready to block, and what the figures say of one',
      pattern: /^calibration(?: (?<control>\S{1,100}))?$/i,
      run: (by, { control }) => handlers.calibration(by, control),
    },
    {
      usage: 'trends [SCOPE]',
      meaning: 'what piles up, where, how old it is and who owns it; for a service or environment too',
      pattern: /^trends(?: (?<scope>\S{1,200}))?$/i,
      run: (by, { scope }) => handlers.trends(by, scope),
    },
    {
      usage: 'audit',
      meaning: 'what was done since the last review: deployments, bypasses, exceptions, changes to the platform',
      pattern: /^audit$/i,
      run: (by) => handlers.audit(by),
    },
  ];
}

function scopeIn({ service = '', environment }: Readonly<Record<string, string | undefined>>) {
  return { service, ...(environment === undefined ? {} : { environment }) };
}

/** Typed command → handler. */
export function commandTable(handlers: Handlers): readonly Command[] {
  const commands: Command[] = [
    { usage: 'help', meaning: 'what you can ask', pattern: /^help$/i, run: async () => handlers.help(commands) },
    {
      usage: 'approvals [mine|all|SCOPE]',
      meaning: 'what waits for you, for everybody, or for a service or environment',
      pattern: /^approvals(?: (?<scope>\S{1,200}))?$/i,
      run: (by, { scope = 'mine' }) => handlers.list(by, filterOf(scope)),
    },
    ...decisionCommands(handlers),
    {
      usage: 'why ID',
      meaning: 'what a gate knows: findings, rules, who may decide',
      pattern: /^why (?<id>\S{1,40})$/i,
      run: (by, { id = '' }) => handlers.view(by, id.toLowerCase()),
    },
    {
      usage: 'who approves SERVICE ENV',
      meaning: 'the route, its people, who may not and who cannot be reached',
      pattern: /^who approves (?<service>\S{1,100}) (?<environment>\S{1,100})$/i,
      run: (by, { service = '', environment = '' }) => handlers.whoApproves(by, service, environment),
    },
    ...findingCommands(handlers),
    ...peopleCommands(handlers),
    ...digestCommands(handlers),
    ...exceptionCommands(handlers.exceptions),
    ...viewCommands(handlers),
  ];
  return commands;
}

function leadingIds(words: readonly string[]): readonly string[] {
  const end = words.findIndex((word) => !ID.test(word));
  return end < 0 ? words : words.slice(0, end);
}

const ID = /^[a-z2-7]{16}$/i;

/** Two ids and more need a confirmation that lists them; the first word that is no id begins the comment. */
function decideOrConfirm({ decide, confirm }: Handlers, verdict: 'approve' | 'reject'): Command['run'] {
  return (by, { id = '', comment = '' }, op) => {
    const words = comment.split(' ');
    const others = leadingIds(words);
    if (others.length === 0 || !ID.test(id)) return decide(by, id.toLowerCase(), verdict, comment, op);
    const ids = [id, ...others].map((word) => word.toLowerCase());
    return confirm(by, ids, verdict, words.slice(others.length).join(' '));
  };
}

function filterOf(scope: string): { readonly mine: boolean; readonly scope?: string } {
  const word = scope.toLowerCase();
  if (word === 'mine') return { mine: true };
  return word === 'all' ? { mine: false } : { mine: false, scope: word };
}
