import type { IAdaptiveCard } from 'adaptivecards';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cardText } from '../../cards/card-text.ts';
import { driftCard, driftNewsCard, driftSummary, driftText } from '../../cards/drift-card.ts';
import { revertPage } from '../../cards/drift-pages.ts';
import { driftRefusalText } from '../../cards/drift-words.ts';
import { postDeployCard, postDeploySummary } from '../../cards/post-deploy-card.ts';
import { type Entry, entryKey } from '../../services/domain/baseline.ts';
import type { DriftItem } from '../../services/domain/drift.ts';
import { DRIFT_REFUSALS, type DriftRefusal } from '../../services/domain/drift-refusal.ts';
import type { DriftView } from '../../services/domain/drift-view.ts';
import { ORGANIZATION, TENANT } from '../builders.ts';
import { aDriftView, aPostDeployReview, driftSamples } from '../cards/drift-samples.ts';
import { parseProblems } from '../cards/parse.ts';
import { activityBytes, buttonsOf, inputIds } from '../cards/read.ts';
import { anEntry, PROJECT, SUBSCRIPTION } from '../drift-platforms.ts';
import { harmIn, hostile, SEED, UNITS } from './hostile-texts.ts';

const AT = '2026-11-24T09:30:00.000Z';

function viewSaying(text: string, count: number): DriftView {
  const people = [{ oid: text, name: text }];
  const release = { requestId: text, runName: text, at: AT, approvedBy: people };
  const entry = (n: number): Entry =>
    anEntry(`${text}${n}`, { name: text, of: text, values: { kind: text, approvers: text } });
  const other = (n: number): Entry => ({ ...entry(n), values: { kind: `${text}2`, approvers: `${text}3` } });
  const items = (['added', 'removed', 'changed'] as const).flatMap((kind) =>
    Array.from({ length: count }, (_, n): DriftItem => {
      const sides = {
        added: { after: entry(n) },
        removed: { before: entry(n) },
        changed: { before: entry(n), after: other(n) },
      };
      return { key: text, kind, ...sides[kind], fingerprint: `${n}`.padStart(32, '0'), since: AT, release };
    }),
  );
  const by = { kind: 'person', tenant: TENANT, oid: text, name: text } as const;
  return {
    ...aDriftView(),
    ...{ service: text, environment: text, taken: release, contents: { check: count } },
    drift: { revision: 1, items, unknown: [{ prefix: text, name: text, unknown: text }], comparedAt: text },
    accepted: Array.from({ length: count }, (_, n) => ({
      change: { key: text, kind: 'added' as const, after: entry(n) },
      ...{ by, until: AT },
    })),
  };
}

function reviewSaying(text: string, count: number) {
  const finding = { fingerprint: text, rule: text, severity: 'high' as const, message: text };
  const source = { source: text, found: Array.from({ length: count }, () => finding), unknown: text };
  const release = { requestId: text, runName: text, at: text, approvedBy: [{ oid: text, name: text }] };
  return aPostDeployReview({
    release,
    service: text,
    environment: text,
    sources: [source, { ...source, source: 'drift' }],
  });
}

const cardsSaying = (text: string, count: number) => {
  const drifted = viewSaying(text, count);
  const refused = { code: 'not-an-approver', approvers: [text] } as const;
  const review = reviewSaying(text, count);
  return [
    {
      card: driftCard(drifted, {}, { refused, others: [drifted] }),
      summary: driftSummary({ drifted, topic: 'grown' }),
    },
    { card: postDeployCard(review), summary: postDeploySummary(review) },
  ];
};

test('no hostile text becomes a link, a mention, Markdown or an invisible sign on a card about drift', () => {
  fc.assert(
    fc.property(hostile, (text) => {
      const harm = cardsSaying(text, 1).flatMap(({ card }) => harmIn(card));
      if (harm.length > 0) expect(harm).toEqual([]);
    }),
    { seed: SEED, numRuns: 500 },
  );
}, 300_000);

test.each(UNITS)('no card about drift grows over 60 KB with 10,000 %s in every field', (_, unit) => {
  for (const { card, summary } of cardsSaying(unit.repeat(10_000 / unit.length), 30)) {
    expect(activityBytes(card, summary)).toBeLessThanOrEqual(60 * 1024);
    expect(parseProblems(card)).toEqual([]);
  }
});

test('no card has more than three buttons, and all is said in words that are read without it', () => {
  for (const { name, card } of driftSamples())
    expect(buttonsOf(card as IAdaptiveCard).length, name).toBeLessThanOrEqual(3);
  const text = driftText(aDriftView(), { zone: 'Europe/Berlin' });
  expect(text).toContain('Check "Countersign" of environment "prod": is disabled');
  expect(text).toContain('after run 20261124.7, approved by Ann Archer');
});

test('of one change nobody has to choose; of several each can be chosen, and none is chosen already', () => {
  expect(inputIds(driftCard(aDriftView()))).toEqual([]);
  const several = driftCard(viewSaying('x', 3));
  expect(inputIds(several)).toEqual(['only']);
  expect(JSON.stringify(several)).toContain('"value":""');
});

test('where nothing has drifted there is nothing to accept, and where something is unknown it is not called fine', () => {
  expect(buttonsOf(driftCard(aDriftView({})))).toEqual([]);
  const unknown = {
    ...aDriftView({}),
    drift: { ...aDriftView({}).drift, unknown: [{ prefix: 'p', name: 'Checks', unknown: 'no right' }] },
  };
  const text = driftText(unknown);
  expect(text).toContain('as far as it is known');
  expect(text).toContain('? Checks: no right');
  expect(text).not.toContain('All is as approved');
});

test('how long an acceptance lasts stands on its button, where the contract says so', () => {
  const titles = (view: DriftView) =>
    buttonsOf(driftNewsCard({ drifted: view, topic: 'open' })).map(({ title }) => title);
  const { acceptedDays: _, ...forGood } = aDriftView();

  expect(titles(aDriftView())).toContain('Accept for 180 days');
  expect(titles(forGood)).toContain('Accept');
});

test.each<[Entry['kind'], readonly string[], string, string | undefined]>([
  ['check', [PROJECT, '5', '11'], 'prod', `${ORGANIZATION}/${PROJECT}/_environments/5?view=resources`],
  ['connection', [PROJECT, 'c1'], '', `${ORGANIZATION}/${PROJECT}/_settings/adminservices?resourceId=c1`],
  [
    'branch-policy',
    [PROJECT, 'r1', 'refs/heads/main', '7'],
    '',
    `${ORGANIZATION}/${PROJECT}/_settings/repositories?_a=policiesMid&repo=r1&refs=refs%2Fheads%2Fmain`,
  ],
  ['reach', [PROJECT, 'approver', 's'], '', `${ORGANIZATION}/${PROJECT}/_settings/permissions`],
  [
    'role',
    [SUBSCRIPTION, 'p', 'Owner', 's'],
    `/subscriptions/${SUBSCRIPTION}`,
    `https://portal.azure.com/#@/resource/subscriptions/${SUBSCRIPTION}/users`,
  ],
  ['role', [SUBSCRIPTION, 'p', 'Owner', 's'], '/subscriptions/x) [y](https://evil.example', undefined],
  ['environment', ['..', '5'], '', undefined],
])('%s %j leads to its own page and to no other', (kind, ids, of, page) => {
  const after = anEntry('1', { kind, key: entryKey(kind, ...ids), of });

  expect(revertPage(ORGANIZATION, { key: after.key, kind: 'added', after })).toBe(page);
});

test.each(DRIFT_REFUSALS)('refusal %s has a sentence that names the way out', (code) => {
  const why = { code, refusal: 'guest', known: ['payments-api'], approvers: ['Ann'] } as unknown as DriftRefusal;

  expect(driftRefusalText(why)).toMatch(/^[A-Z].{40,}\.$/);
});

test('what was seen at once after one deployment is said once above, and with each where it differs', () => {
  const several = viewSaying('x', 3);
  const alike = { since: '2026-11-24T09:30:00.000Z', release: several.taken };
  const items = several.drift.items.map((item) => ({ ...item, ...alike }));
  const seen = (view: DriftView) => driftText(view).split(' · after run ').length - 1;

  expect(seen({ ...several, drift: { ...several.drift, items } })).toBe(1);
  const [first, ...rest] = items;
  if (first === undefined) throw new Error('nothing has drifted');
  const apart = [{ ...first, since: '2026-11-24T08:30:00.000Z' }, ...rest];
  expect(seen({ ...several, drift: { ...several.drift, items: apart } })).toBe(items.length);
});

test('what a baseline holds is told where nothing has drifted, in numbers and words', () => {
  const contents = { check: 2, 'branch-policy': 1, reach: 1 } as const;

  expect(driftText({ ...aDriftView({}), contents })).toContain(
    'It holds: 2 checks, 1 branch policy and 1 list of who administers, approves or deploys',
  );
  expect(driftText({ ...aDriftView({}), contents: {} })).toContain('It holds: nothing');
  expect(driftText(aDriftView())).not.toContain('It holds');
});

test('after a deployment what is clean is one line, and what is not known is never in it', () => {
  const text = cardText(postDeployCard(aPostDeployReview()));

  expect(text).toMatch(/^✓ Nothing new: Delivery platform$/m);
  expect(text).toMatch(/^\? Not known: /m);
});
