import { checkSome, type Environment, organizationsOf } from './check-settings.ts';
import { type Config, cannotStart, SettingsError, toPolicy } from './config.ts';
import type { Setting, Settings } from './settings.ts';

type Policy = Pick<Config, 'local' | 'azureDevOps' | 'policy'>;

export interface SetUpConfig extends Policy, Pick<Config, 'checkSecrets' | 'hookSecrets'> {
  readonly publicUrl: URL;
}

export interface TeamsConfig extends Policy, Pick<Config, 'directoryFile'> {
  readonly bot: Required<Pick<Config['bot'], 'id' | 'cloud'>>;
}

const POLICY: readonly Setting[] = [
  'COUNTERSIGN_LOCAL',
  'AZURE_DEVOPS_ORGS',
  'AZURE_DEVOPS_TOKEN',
  'POLICY_DIR',
  'POLICY_REPO',
  'POLICY_REF',
];
const OF_AZURE_DEVOPS: readonly Setting[] = ['PUBLIC_URL', 'CHECK_SECRETS', 'HOOK_SECRETS', ...POLICY];
const OF_TEAMS: readonly Setting[] = ['BOT_ID', 'BOT_CLOUD', 'DIRECTORY_FILE', ...POLICY];

/** Fewer than the bot has: set-up is run by a person, where its other secrets are not. Throws SettingsError with all that is wrong. */
export function readSetUpConfig(env: Environment): SetUpConfig {
  const { settings, problems } = checkSome(env, OF_AZURE_DEVOPS, ['PUBLIC_URL', 'AZURE_DEVOPS_ORGS']);
  const { PUBLIC_URL: publicUrl } = settings;
  if (problems.length > 0 || publicUrl === undefined) throw new SettingsError(cannotStart(problems));
  const secrets = { checkSecrets: settings.CHECK_SECRETS ?? [], hookSecrets: settings.HOOK_SECRETS ?? [] };
  return { ...policyIn(settings), ...secrets, publicUrl };
}

/** As readSetUpConfig. */
export function readTeamsConfig(env: Environment): TeamsConfig {
  const { settings, problems } = checkSome(env, OF_TEAMS, ['BOT_ID']);
  const { BOT_ID: id, BOT_CLOUD: cloud = 'public', DIRECTORY_FILE: directoryFile } = settings;
  if (problems.length > 0 || id === undefined) throw new SettingsError(cannotStart(problems));
  if (cloud === 'china')
    throw new SettingsError(
      'Graph installs no app for others in China: use the app setup policy of the Teams admin center',
    );
  return { ...policyIn(settings), ...(directoryFile === undefined ? {} : { directoryFile }), bot: { id, cloud } };
}

function policyIn(settings: Settings): Policy {
  const { AZURE_DEVOPS_TOKEN: token } = settings;
  const devOps = { organizations: organizationsOf(settings), nativeAsService: false };
  return {
    local: settings.COUNTERSIGN_LOCAL === 'true',
    azureDevOps: token === undefined ? devOps : { ...devOps, token },
    policy: toPolicy(settings),
  };
}
