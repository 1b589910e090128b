import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Rule } from '../../services/domain/contract.ts';
import { judge } from '../../services/domain/judge.ts';
import { aContract, aControl, anInput, aRule } from './judge-input.ts';
import { CONTRACT, contractFrom, load } from './written-contract.ts';

const OVERRIDDEN = `${CONTRACT}    overrides:\n      payments-api:\n`;

test.each([
  [
    '{ then: monitor }',
    'contract.yaml:23 controls.sast.overrides.payments-api[0].then: is "monitor"; allowed: block, warn',
  ],
  [
    '{ when: { severity: high }, then: warn }',
    'contract.yaml:23 controls.sast.overrides.payments-api[0].then: is "warn" although decisions[0] is warn for all; allowed: block, due or escalate that is sooner, or no override here',
  ],
  [
    '{ when: { service: payments-api }, then: block }',
    /^contract\.yaml:23 controls\.sast\.overrides\.payments-api\[0\]\.when\.service: is not a key here; allowed: tier, /,
  ],
  [
    '{ when: { environment: prd }, then: block }',
    'contract.yaml:23 controls.sast.overrides.payments-api[0].when.environment: is "prd"; allowed: prod, staging',
  ],
])('an override %s is refused by file, line and field', (rule, expected) => {
  const loaded = load(`${OVERRIDDEN}        - ${rule}\n`);
  const problems = loaded.kind === 'broken' ? loaded.problems : [];

  expect(problems).toHaveLength(1);
  expect(problems[0]).toMatch(expected);
});

const PROD_BLOCKS = '{ when: { tier: production }, then: block }';
const CLIMBS = '{ then: warn, due: 14d, escalate: [{ after: { age: 30d }, to: block }] }';
const LATER_BLOCKS = '{ when: { tier: production }, then: block, from: 2027-01-15 }';

test.each([
  ['its own condition', [PROD_BLOCKS], PROD_BLOCKS],
  ['the tier of its environment', [PROD_BLOCKS], '{ when: { environment: prod }, then: block }'],
  ['less than it asks', [PROD_BLOCKS], '{ when: { tier: production, severity: low }, then: block }'],
  ['a block that begins as early', [LATER_BLOCKS], LATER_BLOCKS],
  ['a block, for a warning', [LATER_BLOCKS, '{ then: monitor }'], '{ when: { environment: prod }, then: warn }'],
  [
    'a block after a part that is blocked too',
    ['{ when: { severity: critical }, then: block }', '{ then: block }'],
    '{ when: { environment: prod }, then: block }',
  ],
  ['a warning, whatever day stands beside it', ['{ then: warn, from: 2027-01-15 }'], '{ then: warn }'],
  ['a warning with its date and its step', [CLIMBS], CLIMBS],
  ['a warning with an earlier date', ['{ then: warn, due: 7d }'], '{ then: warn, due: 14d }'],
  ['a block, for a warning that climbs', [PROD_BLOCKS], '{ when: { environment: prod }, then: warn, due: 7d }'],
  ['the warning where no rule matches', ['{ when: { severity: high }, then: block }'], '{ then: warn }'],
])('an override is refused where the rules for all already have %s', (_, base, override) => {
  expect(loadOverride(base, override)).toEqual([expect.stringContaining('overrides.payments-api[0].then: is "')]);
});

test.each([
  ['a milder rule for the same', ['{ then: warn }'], '{ then: block }'],
  [
    'a milder rule for a part, before the strict one',
    ['{ when: { severity: low }, then: warn }', '{ then: block }'],
    '{ then: block }',
  ],
  ['a strict rule for a part alone', [PROD_BLOCKS, '{ then: warn }'], '{ then: block }'],
  ['a block that begins later', [LATER_BLOCKS], PROD_BLOCKS],
  ['a warning without its step', ['{ then: warn, due: 14d }'], CLIMBS],
  ['a warning with a later date', ['{ then: warn, due: 14d }'], '{ then: warn, due: 7d }'],
  ['a block that begins later and does not climb', [LATER_BLOCKS], `{ when: { tier: production }, ${CLIMBS.slice(2)}`],
  ['nothing that it could match', [PROD_BLOCKS], '{ when: { tier: production, environment: staging }, then: warn }'],
  ['nothing to say', [PROD_BLOCKS], '{ when: { environment: staging }, then: block }'],
  [
    'a strict rule for other paths',
    ['{ when: { path: "src/**" }, then: block }', '{ then: warn }'],
    '{ when: { path: "infra/**" }, then: block }',
  ],
])('an override is taken where the rules for all have %s', (_, base, override) => {
  expect(loadOverride(base, override)).toEqual([]);
});

function loadOverride(base: readonly string[], override: string): readonly string[] {
  const written = parse(CONTRACT);
  written.controls.sast.decisions = base.map((rule) => parse(rule));
  written.controls.sast.overrides = { 'payments-api': [parse(override)] };
  const loaded = load(stringify(written));
  return loaded.kind === 'broken' ? loaded.problems : [];
}

test('an override is kept under its service and is part of the checksum', () => {
  const contract = contractFrom(`${OVERRIDDEN}        - { then: block, justification: "Holds card data" }\n`);

  expect([...(contract.controls[0]?.overrides.keys() ?? [])]).toEqual(['payments-api']);
  expect(contract.controls[0]?.overrides.get('payments-api')).toMatchObject([
    { justification: 'Holds card data', when: {} },
  ]);
  expect(contract.checksum).not.toBe(contractFrom(CONTRACT).checksum);
});

test('of two warnings the one that is going to block is shown, with the earlier day', () => {
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  const warns = aRule({ then: 'warn' });
  const later = aRule({ from: '2027-02-01', because: 'Later' });
  const sooner = aRule({ from: '2027-01-15', because: 'Sooner' });
  const shown = (decisions: readonly Rule[], own: readonly Rule[]) => {
    const control = aControl({ decisions, overrides: new Map([['payments-api', own]]) });
    return judge(anInput({ contract: aContract(control) })).warns[0];
  };

  expect(shown([later], [sooner])).toMatchObject({ because: 'Sooner', blocksFrom: '2027-01-15' });
  expect(shown([sooner], [later])).toMatchObject({ because: 'Sooner', blocksFrom: '2027-01-15' });
  expect(shown([warns], [later])).toMatchObject({ because: 'Later', blocksFrom: '2027-02-01' });
});
