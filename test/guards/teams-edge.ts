import type { Guard } from './guard.ts';

const GUARD = 'bot/teams/guard.ts';
const BODY = 'bot/body.ts';
const ACTIONS = 'bot/actions.ts';
const TEXT = 'cards/text.ts';

/** What comes in from Teams and over HTTP, and what is shown there. */
export const TEAMS_EDGE: readonly Guard[] = [
  {
    against: ['T1'],
    guard: 'an activity of another channel is refused before its token is looked at',
    patches: [{ file: GUARD, find: "if (at(activity, 'channelId') !== 'msteams') return 'channel';", replace: '' }],
    tests: ['test/unit/guard.test.ts'],
    fails: '%s is refused: %s',
  },
  {
    against: ['T1'],
    guard: 'a token counts for this API only',
    patches: [{ file: 'bot/authenticate.ts', find: 'audience: entra.audience,', replace: '' }],
    tests: ['test/unit/authenticate.test.ts'],
    fails: 'a token with %s is not let in',
  },
  {
    against: ['T2', 'I4'],
    guard: 'an activity that is sent again is the same operation',
    patches: [
      {
        file: 'bot/teams/operation-id.ts',
        find: "const own = textAt(activity, 'id') ?? '';",
        replace: "const own = textAt(activity, 'timestamp') ?? textAt(activity, 'id') ?? '';",
      },
    ],
    tests: ['test/unit/operation-id.test.ts'],
    fails: 'a click that Teams sends again is the same operation, whatever its time and order of data',
  },
  {
    against: ['T3', 'I17'],
    guard: 'a conversation is learnt only from a host of the cloud',
    patches: [
      {
        file: 'bot/teams/clouds.ts',
        find: "url.port === '' && rule.hosts.some((host) => matches(url.hostname, host));",
        replace: "url.port === '';",
      },
    ],
    tests: ['test/unit/guard.test.ts'],
    fails: '%s is refused: %s',
  },
  {
    against: ['T3', 'I17'],
    guard: 'the address of a conversation is looked at again at every send',
    patches: [
      {
        file: 'bot/teams/notifier.ts',
        find: 'if (!isAllowedServiceUrl(to.serviceUrl, needs)) {',
        replace: "if (to.serviceUrl === '') {",
      },
    ],
    tests: ['test/hostile/outgoing.test.ts'],
    fails: 'a conversation that somebody wrote into the store is called by nobody; the card waits for the true one',
  },
  {
    against: ['T4', 'I15'],
    guard: 'wherever an activity names a tenant it is the same one',
    patches: [
      {
        file: GUARD,
        find: 'ours !== undefined && stated.every((value) => isSame(value, ours)) ?',
        replace: 'ours !== undefined ?',
      },
    ],
    tests: ['test/unit/guard.test.ts'],
    fails: '%s is refused: %s',
  },
  {
    against: ['T4', 'I6'],
    guard: 'a token of a person counts only if it is that of the person in Teams',
    patches: [
      {
        file: 'bot/teams/token-service.ts',
        find: "const isOwn = isSame(claims['oid'], oid) && isSame(claims['tid'], tenant);",
        replace: 'const isOwn = true;',
      },
    ],
    tests: ['test/hostile/sign-in.test.ts'],
    fails: 'who signs in as themselves is signed in, and as somebody else is not',
  },
  {
    against: ['T6', 'I6'],
    guard: 'a program decides for nobody: only a delegated token is a person',
    patches: [
      {
        file: 'bot/authenticate.ts',
        find: "if (!isDelegated || (idtyp !== undefined && idtyp !== 'user')) return undefined;",
        replace: '',
      },
    ],
    tests: ['test/unit/authenticate-person.test.ts'],
    fails: 'a genuine token with %s is no person',
  },
  {
    against: ['T8'],
    guard: 'of a click only what the schema of its verb knows is taken',
    patches: [
      {
        file: ACTIONS,
        find: 'if (parsed.success) return actions[verb](by, parsed.data, op);',
        replace: 'if (parsed.success || true) return actions[verb](by, parsed.data ?? (data as ActionData<V>), op);',
      },
    ],
    tests: ['test/unit/actions.test.ts'],
    fails: 'data that is or has %s does nothing',
  },
  {
    against: ['T8'],
    guard: 'a client that acts by itself decides nothing',
    patches: [
      {
        file: ACTIONS,
        find: 'if (automatic === true && !BY_ITSELF.includes(verb))',
        replace: 'if (automatic === null)',
      },
    ],
    tests: ['test/unit/actions.test.ts'],
    fails: 'a client that acts by itself may look and nothing else',
  },
  {
    against: ['T12'],
    guard: 'a card that was passed on decides nothing where it was never sent',
    patches: [
      {
        file: 'services/approvals.ts',
        find: "if (!(await isShownIn(needs, stored, wish.clickedIn))) return refuse(needs, stored, wish, 'card-passed-on', now);",
        replace: '',
      },
    ],
    tests: ['test/integration/channel-cards.test.ts'],
    fails: 'a card that was passed on to another conversation decides nothing there, and the attempt is in the record',
  },
  {
    against: ['T13'],
    guard: 'no character of outside text is active Markdown',
    patches: [{ file: TEXT, find: ".replace(ACTIVE, '\\\\$&')", replace: '' }],
    tests: ['test/unit/text.test.ts'],
    fails: 'no text leaves an active character without its escape',
  },
  {
    against: ['T13'],
    guard: 'outside text is no mention and no link in plain messages',
    patches: [{ file: TEXT, find: ".replaceAll('<', '‹').replaceAll('>', '›').replaceAll('](', '] (')", replace: '' }],
    tests: ['test/unit/text.test.ts'],
    fails: 'plain text cannot become a mention or a link',
  },
  {
    against: ['T14'],
    guard: 'no outside text pushes the trusted facts out of view',
    patches: [{ file: TEXT, find: 'return clamp(line, max, read.length < text.length);', replace: 'return line;' }],
    tests: ['test/unit/text.test.ts'],
    fails: 'long text is cut by characters, never through one, and says so',
  },
  {
    against: ['T22'],
    guard: 'the limit of a body counts what it inflates to',
    patches: [{ file: BODY, find: 'if (inflated > limits.limit) throw tooLarge(limits.limit);', replace: '' }],
    tests: ['test/unit/body.test.ts'],
    fails: 'the limit counts inflated bytes',
  },
  {
    against: ['T22'],
    guard: 'a body that inflates beyond measure is refused long before its limit',
    patches: [
      {
        file: BODY,
        find: 'if (gzip && inflated > RATIO_FROM && inflated > ratio * raw.bytes) throw ratioExceeded(ratio);',
        replace: '',
      },
    ],
    tests: ['test/unit/body.test.ts'],
    fails: 'a gzip bomb is refused by its ratio long before the limit',
  },
  {
    against: ['T23'],
    guard: 'JSON is no deeper than what walks it can bear',
    patches: [{ file: BODY, find: 'if (isDeeper(text, maxDepth)) {', replace: 'if (maxDepth < 0) {' }],
    tests: ['test/unit/body.test.ts'],
    fails: 'a body of the allowed depth is taken and one level more is refused',
  },
  {
    against: ['T26'],
    guard: 'no key of a body reaches a prototype',
    patches: [{ file: BODY, find: 'if (hasForbiddenKey(value)) {', replace: 'if (value === undefined) {' }],
    tests: ['test/unit/body.test.ts'],
    fails: 'a key that could reach a prototype is refused: %s',
  },
  {
    against: ['T26'],
    guard: 'no object of the process has `__proto__`',
    patches: [
      { file: 'bot/safe-start.ts', find: "Reflect.deleteProperty(Object.prototype, '__proto__');", replace: '' },
    ],
    tests: ['test/hostile/start-up.test.ts'],
    fails: 'in a process of bot/%s.ts no object has a __proto__ by which others are reached',
  },
  {
    against: ['T30', 'I14'],
    guard: 'a value with a telling name never reaches the log',
    patches: [{ file: 'bot/log.ts', find: "SECRET_KEYS.test(key) ? '[secret]' : redacted(", replace: 'redacted(' }],
    tests: ['test/unit/log.test.ts'],
    fails: 'the value of %s is never written, wherever it stands',
  },
  {
    against: ['T33'],
    guard: 'a conversation and a tenant get no more messages a second than Teams takes',
    patches: [{ file: 'bot/teams/pace.ts', find: 'if (wait > 0) await sleep(wait);', replace: '' }],
    tests: ['test/unit/pace.test.ts'],
    fails: 'seven sends to one conversation go at once, the eighth waits for its turn',
  },
];
