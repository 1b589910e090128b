import { nearest } from './nearest.ts';
import { repositoryIn } from './policy-repository.ts';
import { isLoopbackHttp, SECRETS, SETTINGS, type Setting, type Settings } from './settings.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

interface Problem {
  readonly setting: Setting;
  readonly message: string;
}

const NAMES = Object.keys(SETTINGS.shape) as Setting[];
const LOCAL_ONLY = ['BOT_OAUTH_URL', 'AZURE_DEVOPS_TOKEN', 'LOCAL_API_KEY', 'DIRECTORY_FILE'] as const;
const HTTPS_UNLESS_LOCAL = ['PUBLIC_URL', 'AZURE_DEVOPS_ORGS'] as const;
/** Two settings of which at most one may be given, and whether one of them must be. */
const ONE_OF: readonly (readonly [Setting, Setting, 'unless local' | 'never'])[] = [
  ['TABLES_URL', 'TABLES_CONNECTION_STRING', 'unless local'],
  ['BLOBS_URL', 'BLOBS_CONNECTION_STRING', 'never'],
  ['POLICY_DIR', 'POLICY_REPO', 'unless local'],
];
/** The first is used together with the second only. */
const COMPANIONS: readonly (readonly [Setting, Setting])[] = [
  ['API_TENANTS', 'API_AUDIENCE'],
  ['POLICY_REF', 'POLICY_REPO'],
];
const PREFIXED =
  /^(?:BOT|TABLES|BLOBS|AZURE_DEVOPS|API|POLICY|DIRECTORY|TOKEN|SIGNING|CHECK|HOOK|COUNTERSIGN|KEY_VAULT|NATIVE|PULL|SIGNIN|LOCAL|RETENTION|LEGAL)_/;
const MIN_SECRET_LENGTH = 16;

export interface CheckedSettings {
  /** Only those that are well written; complete when there are no problems. */
  readonly settings: Settings;
  /** One line for each, in the order of env.sample: the name, padded, and what is wrong with it; never a secret. */
  readonly problems: readonly string[];
  /** One line for each name that looks like a setting and is none. */
  readonly unknown: readonly string[];
}

/** Of a command that needs less than the bot: these settings alone, of which `needed` must be there. */
export function checkSome(env: Environment, used: readonly Setting[], needed: readonly Setting[]): CheckedSettings {
  const all = Object.entries(givenIn(env)).filter(([name]) => used.some((one) => one === name));
  const { settings, problems } = parse(Object.fromEntries(all));
  const present = new Set(all.map(([name]) => name));
  const absent = needed.filter((setting) => !present.has(setting));
  const broken = otherRules(settings, present).filter(({ setting }) => used.includes(setting));
  return {
    settings,
    problems: laidOut([...problems, ...absent.map((setting) => ({ setting, message: 'is missing' })), ...broken]),
    unknown: [],
  };
}

/** White space around a value is dropped; an empty value is an absent one. */
export function checkSettings(env: Environment): CheckedSettings {
  const given = givenIn(env);
  const { settings, problems } = parse(given);
  return {
    settings,
    problems: laidOut([...problems, ...brokenRules(settings, new Set(Object.keys(given)))]),
    unknown: Object.keys(env).filter(isUnknown).sort().map(unknownSetting),
  };
}

function givenIn(env: Environment): Record<string, string> {
  return Object.fromEntries(
    NAMES.flatMap((name) => {
      const value = env[name]?.trim() ?? '';
      return value === '' ? [] : [[name, value]];
    }),
  );
}

/** The settings that are well written, and what is wrong with the others. */
function parse(given: Readonly<Record<string, string>>): { settings: Settings; problems: readonly Problem[] } {
  const { data, error } = SETTINGS.safeParse(given);
  if (error === undefined) return { settings: data, problems: [] };
  const issues = error.issues.map(({ path, message }) => ({ setting: path[0] as Setting, message }));
  const problems = issues.map(({ setting, message }) => ({
    setting,
    message: `${message}${shown(setting, given[setting] ?? '')}`,
  }));
  const wrong = new Set<string>(issues.map(({ setting }) => setting));
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !wrong.has(name)));
  return { settings: SETTINGS.parse(rest), problems };
}

/** The value where it cannot be a secret: an address may hold a password before `@` or a token after `?`. */
function shown(setting: Setting, value: string): string {
  if (SECRETS.has(setting) || /[@?]/.test(value)) return '';
  return `, got ${JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)}`;
}

/** What settings ask of one another. A setting that is badly written counts as present: it has its own problem. */
function brokenRules(settings: Settings, present: ReadonlySet<string>): readonly Problem[] {
  const local = settings.COUNTERSIGN_LOCAL === 'true';
  return [
    ...missing(settings, present, local).map(([setting, hint]) => ({ setting, message: `is missing${hint}` })),
    ...otherRules(settings, present),
  ];
}

function otherRules(settings: Settings, present: ReadonlySet<string>): readonly Problem[] {
  const local = settings.COUNTERSIGN_LOCAL === 'true';
  return [
    ...ONE_OF.flatMap((pair) => oneOf(pair, present, local)),
    ...COMPANIONS.filter(([setting, needed]) => present.has(setting) && !present.has(needed)).map(
      ([setting, needed]) => ({ setting, message: `is used together with ${needed} only` }),
    ),
    ...strangeRepository(settings),
    ...(local ? [] : notLocal(settings, present)),
  ];
}

/** Addresses of the organizations, without a slash at the end. */
export function organizationsOf({ AZURE_DEVOPS_ORGS }: Settings): readonly string[] {
  return (AZURE_DEVOPS_ORGS ?? []).map(({ href }) => href.replace(/\/+$/, ''));
}

/** Where the policy is read from no other host is ever called, with no other account. */
function strangeRepository(settings: Settings): readonly Problem[] {
  const { POLICY_REPO, AZURE_DEVOPS_ORGS } = settings;
  if (POLICY_REPO === undefined || AZURE_DEVOPS_ORGS === undefined) return [];
  if (repositoryIn(POLICY_REPO, organizationsOf(settings)) !== undefined) return [];
  return [{ setting: 'POLICY_REPO', message: 'must be in one of AZURE_DEVOPS_ORGS' }];
}

function missing(settings: Settings, present: ReadonlySet<string>, local: boolean): readonly [Setting, string][] {
  const needsPassword = present.has('BOT_ID') && settings.BOT_TYPE !== 'UserAssignedMsi';
  const wanted: readonly [Setting, string, boolean][] = [
    ['BOT_TENANT_ID', '', true],
    ['AZURE_DEVOPS_ORGS', '', true],
    ['AZURE_DEVOPS_TOKEN', '; POLICY_REPO is read with it locally', local && present.has('POLICY_REPO')],
    ['BOT_ID', '; only COUNTERSIGN_LOCAL=true runs without it', !local],
    ['BOT_PASSWORD', '; only BOT_TYPE=UserAssignedMsi needs none', !local && needsPassword],
    ['TOKEN_KEY', '', !present.has('KEY_VAULT_KEY_ID')],
    ['SIGNING_KEY', '; openssl genpkey -algorithm ed25519 makes one', !hasSigningKey(present, local)],
    ['PUBLIC_URL', `; ${whyPublic(settings, present).join('; ')}`, !local && whyPublic(settings, present).length > 0],
    ['CHECK_SECRETS', '; without it and API_AUDIENCE no check is let in', !local && !present.has('API_AUDIENCE')],
  ];
  return wanted.flatMap(([setting, hint, needed]) => (needed && !present.has(setting) ? [[setting, hint]] : []));
}

/** Locally one is derived from TOKEN_KEY; whether that is missing is told by itself. */
function hasSigningKey(present: ReadonlySet<string>, local: boolean): boolean {
  if (present.has('SIGNING_KEY') || present.has('SIGNING_KEY_ID')) return true;
  return local && (present.has('TOKEN_KEY') || !present.has('KEY_VAULT_KEY_ID'));
}

/** By its address alone something that calls us is known as ours. */
function whyPublic({ PULL_SIGNALS = [] }: Settings, present: ReadonlySet<string>): string[] {
  return [
    ...(present.has('HOOK_SECRETS') ? ['with HOOK_SECRETS it tells which service hooks are ours'] : []),
    ...(PULL_SIGNALS.includes('azure-devops-platform')
      ? ['with azure-devops-platform in PULL_SIGNALS it tells which checks of environments are ours']
      : []),
  ];
}

function oneOf([one, other, need]: (typeof ONE_OF)[number], present: ReadonlySet<string>, local: boolean) {
  if (present.has(one) && present.has(other)) return [{ setting: one, message: `and ${other} exclude one another` }];
  const isMissing = need === 'unless local' && !local && !present.has(one) && !present.has(other);
  return isMissing ? [{ setting: one, message: `is missing, and so is ${other}: one of them is needed` }] : [];
}

/** What only a developer's machine may have. */
function notLocal(settings: Settings, present: ReadonlySet<string>): readonly Problem[] {
  const isShort = (secret: string) => secret.length < MIN_SECRET_LENGTH;
  return [
    ...LOCAL_ONLY.filter((setting) => present.has(setting)).map((setting) => ({
      setting,
      message: 'works with COUNTERSIGN_LOCAL=true only: remove it',
    })),
    ...HTTPS_UNLESS_LOCAL.flatMap((setting) =>
      [settings[setting] ?? []]
        .flat()
        .filter((address) => isLoopbackHttp(new URL(address)))
        .map((address) => ({ setting, message: `must be a https:// address${shown(setting, String(address))}` })),
    ),
    ...(['CHECK_SECRETS', 'HOOK_SECRETS'] as const)
      .filter((setting) => settings[setting]?.some(isShort))
      .map((setting) => ({ setting, message: `must have at least ${MIN_SECRET_LENGTH} characters in every secret` })),
  ];
}

/** One line for each, in the order of env.sample, the names padded to one width. */
function laidOut(problems: readonly Problem[]): readonly string[] {
  const width = Math.max(...problems.map(({ setting }) => setting.length)) + 2;
  return problems
    .toSorted((a, b) => NAMES.indexOf(a.setting) - NAMES.indexOf(b.setting))
    .map(({ setting, message }) => `${setting.padEnd(width)}${message}`);
}

function isUnknown(name: string): boolean {
  return PREFIXED.test(name) && !(NAMES as readonly string[]).includes(name);
}

function unknownSetting(name: string): string {
  const meant = nearest(name, NAMES);
  return `${name} is no setting and is ignored${meant === undefined ? '' : `; did you mean ${meant}?`}`;
}
