import { expect, test } from 'vitest';
import { platformChecks } from '../../cards/platform-checks.ts';
import type { PlatformFacts, SectionKind } from '../../services/domain/platform.ts';
import type { PlatformSource, SectionPart } from '../../services/ports/platform-source.ts';
import { SourceRefusedError } from '../../services/ports/signal-source.ts';
import { ORGANIZATION } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { scanned } from '../fakes/scanned.ts';
import { anEnvironment, ourCheck, SHOP } from '../platform-facts.ts';
import { aSection, SUBSCRIPTION } from '../platforms.ts';

// What is wrong with the delivery platform, in the judgement of a deployment.

type Known = {
  -readonly [K in 'project' | 'environments' | 'hooks' | 'reach' | 'people']: PlatformFacts[K] | undefined;
};

/** A platform of one project, as its facts are at each moment. */
function sourceOf(known: Known): PlatformSource {
  return {
    kinds: ['project', 'environments', 'hooks', 'reach', 'people'],
    targets: async () => ({
      targets: [
        { kind: 'project', target: SHOP, name: 'Shop' },
        { kind: 'environments', target: SHOP, name: 'Shop' },
        { kind: 'reach', target: SHOP, name: 'Shop' },
        { kind: 'hooks', target: '-', name: 'contoso' },
        { kind: 'people', target: '-', name: 'contoso' },
      ],
      ...{ unseen: new Map(), calls: 1 },
    }),
    read: async <K extends SectionKind>(_: string, { target }: { readonly target: { readonly kind: K } }) => {
      const facts = known[target.kind as keyof Known];
      if (facts === undefined) throw new SourceRefusedError('answered 403: give the bot "View subscriptions"');
      return { facts, calls: 1 } as unknown as SectionPart<K> & { readonly calls: number };
    },
  };
}

async function setGate(environment: PlatformFacts['environments'][number], now = '2027-02-02T09:00:00.000Z') {
  const known: Known = {
    project: { pipelines: ['payments-api'], repositories: ['payments-api'] },
    environments: [environment],
    hooks: [],
    reach: [],
    people: { users: 0, noted: [], more: 0 },
  };
  const world = await createCoreWorld({ platformSources: [sourceOf(known)] });
  world.now = now;
  world.azureDevOps.run = { ...world.azureDevOps.run, projectId: SHOP };
  for (const oid of [PEOPLE.alex, PEOPLE.megan]) await world.meet(oid);
  const scan = async (minutes = 60) => {
    world.advance(minutes);
    await world.core.reconcile();
    await world.settle();
  };
  await scan();
  await world.report('gitleaks-clean.sarif');
  await scanned(world, []);
  return { known, world, scan };
}

async function judgedAt(world: CoreWorld, id: string) {
  const gate = await world.core.approvals.find(id);
  const rules = (which: 'blocks' | 'warns') => gate?.judgement?.[which].map(({ rule }) => rule) ?? [];
  return { state: gate?.state, blocks: rules('blocks'), warns: rules('warns') };
}

test('a deployment to production that nothing guards is blocked, and let on as soon as the check is there', async () => {
  const { world, known, scan } = await setGate(anEnvironment({ checks: [] }));
  const id = await world.deliver('prod');
  expect(await judgedAt(world, id)).toEqual({ state: 'blocked', blocks: ['environment-without-check'], warns: [] });

  known.environments = [anEnvironment()];
  await scan(5);
  expect(await judgedAt(world, id)).toMatchObject({ blocks: ['environment-without-check'] });
  const hint = { id: 'e1', eventType: 'check-updated', projectId: SHOP, sections: ['environments'] } as const;
  await world.core.eventReceived({ ...hint, kind: 'platform' });
  await scan(5);
  expect(await judgedAt(world, id)).toEqual({ state: 'asked', blocks: [], warns: [] });
});

test('until its day it warns, with an owner and a date', async () => {
  const { world } = await setGate(anEnvironment({ checks: [] }), '2027-01-20T09:00:00.000Z');
  const id = await world.deliver('prod');
  expect(await judgedAt(world, id)).toEqual({ state: 'asked', blocks: [], warns: ['environment-without-check'] });
  const gate = await world.core.approvals.find(id);
  expect(gate?.judgement?.warns[0]).toMatchObject({ control: 'delivery-path', blocksFrom: '2027-02-01' });
});

test('what is only weaker than it should be warns, also where a part of the platform cannot be read', async () => {
  const { world, known, scan } = await setGate(anEnvironment({ checks: [ourCheck({ timeoutMinutes: 3_000 })] }));
  known.hooks = undefined;
  await scan();
  const id = await world.deliver('prod');
  expect(await judgedAt(world, id)).toMatchObject({
    state: 'asked',
    blocks: [],
    warns: expect.arrayContaining(['environment-check-timeout', 'platform-not-readable']),
  });
});

test.each([
  ['hooks', 'pass'],
  ['people', 'unknown'],
  ['reach', 'unknown'],
  ['roles', 'unknown'],
] as const)('without %s, access is on the card: %s', async (kind, state) => {
  const { world, known, scan } = await setGate(anEnvironment());
  if (kind === 'roles') known.hooks = undefined;
  else {
    known[kind] = undefined;
    const section = aSection('roles', [], { target: SUBSCRIPTION, name: 'payments-prod', at: world.now });
    await world.ports.platforms.put(ORGANIZATION, { section, nextAt: '2027-03-01T00:00:00.000Z' }, undefined);
  }
  await scan(1_500);
  const gate = await world.core.approvals.find(await world.deliver('prod'));
  // The contract's control has no whole word of the platform all the same.
  expect(gate?.judgement?.signals.find(({ category }) => category === 'platform')?.why).toBe('incomplete');
  const [, , , [name, check] = []] = platformChecks(gate?.judgement);
  expect([name, check?.state]).toEqual(['Access validation', state]);
});

test('staging is not held up by what is wrong with production', async () => {
  const { world } = await setGate(anEnvironment({ checks: [] }));
  expect(await judgedAt(world, await world.deliver('staging'))).toMatchObject({ blocks: [], warns: [] });
});
