import { expect, test } from 'vitest';
import { cardText } from '../../cards/card-text.ts';
import { findingCard } from '../../cards/finding-card.ts';
import { findingListCard, findingListText } from '../../cards/finding-list-card.ts';
import { assignCard, snoozeCard, triageDoneText } from '../../cards/triage-card.ts';
import { triageRefusalText } from '../../cards/triage-words.ts';
import type { TriageRefusal } from '../../services/domain/triage-refusal.ts';
import { ANN } from '../builders.ts';
import { anOffer, aView } from '../cards/finding-samples.ts';
import { aList, aListedGroup } from '../cards/listed-groups.ts';
import { parseProblems } from '../cards/parse.ts';
import { activityBytes, buttonsOf, factValue, markdownIn, textById } from '../cards/read.ts';

const HOSTILE = '](https://evil.example) <at>everyone</at> **bold** # {{DATE(2026-01-01T00:00:00Z)}} \u202e\u0000| 💥';
const LONG = HOSTILE.repeat(400);

/** Every text that comes from outside says this. */
const sayingGroup = (text: string) =>
  aListedGroup(
    {
      service: text,
      control: text,
      tool: text,
      rule: text,
      because: text,
      owner: `group:${text}`,
      lead: `group:${text}`,
      exceptionId: text,
      dueAt: text,
      blocksFrom: text,
      foundAfter: { requestId: text, environment: text, runName: text, at: text },
      samples: [{ fingerprint: text, message: text, path: text, help: text }],
      fingerprints: [text],
      duplicates: Array.from({ length: 6 }, (_, n) => ({
        of: text,
        tool: `${n}${text}`,
        rule: text,
        fingerprint: `${n}${text}`,
      })),
    },
    {
      environment: text,
      claims: [{ oid: text, name: text, count: 1 }],
      snoozes: [{ snooze: { until: text }, count: 1 }],
    },
  );

const sayingAll = (text: string, count: number) => {
  const rows = Array.from({ length: count }, () => sayingGroup(text));
  const filter = { service: text, environment: text };
  const event = { kind: 'gone', at: text, tool: text, reportId: text, commit: text, rule: text } as const;
  const past = {
    state: 'gone',
    tool: text,
    firstSeen: text,
    lastSeen: text,
    count,
    events: Array(count).fill(event),
  } as const;
  const key = { org: text, service: text, fingerprint: text };
  const context = { service: text, owner: `group:${text}`, lead: `group:${text}`, criticality: text } as const;
  const view = aView({ key, context, places: rows, assignee: text, pasts: [{ environment: text, past }] });
  const places = rows.map(({ environment, group }) => ({ environment, group }));
  const people = Array.from({ length: count }, () => ({ ...ANN, name: text }));
  const offer = anOffer({ finding: { key, places, owners: [`group:${text}`], now: text }, people, latest: text });
  return [
    findingListCard(
      aList(rows, {
        filter,
        contexts: [{ service: rows[0]?.group.service ?? '', owner: `group:${text}`, criticality: text }],
      }),
    ),
    findingCard(view),
    findingCard({ ...view, places: [] }),
    snoozeCard(offer, text),
    assignCard(offer, text),
  ];
};

test('a list says of each service whose it is, who leads it and how critical it is', () => {
  const text = cardText(findingListCard(aList([aListedGroup()])));
  expect(text).toContain('payments-owners · lead payments-leads · criticality high');
  expect(cardText(findingListCard(aList([aListedGroup()], { contexts: [] })))).not.toContain('criticality');
});

test.each([
  ['short', HOSTILE, 1],
  ['long and many', LONG, 3_000],
])('texts from outside that are %s make no link, mention or tag, and fit into a message', (_what, text, count) => {
  for (const card of sayingAll(text, count)) {
    expect(parseProblems(card)).toEqual([]);
    expect(activityBytes(card, cardText(card))).toBeLessThanOrEqual(60 * 1024);
    expect(markdownIn(card).join('\n')).not.toMatch(/(?<!\\)\]\(|<at>/);
  }
});

test('one finding says whose its service is, who leads them and how critical it is', () => {
  const said = 'payments-api: payments-owners · lead payments-leads · criticality high';
  expect(factValue(findingCard(aView()), 'facts', 'Service')).toBe(said);
  const { context: _, ...unknown } = aView();
  expect(factValue(findingCard(unknown), 'facts', 'Service')).toBeUndefined();
});

test('a list of a million findings is a few rows, and says how many more there are', () => {
  const rows = Array.from({ length: 10_000 }, (_, n) =>
    aListedGroup({ rule: `rule-${n}`, count: 100, fingerprints: [] }),
  );
  const card = findingListCard(aList(rows));
  expect(activityBytes(card, cardText(card))).toBeLessThanOrEqual(60 * 1024);
  expect(cardText(card)).toMatch(/and 99[0-9],[0-9]{3} more findings: name a service/);
});

test('a row says rule, count, severity, owner, date, next step, who has it, what is put off, and the exception', () => {
  const row = aListedGroup(
    {
      rule: 'weak-random',
      count: 3,
      severity: 'high',
      tool: 'semgrep',
      dueAt: '2026-12-08T09:00:00.000Z',
      escalatesAt: { to: 'owner-lead', at: '2026-12-24T09:00:00.000Z' },
      exceptionId: 'EX-7',
    },
    { claims: [{ oid: ANN.oid, name: ANN.name, count: 2 }], snoozes: [{ snooze: { until: '2026-11-30' }, count: 1 }] },
  );
  const text = findingListText(aList([row]));
  for (const said of [
    '▲ weak-random',
    'warns in prod',
    'High, semgrep, 3 findings',
    'due Tue 8 Dec 2026',
    'goes to the lead from Thu 24 Dec 2026',
    'claimed by Ann Archer (2)',
    '1 of 3 put off until Mon 30 Nov 2026',
    'excepted by EX-7',
    '0123456789ab',
  ])
    expect(text.toLowerCase()).toContain(said.toLowerCase());
});

test('whoever is gone is not named, and owners of whom nobody is left are nobody', () => {
  const text = findingListText(
    aList([aListedGroup({}, { hasOwner: false, unowned: 1, claims: [{ oid: 'x', count: 1 }] })]),
  );
  expect(text).toContain('claimed by somebody who has left, so unowned');
  expect(text).toContain('no owner: nobody is left in');
  expect(text).toContain('1 without an owner');
});

test('what is overdue is said to be, and what has no date never is', () => {
  const late = aListedGroup({ dueAt: '2026-11-20T09:00:00.000Z' }, { isOverdue: true });
  const { dueAt: _, ...group } = aListedGroup().group;
  expect(findingListText(aList([late]))).toContain('overdue since Fri 20 Nov 2026');
  expect(findingListText(aList([{ ...aListedGroup(), group }]))).not.toMatch(/overdue|due /);
});

test('the card of one finding offers what can be done, but not in front of others and not once it is gone', () => {
  const titles = (card: Parameters<typeof buttonsOf>[0]) => buttonsOf(card).map(({ title }) => title);
  expect(titles(findingCard(aView()))).toEqual(['Claim', 'Put off', 'Assign']);
  expect(titles(findingCard(aView(), { isPublic: true }))).toEqual([]);
  expect(titles(findingCard(aView({ places: [] })))).toEqual([]);
  expect(textById(findingCard(aView({ places: [] })), 'state')).toMatch(/^✓ Gone/);
});

test('what was done is said with who has it, its date and the way back', () => {
  const text = triageDoneText(anOffer(), { oid: ANN.oid });
  expect(text).toContain('you have it, and it is put off until Mon 30 Nov 2026');
  expect(text).toContain('It is due on Tue 8 Dec 2026');
  expect(text).toContain('"unclaim 0123456789ab payments-api"');
  expect(triageDoneText(anOffer(), {})).toContain('Ann Archer has it');
});

test.each<[TriageRefusal, RegExp]>([
  [{ code: 'stranger', refusal: 'guest' }, /guest account/],
  [{ code: 'no-contract' }, /no contract is in force/],
  [{ code: 'unknown-service', known: ['a', 'b'] }, /It has a and b/],
  [{ code: 'unknown-environment', known: ['prod'] }, /It has prod/],
  [{ code: 'fingerprint-unreadable' }, /8 to 32 characters/],
  [{ code: 'unknown-finding', fingerprint: '0123abcd' }, /Name its service/],
  [{ code: 'unknown-finding', fingerprint: '0123abcd', service: 'a' }, /open in a\. Write "findings a"/],
  [
    { code: 'several-findings', fingerprint: '0123abcd', found: [{ service: 'a', fingerprint: '0123abcd' }] },
    /0123abcd in a\. Write more of it/,
  ],
  [{ code: 'not-concerned', owners: ['group:x'], lead: 'group:y' }, /owners \(x\), the lead of its service \(y\)/],
  [{ code: 'claimed', name: 'Ann' }, /Ann has it/],
  [{ code: 'nobody-meant' }, /nobody of this name/],
  [{ code: 'several-meant' }, /more than one person/],
  [{ code: 'assignee-guest', name: 'Pat' }, /Pat is a guest/],
  [{ code: 'assignee-disabled', name: 'Gone' }, /Gone is disabled/],
  [{ code: 'blocks', environment: 'prod' }, /blocks prod/],
  [{ code: 'only-counted' }, /only counted/],
  [{ code: 'overdue', dueAt: '2026-11-20T09:00:00.000Z' }, /due on Fri 20 Nov 2026/],
  [{ code: 'fix-exists' }, /a fix exists already/],
  [{ code: 'nothing-to-release' }, /nobody has it/],
  [{ code: 'not-recorded' }, /Try again/],
  [{ code: 'date-unreadable' }, /no date that I can read/],
  [{ code: 'cadence-unknown', cadences: ['sprint'] }, /but sprint/],
  [{ code: 'cadence-without-start', cadence: 'sprint' }, /"sprint" begins/],
  [{ code: 'date-past', date: '2026-11-20' }, /Fri 20 Nov 2026 is over/],
  [{ code: 'date-too-far', latest: '2026-12-24' }, /30 days at most.*The latest day is Thu 24 Dec 2026/],
])('the refusal %j has a sentence of its own', (why, sentence) => {
  expect(triageRefusalText(why)).toMatch(/^Nothing was (done|recorded)/);
  expect(triageRefusalText(why)).toMatch(sentence);
});
