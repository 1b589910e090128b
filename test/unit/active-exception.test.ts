import fc from 'fast-check';
import { expect, test } from 'vitest';
import { covers, exceptionsFor } from '../../services/domain/active-exception.ts';
import { anyException, INSTANTS } from './any-judge-input.ts';
import { anException, fingerprint } from './judge-input.ts';

const FINDING = {
  control: 'secret-scanning',
  service: 'payments-api',
  environment: 'prod',
  fingerprint: fingerprint(1),
  severity: 'high' as const,
};

test('an exception covers exactly its finding in its scope', () => {
  expect(covers(anException(), FINDING, '2026-11-23T09:30:00.000Z')).toBe(true);
});

test.each([
  ['control', 'sast'],
  ['service', 'Payments-API'],
  ['environment', 'prod-b'],
  ['fingerprint', fingerprint(2)],
])('an exception does not reach another %s', (member, value) => {
  expect(covers(anException(), { ...FINDING, [member]: value }, '2026-11-23T09:30:00.000Z')).toBe(false);
});

test.each([['*'], ['**'], ['']])('nothing in an exception is a wildcard, not even %j', (word) => {
  const members = ['control', 'service', 'environment'].map((member) => ({ [member]: word }));
  for (const over of [...members, { fingerprints: [word] }, { fingerprints: [] }])
    expect(covers(anException(over), FINDING, '2026-11-23T09:30:00.000Z')).toBe(false);
});

test('an exception that names no findings covers every finding of its control', () => {
  const { fingerprints: _, ...whole } = anException();

  expect(covers(whole, { ...FINDING, fingerprint: fingerprint(77) }, '2026-11-23T09:30:00.000Z')).toBe(true);
});

test('the end of an exception is exclusive, however its instant is written', () => {
  for (const expiresAt of [
    '2026-11-30T00:00:00.000Z',
    '2026-11-30T00:00:00Z',
    '2026-11-30T01:00:00+01:00',
    '2026-11-30',
  ]) {
    expect(covers(anException({ expiresAt }), FINDING, '2026-11-29T23:59:59.999Z')).toBe(true);
    expect(covers(anException({ expiresAt }), FINDING, '2026-11-30T00:00:00.000Z')).toBe(false);
    expect(covers(anException({ expiresAt }), FINDING, '2026-11-30T00:00:00.500Z')).toBe(false);
  }
});

test.each([['never'], ['']])('an exception whose end is %j covers nothing', (expiresAt) => {
  expect(covers(anException({ expiresAt }), FINDING, '2026-11-23T09:30:00.000Z')).toBe(false);
});

test('the exception of a finding is the first by id of those that cover it', () => {
  const here = { service: 'payments-api', environment: 'prod' };
  fc.assert(
    fc.property(
      fc.array(anyException, { maxLength: 8 }),
      fc.constantFrom(...INSTANTS),
      fc.constantFrom('control-0', 'control-1'),
      fc.integer({ min: 1, max: 6 }).map(fingerprint),
      (exceptions, now, control, print) => {
        const finding = { ...here, control, fingerprint: print, severity: 'high' as const };
        const covering = exceptions.filter((one) => covers(one, finding, now));
        expect(exceptionsFor(exceptions, here, now)(control, print, 'high')).toBe(
          covering.map(({ id }) => id).sort()[0],
        );
      },
    ),
    { numRuns: 1_000 },
  );
});

test('an exception with an empty fingerprint is none for the whole control', () => {
  const find = exceptionsFor([anException({ fingerprints: [''] })], FINDING, '2026-11-23T09:30:00.000Z');

  expect(find('secret-scanning', fingerprint(1), 'high')).toBeUndefined();
});

test('an exception does not cover what has become worse than what it was granted for', () => {
  const exception = anException({ severity: 'high' });

  for (const severity of ['high', 'medium', 'low', 'info'] as const)
    expect(covers(exception, { ...FINDING, severity }, '2026-11-23T09:30:00.000Z')).toBe(true);
  expect(covers(exception, { ...FINDING, severity: 'critical' }, '2026-11-23T09:30:00.000Z')).toBe(false);
});
