import { expect, test } from 'vitest';
import { cardText } from '../../cards/card-text.ts';
import { scopeCard } from '../../cards/scope-card.ts';
import { listed } from '../../services/domain/exception-list.ts';
import type { FindingEvent } from '../../services/domain/finding-event.ts';
import type { Review } from '../../services/domain/review.ts';
import { categorised, type Remembered, timelineOf } from '../../services/domain/scope-overview.ts';
import { aGate } from '../builders.ts';
import { aList, aListedGroup } from '../cards/listed-groups.ts';
import { parseProblems } from '../cards/parse.ts';
import { activityBytes, markdownIn, textById } from '../cards/read.ts';
import { anOverview } from '../cards/scope-samples.ts';
import { aRecord } from '../exceptions.ts';

const NOW = '2026-11-23T09:30:00.000Z';
const REMEMBERED: Remembered = { waiting: [], releases: [], exceptions: [], events: [], reviews: [] };
const seen = (over: Partial<FindingEvent> = {}): FindingEvent => ({
  kind: 'first-seen',
  at: '2026-11-20T10:00:00.000Z',
  tool: 'semgrep',
  reportId: 'r1',
  ...over,
});

test('what one report found is one moment with its count, and kinds, tools and reports stand apart', () => {
  const events = [seen(), seen(), seen({ kind: 'gone' }), seen({ tool: 'trivy' }), seen({ reportId: 'r2' })];

  const moments = timelineOf({ ...REMEMBERED, events: [{ environment: 'prod', events }] }, NOW);
  expect(moments).toHaveLength(4);
  expect(moments).toContainEqual({
    ...{ kind: 'first-seen', at: '2026-11-20T10:00:00.000Z', tool: 'semgrep', count: 2, environment: 'prod' },
  });
});

test('the newest stands first, and nothing from before the last 30 days or from the future is told', () => {
  const events = [
    seen({ at: '2026-10-23T23:59:59.000Z', reportId: 'old' }),
    seen({ at: '2026-10-24T00:00:00.000Z', reportId: 'just' }),
    seen({ at: '2026-11-23T09:30:00.000Z', reportId: 'now' }),
    seen({ at: '2026-11-23T09:30:01.000Z', reportId: 'later' }),
  ];

  const moments = timelineOf({ ...REMEMBERED, events: [{ events }] }, NOW);
  expect(moments.map(({ at }) => at)).toEqual(['2026-11-23T09:30:00.000Z', '2026-10-24T00:00:00.000Z']);
});

test('what is found of the platform, of drift and in audit logs stands apart from what is shipped', () => {
  const categories = ['platform', 'configuration', 'activity', 'secret'] as const;
  const events = categories.map((category) => seen({ category }));

  const moments = timelineOf({ ...REMEMBERED, events: [{ environment: 'prod', events }] }, NOW);
  const about = moments.map((one) => ('about' in one ? one.about : 'shipped')).sort();
  expect(about).toEqual(['audit', 'drift', 'platform', 'shipped']);
  const text = cardText(scopeCard(anOverview({ timeline: moments })));
  for (const source of ['Audit log: semgrep', 'Drift: semgrep', 'Platform: semgrep', '▲ semgrep'])
    expect(text).toContain(`${source} found 1 finding for the first time`);
});

test('what is gone is of the category in which it was found', () => {
  const events = categorised([seen({ category: 'platform' }), seen({ kind: 'gone', at: '2026-11-21T10:00:00.000Z' })]);

  const moments = timelineOf({ ...REMEMBERED, events: [{ events }] }, NOW);
  expect(moments).toMatchObject([
    { kind: 'gone', about: 'platform' },
    { kind: 'first-seen', about: 'platform' },
  ]);
  expect(categorised([seen({ kind: 'gone' })])).toEqual([seen({ kind: 'gone' })]);
});

test('a review of the audit that was recorded is told with who looked, one of trends or without record is not', () => {
  const recorded = { by: aRecord().askers[0].by, at: '2026-11-16T09:00:00.000Z', seen: 'x', op: 'o' };
  const review = { reviewer: 'group:a', remindAt: NOW, escalateAt: NOW, revision: 1, messages: [] } as const;
  const reviews: Review[] = [
    { ...review, id: '2026-11-09-audit', recorded },
    { ...review, id: '2026-11-09', recorded },
    { ...review, id: '2026-11-16-audit' },
  ];

  const moments = timelineOf({ ...REMEMBERED, reviews }, NOW);
  expect(moments).toEqual([{ kind: 'audit-reviewed', at: recorded.at, by: recorded.by.name }]);
  const text = cardText(scopeCard(anOverview({ timeline: moments })));
  expect(text).toContain(`✓ ${recorded.by.name} has reviewed the audit`);
});

test('an exception is told as it was asked for, granted, reviewed and ended, by the clock too', () => {
  const by = aRecord().askers[0].by;
  const exception = aRecord({
    askers: [{ by, at: '2026-11-10T09:00:00.000Z', accounts: [] }],
    grantedAt: '2026-11-11T09:00:00.000Z',
    reviews: { missed: 0, snoozed: 0, last: { answer: 'keep', by, at: '2026-11-13T09:00:00.000Z', why: '' } },
    terms: { until: '2026-11-15' },
  });

  const moments = timelineOf({ ...REMEMBERED, exceptions: [exception] }, NOW);
  expect(moments.map(({ kind, at }) => `${kind} ${at}`)).toEqual([
    'exception-ended 2026-11-16T00:00:00.000Z',
    'exception-reviewed 2026-11-13T09:00:00.000Z',
    'exception-granted 2026-11-11T09:00:00.000Z',
    'exception-asked 2026-11-10T09:00:00.000Z',
  ]);
  expect(moments[0]).toMatchObject({ standing: 'expired', environment: exception.target.environment });
});

test('one card says what waits, what is found, what is excepted and what happened, also as text', () => {
  const overview = anOverview();
  const text = cardText(scopeCard(overview));

  for (const part of ['2 requests wait', '1 blocks, 1 warns', '1 exception', 'Last 30 days'])
    expect(text).toContain(part);
  expect(text).toContain('Run 20261120.2 was let through (abcdefghij234566) in prod');
  expect(text).toContain('gitleaks found 1 finding for the first time');
  expect(parseProblems(scopeCard(overview))).toEqual([]);
});

test('what is not shown is counted with the command that shows it', () => {
  const rows = Array.from({ length: 8 }, () => aListedGroup());
  const exceptions = Array.from({ length: 7 }, (_, n) => listed(aRecord({ id: `EX-${n}` }), NOW));
  const shown = scopeCard(anOverview({ findings: aList(rows), exceptions, waiting: Array(6).fill(aGate()) }));

  expect(textById(shown, 'findings')).toContain('and 3 more: "findings payments-api"');
  expect(textById(shown, 'exceptions')).toContain('and 2 more: "exceptions payments-api"');
  expect(textById(shown, 'gate')).toContain('and 1 more: "approvals payments-api"');
});

test('a scope with nothing says so in each part', () => {
  const shown = scopeCard(anOverview({ waiting: [], findings: aList([]), exceptions: [], timeline: [] }));

  expect(textById(shown, 'gate')).toContain('No request waits');
  expect(textById(shown, 'findings')).toContain('No finding blocks or warns');
  expect(textById(shown, 'exceptions')).toContain('No exception');
  expect(textById(shown, 'history')).toContain('Nothing happened');
});

test('hostile and endless names become no Markdown and no card that is too large', () => {
  const text = '](https://evil.example) <at>everyone</at> **bold** {{DATE(2026-01-01T00:00:00Z)}} \u202e'.repeat(200);
  const moment = { kind: 'waits', at: NOW, environment: text, requestId: text, runName: text } as const;
  const event = { kind: 'gone', at: NOW, tool: text, count: 3 } as const;
  const shown = scopeCard(
    anOverview({
      ...{ service: text, environment: text, timeline: Array(40).fill([moment, event]).flat() },
      findings: aList(Array(40).fill(aListedGroup({ rule: text, tool: text, service: text }))),
    }),
  );

  expect(activityBytes(shown, cardText(shown))).toBeLessThanOrEqual(60 * 1024);
  expect(markdownIn(shown).join('\n')).not.toMatch(/(?<!\\)\]\(|<at>/);
});
