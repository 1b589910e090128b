import { checkSome, type Environment, organizationsOf } from './check-settings.ts';
import { type Config, cannotStart, SettingsError, toPolicy } from './config.ts';
import type { Setting } from './settings.ts';

export interface SetUpConfig extends Pick<Config, 'local' | 'azureDevOps' | 'policy' | 'checkSecrets' | 'hookSecrets'> {
  readonly publicUrl: URL;
}

const USED: readonly Setting[] = [
  'COUNTERSIGN_LOCAL',
  'PUBLIC_URL',
  'AZURE_DEVOPS_ORGS',
  'AZURE_DEVOPS_TOKEN',
  'CHECK_SECRETS',
  'HOOK_SECRETS',
  'POLICY_DIR',
  'POLICY_REPO',
  'POLICY_REF',
];
const NEEDED: readonly Setting[] = ['PUBLIC_URL', 'AZURE_DEVOPS_ORGS'];

/** Fewer than the bot has: set-up is run by a person, where its other secrets are not. Throws SettingsError with all that is wrong. */
export function readSetUpConfig(env: Environment): SetUpConfig {
  const { settings, problems } = checkSome(env, USED, NEEDED);
  const { PUBLIC_URL: publicUrl, AZURE_DEVOPS_TOKEN: token } = settings;
  if (problems.length > 0 || publicUrl === undefined) throw new SettingsError(cannotStart(problems));
  return {
    local: settings.COUNTERSIGN_LOCAL === 'true',
    publicUrl,
    azureDevOps: {
      organizations: organizationsOf(settings),
      ...(token === undefined ? {} : { token }),
      nativeAsService: false,
    },
    policy: toPolicy(settings),
    checkSecrets: settings.CHECK_SECRETS ?? [],
    hookSecrets: settings.HOOK_SECRETS ?? [],
  };
}
