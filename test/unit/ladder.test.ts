import { expect, test } from 'vitest';
import type { DecisionClass, EscalationStep, Rule } from '../../services/domain/contract.ts';
import { minuteOf } from '../../services/domain/finding-history.ts';
import { judge } from '../../services/domain/judge.ts';
import { joinedSpreads, type Spread, servicesAsked, thresholdReached } from '../../services/domain/ladder.ts';
import { nextAge, type Past, recurrencesOf, thresholdsOf } from '../../services/domain/past.ts';
import { aScanHead } from '../scans.ts';
import {
  aContract,
  aControl,
  aGroup,
  aJudgedService,
  anEnvironment,
  anException,
  anInput,
  aRule,
  aService,
  fingerprint,
  NOW,
} from './judge-input.ts';

const DAY = 1_440;
const NOW_MINUTE = minuteOf(NOW);
const SEEN: EscalationStep = { after: { seen: 3, withinDays: 14 }, to: { dueDays: 3 } };
const LEAD: EscalationStep = { after: { ageDays: 30 }, to: 'owner-lead' };
const BLOCK: EscalationStep = { after: { ageDays: 60 }, to: 'block', in: 'production' };
const SPREAD: EscalationStep = { after: { services: 3 }, to: 'block' };

const aPast = (daysAgo: number, over: Partial<Past> = {}): Past => ({
  firstSeen: NOW_MINUTE - daysAgo * DAY,
  reached: {},
  near: [],
  ...over,
});

interface Story {
  readonly steps?: readonly EscalationStep[];
  readonly decision?: DecisionClass;
  readonly from?: string;
  readonly pasts?: Readonly<Record<number, Past>>;
  readonly spread?: Spread;
  readonly tier?: 'production' | 'non-production';
  readonly unknown?: boolean;
  readonly exceptions?: Parameters<typeof anException>[0][];
  readonly numbers?: readonly number[];
  readonly groupPast?: Past;
}

const ruled = (decision: DecisionClass = 'warn', over: Partial<Rule> = {}): Rule =>
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  aRule({ ...over, then: decision });

/** Findings of one group under one warning rule. */
function judged({ steps = [SEEN, LEAD, BLOCK], pasts = {}, numbers = [1, 2], ...story }: Story = {}) {
  const rule = ruled(story.decision, {
    because: 'to be calibrated',
    dueDays: 14,
    escalate: steps,
    ...(story.from === undefined ? {} : { from: story.from }),
  });
  const { service, ...unknown } = aJudgedService({
    service: aService({ lead: 'group:payments-leads' }),
    heads: [
      aScanHead({
        receivedAt: NOW,
        groups: [
          aGroup({
            count: Math.max(1, numbers.length),
            fingerprints: numbers.map(fingerprint),
            ...(story.groupPast === undefined ? {} : { past: story.groupPast }),
          }),
        ],
      }),
    ],
    pasts: new Map(Object.entries(pasts).map(([n, past]) => [fingerprint(Number(n)), past])),
    spreads: story.spread === undefined ? new Map() : new Map([['secret-scanning generic-api-key', story.spread]]),
    exceptions: (story.exceptions ?? []).map(anException),
  });
  return judge(
    anInput({
      contract: aContract(aControl({ decisions: [rule] })),
      environment: anEnvironment({ tier: story.tier ?? 'production' }),
      services: [story.unknown === true ? unknown : { ...unknown, ...(service === undefined ? {} : { service }) }],
    }),
  );
}

const at = (days: number) => new Date(Date.parse(NOW) + days * 86_400_000).toISOString();

test('a warning is due so long after it was first seen, and after its receipt where its past is not known', () => {
  expect(judged({ pasts: { 1: aPast(4), 2: aPast(1) }, steps: [] }).warns.map(({ dueAt }) => dueAt)).toEqual([at(10)]);
  expect(judged({ steps: [] }).warns[0]?.dueAt).toBe(at(14));
});

test('a rule without a date sets none, and nothing of it is ever overdue', () => {
  const contract = aContract(aControl({ decisions: [ruled('warn', { escalate: [BLOCK] })] }));
  const services = [
    aJudgedService({
      service: aService({ lead: 'group:payments-leads' }),
      pasts: new Map([[fingerprint(1), aPast(50)]]),
    }),
  ];
  const [warning] = judge(anInput({ contract, services })).warns;
  expect(warning).not.toHaveProperty('dueAt');
  expect(warning).not.toHaveProperty('lead');
});

test('findings that have reached a step are split from those that have not', () => {
  const { warns } = judged({ pasts: { 1: aPast(10, { reached: { '3/14': NOW_MINUTE - DAY } }), 2: aPast(1) } });
  expect(warns.map(({ fingerprints, count, dueAt }) => [fingerprints, count, dueAt])).toEqual([
    [[fingerprint(1)], 1, at(2)],
    [[fingerprint(2)], 1, at(13)],
  ]);
  expect(warns.map(({ samples }) => samples.map((one) => one.fingerprint))).toEqual([
    [fingerprint(1)],
    [fingerprint(2)],
  ]);
});

test('a step never makes a date later', () => {
  const { warns } = judged({ numbers: [1], pasts: { 1: aPast(13, { reached: { '3/14': NOW_MINUTE } }) } });
  expect(warns[0]?.dueAt).toBe(at(1));
});

test('the lead is named beside the owner at the age that the contract says, and when a warning is overdue', () => {
  const lead = (daysAgo: number, steps: readonly EscalationStep[]) =>
    judged({ numbers: [1], steps, pasts: { 1: aPast(daysAgo) } }).warns.map((group) => [group.owner, group.lead]);
  expect(lead(30, [LEAD])).toEqual([['group:payments-owners', 'group:payments-leads']]);
  expect(lead(13, [LEAD])).toEqual([['group:payments-owners', undefined]]);
  expect(lead(14, [])).toEqual([['group:payments-owners', 'group:payments-leads']]);
});

test.each<[string, EscalationStep, Story, string]>([
  ['age', BLOCK, { pasts: { 1: aPast(60) } }, 'open for 60 days'],
  [
    'sightings',
    { ...SEEN, to: 'block' },
    { pasts: { 1: aPast(9, { reached: { '3/14': NOW_MINUTE } }) } },
    'seen 3 times within 14 days',
  ],
  ['spread', SPREAD, { spread: { services: 3, since: NOW_MINUTE } }, 'found in 3 services'],
])('a step of %s turns the warning into a block that says why', (_, step, story, because) => {
  const { blocks, verdict } = judged({ numbers: [1], steps: [step], ...story });
  expect(verdict).toBe('block');
  expect(blocks).toMatchObject([{ decision: 'block', because, exception: { maxDays: 7 } }]);
});

test.each<[string, Story]>([
  ['before its time', { pasts: { 1: aPast(59) } }],
  ['in another tier', { pasts: { 1: aPast(60) }, tier: 'non-production' }],
  ['for a service that the catalog does not know', { pasts: { 1: aPast(60) }, unknown: true }],
  ['while the rule itself waits for its day', { pasts: { 1: aPast(60) }, decision: 'block', from: '2027-01-15' }],
  ['of a rule that does not warn', { pasts: { 1: aPast(60) }, decision: 'monitor' }],
  ['of one whose past is not known', {}],
  ['in fewer services than it asks', { steps: [SPREAD], spread: { services: 2, since: 0 } }],
  [
    'with only one of its two conditions',
    { steps: [{ after: { ageDays: 5, seen: 3 }, to: 'block' }], pasts: { 1: aPast(9) } },
  ],
])('no step blocks %s', (_, story) => {
  expect(judged({ numbers: [1], steps: [BLOCK], ...story }).verdict).toBe('pass');
});

const climbing = (decisions: readonly Rule[], own: readonly Rule[]) => {
  const contract = aContract(aControl({ decisions, overrides: new Map([['payments-api', own]]) }));
  const pasts = new Map([[fingerprint(1), aPast(60)]]);
  return judge(anInput({ contract, services: [aJudgedService({ pasts })] }));
};

test.each<[string, readonly Rule[], readonly Rule[]]>([
  ['an override that decides', [ruled('monitor')], [ruled('warn', { escalate: [BLOCK] })]],
  ['an override beside a warning', [ruled()], [ruled('warn', { escalate: [BLOCK] })]],
  ['the rule for all beside an override', [ruled('warn', { escalate: [BLOCK] })], [ruled()]],
  [
    'what holds until an announced block does',
    [ruled('block', { from: '2027-01-15', escalate: [SPREAD] }), ruled('warn', { escalate: [BLOCK] })],
    [],
  ],
])('a warning climbs by the steps of %s', (_, decisions, own) => {
  const { blocks, warns } = climbing(decisions, own);
  expect(blocks.map(({ because, blocksFrom }) => [because, blocksFrom])).toEqual([['open for 60 days', undefined]]);
  expect(warns).toEqual([]);
});

test('a warning does not climb by the steps of a rule that only counts', () => {
  expect(climbing([ruled('monitor', { escalate: [BLOCK] })], [ruled()])).toMatchObject({ verdict: 'pass', blocks: [] });
});

test('of two warnings that could decide the earlier date counts', () => {
  const control = aControl({
    decisions: [ruled('warn', { dueDays: 14 })],
    overrides: new Map([['payments-api', [ruled('warn', { dueDays: 7 })]]]),
  });
  const services = [aJudgedService({ pasts: new Map([[fingerprint(1), aPast(1)]]) })];
  expect(judge(anInput({ contract: aContract(control), services })).warns[0]?.dueAt).toBe(at(6));
});

test('an exception turns such a block back into a warning that names it', () => {
  const { blocks, warns } = judged({ pasts: { 1: aPast(60), 2: aPast(60) }, exceptions: [{}] });
  expect(blocks.map(({ fingerprints }) => fingerprints)).toEqual([[fingerprint(2)]]);
  expect(warns).toMatchObject([{ exceptionId: 'EX-1', fingerprints: [fingerprint(1)] }]);
});

test('findings too many to list climb together, with whichever is furthest on', () => {
  expect(judged({ numbers: [], groupPast: aPast(60) }).blocks).toMatchObject([{ count: 1, fingerprints: [] }]);
  expect(judged({ numbers: [], groupPast: aPast(59) }).blocks).toEqual([]);
});

test('a finding that has left the default branch climbs as those did that it was imported with', () => {
  expect(judged({ numbers: [1, 2], pasts: { 2: aPast(1) }, groupPast: aPast(60) }).blocks).toMatchObject([
    { fingerprints: [fingerprint(1)] },
  ]);
});

test.each<[string, Past, object | undefined]>([
  ['with its next sighting', aPast(1, { near: ['3/14'] }), { to: 'due' }],
  ['at an age', aPast(1), { to: 'owner-lead', at: at(29) }],
  ['at the next age', aPast(31), { to: 'block', at: at(29) }],
  ['not any more', aPast(60), undefined],
])('what a warning turns into is known ahead: %s', (_, past, next) => {
  const { blocks, warns } = judged({ numbers: [1], pasts: { 1: past } });
  expect([...blocks, ...warns].map(({ escalatesAt }) => escalatesAt)).toEqual([next]);
});

test.each([
  [0, 30 * DAY],
  [30 * DAY - 1, 30 * DAY],
  [30 * DAY, 37 * DAY],
  [40 * DAY, 60 * DAY],
  [67 * DAY, undefined],
])('after minute %i, the next age that a step waits for is reached at %s', (now, next) => {
  const pasts = [0, 7 * DAY].map((firstSeen) => ({ firstSeen, reached: {}, near: [] }));
  expect(nextAge(pasts, [60 * DAY, 30 * DAY], now)).toBe(next);
});

test('the numbers that a contract asks for are each answered once', () => {
  const contract = aContract(
    aControl({ decisions: [aRule({ escalate: [SEEN, SEEN, LEAD], when: { recurrence: 5 } })] }),
    aControl({ decisions: [aRule({ escalate: [{ after: { seen: 3 }, to: 'block' }], when: { recurrence: 2 } })] }),
  );
  const overrides = new Map([
    ['orders-api', [aRule({ escalate: [{ after: { seen: 4, services: 6 }, to: 'block' }], when: { recurrence: 7 } })]],
  ]);
  const own = aContract(aControl({ overrides }));
  expect(recurrencesOf(contract)).toEqual([{ seen: 3, withinDays: 14 }, { seen: 3 }]);
  expect(thresholdsOf(contract)).toEqual([2, 5]);
  expect([recurrencesOf(own), thresholdsOf(own), servicesAsked(own, 'secret-scanning any')]).toEqual([
    [{ seen: 4 }],
    [7],
    [6],
  ]);
  expect([recurrencesOf(undefined), thresholdsOf(undefined)]).toEqual([[], []]);
});

test('of what two scopes were told of a rule the wider counts, in either order: one where it is gone hides nothing', () => {
  const gone = new Map([['sast xss', { services: 0, since: 9 }]]);
  const here = new Map([['sast xss', { services: 3, since: 20 }]]);
  const earlier = new Map([['sast xss', { services: 3, since: 10 }]]);
  for (const all of [
    [gone, here, earlier],
    [earlier, here, gone],
  ])
    expect([...joinedSpreads(all)]).toEqual([...earlier]);
});

test.each([
  [1, 0],
  [2, 2],
  [4, 2],
  [5, 5],
  [9, 5],
])('of the numbers 2 and 5 %i services reach %i', (services, reached) => {
  expect(thresholdReached([2, 5], services)).toBe(reached);
});
