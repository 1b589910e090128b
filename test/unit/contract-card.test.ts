import { expect, test } from 'vitest';
import { contractCard, contractText } from '../../cards/contract-card.ts';
import { aContractView, aRuleInForce } from '../cards/contract-samples.ts';
import { activityBytes, factValue, textById } from '../cards/read.ts';
import { contractSaying } from './hostile-records.ts';

const view = aContractView();
const TRUTH = { tier: ['production'], severity: ['critical', 'high'] } as const;
// biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
const warning = (decideBy: string) => aRuleInForce({ then: 'warn', when: TRUTH, decideBy }, { control: 'iac' });

test('version, checksum and commit are named, and since when at least it is in force', () => {
  const card = contractCard(aContractView({ commit: '3f2c9a1b7d5e4860a1c2d3e4f5061728394a5b6c' }));

  expect(textById(card, 'state')).toBe('✓ Nothing about it waits for anybody');
  expect(factValue(card, 'facts', 'In force')).toBe('version 7 (9f9f9f9f) of commit 3f2c9a1b');
  expect(factValue(card, 'facts', 'At least since')).toBe('Mon 23 Nov 2026, 06:12 UTC');
  expect(factValue(card, 'facts', 'Rules')).toBe('1 block, 12 warn, 9 monitor');
});

test('times are in the zone of whoever asks, in the text too', () => {
  const card = contractCard(view, 'Europe/Berlin');

  expect(factValue(card, 'facts', 'As of')).toBe('Mon 23 Nov 2026, 11:00 Europe/Berlin');
  expect(contractText(view, 'Europe/Berlin')).toContain('As of: Mon 23 Nov 2026, 11:00 Europe/Berlin');
});

test('what blocks stands under its group, in the words of the diff, with its reason and the service it is only for', () => {
  const rules = [aRuleInForce({ when: TRUTH, justification: 'Agreed with all' }, { service: 'payments-api' })];
  const gate = textById(
    contractCard(aContractView({ blocks: [{ group: 'secret-exposure', rules }, { rules }] })),
    'gate',
  );

  const rule =
    'secret-scanning, only for payments-api: when tier production and severity critical or high. Agreed with all';
  expect(gate).toBe(`What blocks exposed secret: 1 ${rule} outside the groups: 1 ${rule}`);
});

test('a block rule that begins later says so and is counted as one', () => {
  const ahead = [aRuleInForce({ when: TRUTH, from: '2027-01-15' })];
  const card = contractCard(aContractView({ ahead, counts: { block: 2, warn: 0, monitor: 0 } }));

  expect(factValue(card, 'facts', 'Rules')).toBe('2 block (1 of them later), 0 warn, 0 monitor');
  expect(textById(card, 'history')).toContain('blocks from Fri 15 Jan 2027: secret-scanning: when tier production');
});

test('a warning that climbs to a block says once what, behind the rules that have a day', () => {
  const escalate = [
    { after: { ageDays: 30 }, to: 'owner-lead' },
    { after: { seen: 3, withinDays: 14 }, to: 'block' },
    { after: { services: 3 }, to: 'block', in: 'production' },
  ] as const;
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  const climbing = [aRuleInForce({ then: 'warn', when: TRUTH, escalate }, { control: 'sast' })];
  const ahead = [aRuleInForce({ when: TRUTH, from: '2027-01-15' })];

  expect(textById(contractCard(aContractView({ ahead, climbing })), 'history')).toMatch(
    /blocks from .* blocks once seen 3 times within 14 days, or found in 3 services in production: sast: when tier/,
  );
});

test('a warning past its day needs attention, and names its control and who decides', () => {
  const card = contractCard(aContractView({ overdue: [warning('2026-11-01')], soon: [warning('2026-12-01')] }));

  expect(textById(card, 'state')).toBe('✗ Needs attention: 1 warning should have been decided on');
  expect(textById(card, 'findings')).toContain(
    'iac: when tier production and severity critical or high; should have been decided on Sun 1 Nov 2026 by security-leads',
  );
  expect(textById(card, 'exceptions')).toContain('to be decided on Tue 1 Dec 2026 by security-leads');
});

test('an environment that is only observed is named with its day', () => {
  const card = contractCard(aContractView({ observed: [{ environment: 'prod-b', until: '2027-02-01' }] }));

  expect(factValue(card, 'facts', 'Only observed')).toBe('prod-b until Mon 1 Feb 2027');
});

test('without a contract and with problems both are said', () => {
  const card = contractCard({ at: view.at, problems: ['contract.yaml:3 version: is "x"'] });

  expect(textById(card, 'state')).toContain('none is in force (every gate is blocked) and policy files');
  expect(textById(card, 'error')).toBe('Problems of the policy files contract.yaml:3 version: is "x"');
});

test('long lists are cut with how many more there are', () => {
  const soon = Array.from({ length: 20 }, () => warning('2026-12-01'));

  expect(textById(contractCard(aContractView({ soon })), 'exceptions')).toMatch(/and 12 more$/);
});

test('a name or condition of any length leaves what stands behind it readable', () => {
  const long = aRuleInForce(
    { when: { path: ['y'.repeat(5_000)] }, justification: 'Agreed with all' },
    { control: 'x'.repeat(5_000) },
  );

  expect(textById(contractCard(aContractView({ blocks: [{ rules: [long] }] })), 'gate')).toMatch(
    /x…: when path y+…\. Agreed with all$/,
  );
});

test('however long its texts are, the card stays within 28 KB and keeps every list', () => {
  const card = contractCard(contractSaying('x|'.repeat(2_000), 'long'));

  expect(activityBytes(card, '')).toBeLessThan(28 * 1024 + 1_024);
  for (const id of ['gate', 'history', 'findings', 'exceptions', 'error']) {
    expect(textById(card, id)).toMatch(/and \d+ more/);
  }
});
