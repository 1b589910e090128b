import { describe, expect, test } from 'vitest';
import type { ConnectionFact, Platform, RoleFact } from '../../services/domain/platform.ts';
import {
  aConnectionFact,
  aHolder,
  aPlatform,
  aRoleFact,
  broken,
  CLIENT,
  GROUP,
  HOLDER,
  LOOKING,
  MANAGEMENT_GROUP,
  PAYMENTS,
  PLANNING,
  PRINCIPAL,
  PROD,
  project,
  rulesBrokenBy,
  SUBSCRIPTION,
  section,
  setting,
  TEST,
} from './connection-facts.ts';

describe('an identity of connections is told of', () => {
  test('that stands behind several', () => {
    const twin = aConnectionFact({ id: '0e000000-0000-4000-8000-000000000002', name: 'azure-twin' });
    const found = broken(aPlatform([aConnectionFact(), twin]));
    expect(found.get('identity-behind-several-connections')?.map(({ subject, message }) => [subject, message])).toEqual(
      [[`identity:${CLIENT}`, expect.stringContaining('azure-prod, azure-twin act as one identity')]],
    );
  });

  test('not where all of its connections lead elsewhere', () => {
    const scope = { level: 'subscription', id: `/subscriptions/${TEST}` } as const;
    const twin = aConnectionFact({ id: '0e000000-0000-4000-8000-000000000002', scope });
    expect([...broken(aPlatform([aConnectionFact({ scope }), twin], [])).keys()]).toEqual([]);
  });

  test('that has a role above everything: it reaches every subscription that is known', () => {
    const roles = [aRoleFact({ scope: '/', role: 'Contributor' })];
    const found = broken(aPlatform([aConnectionFact()], roles, section('roles', roles, TEST, 'payments-test')));
    expect([...found.keys()]).toEqual(['identity-reaches-beyond-production', 'identity-role-too-broad']);
  });

  test('by its object id where a connection names no application', () => {
    const { clientId: _, ...fact } = aConnectionFact({ principalId: PRINCIPAL });
    const { clientId: __, ...role } = aRoleFact({ scope: SUBSCRIPTION });
    const found = broken(aPlatform([fact], [role]));
    expect(found.get('identity-role-too-broad')?.[0]?.subject).toBe(`identity:${PRINCIPAL}`);
  });

  test('that reaches production and what is not, by another connection or by a role', () => {
    const test = { id: '0e000000-0000-4000-8000-000000000002', name: 'azure-test' };
    const elsewhere = aConnectionFact({ ...test, scope: { level: 'subscription', id: `/subscriptions/${TEST}` } });
    const byConnection = broken(aPlatform([aConnectionFact(), elsewhere]));
    const byRole = broken(
      aPlatform([aConnectionFact()], [aRoleFact(), aRoleFact({ scope: `/subscriptions/${TEST}` })]),
    );

    for (const found of [byConnection, byRole])
      expect(found.get('identity-reaches-beyond-production')?.[0]).toMatchObject({
        subject: `identity:${CLIENT}`,
        message: expect.stringContaining('(payments-api in prod) and what is not (payments-api in test)'),
        places: [PAYMENTS],
      });
  });

  test.each([
    ['Owner', 'grant', 'identity-grants-access'],
    ['User Access Administrator', 'grant', 'identity-grants-access'],
    ['Contributor', 'change', 'identity-role-too-broad'],
    ['b0b0', undefined, 'identity-role-too-broad'],
  ] as const)('that is %s of the whole subscription, by its name', (role, may, rule) => {
    const given = { ...aRoleFact({ role, scope: SUBSCRIPTION }), ...(may === undefined ? {} : { may }) };
    const { may: _, ...unknown } = given;
    const [violation] = broken(aPlatform([aConnectionFact()], [may === undefined ? unknown : given])).get(rule) ?? [];
    expect(violation?.message).toContain(`it is ${role} of ${SUBSCRIPTION}`);
  });

  test('that may give access under a condition, for what the condition says is not read', () => {
    const found = broken(
      aPlatform([aConnectionFact()], [aRoleFact({ role: 'Owner', may: 'grant', hasCondition: true })]),
    );
    expect(found.get('identity-grants-access')?.[0]?.message).toMatch(/it is Owner of .* under a condition$/);
  });

  test('that may give access anywhere, and that may change something not below the subscription', () => {
    expect(rulesBrokenBy({}, aRoleFact({ role: 'Owner', may: 'grant' }))).toEqual(['identity-grants-access']);
    expect(rulesBrokenBy({}, aRoleFact({ role: 'Contributor' }))).toEqual([]);
  });

  test.each([['grant'], ['change']] as const)(
    'only for what it may do at any time: an eligible role (%s) waits for somebody',
    (may) => {
      expect(rulesBrokenBy({}, aRoleFact(), aRoleFact({ scope: SUBSCRIPTION, may, isStanding: false }))).toEqual([]);
    },
  );

  test('that has its role by a group', () => {
    const found = broken(aPlatform([aConnectionFact()], [aRoleFact({ scope: SUBSCRIPTION, through: 'g' })]));
    expect(found.get('identity-role-too-broad')?.[0]?.message).toContain(`${SUBSCRIPTION} by a group`);
    const both = [aRoleFact({ scope: SUBSCRIPTION }), aRoleFact({ scope: SUBSCRIPTION, through: 'g' })];
    const [violation] = broken(aPlatform([aConnectionFact()], both)).get('identity-role-too-broad') ?? [];
    expect(violation?.message).toMatch(new RegExp(`of ${SUBSCRIPTION}, .* of ${SUBSCRIPTION} by a group$`));
  });

  test('that alone reaches a place which it may change: a plan has the rights of an apply', () => {
    const twin = aConnectionFact({
      id: '0e000000-0000-4000-8000-000000000002',
      name: 'plan',
      pipelines: ['payments-plan'],
    });
    const alone = (facts: readonly ConnectionFact[], roles: readonly RoleFact[]): Platform => ({
      organization: 'o',
      sections: [project(), section('connections', facts), section('roles', roles, PROD, 'payments-prod')],
    });
    const rule = 'identity-plans-and-applies';

    expect(broken(alone([aConnectionFact(), twin], [aRoleFact()])).get(rule)).toMatchObject([
      {
        subject: 'place:payments-api:prod',
        message: expect.stringContaining('by azure-prod (of payments-deploy), plan (of payments-plan)'),
        places: [PAYMENTS],
      },
    ]);
    expect(broken(alone([aConnectionFact(), PLANNING], [aRoleFact(), LOOKING])).has(rule)).toBe(false);
    expect(broken(alone([PLANNING], [LOOKING])).has(rule)).toBe(false);
    expect(broken(alone([PLANNING], [])).has(rule)).toBe(true);
  });
});

describe('whoever may change a subscription with production in it, by no service connection, is told of', () => {
  const told = (...roles: readonly RoleFact[]) => broken(aPlatform([aConnectionFact()], [aRoleFact(), ...roles]));

  test.each([
    ['Owner', 'grant', true, 'principal-grants-access'],
    ['User Access Administrator', 'grant', true, 'principal-grants-access'],
    ['Contributor', 'change', true, 'principal-role-too-broad'],
    ['b0b0', undefined, true, 'principal-role-too-broad'],
    ['Owner', 'grant', false, 'principal-role-eligible'],
    ['Contributor', 'change', false, 'principal-role-eligible'],
    ['b0b0', undefined, false, 'principal-role-eligible'],
  ] as const)('as %s (%s), standing: %s', (role, may, isStanding, rule) => {
    const { may: _, ...given } = aHolder({ role, isStanding });
    const found = told(may === undefined ? given : { ...given, may });
    expect([...found.keys()]).toEqual([rule]);
    expect(found.get(rule)).toMatchObject([
      {
        subject: `principal:${HOLDER}`,
        message: expect.stringContaining(`payments-prod, where production is`),
        places: [PAYMENTS],
      },
    ]);
    expect(found.get(rule)?.[0]?.message).toContain(`${role} of ${SUBSCRIPTION}`);
  });

  test('but not to look, in a part of it, or where no production is', () => {
    expect([...told(aHolder({ role: 'Reader', may: 'read' }), aHolder({ scope: GROUP })).keys()]).toEqual([]);
    const elsewhere = section('roles', [aHolder({ scope: `/subscriptions/${TEST}` })], TEST, 'payments-test');
    expect([...broken(aPlatform([aConnectionFact()], [aRoleFact()], elsewhere)).keys()]).toEqual([]);
  });

  test('once, with each subscription, where the role is in a management group above', () => {
    const role = aHolder({ scope: MANAGEMENT_GROUP, may: 'grant', role: 'Owner' });
    const { contract } = setting();
    const environments = new Map(
      [...contract.environments].map(([name, one]) => [name, { ...one, tier: 'production' as const }]),
    );
    const platform = aPlatform(
      [aConnectionFact()],
      [aRoleFact(), role],
      section('roles', [role], TEST, 'payments-test'),
    );
    const found = broken(platform, { contract: { ...contract, environments } }).get('principal-grants-access');
    expect(found).toMatchObject([{ places: [PAYMENTS, { service: 'payments-api', environment: 'test' }] }]);
    expect(found?.[0]?.message).toContain('payments-prod, payments-test, where production is');
  });

  test.each([
    ['person', 'Ann Arbor may change'],
    ['group', 'Whoever is in group Ann Arbor may change'],
    ['service', 'Service principal Ann Arbor may change'],
    ['unknown', 'Somebody of whom nobody knows what they are, Ann Arbor may change'],
  ] as const)('by name, with what they are (%s)', (principalKind, words) => {
    const ann = { id: HOLDER, name: 'Ann Arbor', kind: 'person', isGuest: false, isDisabled: false } as const;
    const people = section('people', { users: 1, noted: [{ ...ann, reachesProduction: false }], more: 0 }, '-');
    const found = broken(aPlatform([aConnectionFact()], [aRoleFact(), aHolder({ principalKind })], people));
    expect(found.get('principal-role-too-broad')?.[0]?.message.startsWith(words)).toBe(true);
    expect(told(aHolder()).get('principal-role-too-broad')?.[0]?.message.startsWith(HOLDER)).toBe(true);
  });

  test('also as the identity of a connection that is turned off, and not as that of one in use', () => {
    const role = aRoleFact({ scope: SUBSCRIPTION, role: 'Contributor' });
    expect([...broken(aPlatform([aConnectionFact({ isDisabled: true })], [role])).keys()]).toEqual([
      'principal-role-too-broad',
    ]);
    expect([...broken(aPlatform([aConnectionFact()], [role])).keys()]).toEqual(['identity-role-too-broad']);
    const { clientId: _, ...byObject } = aRoleFact({ scope: SUBSCRIPTION, role: 'Contributor' });
    expect([...broken(aPlatform([aConnectionFact({ principalId: PRINCIPAL })], [byObject])).keys()]).toEqual([
      'identity-role-too-broad',
    ]);
  });

  test('where the catalog knows production by its resource group alone, by what a connection was made for', () => {
    const { catalog } = setting();
    const environments = new Map([['prod', { resourceGroups: ['rg-payments'] }]]);
    const services = new Map([...catalog.services].map(([name, one]) => [name, { ...one, environments }]));
    const over = { catalog: { ...catalog, services } };
    const platform = aPlatform([aConnectionFact()], [aRoleFact(), aHolder()]);
    expect(broken(platform, over).get('principal-role-too-broad')).toMatchObject([{ places: [PAYMENTS] }]);
    const without = { ...platform, sections: platform.sections.filter(({ kind }) => kind !== 'connections') };
    expect(broken(without, over).has('principal-role-too-broad')).toBe(false);
  });

  test('where the catalog says that production is in a management group above', () => {
    const { catalog } = setting();
    const environments = new Map([['prod', { managementGroup: 'MG-Retail', resourceGroups: [] }]]);
    const services = new Map([...catalog.services].map(([name, one]) => [name, { ...one, environments }]));
    const platform = aPlatform([], [aHolder({ scope: MANAGEMENT_GROUP })]);
    const [violation] = broken(platform, { catalog: { ...catalog, services } }).get('principal-role-too-broad') ?? [];
    expect(violation?.places).toEqual([PAYMENTS]);
  });

  test('but not as the account of Countersign itself, which a rule of its own tells', () => {
    const self = { id: 'd', name: 'Countersign', kind: 'service', oid: HOLDER, isByToken: false } as const;
    const people = section('people', { users: 1, noted: [], more: 0, self }, '-');
    expect([...broken(aPlatform([aConnectionFact()], [aRoleFact(), aHolder()], people)).keys()]).toEqual([]);
  });
});
