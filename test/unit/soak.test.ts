import { expect, test } from 'vitest';
import type { Contract, Control, EnvironmentPolicy, Rule } from '../../services/domain/contract.ts';
import { rulesOf } from '../../services/domain/contract.ts';
import { missingSoak } from '../../services/domain/soak.ts';
import { aContract, aControl, anEnvironment, aRule } from './judge-input.ts';

const TODAY = '2026-11-27';

// biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
const warn = (when: Rule['when'] = {}) => aRule({ then: 'warn', when });
// biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
const monitor = (when: Rule['when'] = {}) => aRule({ then: 'monitor', when });
const block = (when: Rule['when'] = {}, overrides: Partial<Rule> = {}) => aRule({ when, ...overrides });

interface Said {
  readonly decisions?: readonly Rule[];
  readonly own?: readonly Rule[];
  readonly environment?: Partial<EnvironmentPolicy>;
  readonly name?: string;
}

function contractOf({ decisions = [monitor()], own, environment, name = 'sast' }: Said): Contract {
  const overrides = own === undefined ? new Map<string, readonly Rule[]>() : new Map([['payments-api', own]]);
  const control: Control = { ...aControl({ name, decisions }), overrides };
  return { ...aContract(control), environments: new Map([['prod', anEnvironment(environment)]]) };
}

/** Of the last rule of what is looked at; versions by the day from which they were in force. */
function soak(current: Said, versions: Readonly<Record<string, Said>>) {
  const contract = contractOf(current);
  const [control] = contract.controls as [Control];
  const placed = rulesOf(control).at(-1);
  if (placed === undefined) throw new Error('a control has a rule');
  const past = Object.entries(versions).map(([date, said]) => ({
    since: `${date}T12:00:00.000Z`,
    commit: date,
    contract: contractOf(said),
  }));
  return missingSoak({ contract, control, placed, versions: past, today: TODAY });
}

const BLOCKS: Said = { decisions: [block()] };
const WARNS: Said = { decisions: [warn()] };
const PASSES: Said = { decisions: [monitor()] };

test('a condition that has warned for 14 days may block, one that has for 13 days may not yet', () => {
  expect(soak(BLOCKS, { '2026-11-13': WARNS })).toBeUndefined();
  expect(soak(BLOCKS, { '2026-11-14': WARNS })).toEqual({
    environment: 'prod',
    blocksFrom: TODAY,
    days: 13,
    soakedFrom: '2026-11-28',
  });
});

test.each<[string, Said, Readonly<Record<string, Said>>]>([
  ['nothing came before', BLOCKS, {}],
  ['it stands since the first version', BLOCKS, { '2026-11-20': BLOCKS }],
  [
    'the first version let it begin later',
    BLOCKS,
    { '2026-11-01': { decisions: [block({}, { from: '2026-11-25' })] } },
  ],
  ['it has blocked for as long as a soak takes', BLOCKS, { '2026-01-01': PASSES, '2026-11-13': BLOCKS }],
  ['a wider rule warned before', { decisions: [block({ severity: ['high'] })] }, { '2026-11-01': WARNS }],
  ['what no rule matched warned before', BLOCKS, { '2026-11-01': { decisions: [warn({ severity: ['high'] })] } }],
  ['its day gives it time', { decisions: [block({}, { from: '2026-12-11' })] }, { '2026-11-01': PASSES }],
  [
    'time before and after today are enough together',
    { decisions: [block({}, { from: '2026-12-04' })] },
    { '2026-11-01': PASSES, '2026-11-20': WARNS },
  ],
  [
    'the environment was observed',
    BLOCKS,
    {
      '2026-01-01': PASSES,
      '2026-11-13': WARNS,
      '2026-11-20': { ...BLOCKS, environment: { observeUntil: '2026-11-27' } },
    },
  ],
  [
    'the environment is observed for long enough',
    { ...BLOCKS, environment: { observeUntil: '2026-12-04' } },
    { '2026-01-01': PASSES, '2026-11-20': WARNS },
  ],
  [
    'an earlier rule takes what was milder',
    { decisions: [monitor({ path: ['test/**'] }), block()] },
    { '2026-11-01': { decisions: [monitor({ path: ['test/**'] }), warn()] } },
  ],
  ['all services were warned before its override', { ...WARNS, own: [block()] }, { '2026-11-01': WARNS }],
  ['its override warned before', { own: [block()] }, { '2026-10-01': {}, '2026-11-01': { own: [warn()] } }],
])('a block rule is in order where %s', (_, current, versions) => {
  expect(soak(current, versions)).toBeUndefined();
});

test.each<[string, Said, Readonly<Record<string, Said>>, number]>([
  ['nothing warned before', BLOCKS, { '2026-01-01': PASSES }, 0],
  ['only a part warned before', BLOCKS, { '2026-01-01': { decisions: [warn({ severity: ['high'] }), monitor()] } }, 0],
  [
    'the rule became wider',
    { decisions: [block({ severity: ['high', 'low'] })] },
    { '2026-01-01': { decisions: [block({ severity: ['high'] }), monitor()] } },
    0,
  ],
  ['the control has another name', BLOCKS, { '2026-01-01': { ...BLOCKS, name: 'code' } }, 0],
  [
    'it has blocked for a few days only',
    BLOCKS,
    { '2026-01-01': PASSES, '2026-11-15': WARNS, '2026-11-20': BLOCKS },
    5,
  ],
  ['it warned since the first version, for a few days', BLOCKS, { '2026-11-20': WARNS }, 7],
  ['its day comes soon', { decisions: [block({}, { from: '2026-12-01' })] }, { '2026-01-01': PASSES }, 4],
  [
    'its day was brought forward',
    BLOCKS,
    { '2026-01-01': PASSES, '2026-11-25': { decisions: [block({}, { from: '2026-12-20' })] } },
    2,
  ],
  [
    'its override came a few days ago, after one that takes a part',
    { own: [warn({ path: ['a/**'] }), block()] },
    { '2026-01-01': {}, '2026-11-20': { own: [warn({ path: ['a/**'] }), block()] } },
    0,
  ],
  ['nothing warned before its override', { own: [block()] }, { '2026-01-01': {} }, 0],
  [
    'only another service was warned',
    { own: [block()] },
    { '2026-01-01': { decisions: [warn({ service: ['orders-api'] }), monitor()] } },
    0,
  ],
])('a block rule lacks soak where %s', (_, current, versions, days) => {
  expect(soak(current, versions)).toMatchObject({ environment: 'prod', days });
});

test('a rule that is in force already says since when, and what would have been enough', () => {
  expect(soak(BLOCKS, { '2026-01-01': PASSES, '2026-11-24': BLOCKS })).toEqual({
    environment: 'prod',
    blocksFrom: '2026-11-24',
    days: 0,
    soakedFrom: '2026-12-08',
  });
});

test('a new environment has nothing to soak in', () => {
  const versions = { '2026-01-01': { ...BLOCKS, environment: { name: 'old' } } };
  const contract = contractOf(BLOCKS);
  const [control] = contract.controls as [Control];
  const past = Object.entries(versions).map(([date, said]) => ({
    since: `${date}T12:00:00.000Z`,
    commit: date,
    contract: { ...contractOf(said), environments: new Map([['old', anEnvironment({ name: 'old' })]]) },
  }));
  const placed = { rule: block(), index: 0 };

  expect(missingSoak({ contract, control, placed, versions: past, today: TODAY })).toBeUndefined();
});

test('of several environments the one that has soaked least is named', () => {
  const environments = (until: string) =>
    new Map([
      ['prod-b', anEnvironment({ name: 'prod-b', observeUntil: until })],
      ['prod', anEnvironment()],
    ]);
  const contract = { ...contractOf(BLOCKS), environments: environments('2026-12-02') };
  const [control] = contract.controls as [Control];
  const versions = [
    {
      since: '2026-01-01T00:00:00.000Z',
      commit: 'a',
      contract: { ...contractOf(PASSES), environments: environments('2026-12-02') },
    },
  ];

  expect(missingSoak({ contract, control, placed: { rule: block(), index: 0 }, versions, today: TODAY })).toMatchObject(
    {
      environment: 'prod',
      days: 0,
    },
  );
});
