import { expect, test } from 'vitest';
import { plusMinutes } from '../../services/domain/instant.ts';
import { createCallBudget } from '../../services/ports/call-budget.ts';
import { createProtectedEnvironments } from '../../services/ports/protected-environments.ts';
import { anEnvironment, aSection, READ_AT, SHOP } from '../platform-facts.ts';

const ORGANIZATION = 'https://dev.azure.com/contoso';

/** Shop, which the catalog names, and `others` projects that it does not. */
function setListing(
  others = 0,
  section = aSection('environments', [anEnvironment({ name: 'Prod' }), anEnvironment({ id: '9', name: 'dev' })]),
) {
  const world = { now: plusMinutes(READ_AT, 1), stored: [section], calls: [] as string[] };
  const projects = [
    ...Array.from({ length: others }, (_, n) => ({ id: `other-${n}`, name: `Other ${n}` })),
    { id: SHOP, name: 'Shop' },
  ];
  const clock = { now: () => world.now };
  const budget = createCallBudget(clock);
  const list = createProtectedEnvironments({
    ...{ clock, budget },
    platforms: { all: async () => world.stored.map((one) => ({ section: one, nextAt: '', version: '1' })) },
    deployments: {
      projects: async () => {
        world.calls.push('projects');
        return { projects, unread: [] };
      },
      environments: async (organization, { id, name: project }, names) => {
        world.calls.push(...names.map((name) => `${id} ${name}`));
        return { environments: [{ organization, projectId: id, project, id: 1, name: 'prod' }], unread: [] };
      },
    },
  });
  const named = async () => {
    const { environments, unread } = await list(ORGANIZATION, ['prod']);
    return { found: environments.map(({ project, name, id }) => `${project} ${name} ${id}`), unread };
  };
  return { world, budget, named, calls: () => world.calls.splice(0) };
}

test('a project that was read just now is not listed again, and only what is meant of it is taken, in any case', async () => {
  const { named, calls } = setListing(1);
  expect(await named()).toEqual({ found: ['Other 0 prod 1', 'Shop Prod 1'], unread: [] });
  expect(calls()).toEqual(['projects', 'other-0 prod']);
  await named();
  expect(calls()).toEqual([]);
});

test('a project that was read ten minutes ago, or cannot be read, is listed', async () => {
  const old = setListing();
  old.world.now = plusMinutes(READ_AT, 10);
  expect((await old.named()).found).toEqual(['Shop prod 1']);
  const refused = setListing(0, { ...aSection('environments', []), unknown: { since: READ_AT, why: 'answered 403' } });
  expect((await refused.named()).found).toEqual(['Shop prod 1']);
});

test('no more is listed than the organization bears, the project of the catalog first, and the rest with the next rounds', async () => {
  const { world, budget, named, calls } = setListing(30);
  world.stored = [aSection('environments', [], { known: { at: plusMinutes(READ_AT, -60), facts: [] } })];
  budget.spend(ORGANIZATION, 60);
  const first = await named();
  expect(calls()).toEqual([
    'projects',
    `${SHOP} prod`,
    ...Array.from({ length: 18 }, () => expect.stringMatching(/^other/)),
  ]);
  expect(first.unread).toEqual([
    'environments of 12 projects are not listed yet: the organization bears no more calls now',
  ]);
  world.now = plusMinutes(world.now, 5);
  expect((await named()).unread).toEqual([]);
  expect(calls()).toHaveLength(12);
  // What was listed stays while nothing may be asked, and that it is old is said.
  const last = world.now;
  world.now = plusMinutes(last, 54);
  budget.spend(ORGANIZATION, 80);
  expect((await named()).unread).toEqual([]);
  world.now = plusMinutes(last, 60);
  budget.spend(ORGANIZATION, 80);
  const { found, unread } = await named();
  expect(found).toHaveLength(31);
  expect(unread).toEqual(['environments of 31 projects were listed more than an hour ago: what came since is missed']);
  expect(calls()).toEqual([]);
});

test('an organization that asks to be left alone is, and one that was never listed is not called empty', async () => {
  const { budget, named, calls } = setListing();
  budget.spend(ORGANIZATION, 1, 600);
  expect(await named()).toEqual({ found: [], unread: ['its projects are not listed yet'] });
  expect(calls()).toEqual([]);
});

test('calls count for five minutes, for each organization by itself', () => {
  const world = { now: READ_AT };
  const budget = createCallBudget({ now: () => world.now });
  budget.spend(ORGANIZATION, 50);
  budget.spend(ORGANIZATION, 50);
  expect([budget.left(ORGANIZATION), budget.left('another')]).toEqual([0, 80]);
  world.now = plusMinutes(READ_AT, 5);
  expect(budget.left(ORGANIZATION)).toBe(80);
});
