import type { PeopleFact } from './people-facts.ts';
import { type HookFact, type Platform, sectionsOf, type Violation } from './platform.ts';
import type { PlatformSetting } from './platform-places.ts';
import { productionOf } from './platform-project-rules.ts';
import type { PlatformRule } from './platform-rules.ts';

/** Service hooks by which Azure DevOps tells us, and others, of what happens. */
export const HOOK_RULES: readonly PlatformRule[] = [
  each('hook-not-enabled', 'medium', ['hooks'], true, (hook) => {
    if (isEnabled(hook)) return undefined;
    return {
      message: `Azure DevOps does not tell Countersign of ${eventOf(hook)} as it happens: the subscription is ${statusWords(hook)}`,
      help: 'Enable it in the project settings under Service hooks; create it anew with an account of a service where it was disabled by an inactive one.',
    };
  }),
  each('hook-of-inactive-creator', 'medium', ['hooks', 'people'], true, (hook, people) => {
    const why = leaverIn(hook, people);
    if (why === undefined) return undefined;
    return {
      message: `The subscription that tells Countersign of ${eventOf(hook)} was created by ${why}: Azure DevOps will end it`,
      help: 'Create it anew with an account of a service.',
    };
  }),
  each('other-hook-not-enabled', 'low', ['hooks', 'project'], false, (hook) => {
    // What somebody turned off is theirs to know.
    if (isEnabled(hook) || hook.status.toLowerCase() === 'disabledbyuser') return undefined;
    return {
      message: `Whoever relies on being told of ${eventOf(hook)} (subscription ${hook.id}) may miss what happens: the subscription is ${statusWords(hook)}`,
      help: 'See under Service hooks of the project settings what it calls and why that fails; mend it, or delete it where nobody needs it.',
    };
  }),
  each('other-hook-of-inactive-creator', 'low', ['hooks', 'people', 'project'], false, (hook, people) => {
    const why = leaverIn(hook, people);
    if (why === undefined) return undefined;
    return {
      message: `The subscription ${hook.id}, which tells somebody of ${eventOf(hook)}, was created by ${why}: it goes on where nobody answers for it, until Azure DevOps ends it`,
      help: 'Find out what it calls; create it anew with an account of a service, or delete it.',
    };
  }),
];

type Tell = (hook: HookFact, people: readonly PeopleFact[]) => Pick<Violation, 'message' | 'help'> | undefined;

/** Of those that tell us, or of those of others in projects that production is deployed from. */
function each(
  id: string,
  severity: PlatformRule['severity'],
  reads: PlatformRule['reads'],
  isOurs: boolean,
  tell: Tell,
): PlatformRule {
  return {
    ...{ id, severity, reads },
    violations: (platform, setting) => {
      const people = sectionsOf(platform, 'people').flatMap(({ known }) => known?.facts ?? []);
      const hooks = sectionsOf(platform, 'hooks').flatMap(({ known }) => known?.facts ?? []);
      return hooks.flatMap((hook) => {
        const places = isOurs ? [] : placesOf(platform, hook, setting);
        const told = hook.isOurs === isOurs && places !== undefined ? tell(hook, people) : undefined;
        return told === undefined ? [] : [{ subject: `hook:${hook.id}`, ...told, places: places ?? [] }];
      });
    },
  };
}

/** One of all projects concerns them all; undefined: it concerns no production. */
function placesOf(platform: Platform, { project }: HookFact, setting: PlatformSetting) {
  if (project === undefined) return [];
  const places = productionOf(platform, project, setting);
  return places.length === 0 ? undefined : places;
}

/** Who they are and why they are nobody any more. */
function leaverIn({ createdBy }: HookFact, people: readonly PeopleFact[]): string | undefined {
  if (createdBy === undefined) return undefined;
  const { id, name } = createdBy;
  const isDisabled = people.some(({ noted }) =>
    noted.some((one) => one.isDisabled && (one.id === id || one.key === id)),
  );
  if (isDisabled) return `${name}, whose account is disabled`;
  return people.some(({ gone }) => gone?.includes(id))
    ? `${name}, who is no user of the organization any more`
    : undefined;
}

const STATUS_WORDS: Readonly<Record<string, string>> = {
  onprobation: 'on probation after failures',
  disabledbyuser: 'disabled by somebody',
  disabledbysystem: 'disabled after too many failures',
  disabledbyinactiveidentity: 'disabled, for whoever created it is not active any more',
};

function isEnabled({ status }: HookFact): boolean {
  return status.toLowerCase() === 'enabled';
}

function statusWords({ status }: HookFact): string {
  return STATUS_WORDS[status.toLowerCase()] ?? `in a state that nobody knows (${status})`;
}

function eventOf({ event }: HookFact): string {
  return event.split('.').at(-1) ?? event;
}
