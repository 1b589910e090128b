import fc from 'fast-check';
import { expect, test } from 'vitest';
import { factsOf, type ReachKnowledge, reached } from '../../services/azure-devops/platform-reach-members.ts';
import type { NotedUser, TokenFact } from '../../services/domain/people-facts.ts';
import type { Platform, ReachFact, SectionKind } from '../../services/domain/platform.ts';
import { PEOPLE_RULES } from '../../services/domain/platform-people-rules.ts';
import { platformFindings } from '../../services/domain/platform-rules.ts';
import { AT, aPeoplePlatform, aPeopleSetting, DEV, type PeopleInput, PROD, person } from '../people-platforms.ts';

const NAMES = ['Ann', 'Bob', 'Carla', 'Dan', 'Eve'];
const anyone = fc.constantFrom(...NAMES).map((name) => person(name));
const some = fc.uniqueArray(anyone, { selector: ({ id }) => id });
const group = fc.constantFrom('[Shop]\\A', '[Shop]\\Contributors', '[contoso]\\Everyone');
const anyReach = fc.record<Partial<ReachFact>>({
  role: fc.constantFrom('administrator', 'approver', 'deployer', 'permission-manager'),
  subject: fc.constantFrom('project', 'organization', PROD, DEV),
  name: fc.constantFrom('One', 'Another'),
  members: some,
  through: fc.uniqueArray(group),
  nested: fc.uniqueArray(group),
  unresolved: fc.uniqueArray(group),
  groups: fc.uniqueArray(group).map((all) => all.map((name) => ({ id: name, name, kind: 'group' as const }))),
  more: fc.nat(2),
});
const instant = fc.constantFrom(
  '2026-01-01T00:00:00.000Z',
  '2026-11-27T00:00:00.000Z',
  '2026-12-01T00:00:00.000Z',
  '2027-12-01T00:00:00.000Z',
);
const anyUser = fc
  .record({
    of: anyone,
    ...{ isGuest: fc.boolean(), isDisabled: fc.boolean(), reachesProduction: fc.boolean() },
    lastSeen: fc.option(instant, { nil: undefined }),
  })
  .map(({ of, lastSeen, ...said }): NotedUser => ({ ...of, ...said, ...(lastSeen === undefined ? {} : { lastSeen }) }));
const anyToken = fc.record<TokenFact>({
  ...{ id: fc.constantFrom('1', '2', '3'), name: fc.constantFrom('x', 'y'), of: anyone, isFullAccess: fc.boolean() },
  ...{ scopes: fc.constant([]), from: instant, to: instant },
});
const anyPeople: fc.Arbitrary<PeopleInput> = fc.record({
  reach: fc.array(anyReach, { maxLength: 5 }),
  people: fc.record({ noted: fc.uniqueArray(anyUser, { selector: ({ id }) => id }) }),
  tokens: fc.record({ tokens: fc.uniqueArray(anyToken, { selector: ({ id }) => id }), isServiceKnown: fc.boolean() }),
  auditing: fc.record({ isOn: fc.constantFrom(true, false, undefined) }),
});

const findings = (platform: Platform) => platformFindings(PEOPLE_RULES, platform, aPeopleSetting(2));

function reversed(platform: Platform): Platform {
  const sections = platform.sections.map((one) => {
    const facts = one.known?.facts;
    return Array.isArray(facts) ? { ...one, known: { at: AT, facts: facts.toReversed() } } : one;
  });
  return { ...platform, sections: sections.reverse() as Platform['sections'] };
}

test('law: the order of sections, and of facts in them, changes no finding', () => {
  fc.assert(
    fc.property(anyPeople, (input) => {
      const platform = aPeoplePlatform(input);
      expect(findings(reversed(platform))).toEqual(findings(platform));
    }),
  );
});

test('law: a section that is no longer known takes no violation away without saying so itself', () => {
  const kinds = fc.constantFrom<SectionKind>(
    'reach',
    'people',
    'tokens',
    'auditing',
    'environments',
    'project',
    'roles',
  );
  fc.assert(
    fc.property(anyPeople, kinds, (input, kind) => {
      const [all, left] = [findings(aPeoplePlatform(input)), findings(aPeoplePlatform({ ...input, unread: [kind] }))];
      const still = new Set(left.map(({ finding }) => finding.fingerprint));
      const isTold = left.some(({ finding }) => finding.path?.startsWith(`section:${kind}:`));
      expect(isTold || all.every(({ finding }) => still.has(finding.fingerprint))).toBe(true);
      expect(isTold).toBe(true);
    }),
  );
});

test('law: each violation of a rule is about something else, so that none hides another', () => {
  fc.assert(
    fc.property(anyPeople, (input) => {
      for (const { id, violations } of PEOPLE_RULES) {
        const subjects = violations(aPeoplePlatform(input), aPeopleSetting(2)).map(({ subject }) => subject);
        expect([id, subjects.length]).toEqual([id, new Set(subjects).size]);
      }
    }),
  );
});

const GROUPS = ['vssgp.A', 'vssgp.B', 'vssgp.C', 'vssgp.D'];
const PEOPLE = ['aad.P', 'aad.Q', 'aad.R'];
const anyMembers = fc.uniqueArray(fc.constantFrom(...GROUPS, ...PEOPLE));

function knowledge(members: readonly (readonly string[])[], held: readonly string[]): ReachKnowledge {
  const subjects = Object.fromEntries(
    [...GROUPS, ...PEOPLE].map((one) => [
      one,
      { id: one, name: one, kind: GROUPS.includes(one) ? 'group' : 'person' } as const,
    ]),
  );
  const holders = held.map((key) => ({ key, name: key }));
  return {
    roots: [{ role: 'approver', subject: 'project', name: 'Approvers', holders }],
    ...{ identities: {}, subjects, entra: {} },
    members: Object.fromEntries(GROUPS.map((one, at) => [one, { listed: members[at] ?? [], more: 0 }])),
  };
}

/** Whoever can be reached, found by going on until nobody is new. */
function closure(members: readonly (readonly string[])[], held: readonly string[]): string[] {
  let all = new Set(held);
  for (;;) {
    const next = new Set([...all, ...[...all].flatMap((one) => members[GROUPS.indexOf(one)] ?? [])]);
    if (next.size === all.size) return [...all].filter((one) => PEOPLE.includes(one)).sort();
    all = next;
  }
}

test('law: groups come down to everybody who is in them by any way, in whatever order and circle they stand', () => {
  fc.assert(
    fc.property(fc.array(anyMembers, { minLength: 4, maxLength: 4 }), anyMembers, (members, held) => {
      const [fact] = factsOf(knowledge(members, held));
      const [turned] = factsOf(
        knowledge(
          members.map((all) => all.toReversed()),
          held.toReversed(),
        ),
      );

      expect(fact?.members.map(({ id }) => id)).toEqual(closure(members, held));
      expect(turned).toEqual(fact);
      expect(
        reached(knowledge(members, held))
          .filter((one) => PEOPLE.includes(one))
          .sort(),
      ).toEqual(closure(members, held));
    }),
  );
});

test('law: whoever is not known is unresolved, never left out', () => {
  fc.assert(
    fc.property(
      fc.array(anyMembers, { minLength: 4, maxLength: 4 }),
      anyMembers,
      fc.constantFrom(...GROUPS, ...PEOPLE),
      (members, held, lost) => {
        const known = knowledge(members, held);
        const isReached = reached(known).includes(lost);
        const [fact] = factsOf({ ...known, subjects: { ...known.subjects, [lost]: null } });

        expect(fact?.unresolved).toEqual(isReached && reachedWithout(known, lost) ? [lost] : []);
      },
    ),
  );
});

/** What is lost is come to by those that are not. */
function reachedWithout(known: ReachKnowledge, lost: string): boolean {
  return reached({ ...known, members: { ...known.members, [lost]: { listed: [], more: 0 } } }).includes(lost);
}
