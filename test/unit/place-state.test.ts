import fc from 'fast-check';
import { expect, test } from 'vitest';
import { entryKey, type PlaceState, partOf } from '../../services/domain/baseline.ts';
import { changesBetween } from '../../services/domain/drift.ts';
import { type Resources, stateOf } from '../../services/domain/place-state.ts';
import type { Section } from '../../services/domain/platform.ts';
import { platformIndex, sectionsOfPlace } from '../../services/domain/platform-index.ts';
import { ORGANIZATION } from '../builders.ts';
import {
  aBranch,
  aCheckFact,
  aConnection,
  anEnvironment,
  anIdentity,
  aReach,
  aRole,
  PROJECT,
  platformSections,
  READ_AT,
  SUBSCRIPTION,
  withUnknown,
} from '../drift-platforms.ts';
import { catalogOf } from './platform-catalog.ts';

const PROD = { service: 'payments-api', environment: 'prod' };
const state = (sections: readonly Section[], wanted: readonly string[] = [], resources?: Resources): PlaceState =>
  stateOf(platformIndex({ organization: ORGANIZATION, sections }, catalogOf()), PROD, {
    wanted: new Set(wanted),
    ...(resources === undefined ? {} : { resources }),
  });
const namesOf = (one: PlaceState, kind: string) =>
  one.entries.filter((entry) => entry.kind === kind).map(({ name }) => name);
const changed = (before: readonly Section[], after: readonly Section[]) => {
  const old = state(before);
  return changesBetween(
    old,
    state(
      after,
      old.entries.map(({ key }) => key),
    ),
  );
};

test('a place has its environment and checks, branch policies, reach, connections and the roles of their identities', () => {
  const here = state(platformSections());

  expect(here.entries.map(({ kind, name, of }) => [kind, name, of])).toEqual([
    ['branch-policy', 'minimum-reviewers', 'payments-api main'],
    ['check', 'Countersign', 'prod'],
    ['connection', 'azure-payments', ''],
    ['environment', 'prod', ''],
    ['reach', 'Approvers of prod', ''],
    ['reach', 'Ann', 'Approvers of prod'],
    ['reach', 'Bob', 'Approvers of prod'],
    ['role', 'azure-payments', `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-payments-prod`],
  ]);
  expect(here.parts.every(({ at, unknown }) => at === READ_AT && unknown === undefined)).toBe(true);
});

test('what belongs to another environment, service or identity is none of it', () => {
  const elsewhere = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-payments-staging`;
  const here = state(
    platformSections({
      environments: [anEnvironment({ id: '6', name: 'staging' }), anEnvironment({ id: '7', name: 'sandbox' })],
      branches: [aBranch({ repositoryId: 'r2', repository: 'orders-api' })],
      connections: [
        aConnection({ id: 'c2', scope: { level: 'resource-group', id: elsewhere }, pipelines: [] }),
        { ...aConnection({ id: 'c3', pipelines: ['orders'] }), scope: undefined as never },
      ],
      reach: [
        aReach({ subject: `environment:${PROJECT}:6` }),
        aReach({ subject: 'connection:c2' }),
        aReach({ subject: 'repository:r2' }),
        aReach({ subject: 'nothing' }),
      ],
      roles: [aRole({ clientId: 'another' })],
    }),
  );

  expect(namesOf(here, 'environment')).toEqual([]);
  expect(here.entries.filter(({ kind }) => kind !== 'connection')).toEqual([]);
});

test('a connection that reaches no place is of those whose pipelines may use it, and administrators of a project of all in it', () => {
  const { scope: _, ...docker } = aConnection({ id: 'c9', name: 'registry', type: 'dockerregistry' });
  const here = state(
    platformSections({
      connections: [docker],
      reach: [aReach({ role: 'administrator', subject: 'project' })],
      roles: [],
    }),
  );

  expect(namesOf(here, 'connection')).toEqual(['registry']);
  expect(namesOf(here, 'reach')).toHaveLength(3);
});

test('whoever else may change all of its subscription is a role of the place, by name as far as it is known', () => {
  const ann = anIdentity('Ann', { id: 'a1', oid: 'oid-ann' });
  const wide = { principalId: 'oid-ann', principalKind: 'person', scope: `/subscriptions/${SUBSCRIPTION}` } as const;
  const { clientId: _, principalName: __, ...holder } = aRole({ ...wide, role: 'Owner', may: 'grant' });
  const having = (...roles: Parameters<typeof aRole>[0][]) =>
    platformSections({
      reach: [aReach({ members: [ann] })],
      roles: [aRole(), ...roles.map((one) => ({ ...holder, ...one }))],
    });

  expect(changed(having(), having({}))).toMatchObject([
    { kind: 'added', after: { kind: 'role', name: 'Ann', values: { role: 'Owner', isStanding: 'yes' } } },
  ]);
  expect(changed(having({ isStanding: false }), having({}))).toMatchObject([
    { kind: 'changed', after: { name: 'Ann' } },
  ]);
  expect(changed(having({}), having())).toMatchObject([{ kind: 'removed', before: { name: 'Ann' } }]);
  const less = [{ may: 'read' }, { scope: `/subscriptions/${SUBSCRIPTION}/resourceGroups/x` }] as const;
  for (const one of less) expect(changed(having(), having(one))).toEqual([]);
});

test('whoever may change a subscription in which the place has nothing is no role of it', () => {
  const other = '11111111-9dc0-11d1-b245-5ffdce74fad2';
  const { clientId: _, ...holder } = aRole({ principalId: 'x', scope: `/subscriptions/${other}`, may: 'grant' });
  const section = {
    kind: 'roles',
    target: other,
    name: 'orders-prod',
    known: { at: READ_AT, facts: [holder] },
  } as const;
  expect(namesOf(state([...platformSections(), section]), 'role')).toEqual(['azure-payments']);
});

test('things are told by their ids: what is renamed or given another scope has changed, and is not gone', () => {
  const before = platformSections();
  const after = platformSections({
    environments: [anEnvironment({ name: 'production' })],
    connections: [
      aConnection({
        name: 'other',
        scope: { level: 'subscription', id: '/subscriptions/11111111-9dc0-11d1-b245-5ffdce74fad2' },
      }),
    ],
  });

  const found = changed(before, after).map(({ kind, after: one }) => [kind, one?.kind]);
  expect(found).toEqual(
    expect.arrayContaining([
      ['changed', 'environment'],
      ['changed', 'connection'],
    ]),
  );
  expect(found.filter(([kind]) => kind === 'removed')).toEqual([]);
});

test.each(['environments', 'branches', 'connections', 'reach', 'roles'] as const)(
  'nothing is removed or added because %s cannot be read',
  (kind) => {
    const hidden = withUnknown(
      platformSections({ environments: [], branches: [], connections: [], reach: [], roles: [] }),
      kind,
    );
    const keys = changed(platformSections(), hidden).map(({ before }) => before?.kind);
    const own = {
      environments: 'check',
      branches: 'branch-policy',
      connections: 'connection',
      reach: 'reach',
      roles: 'role',
    };
    expect(keys).not.toContain(own[kind]);
    expect(keys.length).toBeGreaterThan(0);
  },
);

test.each<[string, (sections: readonly Section[]) => readonly Section[]]>([
  ['is missing', (sections) => sections.filter(({ kind }) => kind !== 'project')],
  ['cannot be read', (sections) => withUnknown(sections, 'project')],
  [
    'was never read',
    (sections) =>
      sections.map(({ known: _, ...one }) => (one.kind === 'project' ? one : { ...one, known: _ }) as Section),
  ],
])('where its project %s, nothing of a service is gone', (_name, change) => {
  expect(changed(platformSections(), change(platformSections()))).toEqual([]);
  expect(partOf(state(change(platformSections())), entryKey('check', PROJECT, '5', '11'))).toBeUndefined();
});

test('of a list that is cut nobody has come or gone for certain', () => {
  const cut = platformSections({ reach: [aReach({ members: [anIdentity('Cid')], more: 4 })] });

  expect(changed(platformSections(), cut)).toEqual([]);
  expect(changed(cut, platformSections())).toEqual([]);
  const part = partOf(state(cut), entryKey('reach', PROJECT, 'approver', `environment:${PROJECT}:5`, 'member', 'x'));
  expect(part?.unknown).toBe('4 more than are listed');
});

test('access through another group is a change, and so is each person who comes by it', () => {
  const grown = platformSections({
    reach: [
      aReach({
        members: [anIdentity('Ann'), anIdentity('Bob'), anIdentity('Eve')],
        through: ['Contractors', 'Payments leads'],
      }),
    ],
  });

  expect(changed(platformSections(), grown).map(({ kind, after }) => [kind, after?.name])).toEqual([
    ['changed', 'Approvers of prod'],
    ['added', 'Eve'],
  ]);
});

test('a fact that nobody could tell is no change, whichever of the two lacks it', () => {
  const unsure = platformSections({ environments: [anEnvironment({ openToAll: undefined, pipelines: [] })] });

  expect(changed(platformSections(), unsure)).toEqual([]);
  expect(changed(unsure, platformSections())).toEqual([]);
});

test('resources that are named are parts of their own, unknown where Azure did not say', () => {
  const type = 'microsoft.web/sites';
  const site = { id: `/subscriptions/${SUBSCRIPTION}/x/Sites/pay`, type, values: { 'properties.httpsOnly': 'true' } };
  const known = state([], [], { types: [type], at: READ_AT, found: [site] });
  const lost = state([], [], { types: [type], unknown: 'Azure did not answer' });

  expect(known.entries.map(({ name, values }) => [name, values])).toEqual([
    ['pay', { 'properties.httpsOnly': 'true' }],
  ]);
  expect(changesBetween(known, lost)).toEqual([]);
  expect(changesBetween(known, state([], [], { types: [type], at: READ_AT, found: [] }))).toMatchObject([
    { kind: 'removed' },
  ]);
});

test('what is more than is kept is a part that is unknown, and the others stay whole', () => {
  const members = Array.from({ length: 5_000 }, (_, n) => anIdentity(`P${n}`));
  const large = state(platformSections({ reach: [aReach({ members })] }));

  expect(partOf(large, entryKey('reach', PROJECT, 'x'))?.unknown).toContain('more of it than is compared');
  expect(large.entries).toHaveLength(5);
  expect(changed(platformSections(), platformSections({ reach: [aReach({ members })] }))).toEqual([]);
});

test('the order of sections and facts does not matter', () => {
  const sections = platformSections({
    environments: [
      anEnvironment({
        checks: [aCheckFact(), aCheckFact({ id: '12', kind: 'approval', approval: anApproval(['Ann', 'Bob']) })],
      }),
    ],
  });
  const turned = platformSections({
    environments: [
      anEnvironment({
        checks: [aCheckFact({ id: '12', kind: 'approval', approval: anApproval(['Bob', 'Ann']) }), aCheckFact()],
      }),
    ],
    reach: [aReach({ members: [anIdentity('Bob'), anIdentity('Ann')] })],
  });
  fc.assert(
    fc.property(fc.shuffledSubarray(turned, { minLength: turned.length }), (shuffled) => {
      const { entries, parts } = state(sections);
      const other = state(shuffled);
      expect(other.parts).toEqual(parts);
      expect(other.entries.map(({ key, values }) => [key, values])).toEqual(
        entries.map(({ key, values }) => [key, values]),
      );
    }),
  );
});

function anApproval(names: readonly string[]) {
  return { approvers: names.map((name) => anIdentity(name)), minApprovers: 1, requesterMayApprove: false };
}

test('a place is looked at again when a section of its own projects, or a role, was read anew', () => {
  const other: Section = { kind: 'environments', target: 'other', name: 'other', known: { at: READ_AT, facts: [] } };
  const all = [...platformSections(), other];
  const own = sectionsOfPlace(platformIndex({ organization: ORGANIZATION, sections: all }, catalogOf()), PROD);

  expect(own).not.toContain(other);
  expect(own).toHaveLength(platformSections().length);
});
