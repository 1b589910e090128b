import { afterEach, describe, expect, test } from 'vitest';
import { isSameHuman, type Principal } from '../../services/domain/person.ts';
import { type Directory, DirectoryUnavailableError } from '../../services/ports/directory.ts';
import { ADELE, ALEX, fileScene, graphScene, LEE, ODD, PAT, type Scene, STRANGER, WHO } from './directory-scene.ts';

let open: Scene | undefined;

afterEach(async () => {
  await open?.close();
  open = undefined;
});

describe.each([
  ['file', fileScene],
  ['Microsoft Graph', graphScene],
])('the directory from %s', (_name, create) => {
  const setScene = async () => {
    open = await create();
    return open;
  };
  const namesOf = (people: readonly { readonly name: string }[]) => people.map(({ name }) => name).sort();

  test('a person is found by object id in any case, with every name they are known by', async () => {
    const { directory } = await setScene();

    expect(await directory.person(ADELE.toUpperCase())).toStrictEqual({
      oid: ADELE,
      name: 'Adele',
      upn: 'adele@contoso.example',
      guest: false,
      disabled: false,
      sameAs: [`adele.o'hara+git@vance.example`],
    });
    expect(await directory.person(ALEX)).toMatchObject({ upn: 'alex@contoso.example', sameAs: [] });
  });

  test('guests and disabled accounts are marked', async () => {
    const { directory } = await setScene();

    expect(await directory.person(PAT)).toMatchObject({ guest: true, disabled: false });
    expect(await directory.person(LEE)).toMatchObject({ guest: false, disabled: true });
    expect((await directory.membersOf('group:leads')).filter(({ guest }) => guest)).toMatchObject([{ name: 'Pat' }]);
  });

  test.each([STRANGER, 'alex@contoso.example', 'Alex', '', `../groups/${ALEX}`])('%j is nobody', async (oid) => {
    const { directory } = await setScene();

    expect(await directory.person(oid)).toBeUndefined();
    expect(await directory.isMember(oid, ['group:leads', 'group:owners'])).toBe(false);
  });

  test('a manager is known by object id, where there is one', async () => {
    const { directory } = await setScene();

    expect(await directory.managerOf(LEE.toUpperCase())).toBe(ALEX);
    for (const oid of [ALEX, STRANGER, 'lee@contoso.example', '', `../groups/${ALEX}`])
      expect(await directory.managerOf(oid), oid).toBeUndefined();
  });

  test('a name gives everybody of exactly this name', async () => {
    const { directory, become } = await setScene();

    expect(namesOf(await directory.named('Alex'))).toEqual(['Alex']);
    for (const name of ['alex', 'Alex ', 'Al', '', ODD, "x' or displayName eq 'Alex", 'x'.repeat(300)])
      expect(await directory.named(name), name).toEqual([]);

    await become({ ...WHO, people: WHO.people.map((one) => ({ ...one, name: ODD })) });

    expect((await directory.named(ODD)).map(({ oid }) => oid).sort()).toEqual([ALEX, PAT, LEE, ADELE].sort());
  });

  test('a group gives its members, a user itself, an unknown one nobody', async () => {
    const { directory } = await setScene();
    const members = async (principal: Principal) => namesOf(await directory.membersOf(principal));

    expect(await members('group:leads')).toEqual(['Alex', 'Pat']);
    expect(await members('group:empty')).toEqual([]);
    expect(await members('group:unknown')).toEqual([]);
    expect(await members('group:LEADS')).toEqual([]);
    expect(await members(`group:${STRANGER}`)).toEqual([]);
    expect(await members(`group:${'x'.repeat(300)}`)).toEqual([]);
    expect(await members(`user:${ADELE.toUpperCase()}`)).toEqual(['Adele']);
    expect(await members(`user:${STRANGER}`)).toEqual([]);
  });

  test('membership of any of the groups is enough, an unknown group among them does no harm', async () => {
    const { directory } = await setScene();

    expect(await directory.isMember(ALEX.toUpperCase(), ['group:empty', 'group:leads'])).toBe(true);
    expect(await directory.isMember(ADELE, ['group:leads'])).toBe(false);
    expect(await directory.isMember(ADELE, ['group:gone', `group:${STRANGER}`, 'group:owners'])).toBe(true);
    expect(await directory.isMember(ADELE, ['group:gone', `group:${STRANGER}`])).toBe(false);
    expect(await directory.isMember(ADELE, ['group:LEADS', 'group:OWNERS'])).toBe(false);
    expect(await directory.isMember(ADELE, [])).toBe(false);
  });

  test('a user who is asked is a member, one whom the directory does not know is not', async () => {
    const { directory } = await setScene();

    expect(await directory.isMember(ADELE, [`user:${ADELE.toUpperCase()}`])).toBe(true);
    expect(await directory.isMember(ADELE, [`user:${ALEX}`])).toBe(false);
    expect(await directory.isMember(STRANGER, [`user:${STRANGER}`, 'group:leads'])).toBe(false);
  });

  test('a name of a group is text, whatever stands in it', async () => {
    const { directory } = await setScene();

    expect(namesOf(await directory.membersOf(`group:${ODD}`))).toEqual(['Lee']);
    expect(await directory.isMember(LEE, [`group:${ODD}`])).toBe(true);
    expect(await directory.isMember(LEE, [`group:x' or displayName eq '${ODD}`])).toBe(false);
    expect(await directory.membersOf('group:half \ud800 a pair')).toEqual([]);
  });

  test('whoever is taken out of a group, disabled or removed is so at the next click', async () => {
    const { directory, become } = await setScene();
    expect([await directory.isMember(ALEX, ['group:leads']), (await directory.person(ALEX))?.disabled]).toEqual([
      true,
      false,
    ]);

    await become({
      ...WHO,
      people: WHO.people.map((one) => (one.oid === ALEX ? { ...one, disabled: true } : one)),
      groups: { ...WHO.groups, leads: [] },
    });

    expect([await directory.isMember(ALEX, ['group:leads']), (await directory.person(ALEX))?.disabled]).toEqual([
      false,
      true,
    ]);

    await become({ people: [], groups: {}, eligible: {} });

    expect([await directory.isMember(ALEX, ['group:owners']), await directory.person(ALEX)]).toEqual([
      false,
      undefined,
    ]);
  });

  test('a minute later members and matches are the new ones', async () => {
    const { directory, become, later } = await setScene();
    await directory.membersOf('group:leads');
    await directory.matching({ uniqueName: 'adele@contoso.example' });

    await become({
      people: WHO.people.filter(({ oid }) => oid !== ADELE),
      groups: { leads: [LEE] },
      eligible: {},
    });
    later();

    expect(namesOf(await directory.membersOf('group:leads'))).toEqual(['Lee']);
    expect(await directory.matching({ uniqueName: 'adele@contoso.example' })).toEqual([]);
  });

  test('an outside identity matches by its ids and addresses in any case, never by its display name', async () => {
    const { directory } = await setScene();
    const matching = async (identity: Parameters<Directory['matching']>[0]) =>
      namesOf(await directory.matching(identity));

    expect(await matching({ uniqueName: 'ALEX@contoso.example' })).toEqual(['Alex']);
    expect(await matching({ uniqueName: `ADELE.O'HARA+git@vance.example` })).toEqual(['Adele']);
    expect(await matching({ uniqueName: 'pat@partner.example' })).toEqual(['Pat']);
    expect(await matching({ id: LEE.toUpperCase() })).toEqual(['Lee']);
    expect(await matching({ id: STRANGER, descriptor: 'aad.abc', uniqueName: 'Alex@Contoso.example' })).toEqual([
      'Alex',
    ]);
    expect(await matching({ id: ALEX, uniqueName: 'adele@contoso.example' })).toEqual(['Adele', 'Alex']);
    expect(await matching({ name: 'Alex' })).toEqual([]);
    expect(await matching({ uniqueName: 'Alex' })).toEqual([]);
    expect(await matching({})).toEqual([]);
    expect(await matching({ uniqueName: '', id: '' })).toEqual([]);
  });

  test.each([
    "x' or 'a' eq 'a@b",
    '@',
    'a@b\ud800',
    `${'a'.repeat(5_000)}@contoso.example`,
    "'@'",
    'a b@c or mail ne null',
  ])('an address such as %j is looked for as it stands and matches nobody', async (uniqueName) => {
    const { directory } = await setScene();

    expect(await directory.matching({ uniqueName })).toEqual([]);
  });

  test('whoever is found is the same human by the rule that excludes', async () => {
    const { directory } = await setScene();
    for (const uniqueName of ['alex@contoso.example', `adele.o'hara+git@vance.example`, 'pat@partner.example']) {
      const [person] = await directory.matching({ uniqueName });

      expect(person !== undefined && isSameHuman(person, { uniqueName }), uniqueName).toBe(true);
    }
  });

  test('who is eligible for a group without being a member is named with the group', async () => {
    const { directory } = await setScene();

    const activation = await directory.eligibleButInactive('group:leads');

    expect(activation).toMatchObject({ group: 'leads', people: [{ oid: ADELE, name: 'Adele' }] });
    expect(await directory.isMember(ADELE, ['group:leads'])).toBe(false);
    expect(namesOf(await directory.membersOf('group:leads'))).not.toContain('Adele');
  });

  test('nobody is eligible for what is no group, or for a group without such people', async () => {
    const { directory } = await setScene();

    for (const principal of ['group:owners', 'group:unknown', `user:${ADELE}`] as const)
      expect((await directory.eligibleButInactive(principal))?.people, principal).toEqual([]);
  });

  test('an activated membership is a membership', async () => {
    const { directory, become, later } = await setScene();
    await directory.eligibleButInactive('group:leads');

    await become({ ...WHO, groups: { ...WHO.groups, leads: [ALEX, ADELE] }, eligible: {} });

    expect(await directory.isMember(ADELE, ['group:leads'])).toBe(true);
    later();
    expect((await directory.eligibleButInactive('group:leads'))?.people).toEqual([]);
  });

  test('a directory that does not answer lets nobody pass, and only the explanation is missing', async () => {
    const { directory, breakDown } = await setScene();
    await breakDown();

    for (const question of [
      () => directory.person(ALEX),
      () => directory.membersOf('group:leads'),
      () => directory.membersOf(`user:${ALEX}`),
      () => directory.isMember(ALEX, ['group:leads']),
      () => directory.isMember(ALEX, [`user:${ALEX}`]),
      () => directory.matching({ uniqueName: 'alex@contoso.example' }),
      () => directory.managerOf(LEE),
      () => directory.named('Alex'),
    ])
      await expect(question(), String(question)).rejects.toThrow(DirectoryUnavailableError);
    expect(await directory.eligibleButInactive('group:leads')).toBeUndefined();
  });
});
