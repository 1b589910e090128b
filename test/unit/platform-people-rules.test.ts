import { describe, expect, test } from 'vitest';
import type { Violation } from '../../services/domain/platform.ts';
import { PEOPLE_RULES } from '../../services/domain/platform-people-rules.ts';
import {
  aPeoplePlatform,
  aPeopleSetting,
  aToken,
  aUser,
  DEV,
  type PeopleInput,
  PLACE,
  PROD,
} from '../people-platforms.ts';
import {
  ADMINISTRATORS,
  ANN,
  ANN_ADMINISTERS,
  ANN_APPROVES,
  BOB,
  CARLA,
  DEV_TEAM,
  PEOPLE_CASES,
  PLATFORM_TEAM,
  PROJECT,
  SELF,
  three,
} from './people-rule-cases.ts';

const violationsOf = (rule: string, input: PeopleInput): readonly Violation[] =>
  PEOPLE_RULES.find(({ id }) => id === rule)?.violations(aPeoplePlatform(input), aPeopleSetting(2)) ?? [];

describe.each(PEOPLE_CASES)('rule $rule', ({ rule, severity, violating, compliant, message }) => {
  test('finds what breaks it, once', () => {
    expect(violationsOf(rule, violating).map((one) => one.message)).toEqual([expect.stringMatching(message)]);
  });

  test('finds nothing in what is in order', () => {
    expect(violationsOf(rule, compliant)).toEqual([]);
  });

  test(`is ${severity}, and says what to do`, () => {
    expect(PEOPLE_RULES.find(({ id }) => id === rule)?.severity).toBe(severity);
    expect(violationsOf(rule, violating)[0]?.help).toMatch(/\.$/);
  });
});

test('each rule has a violating and a compliant case', () => {
  expect(PEOPLE_CASES.map(({ rule }) => rule).sort()).toEqual(PEOPLE_RULES.map(({ id }) => id).sort());
});

describe('what reaches production', () => {
  test('matters there, and what reaches anything else nowhere', () => {
    const [found] = violationsOf('too-many-approvers', three({}));
    expect(found).toMatchObject({ subject: `approver:${PROD}`, places: [PLACE] });
    expect(found?.link).toBe('https://dev.azure.com/contoso/Shop/_environments/12/security');

    expect(violationsOf('too-many-approvers', three({ subject: DEV }))).toEqual([]);
  });

  test('of a project matters in the production of its services', () => {
    expect(violationsOf('too-many-administrators', three(PROJECT))).toMatchObject([{ places: [PLACE] }]);
  });

  test('is production where nobody can tell which environment it is', () => {
    const unknown = { ...three({}), unread: ['environments'] as const };
    expect(violationsOf('too-many-approvers', unknown)).toMatchObject([{ places: [] }]);
  });

  test('is production where nobody has read what its project holds', () => {
    const unknown = { ...three(PROJECT), unread: ['project'] as const };
    expect(violationsOf('too-many-administrators', unknown)).toMatchObject([{ places: [] }]);
  });

  test('counts those who are not listed', () => {
    expect(violationsOf('too-many-approvers', { reach: [{ members: [ANN], more: 2 }] })).toMatchObject([
      { message: 'Approvers of prod come down to 3 people, more than 2: Ann and 2 more' },
    ]);
    expect(violationsOf('reach-not-resolved', { reach: [{ members: [ANN], more: 2 }] })).toHaveLength(1);
  });

  test('through one group of the organization is told once for all its projects', () => {
    const own = { role: 'administrator', subject: 'organization', name: 'Administrators of the organization' } as const;
    const platform = aPeoplePlatform(three(own));
    const again = platform.sections
      .filter(({ kind }) => kind === 'reach')
      .map((one) => ({ ...one, target: 'another' }));
    const [rule] = PEOPLE_RULES.filter(({ id }) => id === 'too-many-administrators');
    const all = { ...platform, sections: [...platform.sections, ...again] };

    // Of the other project nobody knows what it holds: it matters everywhere.
    expect(rule?.violations(all, aPeopleSetting(2))).toMatchObject([
      { subject: 'administrator:organization', places: [] },
    ]);
  });
});

describe('the same administrators', () => {
  test('are those of a project with both kinds of environments', () => {
    expect(violationsOf('same-administrators', { reach: [{ ...PROJECT, groups: [PLATFORM_TEAM] }] })).toHaveLength(1);
  });

  test('are the same people in different groups, as far as all of them are known', () => {
    const reach = [
      { ...ADMINISTRATORS, members: [ANN, BOB], groups: [PLATFORM_TEAM] },
      { ...ADMINISTRATORS, subject: DEV, members: [BOB, ANN], groups: [DEV_TEAM] },
    ];
    expect(violationsOf('same-administrators', { reach })).toMatchObject([
      { message: 'The same 2 administer prod and, by other groups, dev: Ann, Bob', subject: `same-people:${PROD}` },
    ]);
    const shared = reach.map((one) => ({ ...one, groups: [PLATFORM_TEAM] }));
    expect(violationsOf('same-administrators', { reach: shared })).toMatchObject([{ subject: 'group:platform' }]);
    const partly = reach.map((one) => ({ ...one, unresolved: ['somebody'] }));
    expect(violationsOf('same-administrators', { reach: partly })).toEqual([]);
  });
});

describe('people', () => {
  test('are not service principals, which are told where they reach production', () => {
    const { lastSeen: _, ...deployer } = aUser('Deployer', { kind: 'service' });
    const input = { reach: [{ members: [deployer] }], people: { noted: [deployer] } };

    expect(violationsOf('guest-and-stale-users', input)).toEqual([]);
    expect(violationsOf('stale-reaches-production', input)).toHaveLength(1);
  });

  test('who never signed in are stale, but not in their first 90 days', () => {
    const never = (addedAt: string) => {
      const { lastSeen: _, ...user } = aUser('Ann', { addedAt });
      return violationsOf('stale-reaches-production', { reach: [ANN_APPROVES], people: { noted: [user] } });
    };
    expect(never('2026-01-01T00:00:00.000Z')).toMatchObject([
      { message: expect.stringContaining('has never signed in') },
    ]);
    expect(never('2026-11-01T00:00:00.000Z')).toEqual([]);
  });

  test('who reach production in several ways are told once, with all of them', () => {
    const noted = [aUser('Ann', { isGuest: true })];
    expect(
      violationsOf('guest-reaches-production', { reach: [ANN_APPROVES, ANN_ADMINISTERS], people: { noted } }),
    ).toMatchObject([{ message: expect.stringContaining('among Administrators of prod, Approvers of prod, is') }]);
  });
});

describe('tokens', () => {
  test('of which not all are listed are at least so many', () => {
    const tokens = { tokens: [aToken(BOB, { isFullAccess: true })], isCut: true };
    expect(violationsOf('token-full-access', { tokens })).toMatchObject([
      { message: expect.stringMatching(/^At least 1 personal access tokens of people who do not reach/) },
    ]);
  });

  test('with full access are worst where their owner administers production', () => {
    const tokens = { tokens: [aToken(ANN, { isFullAccess: true })] };
    const rules = ['token-administers-production', 'token-full-access'];
    const broken = (reach: PeopleInput['reach']) =>
      rules.filter((rule) => violationsOf(rule, { reach, tokens } as PeopleInput).length > 0);

    expect(broken([ANN_ADMINISTERS])).toEqual(['token-administers-production']);
    expect(broken([ANN_APPROVES])).toEqual(['token-full-access']);
  });

  test('of people who do not reach production are told together', () => {
    const tokens = [aToken(BOB, { isFullAccess: true }), aToken(CARLA, { isFullAccess: true })];
    expect(violationsOf('token-full-access', { tokens: { tokens } })).toMatchObject([
      {
        subject: 'tokens:full-access',
        message: '2 personal access tokens of people who do not reach production have full access: Bob, Carla',
      },
    ]);
  });

  test('of Countersign’s own account say whose they are', () => {
    const self = { ...SELF, kind: 'service' } as const;
    expect(
      violationsOf('token-of-service-account', { people: { self }, tokens: { tokens: [aToken(self)] } }),
    ).toMatchObject([{ message: expect.stringContaining('Countersign (the account of Countersign itself)') }]);
  });
});

describe('auditing', () => {
  test('of which nobody can tell whether it is on is told as that', () => {
    expect(violationsOf('auditing-off', { auditing: { isOn: undefined } })).toMatchObject([
      { message: expect.stringMatching(/^Nothing shows that auditing is on/) },
    ]);
  });

  test('streamed by one that is deleted is streamed nowhere, and nothing fails', () => {
    const streams = [{ id: '1', name: 'splunk', status: 'deleted' }];
    expect(violationsOf('audit-stream-failing', { auditing: { streams } })).toEqual([]);
  });

  test.each(['unknown', 'status 17', ''])('streamed in a status like “%s” is not known to run', (status) => {
    const streams = [{ id: '1', name: 'splunk', status }];
    expect(violationsOf('audit-stream-failing', { auditing: { streams } })).toHaveLength(1);
  });
});
