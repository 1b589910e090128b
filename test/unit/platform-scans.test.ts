import { describe, expect, test } from 'vitest';
import { plusMinutes } from '../../services/domain/instant.ts';
import type { Platform, SectionKind } from '../../services/domain/platform.ts';
import { createPlatformScans } from '../../services/platform-scans.ts';
import { createCallBudget } from '../../services/ports/call-budget.ts';
import type { PlatformSource, PlatformTarget } from '../../services/ports/platform-source.ts';
import type { PolicySnapshot } from '../../services/ports/policy.ts';
import { SourceRefusedError, SourceUnavailableError } from '../../services/ports/signal-source.ts';
import { createPlatformStore } from '../../services/tables/platform-store.ts';
import { createSourceNotes } from '../../services/tables/source-notes.ts';
import { TENANT } from '../builders.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';
import { aPlatformSetting, PLATFORM_ORGANIZATION, READ_AT } from '../platform-facts.ts';

const { catalog, contract } = aPlatformSetting();
const PROJECT = { pipelines: ['payments-api'], repositories: [] };

interface Script {
  targets: readonly PlatformTarget[];
  /** Instead of the targets. */
  fault?: Error;
  unseen?: ReadonlyMap<string, string>;
  /** Of each section how many calls it takes, in all. */
  takes: Readonly<Record<string, number>>;
  facts?: unknown;
  /** Somebody has judged by what was read later. */
  isLate?: () => boolean;
  /** Met once, by a read that goes on. */
  later?: Error | undefined;
}

function setScans(script: Script, policy: Partial<PolicySnapshot> = {}) {
  const table = createInMemoryTable();
  const world = { now: READ_AT, policy: { catalog, contract, problems: [], ...policy } as PolicySnapshot };
  const asked: { readonly key: string; readonly calls: number; readonly next?: string }[] = [];
  const judged: Platform[] = [];
  const listed = { count: 0 };
  const ended = { count: 0 };
  const source: PlatformSource = {
    kinds: ['project', 'environments', 'hooks', 'branches', 'people'],
    targets: async () => {
      listed.count += 1;
      if (script.fault !== undefined) throw script.fault;
      return { targets: script.targets, unseen: script.unseen ?? new Map(), calls: 1 };
    },
    read: async (_, { target, calls, next }) => {
      const key = `${target.kind}:${target.target}`;
      asked.push({ key, calls, ...(next === undefined ? {} : { next }) });
      const fault = next === undefined ? undefined : script.later;
      if (fault !== undefined) {
        script.later = undefined;
        throw fault;
      }
      const left = (next === undefined ? (script.takes[key] ?? 1) : Number(next)) - calls;
      const facts = target.kind === 'project' ? PROJECT : (script.facts ?? []);
      const made = Math.min(calls, calls + left);
      return { facts, calls: made, ...(left > 0 ? { next: String(left) } : {}) } as never;
    },
  };
  const work: Promise<void>[] = [];
  const platforms = createPlatformStore({ table, tenant: TENANT });
  const notes = createSourceNotes({ table, tenant: TENANT });
  const scans = createPlatformScans({
    budget: createCallBudget({ now: () => world.now }),
    ...{ platforms, notes, organizations: [PLATFORM_ORGANIZATION], platformSources: [source] },
    clock: { now: () => world.now },
    policy: { current: async () => world.policy },
    judged: async (platform) => {
      judged.push(platform);
      return script.isLate?.() !== true;
    },
    ended: async () => {
      ended.count += 1;
    },
    later: (one) => void work.push(one),
    failed: () => {},
  });
  const run = async () => {
    await scans.run();
    await Promise.all(work);
    world.now = plusMinutes(world.now, 5);
    return asked.splice(0);
  };
  const known = async () => {
    const all = await platforms.all(PLATFORM_ORGANIZATION);
    return new Map(all.map(({ section }) => [`${section.kind}:${section.target}`, section]));
  };
  return { world, run, known, judged, listed, ended, scans, notes };
}

const target = (kind: SectionKind, id = 'shop'): PlatformTarget => ({ kind, target: id, name: id });
const shop = [target('project'), target('environments'), target('hooks', '-')];

describe('a round', () => {
  test('makes 60 calls at most, ten at a time, and reads all that is due in turns', async () => {
    const script = { targets: shop, takes: { 'environments:shop': 100, 'hooks:-': 15 } };
    const { run, known } = setScans(script);
    const first = await run();
    expect(first.map(({ key, calls }) => `${key} ${calls}`)).toEqual([
      ...['environments:shop 10', 'hooks:- 10', 'project:shop 10', 'environments:shop 10', 'hooks:- 10'],
      ...['environments:shop 10', 'environments:shop 10'],
      'environments:shop 3',
    ]);
    expect((await known()).get('hooks:-')?.known).toBeDefined();
    expect((await known()).get('environments:shop')?.known).toBeUndefined();
    await run();
    expect((await known()).get('environments:shop')?.known).toMatchObject({ at: READ_AT });
  });

  test('begins with production, however long others have waited', async () => {
    const { run, world } = setScans({ targets: [target('hooks', '-'), ...shop.slice(0, 2)], takes: {} });
    await run();
    world.now = plusMinutes(READ_AT, 120);
    const [first, ...rest] = (await run()).map(({ key }) => key);
    expect([first, rest.at(-1)]).toEqual([expect.stringMatching(/shop/), 'hooks:-']);
  });

  test('that was judged by what is older than what another process has read is judged once more, by all that is stored', async () => {
    const script: Script = { targets: shop, takes: {} };
    const { run, judged, world } = setScans(script);
    await run();
    script.isLate = () => judged.length === 2;
    world.now = plusMinutes(READ_AT, 60);
    await run();
    expect(judged).toHaveLength(3);
    expect(judged[2]).toEqual(judged[1]);
  });

  test('in which another is under way does nothing', async () => {
    const { scans, run, listed, ended } = setScans({ targets: shop, takes: {} });
    await Promise.all([scans.run(), scans.run()]);
    expect(await run()).toHaveLength(3);
    expect([listed.count, ended.count]).toEqual([1, 1]);
  });

  test('asks nobody while nothing of the catalog could be read', async () => {
    const empty = { catalog: { services: new Map(), broken: new Map() }, problems: ['catalog.yaml:1 is no YAML'] };
    const { run, judged } = setScans({ targets: shop, takes: {} }, empty);
    expect(await run()).toEqual([]);
    expect(judged).toEqual([]);
  });
});

test('a section that is refused is not asked for again in each round because somebody had hinted at it', async () => {
  const refusal = new SourceRefusedError('answered 403: give the bot access');
  const script: Script = { targets: shop, takes: { 'environments:shop': 20 } };
  const { run, world, scans } = setScans(script);
  await run();
  world.now = plusMinutes(READ_AT, 20);
  await scans.hint(PLATFORM_ORGANIZATION, { kind: 'environments', target: 'shop' });
  const rounds = [];
  for (let n = 0; n < 3; n += 1) {
    script.later = refusal;
    rounds.push((await run()).filter(({ key }) => key === 'environments:shop').length);
  }
  expect(rounds).toEqual([2, 0, 0]);
});

test('what was due hours ago and is left unread is judged as unknown, by the same age as everywhere', async () => {
  const script: Script = { targets: shop, takes: {} };
  const { run, world, judged } = setScans(script);
  await run();
  script.fault = new SourceUnavailableError('answered 429', { retryAfter: 86_400 });
  const unknownAfter = async (minutes: number) => {
    world.now = plusMinutes(READ_AT, minutes);
    expect(await run()).toEqual([]);
    return judged.at(-1)?.sections.flatMap(({ unknown }) => unknown?.why ?? []);
  };
  expect(await unknownAfter(200)).toEqual([]);
  expect(await unknownAfter(250)).toEqual(Array(3).fill('it was due to be read again long ago, and was not'));
});

test.each([
  ['not answered goes on where it stopped', new SourceUnavailableError('answered 503'), '10'],
  ['refused is begun anew', new SourceRefusedError('answered 403: give the bot access'), undefined],
])('a read of which a part was %s', async (_, later, next) => {
  const { run, world, known } = setScans({ targets: shop, takes: { 'environments:shop': 20 }, later });
  await run();
  world.now = plusMinutes(READ_AT, 60);
  const again = (await run()).find(({ key }) => key === 'environments:shop');
  expect(again?.next).toBe(next);
  expect((await known()).get('environments:shop')?.known).toBeDefined();
});

describe('what was known', () => {
  test('is forgotten when nobody names it any more, but not while the file of a service is broken', async () => {
    const script: Script = { targets: shop, takes: {} };
    const { run, known, world } = setScans(script);
    await run();
    script.targets = shop.slice(0, 1);
    world.policy = { ...world.policy, catalog: { ...catalog, broken: new Map([['orders-api', 'is no YAML']]) } };
    await run();
    expect([...(await known()).keys()]).toHaveLength(3);
    world.policy = { ...world.policy, catalog };
    await run();
    expect([...(await known()).keys()]).toEqual(['project:shop']);
  });

  test('is unknown, and stays, where it is named and not shown; what was never seen is told in status', async () => {
    const script: Script = { targets: shop, takes: {} };
    const { run, known, notes } = setScans(script);
    await run();
    const before = (await known()).get('hooks:-');
    script.targets = shop.slice(0, 2);
    script.unseen = new Map([
      ['-', 'give it back'],
      ['payments-prod', 'give the bot Reader'],
    ]);
    await run();
    expect((await known()).get('hooks:-')).toMatchObject({ ...before, unknown: { why: 'give it back' } });
    const told = async () => (await notes.all()).notes.map(({ name, failure }) => [name, failure?.why]);
    expect(await told()).toEqual([['payments-prod', 'give the bot Reader']]);
    script.unseen = new Map();
    script.targets = shop;
    await run();
    expect(await told()).toEqual([]);
  });

  test.each([
    ['refused', new SourceRefusedError('answered 403: give the bot access')],
    ['not answered', new SourceUnavailableError('answered 503')],
  ])('is asked for all the same where the list is %s, and judged', async (_, fault) => {
    const script: Script = { targets: shop, takes: {} };
    const { run, judged, world, notes } = setScans(script);
    await run();
    script.fault = fault;
    world.now = plusMinutes(READ_AT, 120);
    expect((await run()).map(({ key }) => key)).toContain('environments:shop');
    expect(judged.at(-1)?.sections).toHaveLength(3);
    const { failure } = (await notes.all()).notes.find(({ name }) => name.startsWith('listing')) ?? {};
    expect(failure?.why).toBe(fault.message);
  });

  test('is kept where there is more than is kept, and the reason is told', async () => {
    const script: Script = { targets: shop.slice(0, 2), takes: {} };
    const { run, known, world } = setScans(script);
    await run();
    const before = (await known()).get('environments:shop');
    script.facts = ['x'.repeat(2_000_000)];
    world.now = plusMinutes(READ_AT, 120);
    await run();
    expect((await known()).get('environments:shop')).toMatchObject({
      ...{ known: before?.known, unknown: { why: 'there is more of it than is kept' } },
    });
  });
});
