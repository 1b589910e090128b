import { type HookFact, type Platform, sectionsOf } from './platform.ts';
import type { PlatformRule } from './platform-rules.ts';

/** Service hooks by which Azure DevOps tells us of what happens. */

const notEnabled: PlatformRule = {
  id: 'hook-not-enabled',
  severity: 'medium',
  reads: ['hooks'],
  violations: (platform) =>
    oursIn(platform)
      .filter(({ status }) => status.toLowerCase() !== 'enabled')
      .map((hook) => ({
        subject: `hook:${hook.id}`,
        message: `Azure DevOps does not tell Countersign of ${eventOf(hook)} as it happens: the subscription is ${statusWords(hook)}`,
        help: 'Enable it in the project settings under Service hooks; create it anew with an account of a service where it was disabled by an inactive one.',
        places: [],
      })),
};

const STATUS_WORDS: Readonly<Record<string, string>> = {
  onprobation: 'on probation after failures',
  disabledbyuser: 'disabled by somebody',
  disabledbysystem: 'disabled after too many failures',
  disabledbyinactiveidentity: 'disabled, for whoever created it is not active any more',
};

function statusWords({ status }: HookFact): string {
  return STATUS_WORDS[status.toLowerCase()] ?? `in a state that nobody knows (${status})`;
}

const creatorInactive: PlatformRule = {
  id: 'hook-of-inactive-creator',
  severity: 'medium',
  reads: ['hooks', 'people'],
  violations: (platform) => {
    const noted = sectionsOf(platform, 'people').flatMap(({ known }) => known?.facts.noted ?? []);
    const inactive = new Set(noted.filter(({ isDisabled }) => isDisabled).flatMap(({ id, key }) => [id, key]));
    return oursIn(platform).flatMap((hook) => {
      const { createdBy } = hook;
      if (createdBy === undefined || !inactive.has(createdBy.id)) return [];
      return [
        {
          subject: `hook:${hook.id}`,
          message: `The subscription that tells Countersign of ${eventOf(hook)} was created by ${createdBy.name}, whose account is disabled: Azure DevOps will end it`,
          help: 'Create it anew with an account of a service.',
          places: [],
        },
      ];
    });
  },
};

function oursIn(platform: Platform): HookFact[] {
  return sectionsOf(platform, 'hooks').flatMap(({ known }) => known?.facts.filter(({ isOurs }) => isOurs) ?? []);
}

function eventOf({ event }: HookFact): string {
  return event.split('.').at(-1) ?? event;
}

export const HOOK_RULES: readonly PlatformRule[] = [notEnabled, creatorInactive];
