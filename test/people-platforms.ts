import type { Catalog } from '../services/domain/catalog.ts';
import type { AuditingFact, NotedUser, PeopleFact, TokenFact, TokensFact } from '../services/domain/people-facts.ts';
import type {
  EnvironmentFact,
  Platform,
  PlatformFacts,
  PlatformIdentity,
  ReachFact,
  RoleFact,
  Section,
  SectionKind,
} from '../services/domain/platform.ts';
import type { PlatformSetting } from '../services/domain/platform-places.ts';
import { ORGANIZATION } from './builders.ts';
import { aContract, anEnvironment, aService } from './unit/judge-input.ts';

/** A platform with one project, in which payments-api is deployed to prod and dev, and where nothing is wrong with people. */

export const SHOP = '9d444840-9dc0-11d1-b245-5ffdce74fad2';
export const AT = '2026-11-28T09:00:00.000Z';
export const PROD = `environment:${SHOP}:12`;
export const DEV = `environment:${SHOP}:7`;
export const PLACE = { service: 'payments-api', environment: 'prod' };

/** What is known of people; what is not given is as it should be. */
export interface PeopleInput {
  readonly reach?: readonly Partial<ReachFact>[];
  readonly people?: Partial<PeopleFact>;
  readonly tokens?: Partial<TokensFact>;
  readonly auditing?: Partial<AuditingFact>;
  readonly roles?: readonly RoleFact[];
  /** Kinds of sections of which nothing is known. */
  readonly unread?: readonly SectionKind[];
}

export function person(name: string, over: Partial<PlatformIdentity> = {}): PlatformIdentity {
  return { id: `id of ${name.toLowerCase()}`, name, kind: 'person', ...over };
}

export function aReach(over: Partial<ReachFact> = {}): ReachFact {
  return { role: 'approver', subject: PROD, name: 'Approvers of prod', members: [], through: [], more: 0, ...over };
}

/** An active member, seen yesterday. */
export function aUser(name: string, over: Partial<NotedUser> = {}): NotedUser {
  const seen = { lastSeen: '2026-11-27T09:00:00.000Z', addedAt: '2024-01-01T00:00:00.000Z' };
  return { ...person(name), isGuest: false, isDisabled: false, reachesProduction: true, ...seen, ...over };
}

/** A token of some days, for code. */
export function aToken(of: PlatformIdentity, over: Partial<TokenFact> = {}): TokenFact {
  const time = { from: '2026-11-10T00:00:00.000Z', to: '2027-01-10T00:00:00.000Z' };
  return { id: `token of ${of.name}`, name: 'laptop', of, isFullAccess: false, scopes: ['vso.code'], ...time, ...over };
}

export function aPeoplePlatform({
  reach = [],
  people,
  tokens,
  auditing,
  roles = [],
  unread = [],
}: PeopleInput): Platform {
  const self = { ...person('Countersign', { kind: 'service', oid: 'oid of countersign' }), isByToken: false };
  const facts: PlatformFacts = {
    project: { pipelines: ['payments-deploy'], repositories: [] },
    environments: [environment('12', 'prod'), environment('7', 'dev')],
    branches: [],
    connections: [],
    'variable-groups': [],
    reach: reach.map(aReach),
    people: { users: 10, noted: [], more: 0, self, ...people },
    tokens: { tokens: [], isCut: false, users: 10, asked: 10, turn: 0, isServiceKnown: true, ...tokens },
    auditing: { isOn: true, streams: [{ id: '1', name: 'sentinel', status: 'enabled' }], ...auditing },
    hooks: [],
    roles,
  };
  const kinds = ['project', 'environments', 'reach', 'people', 'tokens', 'auditing', 'roles'] as const;
  const sections = kinds.map((kind) => {
    const target = {
      project: SHOP,
      environments: SHOP,
      reach: SHOP,
      people: '-',
      tokens: '-',
      auditing: '-',
      roles: 's',
    }[kind];
    const known = unread.includes(kind) ? {} : { known: { at: AT, facts: facts[kind] } };
    return { kind, target, name: 'Shop', ...known } as Section;
  });
  return { organization: ORGANIZATION, sections };
}

function environment(id: string, name: string): EnvironmentFact {
  return { id, name, checks: [], openToAll: false, pipelines: [] };
}

export function aPeopleSetting(maxApprovers = 15): PlatformSetting {
  const none = { resourceGroups: [] };
  const service = aService({
    environments: new Map([
      ['prod', none],
      ['dev', none],
    ]),
  });
  const catalog: Catalog = { services: new Map([[service.name, service]]), broken: new Map() };
  const contract = aContract();
  const tiers = new Map([
    ['prod', anEnvironment()],
    ['dev', anEnvironment({ name: 'dev', tier: 'non-production' })],
  ]);
  return {
    catalog,
    contract: { ...contract, environments: tiers, limits: { ...contract.limits, maxApprovers } },
    now: AT,
  };
}
