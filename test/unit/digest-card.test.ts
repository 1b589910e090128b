import { expect, test } from 'vitest';
import { digestCard, digestSummary, digestText } from '../../cards/digest-card.ts';
import { warningCard, warningListCard, warningListText } from '../../cards/warnings-card.ts';
import { digestFor } from '../../services/domain/digest.ts';
import { aBusyDigest, aQuietDigest } from '../cards/digest-samples.ts';
import { parseProblems } from '../cards/parse.ts';
import { activityBytes, buttonById, buttonsOf, factValue, factValues, textById } from '../cards/read.ts';
import { aBasis, aReader, aState, aWarningFound } from '../digests.ts';
import { fingerprint, NOW } from './judge-input.ts';

const MOST = 60 * 1024;

test('the first thing that a digest says is how much of what there is', () => {
  const card = digestCard(aBusyDigest());
  expect(textById(card, 'state')).toMatch(/✗ 1 overdue ▲ 2 escalating by the next working day \? 2 unowned/);
  expect(digestSummary(aBusyDigest())).toContain('payments-api');
  expect((card.body ?? []).map(({ id }) => id)).toEqual(['title', 'state', 'facts', 'findings', 'exceptions', 'gate']);
});

test('behaviour 24: unowned findings are counted, with whose they would be', () => {
  expect(factValue(digestCard(aBusyDigest()), 'facts', 'Unowned')).toBe('2: nobody is left in ledger-owners');
  expect(textById(digestCard(aBusyDigest()), 'findings')).toContain('no owner: nobody is left in ledger-owners');
  expect(factValue(digestCard(aQuietDigest()), 'facts', 'Unowned')).toBe('none');
});

test('behaviour 44: with nothing new it says so and shows no list', () => {
  const card = digestCard(aQuietDigest());
  expect(textById(card, 'state')).toBe('✓ Nothing new: 14 warnings open, none overdue');
  expect((card.body ?? []).map(({ id }) => id)).toEqual(['title', 'state', 'facts']);
});

test('what was found after a release says so, is not offered to be put off, and says what stops the next one', () => {
  const after = { requestId: 'a', environment: 'prod', runName: '20261120.2', at: '2026-11-20T09:12:40.000Z' };
  const { dueAt: _, ...late } = aWarningFound({ foundAfter: [after] });
  const card = warningCard({
    at: NOW,
    vacant: [],
    service: 'payments-api',
    fingerprint: fingerprint(1),
    warnings: [late],
  });
  expect(factValue(card, 'facts', 'Found')).toBe(
    'after release 20261120.2 (prod, Fri 20 Nov 2026): the contract would have stopped it',
  );
  expect(factValue(card, 'facts', 'Next')).toBe('stops the next deployment');
  expect(factValue(card, 'facts', 'Why')).toContain('the control sast stops what has it');
  expect(buttonsOf(card).map(({ title }) => title)).toEqual(['Claim', 'Request exception', 'To the digest']);
});

test('of each service the five most urgent are named, and each section of the rest has a button', () => {
  const card = digestCard(aBusyDigest());
  const more = buttonsOf(card).filter(({ verb }) => verb === 'digest.more');
  expect(more.map(({ title, data }) => [title, data?.['service'], data?.['section']])).toEqual([
    ['5 more new', 'ledger', 'new'],
    ['1 more open before', 'ledger', 'open'],
  ]);
});

test('a row says why, and can ask for an exception where one may be granted', () => {
  const card = digestCard(aBusyDigest());
  expect(buttonById(card, 'why-1-1')?.data).toEqual({
    verb: 'finding.why',
    service: 'payments-api',
    fingerprint: fingerprint(1),
  });
  expect(buttonById(card, 'except-1-1')?.data).toMatchObject({ verb: 'exception.request', environment: 'prod' });
  const { exceptableIn: _, ...onlyWarns } = aWarningFound();
  const excepted = warningListCard({
    at: NOW,
    vacant: [],
    service: 'payments-api',
    section: 'new',
    warnings: [aWarningFound({ exceptionId: 'EX-7' }), onlyWarns],
  });
  expect(buttonsOf(excepted).filter(({ verb }) => verb === 'exception.request')).toEqual([]);
  const each = ['Claim', 'Put off', 'Why'];
  expect(buttonsOf(excepted).map(({ title }) => title)).toEqual([...each, ...each, 'To the digest']);
});

test('behaviour 46: 50,000 findings in 400 services are one card of at most 60 KB', () => {
  const warnings = Array.from({ length: 50_000 }, (_, n) =>
    aWarningFound({
      service: `service-with-quite-a-long-name-${n % 400}`,
      rule: `CVE-2026-${n}`,
      fingerprints: [fingerprint(n)],
      dueAt: n % 3 === 0 ? NOW : '2027-01-01T00:00:00.000Z',
    }),
  );
  const digest = digestFor(aReader(), warnings, aBasis(), aState());
  const card = digestCard(digest);
  expect(activityBytes(card, digestSummary(digest))).toBeLessThanOrEqual(MOST);
  expect(parseProblems(card)).toEqual([]);
  expect(textById(card, 'state')).toContain('16,667 overdue');
  expect(textById(card, 'findings')).toContain('more services: write "findings SERVICE warn"');
  const list = { at: NOW, vacant: [], service: 'ledger', section: 'overdue' as const, warnings };
  const text = warningListText(list);
  expect(activityBytes(warningListCard(list), text)).toBeLessThanOrEqual(MOST);
  expect(text).toContain('more kinds of finding');
});

test('everything on the card is in the text for people without cards', () => {
  const said = digestText(aBusyDigest());
  for (const part of ['CVE-2026-20002', 'EX-13 is to be reviewed', 'EX-12 ends soon', 'was to be decided on'])
    expect(said).toContain(part);
});

test('whom a reader covers is named, and of many the first and how many more, however they are called', () => {
  const covering = (count: number, name: string) => {
    const covers = Array.from({ length: count }, (_, n) => ({ name: `${name} ${n + 1}`, until: NOW }));
    return digestCard({ ...aBusyDigest(), covers });
  };
  const named = (card: ReturnType<typeof digestCard>) => factValues(card, 'facts', 'Also for');
  expect(named(covering(3, 'Adele')).map((said) => said.split(',')[0])).toEqual(['Adele 1', 'Adele 2', 'Adele 3']);
  expect(named(covering(500, 'Adele'))).toHaveLength(4);
  expect(named(covering(500, 'Adele')).at(-1)).toBe('497 more');
  const hostile = covering(500, '"[x](https://evil.example){{DATE(2020-01-01T00:00:00Z)}}\u202e');
  expect(activityBytes(hostile, '')).toBeLessThan(MOST);
  expect(JSON.stringify(hostile)).not.toContain('1 Jan 2020');
});

test('of one finding it says why it is a warning, whose, and what becomes of it', () => {
  const known = { at: NOW, vacant: [], service: 'payments-api', fingerprint: fingerprint(1) };
  const card = warningCard({ ...known, warnings: [aWarningFound()] });
  expect(factValue(card, 'facts', 'Why')).toBe('Needs calibration; the control sast warns of it');
  expect(factValue(card, 'facts', 'Owner')).toBe('payments-owners');
  expect(factValue(card, 'facts', 'Next')).toBe('due Mon 7 Dec 2026');
  expect(textById(warningCard({ ...known, warnings: [] }), 'state')).toBe('✓ It is no warning any more');
});

test('a digest without anything new is not called good while something was not scanned', () => {
  const shown = (unscanned: ReadonlyMap<string, readonly string[]>) =>
    digestCard(digestFor(aReader(), [], aBasis(), aState({ unscanned })));
  const clean = shown(new Map());
  const partly = shown(new Map([['payments-api', ['iac', 'sast']]]));
  expect(JSON.stringify(clean.body)).toContain('✓ Nothing new');
  expect(JSON.stringify(partly.body)).not.toContain('✓');
  expect(factValue(partly, 'facts', 'Not scanned')).toBe('payments-api: iac and sast');
});
