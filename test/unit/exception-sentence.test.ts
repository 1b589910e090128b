import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readBecause, readExceptionRequest, readExceptionSaid, readGrant } from '../../bot/exception-sentence.ts';

const PRINT = '0123456789abcdef0123456789abcdef';
const PLACE = { place: { service: 'payments-api', environment: 'prod' } };

test.each<[string, unknown]>([
  ['', {}],
  [PRINT, { fingerprint: PRINT }],
  [PRINT.toUpperCase(), { fingerprint: PRINT }],
  [`${PRINT} payments-api prod`, { fingerprint: PRINT, ...PLACE }],
  ['iac payments-api prod', { control: 'iac', ...PLACE }],
  ['"iac" “payments-api” prod', { control: 'iac', ...PLACE }],
  ['iac payments-api prod until Friday', { control: 'iac', ...PLACE, until: 'Friday' }],
  ['iac payments-api prod because no fix yet', { control: 'iac', ...PLACE, reason: 'no fix yet' }],
  [
    'iac payments-api prod UNTIL end of sprint BECAUSE no fix yet',
    { control: 'iac', ...PLACE, until: 'end of sprint', reason: 'no fix yet' },
  ],
  [
    'iac payments-api prod because no fix yet until end of sprint',
    { control: 'iac', ...PLACE, until: 'end of sprint', reason: 'no fix yet' },
  ],
  ['baseline iac payments-api prod', { control: 'iac', ...PLACE, isBaseline: true }],
  [
    'Baseline iac payments-api prod until Friday because we come in',
    { control: 'iac', ...PLACE, isBaseline: true, until: 'Friday', reason: 'we come in' },
  ],
  ['import aaaabbbbccccdd22 payments-api prod', { imported: 'aaaabbbbccccdd22', ...PLACE }],
  ['import payments-api prod', { control: 'import', ...PLACE }],
  ['baseline payments-api prod', { control: 'baseline', ...PLACE }],
  ['until Friday because no fix yet', { until: 'Friday', reason: 'no fix yet' }],
  ['because no fix yet until Friday', { until: 'Friday', reason: 'no fix yet' }],
])('request exception %j', (words, read) => {
  expect(readExceptionRequest(words)).toEqual(read);
});

test.each([
  'iac',
  'iac payments-api',
  'import CVE-2024-1 payments-api prod',
  PRINT.slice(1),
  `${PRINT}0`,
  `F-${PRINT.slice(0, 8)}`,
  `${PRINT} payments-api`,
  `${PRINT} ${PRINT}`,
  'iac payments api prod',
  `baseline ${PRINT} payments-api prod`,
  'baseline iac payments-api prod staging',
  'iac payments-api prod Friday',
  'iac until Friday because x',
])('request exception %j names nothing that is known: nothing is guessed', (words) => {
  expect(readExceptionRequest(words)).toBeUndefined();
});

test.each<[string, unknown]>([
  // The date was said before: what follows is the reason.
  ['until Friday because we wait until Monday', { until: 'Friday', reason: 'we wait until Monday' }],
  ['until Friday, because we wait', { until: 'Friday', reason: 'we wait' }],
  ['until Friday because', { until: 'Friday' }],
  ['until because we wait', { reason: 'we wait' }],
  // What is no date stays what it was.
  ['because we wait until the vendor ships', { reason: 'we wait until the vendor ships' }],
  ['because we wait until Friday morning', { reason: 'we wait until Friday morning' }],
  ['because we wait until', { reason: 'we wait until' }],
  ['until the vendor ships because we wait', { until: 'the vendor ships', reason: 'we wait' }],
  ['because we wait until Monday until Friday', { until: 'Friday', reason: 'we wait until Monday' }],
  ['because we wait until Friday.', { until: 'Friday', reason: 'we wait' }],
  // In quotes nothing is a date.
  ['because "we wait until Friday"', { reason: 'we wait until Friday' }],
  ['because “we wait until Friday” until 2026-12-01', { until: '2026-12-01', reason: 'we wait until Friday' }],
  ['because "we wait" until whenever', { until: 'whenever', reason: 'we wait' }],
  ['because "high" is wrong here', { reason: '"high" is wrong here' }],
  ['because "high" is wrong until Friday', { until: 'Friday', reason: '"high" is wrong' }],
  ['until "end of sprint" because "it is so"', { until: 'end of sprint', reason: 'it is so' }],
  ['because because', { reason: 'because' }],
])('%j', (words, read) => {
  expect(readExceptionSaid(words)).toEqual(read);
});

test.each(['Friday', 'please until Friday', 'Friday because x', 'untilFriday'])(
  '%j before until and because is nothing that is known',
  (words) => {
    expect(readExceptionSaid(words)).toBeUndefined();
  },
);

test('why something is ended is everything after because', () => {
  expect(readBecause('because it was fixed until Friday')).toBe('it was fixed until Friday');
  expect(readBecause('Because “it was fixed”')).toBe('it was fixed');
  for (const words of ['', 'because', 'it was fixed', 'until Friday because x'])
    expect(readBecause(words)).toBeUndefined();
});

test.each<[string, unknown]>([
  ['', {}],
  ['looks fine because it is', { reason: 'looks fine because it is' }],
  ['until Friday', { until: 'Friday' }],
  ['until Friday because a month is too long', { until: 'Friday', reason: 'a month is too long' }],
  ['"fine until Friday"', { reason: 'fine until Friday' }],
  ['fine until Friday', 'unclear'],
  ['fine until 2026-02-30', 'unclear'],
  ['until', 'unclear'],
  ['until because a month is too long', 'unclear'],
  ['until whenever', { until: 'whenever' }],
  ['because fine until then', 'unclear'],
])('grant %j', (words, read) => {
  expect(readGrant(words)).toEqual(read);
});

const word = fc.oneof(
  fc.constantFrom(
    'until',
    'because',
    'Friday',
    '2026-12-01',
    'in',
    '3',
    'days',
    'end',
    'of',
    'sprint',
    'we',
    'wait',
    '"',
    '“x”',
    '"y',
  ),
  fc.stringMatching(/^[!-~]{1,8}$/),
);
const sentence = fc.array(word, { minLength: 1, maxLength: 12 }).map((words) => words.join(' '));
const dates = fc.constantFrom('Friday', '2026-12-01', 'in 3 days', 'tomorrow', 'end of sprint');
const isQuoted = (text: string) => /^(?:".*"|“.*”)/.test(text);

test('whatever the reason is, not a word of it is lost where the date comes first', () => {
  fc.assert(
    fc.property(dates, sentence, (until, reason) => {
      fc.pre(!isQuoted(reason));
      expect(readExceptionSaid(`until ${until} because ${reason}`)).toEqual({ until, reason });
    }),
  );
});

test('whatever the reason is, not a word of it is lost where the date comes last', () => {
  fc.assert(
    fc.property(dates, sentence, (until, reason) => {
      fc.pre(!isQuoted(reason));
      expect(readExceptionSaid(`because ${reason} until ${until}`)).toEqual({ until, reason });
    }),
  );
});

test('every word of a sentence is in what was read, in its order, or nothing was', () => {
  fc.assert(
    fc.property(sentence, (text) => {
      const read = readExceptionRequest(text);
      if (read === undefined) return;
      const bare = (words: string) =>
        words
          .toLowerCase()
          .replace(/["“”.,;!]/g, ' ')
          .split(/\s+/)
          .filter((one) => one !== '');
      const { until = '', reason = '', place, ...named } = read;
      const names = [...Object.values(named), ...Object.values(place ?? {})].join(' ');
      const either = [`${names} until ${until} because ${reason}`, `${names} because ${reason} until ${until}`];
      const clauses = (words: string) => bare(words).filter((one) => one !== 'until' && one !== 'because');
      expect(either.map(clauses)).toContainEqual(clauses(text));
    }),
    { numRuns: 500 },
  );
});
