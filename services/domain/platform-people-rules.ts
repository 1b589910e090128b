import type { NotedUser, PeopleFact } from './people-facts.ts';
import { type Platform, sectionsOf, type Violation } from './platform.ts';
import { AUDITING_RULES } from './platform-auditing-rules.ts';
import { OWN_ACCOUNT_RULES } from './platform-own-account-rules.ts';
import type { PlatformSetting } from './platform-places.ts';
import { REACH_RULES } from './platform-reach-rules.ts';
import type { PlatformRule } from './platform-rules.ts';
import { TOKEN_RULES } from './platform-token-rules.ts';
import { calledIn, namesOf, type ProductionPerson, productionPeople } from './production-reach.ts';
import { isStale, STALE_DAYS } from './stale-user.ts';

const OUT = 'Take them out of these groups, or out of the organization.';

const USER_RULES: readonly PlatformRule[] = [
  each('guest-reaches-production', 'medium', ({ isGuest }) =>
    isGuest ? 'is a guest of another organization' : undefined,
  ),
  each('disabled-reaches-production', 'medium', ({ isDisabled }) =>
    isDisabled ? 'has an account that is disabled, and comes back with all of it when it is enabled' : undefined,
  ),
  each('stale-reaches-production', 'medium', (user, now) => (isStale(user, now) ? staleWords(user) : undefined)),
  {
    id: 'reaching-users-not-known',
    severity: 'medium',
    reads: ['reach', 'people'],
    violations: (platform, setting) => usersOf(platform).flatMap((facts) => notKnown(platform, setting, facts)),
  },
  {
    id: 'guest-and-stale-users',
    severity: 'low',
    reads: ['people'],
    violations: (platform, { now }) => usersOf(platform).flatMap((facts) => manyOf(platform, facts, now)),
  },
];

/** What there is to say of people, of groups and tokens by which they reach production, of auditing, and of Countersign's own account. */
export const PEOPLE_RULES: readonly PlatformRule[] = [
  ...REACH_RULES,
  ...USER_RULES,
  ...TOKEN_RULES,
  ...AUDITING_RULES,
  ...OWN_ACCOUNT_RULES,
];

function usersOf(platform: Platform): PeopleFact[] {
  return sectionsOf(platform, 'people').flatMap(({ known }) => (known === undefined ? [] : [known.facts]));
}

/** One violation for each of those who reach production and of whom `why` says something. */
function each(
  id: string,
  severity: PlatformRule['severity'],
  why: (user: NotedUser, now: string) => string | undefined,
): PlatformRule {
  return {
    id,
    severity,
    reads: ['reach', 'people'],
    violations(platform, setting) {
      const people = productionPeople(platform, setting);
      return usersOf(platform)
        .flatMap(({ noted }) => noted)
        .flatMap((user) => {
          const person = people.get(user.id);
          const said = person === undefined ? undefined : why(user, setting.now);
          return person === undefined || said === undefined ? [] : [violationOf(platform, person, said)];
        });
    },
  };
}

function violationOf(platform: Platform, { identity, ways, places }: ProductionPerson, said: string): Violation {
  return {
    subject: `user:${identity.id}`,
    message: `${calledIn(platform)(identity)}, who is among ${namesOf(ways)}, ${said}`,
    help: OUT,
    places,
    link: `${platform.organization}/_settings/users`,
  };
}

function staleWords({ lastSeen }: NotedUser): string {
  return lastSeen === undefined
    ? 'has never signed in'
    : `has not signed in since ${lastSeen.slice(0, 10)}, more than ${STALE_DAYS} days`;
}

/** People of a group of Entra who have no account yet are among them: of none of them anybody can tell whether they are guests. */
function notKnown(platform: Platform, setting: PlatformSetting, { noted }: PeopleFact): Violation[] {
  const known = new Set(noted.map(({ id }) => id));
  const unknown = [...productionPeople(platform, setting).values()].filter(
    ({ identity }) => identity.kind === 'person' && !known.has(identity.id),
  );
  if (unknown.length === 0) return [];
  const names = namesOf(unknown.map(({ identity }) => identity.name));
  return [
    {
      subject: 'users:not-known',
      message: `${unknown.length} who reach production are not among the users of the organization that were read, so whether they are guests, disabled or long gone is not known: ${names}`,
      help: 'They are new, or come in by a group of Entra without ever having signed in: take out whoever does not need it. The next reading tells those who have signed in since.',
      places: [],
      link: `${platform.organization}/_settings/users`,
    },
  ];
}

function manyOf(platform: Platform, { noted, more, counts, users }: PeopleFact, now: string): Violation[] {
  const people = noted.filter(({ kind }) => kind === 'person');
  const found = people.filter((one) => one.isGuest || one.isDisabled || isStale(one, now));
  const count = found.length + more;
  if (count === 0) return [];
  const { guests, disabled, stale } = counts ?? {
    guests: found.filter(({ isGuest }) => isGuest).length,
    disabled: found.filter(({ isDisabled }) => isDisabled).length,
    stale: found.filter((one) => isStale(one, now)).length,
  };
  const parts = `${guests} guests, ${disabled} disabled, ${stale} not seen for ${STALE_DAYS} days`;
  const names = namesOf(
    found.map(({ name }) => name),
    more,
  );
  return [
    {
      subject: 'users:unneeded',
      message: `${count} of ${users} users may not be needed (${parts}): ${names}`,
      help: 'Under Users of the organization sort by last access, and take out whoever nobody answers for.',
      places: [],
      link: `${platform.organization}/_settings/users`,
    },
  ];
}
