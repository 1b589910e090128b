import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createTokenReader, TURNS } from '../../services/azure-devops/platform-tokens.ts';
import type { TokensFact } from '../../services/domain/people-facts.ts';
import type { PlatformSubject } from '../fakes/platform-people.ts';
import { type PeopleScene, peopleScene, reachOf } from './platform-people-scene.ts';

const aToken = (displayName: string, over: object = {}) => ({
  authorizationId: randomUUID(),
  displayName,
  scope: 'vso.code vso.build',
  validFrom: '2026-11-01T00:00:00',
  validTo: '2026-12-01T00:00:00',
  isValid: true,
  token: null,
  ...over,
});

async function scene(): Promise<PeopleScene & { readonly programs: PlatformSubject }> {
  const own = await peopleScene();
  return { ...own, programs: own.simulator.people.group('Project Collection Service Accounts') };
}

const read = (own: PeopleScene, over: Parameters<PeopleScene['read']>[2] = {}) =>
  own.read(createTokenReader(), 'tokens', over as object);
const known = (facts: TokensFact) => ({ at: '2026-11-27T08:00:00.000Z', facts });
const askedFor = ({ simulator }: PeopleScene, { descriptor }: PlatformSubject) =>
  simulator.requests.filter(({ path }) => path.includes(`/personalaccesstokens/${descriptor}?`)).length;

describe('personal access tokens', () => {
  test('of whoever reaches production are read each time, with their scopes and their time', async () => {
    const own = await scene();
    const ann = own.simulator.people.addUser('Ann Archer');
    ann.tokens = [aToken('laptop'), aToken('all', { scope: 'app_token', validTo: '2027-11-01T00:00:00Z' })];
    const sections = [reachOf(own.project, ann)];
    const first = await read(own, { sections });
    await read(own, { sections, before: known(first.facts) });

    expect(first.facts.tokens).toEqual([
      expect.objectContaining({
        name: 'laptop',
        of: expect.objectContaining({ id: ann.originId, name: 'Ann Archer' }),
        scopes: ['vso.build', 'vso.code'],
        isFullAccess: false,
        from: '2026-11-01T00:00:00.000Z',
        to: '2026-12-01T00:00:00.000Z',
      }),
      expect.objectContaining({ name: 'all', isFullAccess: true, to: '2027-11-01T00:00:00.000Z' }),
    ]);
    expect(askedFor(own, ann)).toBe(2);
  });

  test('live by UTC where no zone is written, wherever Countersign runs', async () => {
    vi.stubEnv('TZ', 'Pacific/Kiritimati');
    onTestFinished(() => void vi.unstubAllEnvs());
    const own = await scene();
    const ann = own.simulator.people.addUser('Ann Archer');
    ann.tokens = [aToken('laptop', { validFrom: '2026-11-01T00:00:00' })];

    const { facts } = await read(own, { sections: [reachOf(own.project, ann)] });
    expect(new Date(2026, 0, 1).getTimezoneOffset()).toBe(-840);
    expect(facts.tokens).toMatchObject([{ from: '2026-11-01T00:00:00.000Z' }]);
  });

  test('of everybody else are read in turns, each within seven reads, and kept meanwhile', async () => {
    const own = await scene();
    const users = Array.from({ length: 30 }, (_, n) =>
      own.simulator.people.addUser(`User ${'abcdefghijklmnopqrstuvwxyzABCD'[n]}${'x'.repeat(n)}`),
    );
    for (const user of users)
      user.tokens = [aToken(`of ${user.displayName}`, { scope: 'app_token' }), aToken('harmless')];
    let facts = (await read(own)).facts;
    expect(facts).toMatchObject({ users: 30, turn: 0 });
    expect(facts.asked).toBeLessThan(15);
    for (let turn = 1; turn < TURNS; turn += 1) facts = (await read(own, { before: known(facts) })).facts;

    expect(facts.turn).toBe(TURNS - 1);
    expect(facts.tokens.map(({ name }) => name).sort()).toEqual(
      users.map(({ displayName }) => `of ${displayName}`).sort(),
    );
    expect(users.map((user) => askedFor(own, user))).toEqual(users.map(() => 1));
  });

  test('of everybody else are kept where they can do too much or for too long, and not without end', async () => {
    const own = await scene();
    const all = { scope: 'app_token' };
    const bob = own.simulator.people.addUser('Bob Baker', { originId: 'a0000000-0000-4000-8000-000000000000' });
    bob.tokens = [
      aToken('harmless'),
      aToken('long', { validTo: '2027-11-01T00:00:00' }),
      ...Array.from({ length: 1_600 }, (_, n) => aToken(`full ${n}`, all)),
    ];
    let facts: TokensFact | undefined;
    for (let turn = 0; turn < TURNS; turn += 1)
      facts = (await read(own, facts === undefined ? {} : { before: known(facts) })).facts;

    expect(facts?.tokens).toHaveLength(1_500);
    expect(facts?.isCut).toBe(true);
    expect(facts?.tokens.map(({ name }) => name)).not.toContain('harmless');
    expect(facts?.tokens[0]?.name).toBe('long');
  });

  test('of whoever is no user any more are forgotten', async () => {
    const own = await scene();
    const gone = own.simulator.people.addUser('Gone Gustav');
    const token = {
      id: 'x',
      name: 'old',
      of: { id: gone.originId, name: 'Gone', kind: 'person' },
      isFullAccess: false,
      scopes: [],
      from: '',
      to: '',
    } as const;
    own.simulator.people.subjects.splice(own.simulator.people.subjects.indexOf(gone), 1);
    const before = known({ tokens: [token], isCut: false, users: 1, asked: 1, turn: 0, isServiceKnown: true });

    expect((await read(own, { before })).facts.tokens).toEqual([]);
  });

  test('of service accounts are read each time and said to be theirs', async () => {
    const own = await scene();
    const program = own.simulator.people.addUser('Paul Program');
    program.tokens = [aToken('nightly')];
    own.programs.members.push(program.descriptor);
    const { facts } = await read(own);
    await read(own, { before: known(facts) });

    expect(facts).toMatchObject({ isServiceKnown: true, tokens: [{ name: 'nightly', of: { kind: 'service' } }] });
    expect(askedFor(own, program)).toBe(2);
  });

  test('whose service accounts are not shown say that nobody knows them', async () => {
    const own = await peopleScene();
    own.simulator.people.subjects.length = 0;

    expect((await read(own)).facts.isServiceKnown).toBe(false);
  });

  test('are read over all pages of users and of tokens, and in parts of one call as at once', async () => {
    const own = await scene();
    own.simulator.pageBy(2);
    const users = ['Al', 'Bo', 'Cy'].map((name) => own.simulator.people.addUser(name));
    for (const user of users) user.tokens = Array.from({ length: 5 }, (_, n) => aToken(`${user.displayName} ${n}`));
    const sections = [reachOf(own.project, ...users)];
    const whole = await read(own, { sections });
    const parts = await read(own, { sections, calls: 1 });

    expect(whole.facts).toMatchObject({ users: 3, asked: 3 });
    expect(whole.facts.tokens).toHaveLength(15);
    expect(parts.facts).toEqual(whole.facts);
    expect(Math.max(...parts.calls)).toBe(1);
  });

  test('that are revoked are none', async () => {
    const own = await scene();
    const ann = own.simulator.people.addUser('Ann Archer');
    ann.tokens = [aToken('old', { isValid: false })];

    expect((await read(own, { sections: [reachOf(own.project, ann)] })).facts.tokens).toEqual([]);
  });

  test('never have their value, wherever an answer may hold it', async () => {
    const own = await scene();
    const ann = own.simulator.people.addUser('Ann Archer');
    const value = randomUUID();
    ann.tokens = [
      aToken('laptop', { token: value, alternateToken: value, publicData: value, claims: { value }, source: value }),
    ];
    const sections = [reachOf(own.project, ann)];
    const parts: string[] = [];
    let next: string | undefined;
    do {
      const part = await own.part(createTokenReader(), 'tokens', {
        sections,
        calls: 1,
        ...(next === undefined ? {} : { next }),
      });
      parts.push(JSON.stringify(part));
      next = part.next;
    } while (next !== undefined);

    expect(parts.join('')).toContain('laptop');
    expect(parts.join('')).not.toContain(value);
  });

  test('of a user who is gone meanwhile are passed over, but where nobody at all is shown they are refused', async () => {
    const own = await scene();
    const [ann, bea] = [own.simulator.people.addUser('Ann'), own.simulator.people.addUser('Bea')];
    const sections = [reachOf(own.project, ann, bea)];
    const end = own.simulator.faults.add({ on: new RegExp(`personalaccesstokens/${ann.descriptor}`), status: 404 });
    expect((await read(own, { sections })).facts).toMatchObject({ users: 2, asked: 1 });
    end();

    own.simulator.faults.add({ on: /personalaccesstokens/, status: 404 });
    await expect(read(own, { sections })).rejects.toThrow('vso.tokenadministration');
  });
});
