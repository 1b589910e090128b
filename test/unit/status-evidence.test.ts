import { expect, test } from 'vitest';
import { statusCard, statusText } from '../../cards/status-card.ts';
import { factValue, textById } from '../cards/read.ts';
import { aHealth } from '../health.ts';

const fine = aHealth();
const LAST = { number: 12, at: '2026-11-23T09:57:00.000Z', through: '2026-11-23T09:55:00.000Z' };
const FAILURE = { since: '2026-11-23T09:02:00.000Z', why: 'appending: the blob store gave no usable answer (403)' };

test.each([
  [{ state: 'ok', last: LAST }, '✓ under signed checkpoints; last checkpoint 12 3 minutes ago', undefined],
  [{ state: 'off' }, '– not under checkpoints: there is no blob storage (BLOBS_URL)', undefined],
  [{ state: 'none-yet' }, 'no checkpoint was written', undefined],
  [{ state: 'late', last: LAST }, '✗ checkpoints are late', 'evidence is not under checkpoints'],
  [
    { state: 'failing', last: LAST, failure: FAILURE },
    '(403); last checkpoint 12',
    'evidence is not under checkpoints',
  ],
  [{ state: 'broken', last: LAST }, '✗ something is not what it was', 'evidence is not what it was'],
] as const)(
  'how far evidence is under checkpoints is told, with the age of the last one: %o',
  (known, said, trouble) => {
    const card = statusCard({ ...fine, checkpoints: { troubles: [], ...known } });
    expect(factValue(card, 'facts', 'Evidence')).toContain(said);
    if (trouble === undefined) expect(textById(card, 'state')).toContain('Everything is delivered');
    else expect(textById(card, 'state')).toContain(trouble);
  },
);

test('each piece of evidence that is not what it was is named with what is wrong and since when', () => {
  const since = '2026-11-23T09:02:00.000Z';
  const place = { table: 'gate', partition: 'org~r~1', prefix: 'e' };
  const text = statusText({
    ...fine,
    checkpoints: {
      state: 'broken',
      troubles: [
        { id: 'a', since, about: { kind: 'chain', aggregate: 'org abcdefgh', ...place, problem: 'gone' } },
        { id: 'b', since, about: { kind: 'log', day: '2026-11-23', number: 7, problem: 'missing' } },
      ],
    },
  });
  expect(text).toContain('gate org abcdefgh: entries that are under a checkpoint are gone, noticed Mon 23 Nov');
  expect(text).toContain('checkpoint 7 of 2026-11-23: it was there, and is gone or changed');
});
