import { describe, expect, test } from 'vitest';
import type { ConnectionFact, Platform, Section } from '../../services/domain/platform.ts';
import {
  aConnectionFact,
  aPlatform,
  aRoleFact,
  broken,
  CONNECTION,
  CREDENTIAL_RULES,
  MANAGEMENT_GROUP,
  NOW,
  OTHER,
  PAYMENTS,
  PROD,
  rulesBrokenBy,
  SHOP,
  SUBSCRIPTION,
  section,
  setting,
  TEST,
} from './connection-facts.ts';

test('a federated connection of one pipeline, with a role at one resource group and used last week, breaks nothing', () => {
  expect([...broken(aPlatform())]).toEqual([]);
});

describe('a connection to production is told of', () => {
  test.each([
    ['secret', 'a client secret'],
    ['certificate', 'a certificate'],
    ['password', 'a password'],
    ['token', 'a token'],
  ] as const)('that authenticates by %s, with what that is', (credential, words) => {
    const found = broken(aPlatform([aConnectionFact({ credential })])).get('connection-long-lived-credential');

    expect(found).toEqual([
      {
        subject: `connection:${CONNECTION}`,
        message: expect.stringContaining(`azure-prod reaches production by ${words}`),
        help: expect.stringContaining('workload identity federation'),
        places: [PAYMENTS],
        link: `https://dev.azure.com/contoso/${SHOP}/_settings/adminservices?resourceId=${CONNECTION}`,
      },
    ]);
  });

  test.each([['managed-identity'], ['none']] as const)('but not for authenticating by %s', (credential) => {
    expect(rulesBrokenBy({ credential })).toEqual([]);
  });

  test('that is shared, with the other projects by name', () => {
    const found = broken(aPlatform([aConnectionFact({ isShared: true, sharedWith: ['Blog', 'Ads'] })]));
    expect(found.get('connection-shared')?.[0]?.message).toContain('of Shop is shared with Ads, Blog');
    const untold = broken(aPlatform([aConnectionFact({ isShared: true })]));
    expect(untold.get('connection-shared')?.[0]?.message).toContain('of Shop is shared with other projects:');
  });

  test('once that two projects have, with both', () => {
    const found = broken(
      aPlatform([aConnectionFact()], [aRoleFact()], section('connections', [aConnectionFact()], OTHER, 'Ads')),
    );
    expect(found.get('connection-shared')?.map(({ message }) => message)).toEqual([
      expect.stringContaining('of Shop is shared with Ads'),
    ]);
  });

  test('of which two projects name each other, with the other one alone', () => {
    const there = section('connections', [aConnectionFact({ sharedWith: ['Shop'] })], OTHER, 'Ads');
    const found = broken(aPlatform([aConnectionFact({ sharedWith: ['Ads'] })], [aRoleFact()], there));
    expect(found.get('connection-shared')?.[0]?.message).toContain('of Shop is shared with Ads:');
  });

  test('that every pipeline may use, in each project that opens it, and most of all', () => {
    const open = aConnectionFact({ openToAll: true, pipelines: [] });
    const found = broken(aPlatform([open], [aRoleFact()], section('connections', [open], OTHER, 'Ads')));

    expect(found.get('connection-open-to-all')?.map(({ subject }) => subject)).toEqual([
      `connection:${CONNECTION}:${SHOP}`,
      `connection:${CONNECTION}:${OTHER}`,
    ]);
    expect(CREDENTIAL_RULES.filter(({ severity }) => severity === 'high').map(({ id }) => id)).toEqual([
      'connection-open-to-all',
    ]);
  });

  test('that every pipeline may use also where nobody could tell of an approval, but not behind one', () => {
    const { hasApproval: _, ...untold } = aConnectionFact({ openToAll: true });
    expect([...broken(aPlatform([untold])).keys()]).toContain('connection-open-to-all');
    expect(rulesBrokenBy({ openToAll: true, hasApproval: true })).toEqual([]);
  });

  test.each([
    ['a whole subscription', { level: 'subscription', id: SUBSCRIPTION }],
    ['a management group', { level: 'management-group', id: MANAGEMENT_GROUP }],
  ] as const)('that was made for %s', (words, scope) => {
    const role = aRoleFact({ scope: scope.id, may: 'read', role: 'Reader' });
    const found = broken(aPlatform([aConnectionFact({ scope })], [role]));
    expect(found.get('connection-broad-scope')?.[0]?.message).toContain(`was made for ${words}`);
  });

  test('that was made for a subscription not where its roles are known to be narrower, and where they are not known', () => {
    const scope = { level: 'subscription', id: SUBSCRIPTION } as const;
    expect(rulesBrokenBy({ scope })).toEqual([]);
    expect([...broken(aPlatform([aConnectionFact({ scope })], [])).keys()]).toContain('connection-broad-scope');
  });

  test.each([
    ['never', 'No use of it is recorded'.toLowerCase()],
    ['2026-08-20T00:00:00.000Z', 'it was last used on 2026-08-20'],
  ])('that was used %s', (lastUsed, words) => {
    const found = broken(aPlatform([aConnectionFact({ lastUsed })]));
    expect(found.get('connection-unused')?.[0]?.message.toLowerCase()).toContain(words);
  });

  test('that was never used not while it is new', () => {
    expect(rulesBrokenBy({ lastUsed: 'never', createdAt: '2026-11-01T00:00:00.000Z' })).toEqual([]);
  });

  test('that was used 90 days ago, a millisecond sooner is soon enough', () => {
    const limit = new Date(Date.parse(NOW) - 90 * 86_400_000);
    expect(rulesBrokenBy({ lastUsed: limit.toISOString() })).toEqual(['connection-unused']);
    expect(rulesBrokenBy({ lastUsed: new Date(limit.getTime() + 1).toISOString() })).toEqual([]);
  });

  test('that is not used in one project not where another may use it, for all that is known', () => {
    const old = aConnectionFact({ lastUsed: 'never' });
    const { lastUsed: _, ...unknown } = old;
    const rulesWith = (fact: ConnectionFact) => [
      ...broken(aPlatform([old], [aRoleFact()], section('connections', [fact], OTHER, 'Ads'))).keys(),
    ];
    expect(rulesWith(old)).toContain('connection-unused');
    expect(rulesWith({ ...old, lastUsed: '2026-11-20T00:00:00.000Z' })).not.toContain('connection-unused');
    expect(rulesWith(unknown)).not.toContain('connection-unused');
    expect(rulesWith(unknown)).toContain('connection-not-known');
  });

  test('of which nobody could tell something, with all of it', () => {
    const { lastUsed: _, ...fact } = aConnectionFact({ openToAll: undefined, credential: 'other' });
    const [violation] = broken(aPlatform([fact], [])).get('connection-not-known') ?? [];
    expect(violation?.message).toContain(
      'by what it authenticates; which pipelines may use it; when it was last used; what its identity may do in Azure',
    );
  });

  test('of which nobody knows what lies in its management group, everywhere', () => {
    const scope = { level: 'management-group', id: MANAGEMENT_GROUP } as const;
    const found = broken(aPlatform([aConnectionFact({ scope })], []));
    expect(found.get('connection-not-known')?.[0]?.message).toContain(
      'which subscriptions lie in the management group',
    );
    expect(found.get('connection-broad-scope')?.[0]?.places).toEqual([]);
  });
});

test('a connection that leads elsewhere, is turned off or only reads sources is told of by nothing', () => {
  const bad = { credential: 'secret', openToAll: true, isShared: true, lastUsed: 'never' } as const;
  const elsewhere = { scope: { level: 'subscription', id: `/subscriptions/${TEST}` } } as const;
  expect(rulesBrokenBy({ ...bad, ...elsewhere, clientId: 'another' })).toEqual([]);
  expect(rulesBrokenBy({ ...bad, isDisabled: true })).toEqual([]);
  const { scope: _, clientId: __, ...ofNobody } = aConnectionFact(bad);
  expect([...broken(aPlatform([{ ...ofNobody, type: 'GitHub' }])).keys()]).toEqual([]);
});

test('a connection of which Azure says nothing leads where the services lead whose pipelines may use it', () => {
  const { scope: _, clientId: __, ...cluster } = aConnectionFact({ type: 'kubernetes', credential: 'token' });
  const led = (over: Partial<ConnectionFact>) =>
    broken(aPlatform([{ ...cluster, ...over }])).get('connection-long-lived-credential');

  expect(led({})?.[0]?.places).toEqual([PAYMENTS]);
  expect(led({ pipelines: ['blog'] })).toBeUndefined();
  expect(led({ pipelines: [], openToAll: true })?.[0]?.places).toEqual([PAYMENTS]);
  expect(led({ pipelines: [], openToAll: undefined })?.[0]?.places).toEqual([PAYMENTS]);
});

test('of a connection of which Azure says nothing neither last use nor roles are missed', () => {
  const { scope: _, clientId: __, lastUsed: ___, ...cluster } = aConnectionFact({ type: 'kubernetes' });
  expect([...broken(aPlatform([cluster])).keys()]).toEqual([]);
});

test('a subscription of which the catalog knows nothing is no production', () => {
  const scope = { level: 'subscription', id: `/subscriptions/${OTHER}` } as const;
  expect([...broken(aPlatform([aConnectionFact({ scope, credential: 'secret' })], [])).keys()]).toEqual([]);
});

test('roles elsewhere say nothing of a subscription whose own could not be read', () => {
  const scope = { level: 'subscription', id: SUBSCRIPTION } as const;
  const elsewhere = section('roles', [aRoleFact({ scope: `/subscriptions/${TEST}/resourceGroups/x` })], TEST);
  const { organization, sections } = aPlatform([aConnectionFact({ scope })], [], elsewhere);
  const unread = sections.map((one) =>
    one.target === PROD ? ({ ...one, known: undefined } as unknown as Section) : one,
  );
  const found = broken({ organization, sections: unread });
  expect([...found.keys()]).toContain('connection-broad-scope');
  expect(
    found
      .get('connection-not-known')
      ?.map(({ message }) => message)
      .join(),
  ).toContain('what its identity may do');
});

test('where the catalog does not say where production is, what leads to nobody may lead there', () => {
  const { catalog } = setting();
  const within = (prod: object) => {
    const environments = new Map([
      ['prod', { resourceGroups: [], ...prod }],
      ['test', { resourceGroups: [], subscription: TEST }],
    ]);
    return {
      catalog: {
        ...catalog,
        services: new Map([...catalog.services].map(([name, one]) => [name, { ...one, environments }])),
      },
    };
  };
  const scope = (id: string) => ({ level: 'subscription', id: `/subscriptions/${id}` }) as const;
  const led = (id: string, prod: object, over: Partial<ConnectionFact> = {}) =>
    broken(aPlatform([aConnectionFact({ scope: scope(id), credential: 'secret', ...over })], []), within(prod)).get(
      'connection-long-lived-credential',
    )?.[0]?.places;

  expect(led(PROD, {})).toEqual([PAYMENTS]);
  expect(led(PROD, { managementGroup: 'mg-retail' })).toEqual([PAYMENTS]);
  expect(led(PROD, {}, { pipelines: ['blog'] })).toBeUndefined();
  expect(led(TEST, {})).toBeUndefined();
  expect(led(OTHER, { subscription: PROD })).toBeUndefined();
});

test('what leads to production is told by the contract and catalog of the moment', () => {
  const platform = aPlatform([aConnectionFact({ credential: 'secret' })]);
  const { contract } = setting();
  const none = { contract: { ...contract, environments: new Map() } };
  expect(broken(platform).has('connection-long-lived-credential')).toBe(true);
  expect([...broken(platform, none).keys()]).toEqual([]);
});

test('a management group leads to the subscriptions that tell of a role in it, and to what the catalog says is in it', () => {
  const scope = { level: 'management-group', id: MANAGEMENT_GROUP.toUpperCase() } as const;
  const fact = aConnectionFact({ scope, credential: 'secret', clientId: 'another' });
  const role = aRoleFact({ scope: MANAGEMENT_GROUP, clientId: 'third' });
  const places = (platform: Platform, over = {}) =>
    broken(platform, over).get('connection-long-lived-credential')?.[0]?.places;
  const { catalog } = setting();
  const environments = new Map([['prod', { managementGroup: 'MG-Retail', resourceGroups: [] }]]);
  const services = new Map([...catalog.services].map(([name, one]) => [name, { ...one, environments }]));

  expect(places(aPlatform([fact], [role]))).toEqual([PAYMENTS]);
  expect(places(aPlatform([fact], []), { catalog: { ...catalog, services } })).toEqual([PAYMENTS]);
});
