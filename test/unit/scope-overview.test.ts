import { expect, test } from 'vitest';
import { cardText } from '../../cards/card-text.ts';
import { scopeCard } from '../../cards/scope-card.ts';
import { listed } from '../../services/domain/exception-list.ts';
import { GATE_STATES } from '../../services/domain/gate.ts';
import type { Review } from '../../services/domain/review.ts';
import {
  decidedIn,
  exceptionMoment,
  findingMoments,
  type Remembered,
  timelineOf,
} from '../../services/domain/scope-overview.ts';
import { aGate } from '../builders.ts';
import { aList, aListedGroup } from '../cards/listed-groups.ts';
import { parseProblems } from '../cards/parse.ts';
import { activityBytes, markdownIn, textById } from '../cards/read.ts';
import { anOverview } from '../cards/scope-samples.ts';
import { aRecord } from '../exceptions.ts';

const NOW = '2026-11-23T09:30:00.000Z';
const REMEMBERED: Remembered = { waiting: [], noted: [], reviews: [], offPaths: [], activities: { found: [] } };
const AT = '2026-11-20T10:00:00.000Z';
const moment = (at: string, tool = 'semgrep') => ({ kind: 'gone', at, tool, count: 1 }) as const;

test('the newest stands first, and nothing from before the last 30 days or from the future is told', () => {
  const found = ['2026-10-23T23:59:59.000Z', '2026-10-24T00:00:00.000Z', NOW, '2026-11-23T09:30:01.000Z'].map((at) =>
    moment(at),
  );

  const { moments, cutBefore } = timelineOf({ ...REMEMBERED, noted: [{ found }] }, NOW);
  expect(moments.map(({ at }) => at)).toEqual([NOW, '2026-10-24T00:00:00.000Z']);
  expect(cutBefore).toBeUndefined();
});

test('where older ones of one place were not read, nothing older is told of any, and that is said', () => {
  const busy = { found: [moment('2026-11-22T10:00:00.000Z')], cutBefore: '2026-11-22T10:00:00.000Z' };
  const quiet = { found: [moment('2026-11-21T10:00:00.000Z', 'trivy'), moment('2026-11-22T11:00:00.000Z', 'trivy')] };

  const timeline = timelineOf({ ...REMEMBERED, noted: [quiet, busy], activities: { found: [] } }, NOW);
  expect(timeline.moments.map(({ at }) => at)).toEqual(['2026-11-22T11:00:00.000Z', '2026-11-22T10:00:00.000Z']);
  expect(timeline.cutBefore).toBe('2026-11-22T10:00:00.000Z');
  const text = cardText(scopeCard(anOverview({ timeline })));
  expect(text).toMatch(/More happened before Sun 22 Nov 2026, 10:00 UTC: it is not shown/);
});

test('what one report changed is a moment for each kind and each thing that it is about, with its count', () => {
  const categories = { p: 'platform', d: 'configuration', a: 'activity', s: 'secret', s2: 'secret' } as const;
  const changed = [['first-seen', Object.keys(categories)] as const, ['gone', ['old']] as const];

  const moments = findingMoments({ tool: 'semgrep', at: AT }, changed, (print) =>
    print === 'old' ? 'platform' : categories[print as keyof typeof categories],
  );
  expect(moments).toEqual([
    { kind: 'first-seen', at: AT, tool: 'semgrep', count: 1, about: 'platform' },
    { kind: 'first-seen', at: AT, tool: 'semgrep', count: 1, about: 'drift' },
    { kind: 'first-seen', at: AT, tool: 'semgrep', count: 1, about: 'audit' },
    { kind: 'first-seen', at: AT, tool: 'semgrep', count: 2 },
    { kind: 'gone', at: AT, tool: 'semgrep', count: 1, about: 'platform' },
  ]);
  const text = cardText(scopeCard(anOverview({ timeline: { moments } })));
  for (const source of ['Audit log: semgrep', 'Drift: semgrep', 'Delivery platform: semgrep'])
    expect(text).toContain(`${source} found 1 finding for the first time`);
});

test('a review of the audit that was recorded is told with who looked, one of trends or without record is not', () => {
  const recorded = { by: aRecord().askers[0].by, at: '2026-11-16T09:00:00.000Z', seen: 'x', op: 'o' };
  const review = { reviewer: 'group:a', remindAt: NOW, escalateAt: NOW, revision: 1, messages: [] } as const;
  const reviews: Review[] = [
    { ...review, id: '2026-11-09-audit', recorded },
    { ...review, id: '2026-11-09', recorded },
    { ...review, id: '2026-11-16-audit' },
  ];

  const timeline = timelineOf({ ...REMEMBERED, reviews }, NOW);
  expect(timeline.moments).toEqual([{ kind: 'audit-reviewed', at: recorded.at, by: recorded.by.name }]);
  const text = cardText(scopeCard(anOverview({ timeline })));
  expect(text).toContain(`✓ ${recorded.by.name} has reviewed the audit`);
});

test('an exception is told as it was asked for, granted, reviewed and ended; what changes nothing of these is not', () => {
  const by = aRecord().askers[0].by;
  const asked = aRecord({ state: 'requested' });
  const active = { ...asked, state: 'active' } as const;
  const last = { answer: 'keep', by, at: AT, why: '' } as const;
  const reviewed = { ...active, reviews: { ...active.reviews, last } };
  const ended = { ...reviewed, state: 'expired' } as const;
  const of = (...pairs: Parameters<typeof exceptionMoment>[]) => pairs.map((pair) => exceptionMoment(...pair)?.kind);

  expect(of([undefined, asked, AT], [asked, active, AT], [active, reviewed, AT], [reviewed, ended, AT])).toEqual([
    'exception-asked',
    'exception-granted',
    'exception-reviewed',
    'exception-ended',
  ]);
  expect(exceptionMoment(reviewed, ended, AT)).toMatchObject({ standing: 'expired', exceptionId: asked.id });
  expect(exceptionMoment(reviewed, { ...reviewed, revision: 9 }, AT)).toBeUndefined();
});

test.each(GATE_STATES)(
  'a request that ended as %s is told in words of its own, by when Azure DevOps was told',
  (state) => {
    const gate = aGate({ state, toldAt: AT });
    const decided = decidedIn(gate);
    const text = cardText(scopeCard(anOverview({ timeline: { moments: decided === undefined ? [] : [decided] } })));

    expect(decided).toMatchObject({ kind: 'decided', outcome: state, at: AT });
    expect(text).toContain(`"why ${gate.id}"`);
    expect(decidedIn({ ...gate, toldAt: undefined } as unknown as typeof gate)).toBeUndefined();
  },
);

test('a rejection names who rejected, an approval everybody whose word counted, once each', () => {
  const by = { kind: 'person', tenant: 't', oid: 'o', name: 'Grace Hopper' } as const;
  const vote = { by, at: AT, comment: '', levels: [0], accounts: [] };
  const rejected = aGate({ state: 'rejected', toldAt: AT, decision: { verdict: 'reject', by, at: AT, comment: 'no' } });
  const approved = aGate({ state: 'approved', toldAt: AT, votes: [vote, { ...vote, levels: [1] }] });

  expect(decidedIn(rejected)).toMatchObject({ by: ['Grace Hopper'] });
  expect(decidedIn(approved)).toMatchObject({ by: ['Grace Hopper'] });
  expect(decidedIn(aGate({ state: 'expired', toldAt: AT, votes: [vote] }))).toMatchObject({ by: [] });
});

test('the same done by the log on one day is one moment with its number, another day or outcome stands apart', () => {
  const event = {
    ...{ source: 'azure-devops-audit', target: 'o', rule: 'checkconfiguration.deleted', severity: 'high' as const },
    ...{ services: ['payments-api'], environment: 'prod', hasFailed: false },
  };
  const found = [
    { ...event, id: '1', at: AT, message: 'Ada removed a check' },
    { ...event, id: '2', at: '2026-11-20T11:00:00.000Z', message: 'Grace removed a check' },
    { ...event, id: '3', at: '2026-11-21T11:00:00.000Z', message: 'Ada removed another check' },
    { ...event, id: '4', at: '2026-11-20T11:00:00.000Z', message: 'Ada tried', hasFailed: true },
  ];

  const { moments } = timelineOf({ ...REMEMBERED, activities: { found } }, NOW);
  const said = moments.map((one) => (one.kind === 'audited' ? `${one.message} ${one.count}` : ''));
  expect(said.sort()).toEqual(['Ada removed another check 1', 'Ada tried 1', 'Grace removed a check 2']);
  const text = cardText(scopeCard(anOverview({ timeline: { moments } })));
  expect(text).toContain('Audit log: Grace removed a check, and the like 1 more time that day');
});

test('every kind of moment is told in words, with its id where it has one and with a way to more where it has none', () => {
  const overview = anOverview();
  const text = textById(scopeCard(overview), 'history');
  const all = overview.timeline.moments.map((one) =>
    textById(scopeCard(anOverview({ timeline: { moments: [one] } })), 'history'),
  );

  for (const one of all) expect(one).toMatch(/[●✓▲!–✗?] .*\d/);
  expect(text).not.toMatch(/undefined|\[object/);
  expect(all.join('\n')).toContain('✗ Run 20261122.1 was rejected by Grace Hopper');
  expect(all.join('\n')).toContain('Baseline of 42 things taken with run 20261120.2 by Adele Vance and Alex Wilber');
  expect(all.join('\n')).toContain('! A check was weakened: not explained yet');
  for (const way of ['"why offpathaction234"', '"exception EX-n"', '"drift payments-api prod"', '"audit"'])
    expect(all.join('\n')).toContain(way);
});

test('one card says what waits, what is found, what is excepted and what happened, also as text', () => {
  const overview = anOverview();
  const text = cardText(scopeCard(overview));

  for (const part of ['2 requests wait', '1 blocks, 1 warns', '1 exception', 'Last 30 days'])
    expect(text).toContain(part);
  expect(text).toContain('✗ Run 20261122.1 was rejected by Grace Hopper');
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
  expect(textById(shown, 'history')).toMatch(/and \d+ more, older/);
});

test('a scope with nothing says so in each part', () => {
  const shown = scopeCard(anOverview({ waiting: [], findings: aList([]), exceptions: [], timeline: { moments: [] } }));

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
      ...{ service: text, environment: text, timeline: { moments: Array(40).fill([moment, event]).flat() } },
      findings: aList(Array(40).fill(aListedGroup({ rule: text, tool: text, service: text }))),
    }),
  );

  expect(activityBytes(shown, cardText(shown))).toBeLessThanOrEqual(60 * 1024);
  expect(markdownIn(shown).join('\n')).not.toMatch(/(?<!\\)\]\(|<at>/);
});
