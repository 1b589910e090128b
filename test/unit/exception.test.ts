import fc from 'fast-check';
import { expect, test } from 'vitest';
import { covers, exceptionsFor } from '../../services/domain/exception.ts';
import { anyException, INSTANTS } from './any-judge-input.ts';
import { anException, fingerprint } from './judge-input.ts';

const FINDING = {
  control: 'secret-scanning',
  service: 'payments-api',
  environment: 'prod',
  fingerprint: fingerprint(1),
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
  for (const member of ['control', 'service', 'environment', 'fingerprint'])
    expect(covers(anException({ [member]: word }), FINDING, '2026-11-23T09:30:00.000Z')).toBe(false);
});

test('an exception without a fingerprint covers every finding of its control', () => {
  const { fingerprint: _, ...whole } = anException();

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
        const covering = exceptions.filter((one) => covers(one, { ...here, control, fingerprint: print }, now));
        expect(exceptionsFor(exceptions, here, now)(control, print)).toBe(covering.map(({ id }) => id).sort()[0]);
      },
    ),
    { numRuns: 1_000 },
  );
});

test('an exception with an empty fingerprint is none for the whole control', () => {
  const find = exceptionsFor([anException({ fingerprint: '' })], FINDING, '2026-11-23T09:30:00.000Z');

  expect(find('secret-scanning', fingerprint(1))).toBeUndefined();
});
