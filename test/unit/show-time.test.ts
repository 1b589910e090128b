import { expect, test } from 'vitest';
import { asLocalTimes, inZone, isZone, localTime, showTime, withTimes } from '../../cards/show-time.ts';
import { escapeMarkdown, escapeTimed, plain } from '../../cards/text.ts';

const AT = '2026-09-30T23:45:12.345Z';
const HOSTILE = '{{DATE(2020-01-01T00:00:00Z)}}';

test('the day is that of the zone', () => {
  expect(showTime(AT)).toBe('Wed 30 Sep 2026, 23:45 UTC');
  expect(showTime(AT, 'Europe/Berlin')).toBe('Thu 1 Oct 2026, 01:45 Europe/Berlin');
  expect(showTime(AT, 'Asia/Kathmandu')).toBe('Thu 1 Oct 2026, 05:30 Asia/Kathmandu');
  expect(showTime('2026-11-24T00:05:00.000Z')).toBe('Tue 24 Nov 2026, 00:05 UTC');
});

test('a finished card has every time in the zone of its reader, wherever it stands', () => {
  const card = { body: [{ text: `on ${localTime(AT)}.` }], speak: `on ${localTime(AT)}`, count: 1 };

  expect(inZone(card, 'Europe/Berlin')).toEqual({
    body: [{ text: 'on Thu 1 Oct 2026, 01:45 Europe/Berlin.' }],
    speak: 'on Thu 1 Oct 2026, 01:45 Europe/Berlin',
    count: 1,
  });
  expect(JSON.stringify(inZone(card))).toContain('Wed 30 Sep 2026, 23:45 UTC');
});

test('what a button sends back stays as it was given', () => {
  const data = { verb: 'approval.decideMany', comment: HOSTILE };

  expect(inZone({ actions: [{ title: `until ${localTime(AT)}`, data }] }, 'Europe/Berlin').actions).toEqual([
    { title: 'until Thu 1 Oct 2026, 01:45 Europe/Berlin', data },
  ]);
});

test('an instant within a kept sentence is found in the zone of its reader, anything else stays as it is', () => {
  const kept = 'Nestor removed a check, 2026-09-30 23:45 UTC';

  expect(withTimes(asLocalTimes(kept), 'Europe/Berlin')).toBe(
    'Nestor removed a check, Thu 1 Oct 2026, 01:45 Europe/Berlin',
  );
  expect(asLocalTimes('run 2026-99-99 99:99 UTC')).toBe('run 2026-99-99 99:99 UTC');
});

test('what is no instant is not shown as one', () => {
  expect(showTime('soon')).toBe('an unknown time');
  expect(localTime('soon')).toBe('an unknown time');
});

test.each(['Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5', 'UTC'])('%s is a zone', (name) => {
  expect(isZone(name)).toBe(true);
});

test.each(['', 'Mars/Olympus', '+0100', '<at>x</at>', 'Europe/Berlin\n', 'x'.repeat(100)])('%j is no zone', (name) => {
  expect(isZone(name)).toBe(false);
});

test('the words around a time are escaped, the time is not', () => {
  expect(escapeTimed(`by a*b on ${localTime(AT)}, then`, 100)).toBe(`by a\\*b on ${localTime(AT)}, then`);
});

test('outside text cannot become a time, wherever it is put', () => {
  for (const text of [HOSTILE, `{${HOSTILE}`, HOSTILE.replace('{{', '{\u200b{')]) {
    const shown = plain(text, 200);
    expect(escapeTimed(`by ${shown} on ${localTime(AT)}`, 200).match(/\{\{DATE/g)).toHaveLength(1);
    expect(withTimes(shown)).not.toContain('UTC');
    expect(escapeMarkdown(text, 200)).not.toContain('{{DATE');
  }
});
