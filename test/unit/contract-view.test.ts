import { expect, test } from 'vitest';
import { createShowContract } from '../../bot/handlers/show-contract.ts';
import { createContractView } from '../../services/contract-view.ts';
import type { Rule } from '../../services/domain/contract.ts';
import { viewOf } from '../../services/domain/contract-view.ts';
import type { Refusal } from '../../services/domain/refusal.ts';
import { BOB, TENANT } from '../builders.ts';
import { aContract, aControl, anEnvironment, aRule, NOW } from './judge-input.ts';

const seen = (...rules: readonly Partial<Rule>[]) =>
  viewOf(aContract(aControl({ decisions: rules.map((rule) => aRule(rule)) })), undefined, NOW);
/** 2026-11-23, its days and those around them. */
const TODAY = NOW.slice(0, 10);

test('what blocks now stands in the order of the groups, what has none last, overrides among it', () => {
  const { blocks } = viewOf(
    aContract(
      aControl({ decisions: [aRule(), aRule({ group: 'release-integrity' })] }),
      aControl({
        name: 'sast',
        decisions: [aRule({ group: 'secret-exposure' })],
        overrides: new Map([['payments-api', [aRule({ group: 'release-integrity' })]]]),
      }),
    ),
    undefined,
    NOW,
  ) as NonNullable<ReturnType<typeof viewOf>>;

  expect(blocks.map(({ group, rules }) => [group, rules.map(({ control, service }) => [control, service])])).toEqual([
    ['secret-exposure', [['sast', undefined]]],
    [
      'release-integrity',
      [
        ['secret-scanning', undefined],
        ['sast', 'payments-api'],
      ],
    ],
    [undefined, [['secret-scanning', undefined]]],
  ]);
});

test('a block rule that begins today blocks, one that begins tomorrow lies ahead', () => {
  expect(seen({ from: TODAY })).toMatchObject({ blocks: [{ rules: [{}] }], ahead: [] });
  expect(seen({ from: '2026-11-24' })).toMatchObject({ blocks: [], ahead: [{ owner: 'group:security-leads' }] });
});

test.each([
  ['2026-11-22', 1, 0],
  [TODAY, 0, 1],
  ['2026-12-07', 0, 1],
  ['2026-12-08', 0, 0],
])('a warning to be decided on %s is overdue %d times and near %d times', (decideBy, overdue, soon) => {
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  const view = seen({ then: 'warn', decideBy });

  expect([view?.overdue.length, view?.soon.length]).toEqual([overdue, soon]);
});

test('of warnings those climb whose steps lead to a block, not those that only ask somebody else', () => {
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  const warn = (to: 'block' | 'owner-lead') => ({ then: 'warn', escalate: [{ after: { ageDays: 30 }, to }] }) as const;
  const { climbing } = seen(warn('owner-lead'), warn('block')) ?? {};

  expect(climbing).toMatchObject([{ index: 1, control: 'secret-scanning' }]);
});

test('days stand in their order', () => {
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  const warn = (decideBy: string) => ({ then: 'warn', decideBy }) as const;
  const view = seen(warn('2026-11-03'), warn('2026-11-01'), { from: '2027-02-01' }, { from: '2027-01-01' });

  expect(view?.overdue.map(({ rule }) => rule.decideBy)).toEqual(['2026-11-01', '2026-11-03']);
  expect(view?.ahead.map(({ rule }) => rule.from)).toEqual(['2027-01-01', '2027-02-01']);
});

test('an environment is named as long as it is observed', () => {
  const until = (observeUntil: string) => ({
    ...aContract(),
    environments: new Map([['prod', anEnvironment({ observeUntil })]]),
  });

  expect(viewOf(until('2026-11-24'), undefined, NOW)?.observed).toEqual([{ environment: 'prod', until: '2026-11-24' }]);
  expect(viewOf(until(TODAY), undefined, NOW)?.observed).toEqual([]);
});

const bob = { kind: 'person', tenant: TENANT, oid: BOB.oid, name: BOB.name } as const;
const asked = (stranger?: Refusal) => {
  const snapshot = { contract: aContract(), routes: [], brokenRoutes: new Map(), problems: ['routes.yaml:3 x'] };
  const catalog = { services: new Map(), broken: new Map() };
  const view = createContractView({
    clock: { now: () => NOW },
    policy: { current: async () => ({ ...snapshot, catalog, readAt: NOW }) },
    strangerBecause: async () => stranger,
  });
  return createShowContract(view)(bob);
};

test('somebody of the directory gets the card and the same as text', async () => {
  const { text, card } = await asked();

  expect(text).toContain('In force: version 7 (9f9f9f9f)');
  expect(text).toContain('routes.yaml:3 x');
  expect(card).toBeDefined();
});

test.each<Refusal>(['guest', 'not-in-directory', 'wrong-tenant', 'cannot-verify-now'])(
  'whoever is refused as %s hears nothing of the contract',
  async (stranger) => {
    const { text, card } = await asked(stranger);

    expect(text).not.toContain('9f9f');
    expect(card).toBeUndefined();
  },
);
