import { describe, expect, test } from 'vitest';
import { createEntraIdentity } from '../../services/azure-devops/identity.ts';
import { createPeopleReader } from '../../services/azure-devops/platform-people.ts';
import { NOW, type PeopleScene, peopleScene, reachOf } from './platform-people-scene.ts';

const readerOf = ({ identity }: PeopleScene) => createPeopleReader({ identity, now: () => NOW });

describe('users of an organization', () => {
  test('are counted, and only those who deserve a look are kept', async () => {
    const scene = await peopleScene();
    const { people } = scene.simulator;
    people.addUser('Ann Active');
    people.addUser('Gita Guest', { metaType: 'guest' });
    people.addUser('Dirk Disabled', { status: 'disabled' });
    people.addUser('Stan Stale', { lastAccessedDate: '2026-08-01T00:00:00Z' });
    people.addUser('Nina Never', { lastAccessedDate: '0001-01-01T00:00:00Z' });
    people.addUser('Newt New', { lastAccessedDate: '0001-01-01T00:00:00Z', dateCreated: '2026-11-20T00:00:00Z' });
    const { facts } = await scene.read(readerOf(scene), 'people');

    expect(facts).toMatchObject({ users: 6, more: 0, counts: { guests: 1, disabled: 1, stale: 2 } });
    expect(new Map(facts.noted.map((one) => [one.name, one]))).toEqual(
      new Map([
        [
          'Gita Guest',
          expect.objectContaining({ isGuest: true, isDisabled: false, lastSeen: '2026-11-20T08:00:00.000Z' }),
        ],
        ['Dirk Disabled', expect.objectContaining({ isGuest: false, isDisabled: true })],
        ['Stan Stale', expect.objectContaining({ lastSeen: '2026-08-01T00:00:00.000Z' })],
        ['Nina Never', expect.not.objectContaining({ lastSeen: expect.anything() })],
      ]),
    );
  });

  test('who reach something are kept, whatever is said of them', async () => {
    const scene = await peopleScene();
    const ann = scene.simulator.people.addUser('Ann Active');
    const { facts } = await scene.read(readerOf(scene), 'people', { sections: [reachOf(scene.project, ann)] });

    expect(facts.noted).toEqual([
      expect.objectContaining({ name: 'Ann Active', id: ann.originId, key: ann.id, reachesProduction: true }),
    ]);
  });

  test('are read over all pages, and in parts of one call as at once', async () => {
    const scene = await peopleScene();
    scene.simulator.pageBy(2);
    for (const name of ['Al', 'Bo', 'Cy', 'Di', 'Ed']) scene.simulator.people.addUser(name, { metaType: 'guest' });
    const whole = await scene.read(readerOf(scene), 'people');
    const parts = await scene.read(readerOf(scene), 'people', { calls: 1 });

    expect(whole.facts).toMatchObject({ users: 5, counts: { guests: 5 } });
    expect(parts.facts).toEqual(whole.facts);
    expect(Math.max(...parts.calls)).toBe(1);
  });

  test('that some organizations list under another name are read as well', async () => {
    const scene = await peopleScene();
    const user = {
      descriptor: 'aad.R2l0YQ',
      displayName: 'Gita Guest',
      metaType: 'guest',
      origin: 'aad',
      originId: 'x',
    };
    const body = {
      members: [],
      items: [{ user, accessLevel: { status: 'active' }, lastAccessedDate: '2026-11-20T08:00:00Z' }],
    };
    scene.simulator.faults.add({ on: /userentitlements/, status: 200, body });

    expect((await scene.read(readerOf(scene), 'people')).facts).toMatchObject({ users: 1, counts: { guests: 1 } });
  });

  test('in 10,000 leave no more behind than a few hundred do', async () => {
    const scene = await peopleScene();
    const { people } = scene.simulator;
    const letters = (n: number) => String(n).replaceAll(/\d/g, (digit) => 'abcdefghij'[Number(digit)] ?? '');
    for (let n = 0; n < 10_000; n += 1) people.addUser(`User ${letters(n)}`, n % 2 === 0 ? { metaType: 'guest' } : {});
    const sizes: number[] = [];
    let next: string | undefined;
    do {
      const part = await scene.part(readerOf(scene), 'people', { calls: 25, ...(next === undefined ? {} : { next }) });
      next = part.next;
      sizes.push(JSON.stringify(part.facts).length);
      if (next === undefined)
        expect(part.facts).toMatchObject({ users: 10_000, more: 4_800, counts: { guests: 5_000 } });
    } while (next !== undefined);

    expect(Math.max(...sizes)).toBeLessThan(100_000);
    expect(Math.max(...sizes) - (sizes[0] ?? 0)).toBeLessThan(1_000);
  });

  test('whose pages have no end are refused', async () => {
    const scene = await peopleScene();
    scene.simulator.faults.add({ on: /userentitlements/, status: 200, body: { members: [], continuationToken: '7' } });

    await expect(scene.read(readerOf(scene), 'people')).rejects.toThrow('have no end');
  });
});

describe('service principals', () => {
  test('are counted apart, and those that reach something are kept with their last access', async () => {
    const scene = await peopleScene();
    const { people } = scene.simulator;
    const deployer = people.addServicePrincipal('Deployer', { lastAccessedDate: '2026-11-27T00:00:00Z' });
    people.addServicePrincipal('Other');
    const { facts } = await scene.read(readerOf(scene), 'people', { sections: [reachOf(scene.project, deployer)] });

    expect(facts).toMatchObject({ users: 0, services: 2 });
    expect(facts.noted).toEqual([
      expect.objectContaining({
        name: 'Deployer',
        kind: 'service',
        oid: deployer.originId,
        lastSeen: '2026-11-27T00:00:00.000Z',
      }),
    ]);
  });
});

describe('the account of the bot itself', () => {
  test('is known by whom Azure DevOps says is signed in, and whether by a personal access token', async () => {
    const scene = await peopleScene();
    const { people, bot } = scene.simulator;
    const own = people.addServicePrincipal('Countersign', { descriptor: bot.descriptor });
    const byToken = await scene.read(readerOf(scene), 'people');
    const entra = createEntraIdentity({
      getToken: async () => ({ token: scene.simulator.pat, expiresOnTimestamp: NOW }),
    });
    const byEntra = await scene.read(createPeopleReader({ identity: entra, now: () => NOW }), 'people');

    expect(byToken.facts.self).toMatchObject({ name: 'Countersign', oid: own.originId, isByToken: true });
    expect(byEntra.facts.self).toMatchObject({ id: own.originId, isByToken: false });
  });

  test('that Graph does not know is known by its descriptor', async () => {
    const scene = await peopleScene();

    expect((await scene.read(readerOf(scene), 'people')).facts.self).toMatchObject({
      id: scene.simulator.bot.descriptor.toLowerCase(),
      isByToken: true,
    });
  });
});
