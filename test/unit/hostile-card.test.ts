import type { IAdaptiveCard } from 'adaptivecards';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cardText } from '../../cards/card-text.ts';
import { confirmCard } from '../../cards/confirm-card.ts';
import { exceptionAnswerCard } from '../../cards/exception-answer.ts';
import { gateAnswer, gateCard } from '../../cards/gate-card.ts';
import { summaryOf } from '../../cards/gate-summary.ts';
import { groupCard, groupSummary } from '../../cards/group-card.ts';
import { listCard } from '../../cards/list-card.ts';
import { reminderCard } from '../../cards/reminder-card.ts';
import { shortCard } from '../../cards/short-card.ts';
import { statusCard } from '../../cards/status-card.ts';
import { whoApprovesCard } from '../../cards/who-approves-card.ts';
import type { Candidate, Gate, GateState } from '../../services/domain/gate.ts';
import type { JudgedGroup } from '../../services/domain/judgement.ts';
import type { Told, WhoApproves } from '../../services/domain/who-approves.ts';
import {
  aDecision,
  aGate,
  aJudgedGroup,
  aJudgement,
  aLevel,
  anAsk,
  aRun,
  aRunSources,
  aSample,
  aSignal,
  aVote,
  aWarning,
} from '../builders.ts';
import { parseProblems } from '../cards/parse.ts';
import { activityBytes, factValue, markdownIn, objectsIn } from '../cards/read.ts';
import { anAnswer, aRoute, someApprovers } from '../routes.ts';

const RUN_PAGE = aRun().url;
const STATES: readonly GateState[] = ['asked', 'blocked', 'approved', 'failed'];

/** How long the lists of a gate are: longer than any card shows, or one of each, which shows the same text. */
type Lists = 'long' | 'short';

/** A gate in which every field that somebody outside can write holds `text`. */
function gateSaying(text: string, state: GateState, lists: Lists = 'long'): Gate {
  const times = (length: number) => ({ length: lists === 'long' ? length : 1 });
  const principal = `group:${text}` as const;
  const identity = { name: text, uniqueName: text };
  const sample = aSample({ message: text, path: text, help: text });
  const by = { kind: 'person', tenant: text, oid: text, name: text } as const;
  const said = {
    rule: text,
    tool: text,
    because: text,
    owner: principal,
    samples: [sample, sample, sample],
    service: text,
    control: text,
  };
  const groups = (make: typeof aWarning, more: Partial<JudgedGroup>) =>
    Array.from(times(25), () => make({ ...said, ...more }));
  return aGate({
    state,
    votes: Array.from(times(2), () => aVote({ by, comment: text })),
    changes: Array.from(times(9), () => ({ kind: 'signal', service: text, control: text, state: 'known' }) as const),
    environment: text,
    services: Array.from(times(8), () => text),
    artifact: text,
    run: aRun({
      name: text,
      branch: text,
      commit: text,
      project: text,
      pipeline: { id: 1, name: text },
      repository: { id: text, name: text, type: text },
      requestedFor: identity,
      requestedBy: identity,
    }),
    sources: aRunSources({
      commits: Array.from(times(9), (_, index) => ({
        commit: `${index}${text}`,
        repository: text,
        pipeline: text,
        runId: index,
      })),
      requesters: Array.from(times(9), () => identity),
      authors: Array.from(times(30), (_, index) => ({ name: `${index}${text}` })),
      unreadable: Array.from(times(20), () => text),
    }),
    ask: anAsk({
      levels: Array.from(times(3), (_, level) =>
        aLevel({
          route: text,
          from: Array.from(times(9), () => principal),
          eligible: Array.from(times(15), (__, index) => ({ oid: `${level} ${index}`, name: text })),
          excluded: Array.from(times(15), () => ({ oid: text, name: text, why: 'commit-author' as const })),
        }),
      ),
      unmatched: Array.from(times(10), () => text),
    }),
    judgement: aJudgement({
      blocks: state === 'asked' || state === 'approved' ? [] : groups(aJudgedGroup, {}),
      warns: groups(aWarning, { exceptionId: text }),
      obstacles: Array.from(times(20), () => ({ kind: 'no-route' as const, detail: text })),
      signals: Array.from(times(12), () =>
        aSignal({
          state: 'unknown',
          why: 'absent',
          service: text,
          control: text,
          owner: principal,
          tools: Array.from(times(9), () => text),
        }),
      ),
    }),
    decision: aDecision({ comment: text, by: { kind: 'person', tenant: 't', oid: 'o', name: text } }),
  });
}

/** An answer of several routes and levels in which every name holds `text`. */
function answerSaying(text: string, lists: Lists): WhoApproves {
  const times = (length: number) => ({ length: lists === 'long' ? length : 1 });
  const principal = `group:${text}` as const;
  const people = Array.from(times(40), () => ({ oid: text, name: text }));
  const obstacle = { kind: 'too-few-approvers', detail: text, tell: principal } as const;
  const level = someApprovers({
    from: Array.from(times(9), () => principal),
    eligible: people,
    excluded: people.map((person) => ({ ...person, why: 'guest' })),
    empty: Array.from(times(9), () => principal),
    inactive: Array.from(times(9), () => ({ group: text, people })),
    inactiveUnknown: Array.from(times(9), () => principal),
  });
  const source = `routes/${text}.yaml:1`;
  const match = { pipeline: text, project: text };
  const routes = [
    ...Array.from(times(4), () => aRoute({ source, match })),
    ...Array.from(times(9), () => aRoute({ source, match: { team: text, environment: text } })),
    aRoute({ source, match: { environment: 'prod' } }),
    aRoute({ source, match: { environment: 'prod' } }),
  ];
  const way = { levels: Array.from(times(5), () => level), obstacle, told: toldSaying(text, people) };
  const answer = anAnswer(routes, way, { problems: Array.from(times(30), () => text) });
  return { ...answer, service: text, environment: text };
}

function toldSaying(text: string, people: readonly Candidate[]): Told {
  return { direct: people.slice(0, 15), unreachable: people, channel: { name: text, isKnown: false } };
}

function cardsSaying(
  text: string,
  lists: Lists = 'long',
): { readonly card: IAdaptiveCard; readonly summary: string }[] {
  const health = {
    at: text,
    store: 'ok',
    waiting: 1,
    waitingSince: text,
    deadLetters: [{ requestId: text, services: [text], environment: text, kind: text, attempts: 30, since: text }],
  } as const;
  const times = (length: number) => ({ length: lists === 'long' ? length : 1 });
  const gates = STATES.map((state) => gateSaying(text, state, lists));
  const [asked] = gates;
  const wish = { service: text, environment: text, control: text };
  const answer = answerSaying(text, lists);
  const several = Array.from(times(24), () => gates).flat();
  const typed = { unknown: [], verdict: 'approve', comment: text } as const;
  return [
    ...gates.map((gate) => ({ card: gateCard(gate, {}, { refusal: 'not-an-approver' }), summary: summaryOf(gate) })),
    { card: shortCard(asked ?? aGate()), summary: '' },
    {
      card: listCard(
        Array.from(times(40), () => asked ?? aGate()),
        text,
      ),
      summary: '',
    },
    { card: groupCard(several), summary: groupSummary(several) },
    { card: reminderCard(asked ?? aGate(), 'asked-anew', several), summary: '' },
    { card: confirmCard({ ...typed, gates: several.slice(0, 20) }, {}), summary: '' },
    { card: exceptionAnswerCard(wish, gates.at(-1)), summary: '' },
    { card: whoApprovesCard(answer), summary: cardText(whoApprovesCard(answer)) },
    {
      card: statusCard({
        ...health,
        unreachable: Array.from(times(30), () => text),
        policyProblems: Array.from(times(30), () => text),
      }),
      summary: '',
    },
  ];
}

const fragments = fc.constantFrom(
  '[Approve](https://evil.example/a)',
  '![x](https://evil.example/t.png)',
  '<at>Everyone</at>',
  '<a href="https://evil.example">x</a>',
  '**',
  '__',
  '~~',
  '`',
  '\\',
  '"',
  '|',
  '&lt;',
  '- ',
  '1. ',
  '# ',
  '> ',
  '\n',
  '\r\n',
  '\u2028',
  '\u0000',
  '\u001b[31m',
  '\u202e',
  '\u2066',
  '\u200b',
  '\ufeff',
  '\u{e0041}',
  '\ud800',
  'a\u0301\u0301\u0301\u0301\u0301',
  '{{DATE(2020-01-01T00:00:00Z)}}',
  '🙂',
  'javascript:alert(1)',
  'prod',
  '✓ pass',
  'x'.repeat(120),
);
const hostile = fc.oneof(
  fc.array(fragments, { minLength: 1, maxLength: 12 }).map((parts) => parts.join('')),
  fc.string({ unit: 'binary', maxLength: 60 }),
);

const ESCAPED = /\\[!-/:-@[-`{-~]/g;
const ACTIVE = /[\\`*_[\]()<>#!~|&]|:\/\/|^[-+]|^\d+\.(\s|$)|\{\{\s*(DATE|TIME)/i;
const BY_NAME = ['selectAction', 'entities', 'backgroundImage', 'iconUrl'];

/** What in a card is more than text; collected, because seventy thousand cards hold millions of values. */
function harmIn(card: IAdaptiveCard): string[] {
  const shown = JSON.stringify({ body: card.body, speak: card.speak, said: card['fallbackText'] });
  return [
    ...markdownIn(card).filter((text) => ACTIVE.test(text.replace(ESCAPED, '□'))),
    ...objectsIn(card).flatMap((object) => [
      ...('url' in object && object['url'] !== RUN_PAGE ? [`url ${object['url']}`] : []),
      ...BY_NAME.filter((name) => name in object),
    ]),
    ...(shown.match(/<at>|\]\(|\{\{DATE/) ?? []),
    ...(shown.match(/[\p{Cc}\p{Cf}\p{Cs}]|\\u00[01]|\\ud[89a-f]/iu) ?? []),
  ];
}

/** Of every run; fast-check prints it with the string that fails. */
const SEED = 20261123;

test('none of 10,000 hostile texts becomes a link, a mention, Markdown or an invisible sign on any card in any state', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const harm = cardsSaying(text, 'short').flatMap(({ card }) => harmIn(card));
      if (harm.length > 0) expect(harm).toEqual([]);
    }),
    { seed: SEED, numRuns: 10_000 },
  );
}, 600_000);

test.each([
  ['letters', 'x'],
  ['quotation marks', '"'],
  ['backslashes', '\\'],
  ['stars', '*'],
  ['emoji', '🙂'],
  ['blanks between letters', 'a '],
  ['angle brackets', '<>'],
])('no card grows over 60 KB, and the trusted facts stay in front, with 10,000 %s in every field', (_, unit) => {
  for (const { card, summary } of cardsSaying(unit.repeat(10_000 / unit.length))) {
    expect(activityBytes(card, summary)).toBeLessThanOrEqual(60 * 1024);
    expect(parseProblems(card)).toEqual([]);
  }
  for (const state of STATES) {
    const ids = (gateCard(gateSaying(unit.repeat(10_000), state)).body ?? []).map(({ id }) => id);
    expect(ids.slice(0, 3)).toEqual(['title', 'state', 'facts']);
  }
});

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

test('the plain text of a hostile gate has no mention and no link either', () => {
  const { text } = gateAnswer(gateSaying('<at>Everyone</at> [x](https://evil.example)\u202e', 'asked'));

  expect(text).not.toMatch(/<at>|\]\(|\u202e/);
});
