import type { ConsoleCommand } from './command.ts';
import type { Decision } from './decide.ts';
import type { Outcome } from './outcome.ts';

type Options = Readonly<Record<string, string>>;

interface Calls {
  readonly send: (file: string, options: Options) => Promise<Outcome>;
  readonly decide: (decision: Pick<Decision, 'requestId' | 'verdict'>, options: Options) => Promise<Outcome>;
  readonly request: (options: Options) => Promise<Outcome>;
}

/** Of what goes to the running bot, which other machines reach without its settings. */
export const BOT_OPTIONS = [
  { flags: '--url <address>', meaning: 'address of the bot; PUBLIC_URL when left out', isRequired: false },
  { flags: '--audience <id>', meaning: 'audience of its API; API_AUDIENCE when left out', isRequired: false },
  { flags: '--token-stdin', meaning: 'take the token from standard input, not from a sign-in', isRequired: false },
];

const EXCEPTION_OPTIONS = [
  { flags: '--service <name>', meaning: 'as the catalog names it', isRequired: true },
  { flags: '--environment <name>', meaning: 'as the contract names it', isRequired: true },
  { flags: '--control <name>', meaning: 'every finding of this control there', isRequired: false },
  { flags: '--finding <fingerprint>', meaning: 'this finding alone', isRequired: false },
  { flags: '--owner <who>', meaning: 'who is accountable: an address, a whole name, or group:NAME', isRequired: false },
  { flags: '--class <class>', meaning: 'kind of reason, as the form has them', isRequired: false },
  { flags: '--reason <text>', meaning: 'why', isRequired: false },
  { flags: '--until <date>', meaning: 'last day on which it covers anything (UTC)', isRequired: false },
  { flags: '--review-every <cadence>', meaning: 'how often its owner is asked for it: 7d, weekly', isRequired: false },
  { flags: '--mitigation <text>', meaning: 'what protects meanwhile', isRequired: false },
  { flags: '--ticket <text>', meaning: 'where the work is planned', isRequired: false },
  { flags: '--baseline', meaning: 'all that is open of the control as the service comes in', isRequired: false },
  { flags: '--renews <id>', meaning: 'the exception that it is to take the place of', isRequired: false },
];

/** What the command line asks of the running bot. */
export function botCommands({ send, ...calls }: Calls): readonly ConsoleCommand[] {
  return [
    {
      usage: 'report <file>',
      meaning: "send a scanner's report, and say what it would block in each environment",
      options: [
        { flags: '--service <name>', meaning: 'as the catalog names it', isRequired: true },
        { flags: '--commit <id>', meaning: 'full id of the commit that was scanned', isRequired: true },
        { flags: '--environment <name>', meaning: 'count for this one alone', isRequired: false },
        { flags: '--run <id>', meaning: 'the build that ran the scan', isRequired: false },
        { flags: '--branch <name>', meaning: 'whose last scan it is compared with', isRequired: false },
        { flags: '--timing <name>', meaning: 'pre-merge, build, pre-deploy, post-deploy', isRequired: false },
        { flags: '--format <name>', meaning: 'of a report that does not tell it, such as []', isRequired: false },
        { flags: '--category <name>', meaning: 'of a tool that nobody knows', isRequired: false },
        { flags: '--artifact <checksum>', meaning: 'sha256:… that an attestation must be about', isRequired: false },
        { flags: '--fail-on <decision>', meaning: 'block: end with 1 when it would block', isRequired: false },
        ...BOT_OPTIONS,
      ],
      run: (_, [file = ''], options) => send(file, options),
    },
    ...personCommands(calls),
  ];
}

/** As the person who is signed in, under the rules of the chat. */
function personCommands({ decide, request }: Omit<Calls, 'send'>): ConsoleCommand[] {
  return [
    {
      usage: 'approve <id>',
      meaning: 'let a deployment through, as yourself',
      options: [{ flags: '--comment <text>', meaning: 'why', isRequired: false }, ...BOT_OPTIONS],
      run: (_, [requestId = ''], options) => decide({ requestId, verdict: 'approve' }, options),
    },
    {
      usage: 'reject <id>',
      meaning: 'stop a deployment, as yourself',
      options: [{ flags: '--comment <text>', meaning: 'why', isRequired: false }, ...BOT_OPTIONS],
      run: (_, [requestId = ''], options) => decide({ requestId, verdict: 'reject' }, options),
    },
    {
      usage: 'exceptions request',
      meaning: 'ask for an exception, as yourself; what is left out of the terms is named',
      options: [...EXCEPTION_OPTIONS, ...BOT_OPTIONS],
      run: (_, __, options) => request(options),
    },
  ];
}
