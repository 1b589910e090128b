import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { CONTRACT, contractFrom } from './written-contract.ts';

test('what a contract leaves out has the documented default', () => {
  const contract = contractFrom(CONTRACT);

  expect(contract).toMatchObject({ version: 7, owner: 'group:security-leads', operators: 'group:security-leads' });
  expect(contract.limits).toStrictEqual({
    exceptionsPerService: 5,
    overuseRate: 0.2,
    erodedAfterPeriods: 2,
    maxBlockRules: 12,
    unownedAfterDays: 5,
    maxApprovers: 15,
  });
  expect(contract.environments.get('prod')).toStrictEqual({
    name: 'prod',
    tier: 'production',
    approval: 'required',
    blockWaitMinutes: 60,
  });
  expect(contract.controls[0]).toMatchObject({
    name: 'sast',
    signal: { tools: [], rules: [] },
    evidence: { tools: [], sameCommit: true, verified: false },
    expiry: { maxDays: 60, reviewEveryDays: 14, quorum: 1, minReason: 20, onExpiry: 'restart' },
    acceptSuppressions: false,
  });
});

test.each([
  ['secret', undefined],
  ['sast', undefined],
  ['iac', undefined],
  ['dependency', 168],
  ['container', 168],
  ['policy', 168],
  ['runtime', 168],
])('evidence of category %s is good for %s hours unless the contract says otherwise', (category, hours) => {
  const contract = contractFrom(CONTRACT.replace('category: sast', `category: ${category}`));

  expect(contract.controls[0]?.evidence.maxAgeHours).toBe(hours);
});

test('a maxAge that is written wins over the default of its category', () => {
  const contract = contractFrom(CONTRACT.replace('required: [production]', 'maxAge: 12h'));

  expect(contract.controls[0]?.evidence.maxAgeHours).toBe(12);
});

test('a review may be written as a cadence of the calendar', () => {
  const contract = contractFrom(CONTRACT.replace('reviewEvery: 2w', 'reviewEvery: sprint'));

  expect(contract.controls[0]?.expiry).toMatchObject({ reviewEveryDays: 14, reviewCadence: 'sprint' });
});

test('comments and the order of keys do not change the checksum, any value does', () => {
  const checksum = contractFrom(CONTRACT).checksum;

  expect(contractFrom(`# seven\n${stringify(reversed(parse(CONTRACT)))}`).checksum).toBe(checksum);
  expect(contractFrom(CONTRACT.replace('max: 60d', 'max: 61d')).checksum).not.toBe(checksum);
});

function reversed(value: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).reverse());
}

test('who owns the contract is part of the checksum, also where it is the fallback of the first control', () => {
  const written = parse(CONTRACT);
  const other = { ...written.controls.sast, signal: { category: 'iac' }, owner: { fallback: 'group:others' } };
  const [first, last] = [
    { iac: other, ...written.controls },
    { ...written.controls, iac: other },
  ].map((controls) => contractFrom(stringify({ ...written, controls })));

  expect([first?.owner, last?.owner]).toEqual(['group:others', 'group:security-leads']);
  expect(first?.checksum).not.toBe(last?.checksum);
});

test('a fraction can be checksummed', () => {
  const [fifth, third] = ['0.2', '0.3'].map((rate) => contractFrom(`${CONTRACT}limits: { overuseRate: ${rate} }\n`));

  expect(fifth?.checksum).not.toBe(third?.checksum);
});

test('dates, yes and no stay text whatever version of YAML the file claims', () => {
  const contract = contractFrom(`%YAML 1.1\n---\n${CONTRACT.replace('severity: high', 'service: yes')}`);

  expect(contract.controls[0]?.decisions[0]?.when.service).toEqual(['yes']);
});
