import { aToken, aUser, DEV, type PeopleInput, PROD, person } from '../people-platforms.ts';

export const ADMINISTRATORS = { role: 'administrator', subject: PROD, name: 'Administrators of prod' } as const;
const DEPLOYERS = { role: 'deployer', subject: PROD, name: 'Deployers to prod' } as const;
export const PROJECT = { role: 'administrator', subject: 'project', name: 'Administrators of Shop' } as const;
export const [ANN, BOB, CARLA] = [person('Ann'), person('Bob'), person('Carla')];
export const PLATFORM_TEAM = { id: 'platform', name: '[Shop]\\Platform', kind: 'group' } as const;
export const DEV_TEAM = { id: 'dev', name: '[Shop]\\Dev', kind: 'group' } as const;
export const ANN_APPROVES = { members: [ANN] };
export const ANN_ADMINISTERS = { ...ADMINISTRATORS, members: [ANN] };
export const SELF = {
  ...person('Countersign', { kind: 'service', oid: 'oid of countersign' }),
  isByToken: false,
} as const;
const ROLE = { principalId: 'OID of Countersign', principalKind: 'service', isStanding: true } as const;
const GROUP = '/subscriptions/7d444840-9dc0-11d1-b245-5ffdce74fad2/resourceGroups/payments';

interface Case {
  readonly rule: string;
  readonly severity: string;
  readonly violating: PeopleInput;
  /** The same, and in order. */
  readonly compliant: PeopleInput;
  readonly message: RegExp;
}

export const three = (role: object) => ({ reach: [{ ...role, members: [ANN, BOB, CARLA] }] });
const two = (role: object) => ({ reach: [{ ...role, members: [ANN, BOB, person('Deployer', { kind: 'service' })] }] });
const via = (role: object, group: string) => ({ reach: [{ ...role, through: [group] }] });

/** Of each rule what breaks it and what does not, with at most two approvers. */
export const PEOPLE_CASES: readonly Case[] = [
  {
    ...{
      rule: 'too-many-administrators',
      severity: 'medium',
      violating: three(ADMINISTRATORS),
      compliant: two(ADMINISTRATORS),
    },
    message: /^Administrators of prod come down to 3 people, more than 2: Ann, Bob, Carla$/,
  },
  {
    ...{ rule: 'too-many-approvers', severity: 'medium', violating: three({}), compliant: two({}) },
    message: /^Approvers of prod come down to 3 people/,
  },
  {
    ...{ rule: 'wide-administrators', severity: 'high' },
    ...{ violating: via(PROJECT, '[Shop]\\Contributors'), compliant: via(PROJECT, '[Shop]\\Project Administrators') },
    message: /^Administrators of Shop take in everybody in \[Shop\]\\Contributors: .* without a decision$/,
  },
  {
    ...{ rule: 'wide-approvers', severity: 'medium' },
    ...{
      violating: via({}, '[contoso]\\Project Collection Valid Users'),
      compliant: via({}, '[Shop]\\Release managers'),
    },
    message: /Project Collection Valid Users/,
  },
  {
    ...{ rule: 'wide-deployers', severity: 'low' },
    ...{ violating: via(DEPLOYERS, '[TEAM FOUNDATION]\\Everyone'), compliant: via(DEPLOYERS, '[Shop]\\Deployers') },
    message: /Everyone/,
  },
  {
    ...{ rule: 'nested-access', severity: 'low' },
    violating: { reach: [{ through: ['[Shop]\\A', '[Shop]\\B'], nested: ['[Shop]\\B'] }] },
    compliant: { reach: [{ through: ['[Shop]\\A'], nested: [] }] },
    message: /^Approvers of prod come in by groups within groups \(\[Shop\]\\B\)/,
  },
  {
    ...{ rule: 'reach-not-resolved', severity: 'medium' },
    violating: { reach: [{ unresolved: ['[TEAM FOUNDATION]\\Leads'] }] },
    compliant: { reach: [{ unresolved: [] }] },
    message: /^Not all of approvers of prod are known: nobody can tell who is behind \[TEAM FOUNDATION\]\\Leads$/,
  },
  {
    ...{ rule: 'same-administrators', severity: 'low' },
    violating: {
      reach: [
        { ...ADMINISTRATORS, groups: [PLATFORM_TEAM] },
        { ...ADMINISTRATORS, subject: DEV, groups: [PLATFORM_TEAM] },
      ],
    },
    compliant: {
      reach: [
        { ...ADMINISTRATORS, groups: [PLATFORM_TEAM] },
        { ...ADMINISTRATORS, subject: DEV, groups: [DEV_TEAM] },
      ],
    },
    message: /^\[Shop\]\\Platform administers prod and also dev: /,
  },
  {
    ...{ rule: 'guest-reaches-production', severity: 'medium' },
    violating: { reach: [ANN_APPROVES], people: { noted: [aUser('Ann', { isGuest: true })] } },
    compliant: { reach: [ANN_APPROVES], people: { noted: [aUser('Ann'), aUser('Gita', { isGuest: true })] } },
    message: /^Ann, who is among Approvers of prod, is a guest/,
  },
  {
    ...{ rule: 'disabled-reaches-production', severity: 'medium' },
    violating: { reach: [ANN_APPROVES], people: { noted: [aUser('Ann', { isDisabled: true })] } },
    compliant: { reach: [ANN_APPROVES], people: { noted: [aUser('Ann'), aUser('Dirk', { isDisabled: true })] } },
    message: /^Ann, who is among Approvers of prod, has an account that is disabled/,
  },
  {
    ...{ rule: 'stale-reaches-production', severity: 'medium' },
    violating: { reach: [ANN_APPROVES], people: { noted: [aUser('Ann', { lastSeen: '2026-08-30T08:59:59.000Z' })] } },
    compliant: { reach: [ANN_APPROVES], people: { noted: [aUser('Ann', { lastSeen: '2026-08-30T09:00:00.000Z' })] } },
    message: /^Ann, .* has not signed in since 2026-08-30, more than 90 days$/,
  },
  {
    ...{ rule: 'reaching-users-not-known', severity: 'medium' },
    violating: {
      reach: [{ members: [ANN, BOB, person('Deployer', { kind: 'service' })] }],
      people: { noted: [aUser('Ann')] },
    },
    compliant: { reach: [ANN_APPROVES], people: { noted: [aUser('Ann')] } },
    message: /^1 who reach production are not among the users .*: Bob$/,
  },
  {
    ...{ rule: 'guest-and-stale-users', severity: 'low' },
    violating: {
      people: {
        noted: [aUser('Gita', { isGuest: true }), aUser('Ann')],
        more: 7,
        counts: { guests: 5, disabled: 1, stale: 2 },
      },
    },
    compliant: { people: { noted: [aUser('Ann')], counts: { guests: 0, disabled: 0, stale: 0 } } },
    message: /^8 of 10 users may not be needed \(5 guests, 1 disabled, 2 not seen for 90 days\): Gita and 7 more$/,
  },
  {
    ...{ rule: 'token-administers-production', severity: 'high' },
    violating: { reach: [ANN_ADMINISTERS], tokens: { tokens: [aToken(ANN, { isFullAccess: true })] } },
    compliant: { reach: [ANN_ADMINISTERS], tokens: { tokens: [aToken(ANN), aToken(BOB, { isFullAccess: true })] } },
    message: /^Personal access token “laptop” of Ann has full access.*Administrators of prod/,
  },
  {
    ...{ rule: 'token-full-access', severity: 'medium' },
    violating: { reach: [ANN_APPROVES], tokens: { tokens: [aToken(ANN, { isFullAccess: true })] } },
    compliant: {
      reach: [ANN_APPROVES],
      tokens: { tokens: [aToken(ANN, { isFullAccess: true, to: '2026-11-28T09:00:00.000Z' })] },
    },
    message: /^Personal access token “laptop” of Ann has full access$/,
  },
  {
    ...{ rule: 'token-long-lived', severity: 'medium' },
    violating: { reach: [ANN_APPROVES], tokens: { tokens: [aToken(ANN, { to: '2027-02-08T00:00:00.001Z' })] } },
    compliant: { reach: [ANN_APPROVES], tokens: { tokens: [aToken(ANN, { to: '2027-02-08T00:00:00.000Z' })] } },
    message: /is valid from 2026-11-10 to 2027-02-08, longer than 90 days$/,
  },
  {
    ...{ rule: 'token-of-service-account', severity: 'medium' },
    violating: {
      tokens: {
        tokens: [
          aToken(person('Nightly', { kind: 'service' })),
          aToken(person('Nightly', { kind: 'service' }), { id: '2', name: 'other' }),
        ],
      },
    },
    compliant: { tokens: { tokens: [aToken(ANN)] } },
    message: /^Programs sign in as Nightly by 2 personal access tokens \(laptop, other\)/,
  },
  {
    ...{ rule: 'token-reaches-production', severity: 'low' },
    violating: { reach: [ANN_APPROVES], tokens: { tokens: [aToken(ANN)] } },
    compliant: { reach: [ANN_APPROVES], tokens: { tokens: [aToken(BOB)] } },
    message: /^Ann, who is among Approvers of prod, has a personal access token \(laptop\)/,
  },
  {
    ...{ rule: 'token-expires-soon', severity: 'info' },
    violating: { reach: [ANN_APPROVES], tokens: { tokens: [aToken(ANN, { to: '2026-12-12T08:59:59.000Z' })] } },
    compliant: {
      reach: [ANN_APPROVES],
      tokens: {
        tokens: [aToken(ANN, { to: '2026-12-12T09:00:00.000Z' }), aToken(BOB, { to: '2026-12-01T00:00:00.000Z' })],
      },
    },
    message: /ends on 2026-12-12/,
  },
  {
    ...{ rule: 'service-accounts-not-known', severity: 'medium' },
    ...{ violating: { tokens: { isServiceKnown: false } }, compliant: {} },
    message: /Project Collection Service Accounts/,
  },
  {
    ...{ rule: 'auditing-off', severity: 'medium', violating: { auditing: { isOn: false } }, compliant: {} },
    message: /^Auditing is off/,
  },
  {
    ...{ rule: 'audit-stream-missing', severity: 'medium' },
    violating: { auditing: { streams: [{ id: '1', name: 'old', status: 'deleted' }] } },
    compliant: {},
    message: /streamed nowhere/,
  },
  {
    ...{ rule: 'audit-stream-disabled', severity: 'medium' },
    violating: { auditing: { streams: [{ id: '1', name: 'splunk', status: 'disabledByUser' }] } },
    compliant: { auditing: { streams: [{ id: '1', name: 'splunk', status: 'backfilling' }] } },
    message: /^Audit stream splunk was disabled by somebody/,
  },
  {
    ...{ rule: 'audit-stream-failing', severity: 'medium' },
    violating: { auditing: { streams: [{ id: '1', name: 'splunk', status: 'disabledBySystem' }] } },
    compliant: { auditing: { streams: [{ id: '1', name: 'splunk', status: 'disabledByUser' }] } },
    message: /^Audit stream splunk does not run: its status is disabledBySystem$/,
  },
  {
    ...{ rule: 'own-account-token', severity: 'medium' },
    violating: { people: { self: { ...SELF, isByToken: true } } },
    compliant: { people: { self: SELF } },
    message: /^Countersign itself signs in to Azure DevOps as Countersign by a personal access token/,
  },
  {
    ...{ rule: 'own-account-reaches-production', severity: 'medium' },
    violating: { reach: [{ ...ADMINISTRATORS, members: [ANN, SELF], through: ['[Shop]\\Bots'] }] },
    compliant: {
      reach: [
        { ...ADMINISTRATORS, members: [ANN] },
        { ...ADMINISTRATORS, subject: DEV, members: [SELF] },
      ],
    },
    message: /^Countersign, the account of Countersign itself, is among Administrators of prod, through \[Shop\]\\Bots/,
  },
  {
    ...{ rule: 'own-account-azure-role', severity: 'medium' },
    violating: { roles: [{ ...ROLE, role: 'Contributor', scope: GROUP }] },
    compliant: {
      roles: [
        { ...ROLE, role: 'Reader', scope: GROUP },
        { ...ROLE, principalId: 'other', role: 'Owner', scope: GROUP },
      ],
    },
    message:
      /^The identity of Countersign itself has the role Contributor on \/subscriptions\/.*, which is more than it needs/,
  },
];
