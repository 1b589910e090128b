import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../services/domain/finding.ts';
import type { OpenGroup } from '../../services/domain/judgement.ts';
import { importOf, type OutsideException } from '../../services/domain/outside-exception.ts';
import { exemptionKeysOf, isExempted, type PolicyExemption } from '../../services/domain/policy-exemption.ts';
import { groupFindings, unkeyed } from '../../services/domain/scan-head.ts';
import { atOnce } from '../../services/domain/steps.ts';
import { aJudgedGroup } from '../builders.ts';
import { aScanHead } from '../scans.ts';
import { fingerprint } from './judge-input.ts';

const GROUP = '/subscriptions/7d444840/resourceGroups/rg-pay';
const VAULT = `${GROUP}/providers/Microsoft.KeyVault/vaults/keys`;
const ASSIGNMENT =
  '/providers/Microsoft.Management/managementGroups/it/providers/Microsoft.Authorization/policyAssignments/base';
const STATE = { asset: VAULT, policyAssignment: ASSIGNMENT, policyReference: 'Purge' };
const EXEMPTION: PolicyExemption = { assignment: ASSIGNMENT, references: [], scope: VAULT };
const exempts = (over: Partial<PolicyExemption> = {}, state: object = {}) =>
  isExempted(exemptionKeysOf({ ...STATE, ...state }), { ...EXEMPTION, ...over });

describe('an exemption of Azure Policy lets pass', () => {
  test.each([
    ['the resource that it is attached to', VAULT],
    ['what is in its resource group', GROUP],
    ['what is in its subscription', '/subscriptions/7d444840'],
    ['the same in other cases and with another end', `${GROUP.toUpperCase()}/`],
    ['the same without its slash in front', VAULT.slice(1)],
  ])('%s', (_, scope) => {
    expect(exempts({ scope })).toBe(true);
    expect(exempts({ scope, assignment: ASSIGNMENT.toUpperCase() })).toBe(true);
  });

  test('what is within the resource', () => {
    expect(exempts({}, { asset: `${VAULT}/keys/signing` })).toBe(true);
  });

  test('of an initiative what it names, in any case, and everything where it names nothing', () => {
    expect(exempts({ references: ['other', 'PURGE'] })).toBe(true);
    expect(exempts({ references: ['other'] })).toBe(false);
    expect(exempts({ references: ['Purge'] }, { policyReference: undefined })).toBe(false);
    expect(exempts({}, { policyReference: undefined })).toBe(true);
  });
});

test.each([
  ['a resource whose name only begins alike', { scope: `${GROUP}/providers/Microsoft.KeyVault/vaults/key` }],
  ['a group whose name only begins alike', { scope: GROUP.slice(0, -1) }],
  ['another resource', { scope: `${VAULT}2` }],
  ['what lies within it, of what it lies in', { scope: `${VAULT}/keys/signing` }],
  ['everything, of half an id', { scope: '/subscriptions' }],
  ['everything, of no id', { scope: '/' }],
  ['another assignment', { assignment: `${ASSIGNMENT}2` }],
])('it does not reach %s', (_, over) => {
  expect(exempts(over)).toBe(false);
});

test('what is no state of Azure Policy, or has an id that may have been cut, is in no exemption', () => {
  expect(exemptionKeysOf({ asset: VAULT })).toBe('');
  expect(exemptionKeysOf({ policyAssignment: ASSIGNMENT })).toBe('');
  expect(exemptionKeysOf({ ...STATE, asset: `/subscriptions/${'x'.repeat(900)}` })).toBe('');
  expect(isExempted('', EXEMPTION)).toBe(false);
});

const part = fc.constantFrom('a', 'A', 'ab', 'b', 'ab/c'.replace('/', '-'));
const pairs = fc.array(fc.tuple(part, part), { minLength: 1, maxLength: 5 });
const idOf = (all: readonly (readonly [string, string])[]) => all.map(([kind, name]) => `/${kind}/${name}`).join('');

test('it reaches exactly what its scope is the beginning of, at the border of a part', () => {
  fc.assert(
    fc.property(pairs, pairs, (asset, scope) => {
      const [lower, wanted] = [idOf(asset).toLowerCase(), idOf(scope).toLowerCase()];
      expect(exempts({ scope: idOf(scope) }, { asset: idOf(asset) })).toBe(`${lower}/`.startsWith(`${wanted}/`));
    }),
  );
});

describe('of exemptions of Azure Policy', () => {
  const [assignment, scope] = ['/subscriptions/s/x/policyAssignments/base', '/subscriptions/s/resourceGroups/a'];
  const keysIn = (group: string) =>
    exemptionKeysOf({ policyAssignment: assignment, asset: `/subscriptions/s/resourceGroups/${group}/providers/t/n` });
  const open: readonly OpenGroup[] = [
    {
      ...aJudgedGroup({ rule: 'base', fingerprints: [fingerprint(1), fingerprint(2)] }),
      exemptionKeys: [
        [fingerprint(1), keysIn('a')],
        [fingerprint(2), keysIn('ab')],
        [fingerprint(9), keysIn('a')],
      ],
    },
  ];
  const exempts = { assignment, references: [], scope };
  const outside: OutsideException = {
    source: 'azure-policy',
    line: 3,
    name: 'open-ports',
    rules: ['base'],
    paths: [],
    narrowedBy: [],
    exempts,
    terms: { owner: 'group:it', reasonClass: 'mitigated', reason: 'a proxy', until: '2026-12-19', reviewEvery: '7d' },
  };

  test('those findings are meant that lie in the scope of one, by whatever tool they are shown', () => {
    const prints = [fingerprint(1), fingerprint(9)].sort();
    expect(importOf(outside, { today: '2026-11-24', open })).toEqual({ kind: 'complete', fingerprints: prints });
  });

  test('none is meant by its rule alone: neither of another tool nor by one of before scopes were kept', () => {
    const nothing = { kind: 'unmatched', why: 'nothing-open' };
    expect(importOf(outside, { today: '2026-11-24', open: [aJudgedGroup({ rule: 'base' })] })).toEqual(nothing);
    const { exempts: _, ...older } = outside;
    expect(importOf(older, { today: '2026-11-24', open })).toEqual(nothing);
  });
});

test('a group keeps by what each of its findings is exempted, in the order of their fingerprints, as far as they fit into one row', () => {
  const state = (n: number): Finding => ({
    ...STATE,
    ...{ fingerprint: fingerprint(n), category: 'policy', tool: 'azure-policy', rule: 'base' },
    ...{ severity: 'medium', message: 'Not compliant', suppressed: false },
  });
  const keysOf = (...prints: readonly number[]) =>
    atOnce(groupFindings(prints.map(state), { tool: 'azure-policy' }, 'policy', new Map())).map(
      (one) => one.exemptionKeys,
    );
  const keys = exemptionKeysOf(STATE);

  expect(keys.length).toBeLessThan(70);
  expect(keysOf(2, 1)).toEqual([[keys, keys]]);
  expect(keysOf(...Array.from({ length: 2_001 }, (_, n) => n))).toEqual([undefined]);
  const groups = atOnce(groupFindings([state(1)], { tool: 'azure-policy' }, 'policy', new Map()));
  expect(atOnce(unkeyed(aScanHead({ groups }))).groups).toEqual([{ ...groups[0], exemptionKeys: undefined }]);
});
