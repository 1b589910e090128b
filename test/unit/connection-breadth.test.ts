import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { connectionBreadth } from '../../services/domain/connection-breadth.ts';
import type { Platform, Section } from '../../services/domain/platform.ts';
import {
  aConnectionFact,
  aPlatform,
  aRoleFact,
  CONNECTION,
  GROUP,
  MANAGEMENT_GROUP,
  OTHER,
  PAYMENTS,
  SHOP,
  SUBSCRIPTION,
  section,
  setting,
} from './connection-facts.ts';

const of = (platform: Platform, pipeline = 'Payments-Deploy', place = PAYMENTS) =>
  connectionBreadth(platform, setting(), place, pipeline);
const without = (kind: Section['kind']): Platform => {
  const { organization, sections } = aPlatform();
  return { organization, sections: sections.filter((one) => one.kind !== kind) };
};

test('a deployment can use the connections to its place that its pipeline may use, with the widest level and the strongest role', () => {
  expect(of(aPlatform())).toEqual({
    connections: [
      {
        id: CONNECTION,
        name: 'azure-prod',
        credential: 'federated',
        isOpenToAll: false,
        level: 'resource-group',
        role: 'Website Contributor',
        may: 'change',
      },
    ],
    level: 'resource-group',
    role: 'Website Contributor',
    may: 'change',
    isKnown: true,
    why: [],
  });
});

test('what every pipeline may use counts as well, what another pipeline uses or leads elsewhere does not', () => {
  const open = aConnectionFact({
    id: '0e000000-0000-4000-8000-000000000002',
    name: 'open',
    openToAll: true,
    pipelines: [],
  });
  expect(of(aPlatform([aConnectionFact(), open])).connections.map(({ name }) => name)).toEqual(['azure-prod', 'open']);
  expect(of(aPlatform(), 'blog-deploy').connections).toEqual([]);
  expect(of(aPlatform(), 'payments-deploy', { ...PAYMENTS, environment: 'test' }).connections).toEqual([]);
  expect(of(aPlatform(), 'blog-deploy')).toMatchObject({ isKnown: true, why: [] });
});

test('what a project that does not hold the service has is not of its deployments', () => {
  const elsewhere = section(
    'connections',
    [aConnectionFact({ id: '0e000000-0000-4000-8000-000000000002' })],
    OTHER,
    'Ads',
  );
  expect(of(aPlatform([], [], elsewhere)).connections).toEqual([]);
});

test.each([
  ['grant', 'change'],
  ['change', 'read'],
] as const)(
  'a role that may %s is stronger than a wider one that may %s, and the wider of two alike',
  (may, weaker) => {
    const wide = aRoleFact({ role: 'wide', may: weaker, scope: MANAGEMENT_GROUP });
    const strong = aRoleFact({ role: 'strong', may });
    const wider = aRoleFact({ role: 'wider', may, scope: SUBSCRIPTION });
    expect(of(aPlatform([aConnectionFact()], [wide, strong]))).toMatchObject({
      level: 'management-group',
      role: 'strong',
    });
    expect(of(aPlatform([aConnectionFact()], [strong, wider]))).toMatchObject({ role: 'wider' });
  },
);

test('a role of which nobody knows what it allows counts as one that may change everything', () => {
  const { may: _, ...unknown } = aRoleFact({ role: 'custom' });
  expect(of(aPlatform([aConnectionFact()], [aRoleFact(), unknown]))).toMatchObject({ role: 'custom' });
});

test('of connections without known roles the level is the one that they were made for', () => {
  const scope = { level: 'subscription', id: SUBSCRIPTION } as const;
  const found = of(aPlatform([aConnectionFact({ scope })], []));
  expect(found).toMatchObject({ level: 'subscription', isKnown: false, why: ['roles-unknown'] });
  expect(found).not.toHaveProperty('role');
});

describe('it says what is missing', () => {
  test.each([
    ['project-unknown', without('project')],
    ['connections-unread', without('connections')],
    ['roles-unknown', without('roles')],
    ['pipelines-unknown', aPlatform([aConnectionFact({ openToAll: undefined, pipelines: [] })])],
  ] as const)('%s', (why, platform) => {
    expect(of(platform)).toMatchObject({ isKnown: false, why: [why] });
  });

  test('and lists what may be used as far as anybody knows', () => {
    const platform = aPlatform([aConnectionFact({ openToAll: undefined, pipelines: [] })]);
    expect(of(platform, 'blog-deploy').connections.map(({ name }) => name)).toEqual(['azure-prod']);
  });

  test('of a management group of which nobody knows what lies in it: it may reach the place', () => {
    const scope = { level: 'management-group', id: MANAGEMENT_GROUP } as const;
    expect(of(aPlatform([aConnectionFact({ scope })], []))).toMatchObject({
      level: 'management-group',
      isKnown: false,
      why: ['roles-unknown'],
    });
  });

  test('where the section was never read though it is known to be there', () => {
    const { organization, sections } = without('connections');
    const unread = { ...section('connections', [], SHOP), known: undefined } as unknown as Section;
    expect(of({ organization, sections: [...sections, unread] }).why).toEqual(['connections-unread']);
  });
});

test('law: the order of sections and facts changes nothing', () => {
  const ids = ['0e000000-0000-4000-8000-000000000002', '0e000000-0000-4000-8000-000000000003'];
  const anyFacts = fc.tuple(
    fc.shuffledSubarray(ids).map((some) => some.map((id) => aConnectionFact({ id, name: id, openToAll: true }))),
    fc
      .shuffledSubarray([GROUP, SUBSCRIPTION, MANAGEMENT_GROUP, '/'])
      .map((some) => some.map((scope) => aRoleFact({ scope }))),
  );
  fc.assert(
    fc.property(anyFacts, ([connections, roles]) => {
      const { organization, sections } = aPlatform(connections.toReversed(), roles.toReversed());
      expect(of({ organization, sections: sections.toReversed() })).toEqual(of(aPlatform(connections, roles)));
    }),
  );
});
