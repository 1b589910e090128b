import type { IAdaptiveCard } from 'adaptivecards';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  calibrationCard,
  calibrationNewsCard,
  calibrationSummary,
  controlCalibrationCard,
} from '../../cards/calibration-card.ts';
import { card, fact, row, timed, timedFact, title } from '../../cards/card.ts';
import { cardText } from '../../cards/card-text.ts';
import { confirmCard } from '../../cards/confirm-card.ts';
import { contractCard, contractText } from '../../cards/contract-card.ts';
import { gateAnswer, gateCard } from '../../cards/gate-card.ts';
import { summaryOf } from '../../cards/gate-summary.ts';
import { groupCard, groupSummary } from '../../cards/group-card.ts';
import { withInstead } from '../../cards/instead-note.ts';
import { listCard } from '../../cards/list-card.ts';
import { reminderCard, reminderSummary } from '../../cards/reminder-card.ts';
import { shortCard } from '../../cards/short-card.ts';
import { inZone, localTime } from '../../cards/show-time.ts';
import { statusCard } from '../../cards/status-card.ts';
import { outside, plain } from '../../cards/text.ts';
import { whoApprovesCard } from '../../cards/who-approves-card.ts';
import type { GateState } from '../../services/domain/gate.ts';
import { aGate, aJudgedGroup, aJudgement, aRun } from '../builders.ts';
import { aMeasurement, READY } from '../cards/calibration-samples.ts';
import { parseProblems } from '../cards/parse.ts';
import { activityBytes, factValue } from '../cards/read.ts';
import { outOfReach } from '../health.ts';
import { nudgeCardsSaying } from './hostile-nudges.ts';
import { ASKED, answerSaying, contractSaying, gateSaying, type Lists } from './hostile-records.ts';
import { harmIn, hostile, SEED, UNITS } from './hostile-texts.ts';
import { trendCardsSaying } from './hostile-trends.ts';

/** As many and as long as Teams takes. */
const TEAMS_IDS = Array.from({ length: 70 }, (_, index) => `29:1${String(index).padEnd(90, 'k')}`);
const STATES: readonly GateState[] = ['asked', 'blocked', 'approved', 'failed', 'superseded', 'bypassed'];

function cardsSaying(
  text: string,
  lists: Lists = 'long',
): { readonly card: IAdaptiveCard; readonly summary: string }[] {
  const health = {
    at: text,
    store: 'ok',
    waiting: 1,
    waitingSince: text,
    bypasses: [],
    offPaths: [{ id: text, kind: 'write', services: [text, text], environment: text, at: text }],
    processes: 1,
    unreachedExceptions: [],
    deadLetters: [{ requestId: text, services: [text], environment: text, kind: text, attempts: 30, since: text }],
  } as const;
  const times = (length: number) => ({ length: lists === 'long' ? length : 1 });
  const gates = STATES.map((state) => gateSaying(text, state, lists));
  const [asked] = gates;
  const answer = answerSaying(text, lists);
  const contract = contractSaying(text, lists);
  const several = Array.from(times(24), () => gates).flat();
  const typed = { unknown: [], verdict: 'approve', comment: text } as const;
  return [
    ...gates.map((gate) => ({ card: gateCard(gate, {}, { refusal: 'not-an-approver' }), summary: summaryOf(gate) })),
    { card: gateCard(asked ?? aGate(), { oid: ASKED, zone: 'Europe/Berlin', refreshFor: TEAMS_IDS }), summary: '' },
    { card: gateCard(asked ?? aGate(), { refreshFor: TEAMS_IDS }), summary: '' },
    { card: reminderCard(asked ?? aGate(), 'reminder'), summary: reminderSummary(asked ?? aGate(), 'reminder') },
    { card: reminderCard(asked ?? aGate(), 'asked-anew'), summary: '' },
    { card: shortCard(asked ?? aGate()), summary: '' },
    {
      card: withInstead(shortCard(asked ?? aGate()), [
        outOfReach(text),
        outOfReach(text, { recipient: `channel:${text}` }),
      ]),
      summary: '',
    },
    {
      card: listCard(
        Array.from(times(40), () => asked ?? aGate()),
        text,
      ),
      summary: '',
    },
    { card: groupCard(several), summary: groupSummary(several) },
    { card: reminderCard(asked ?? aGate(), 'asked-anew', { besides: several }), summary: '' },
    { card: confirmCard({ ...typed, gates: several.slice(0, 20) }, {}), summary: '' },
    { card: whoApprovesCard(answer), summary: cardText(whoApprovesCard(answer)) },
    { card: contractCard(contract), summary: lists === 'long' ? contractText(contract) : '' },
    { card: contractCard({ at: text, problems: Array.from(times(30), () => text) }), summary: '' },
    ...calibrationsSaying(text, lists).map((card) => ({ card, summary: cardText(card) })),
    ...trendCardsSaying(text, lists),
    ...nudgeCardsSaying(text, lists),
    ...calibrationNewsSaying(text),
    {
      card: statusCard({
        ...health,
        unreachable: Array.from(times(30), () => outOfReach(text, { why: 'refused', loss: { code: text, at: text } })),
        withoutApp: [text, text],
        sources: [{ kind: 'report', tool: text, service: text, at: text, by: 'noted' }],
        clocks: [{ with: text, seconds: 99, at: text }],
        policyProblems: Array.from(times(30), () => text),
      }),
      summary: '',
    },
  ];
}

function calibrationsSaying(text: string, lists: Lists): IAdaptiveCard[] {
  const written = {
    ...READY,
    owner: { ...READY.owner, fallback: `group:${text}` as const },
    decisions: READY.decisions.map((rule) => ({ ...rule, because: text, when: { rule: [text], path: [text] } })),
  };
  const measured = aMeasurement([written]);
  const all = measured.calibrations.map(({ change, ...one }) => ({
    ...one,
    control: text,
    ...(change === undefined ? {} : { change: { ...change, choices: 2, superfluous: [text, text] } }),
  }));
  const many = Array.from({ length: lists === 'long' ? 60 : 1 }, () => all).flat();
  return [
    calibrationCard({ ...measured, calibrations: many }),
    ...all.map((one) => controlCalibrationCard(measured, one)),
  ];
}

function calibrationNewsSaying(text: string) {
  const measured = aMeasurement();
  return measured.calibrations.map((one) => {
    const news = { measured, calibration: { ...one, control: text, owner: `group:${text}` as const } };
    return { card: calibrationNewsCard(news), summary: calibrationSummary(news) };
  });
}

/** As many as `HOSTILE_TEXTS` asks for; a card shows a text only through what the test after this one tries. */
const TEXTS = Number(process.env['HOSTILE_TEXTS'] ?? 300);

test('no hostile text becomes a link, a mention, Markdown or an invisible sign on any card in any state', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const harm = cardsSaying(text, 'short').flatMap(({ card }) => harmIn(card));
      if (harm.length > 0) expect(harm).toEqual([]);
    }),
    { seed: SEED, numRuns: TEXTS },
  );
}, 600_000);

test('none of 10,000 hostile texts is more than text in whatever a card shows text by', () => {
  fc.assert(
    fc.property(hostile, fc.integer({ min: 2, max: 300 }), (text, max) => {
      expect(harmIn(textOnly(text, max))).toEqual([]);
    }),
    { seed: SEED, numRuns: 10_000 },
  );
});

/** Whatever else a card is made of holds words of ours. */
function textOnly(text: string, max: number): IAdaptiveCard {
  const said = plain(text, max);
  const sentence = `until ${localTime('2026-11-23T11:00:00Z')} ${said}`;
  const facts = [fact('Branch', text), timedFact('Until', sentence)];
  const body = [title(text), row(text), timed(sentence), outside(text, max), { type: 'FactSet' as const, facts }];
  return inZone(card({ body, actions: [], speak: said, fallbackText: said }));
}

test.each(UNITS)(
  'no card grows over 60 KB, and the trusted facts stay in front, with 10,000 %s in every field',
  (_, unit) => {
    for (const { card, summary } of cardsSaying(unit.repeat(10_000 / unit.length))) {
      expect(activityBytes(card, summary)).toBeLessThanOrEqual(60 * 1024);
      expect(parseProblems(card)).toEqual([]);
    }
    for (const state of STATES) {
      const ids = (gateCard(gateSaying(unit.repeat(10_000), state)).body ?? []).map(({ id }) => id);
      expect(ids.slice(0, 3)).toEqual(['title', 'state', 'facts']);
    }
  },
);

test('long outside text leaves environment, service and the number of blocking findings readable', () => {
  const long = 'x'.repeat(10_000);
  const run = aRun({ name: long, branch: long, requestedFor: { name: long } });
  const card = gateCard(
    aGate({ run, state: 'blocked', judgement: aJudgement({ blocks: [aJudgedGroup({ rule: long, count: 3 })] }) }),
  );

  expect(factValue(card, 'facts', 'Environment')).toBe('prod');
  expect(factValue(card, 'facts', 'Service')).toBe('payments-api');
  expect(JSON.stringify(card.body?.[1])).toContain('Blocked by 3 findings');
});

test('the plain text of a hostile gate or contract has no mention and no link either', () => {
  const hostile = '<at>Everyone</at> [x](https://evil.example)\u202e';
  const { text } = gateAnswer(gateSaying(hostile, 'asked'));

  for (const said of [text, contractText(contractSaying(hostile, 'short'))]) {
    expect(said).toContain('Everyone');
    expect(said).not.toMatch(/<at>|\]\(|\u202e/);
  }
});
