import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { OpenGroup } from '../../services/domain/judgement.ts';
import { brokenRules, unreadParts } from '../../services/domain/scope-posture.ts';
import { aJudgedGroup, aSample, aWarning, ORGANIZATION } from '../builders.ts';
import { aConnection, aPlatform, aSection, PROJECT } from '../platforms.ts';

const CONNECTION = aConnection().id;
const broken = (over: Partial<OpenGroup> = {}): OpenGroup => ({
  ...aWarning({ category: 'platform', tool: 'azure-devops', rule: 'wide', fingerprints: ['a'], count: 1 }),
  samples: [aSample({ message: 'it is wide', path: `connection:${CONNECTION}` })],
  ...over,
});
const found = (environment: string, ...groups: OpenGroup[]) => ({ organization: ORGANIZATION, environment, groups });
const ruleOf = (...all: ReturnType<typeof found>[]) => brokenRules(all, [aPlatform()]);

test('one rule is one row: what is in several environments counts once, and all of these are named', () => {
  expect(ruleOf(found('staging', broken()), found('prod', broken({ fingerprints: ['a', 'b'], count: 2 })))).toEqual([
    {
      ...{ organization: ORGANIZATION, rule: 'wide', decision: 'warn', severity: broken().severity, count: 2 },
      ...{ environments: ['prod', 'staging'], message: 'it is wide' },
      ...{ subject: `connection:${CONNECTION}`, project: PROJECT },
    },
  ]);
});

test('a rule is as bad as the worst of its findings, and the worst rule stands first', () => {
  const blocks = { ...broken(), ...aJudgedGroup({ category: 'platform', rule: 'wide', severity: 'high' }) };
  const rules = ruleOf(
    found('prod', broken({ rule: 'counted', decision: 'monitor', severity: 'critical' }), broken(), blocks),
    found('staging', broken({ rule: 'low', severity: 'low' })),
  );

  expect(rules.map(({ rule, decision }) => `${rule} ${decision}`)).toEqual([
    'wide block',
    'low warn',
    'counted monitor',
  ]);
});

test('findings of anything else than the platform are none of its rules', () => {
  expect(ruleOf(found('prod', broken({ category: 'policy' }), broken({ category: 'runtime' })))).toEqual([]);
});

test('of more findings than are listed the number that is told counts', () => {
  const many = broken({ fingerprints: [], samples: [aSample({ fingerprint: 'a' })], count: 900 });

  expect(ruleOf(found('prod', many))).toMatchObject([{ count: 900 }]);
});

test('a finding in the same rule of another organization stands by itself', () => {
  const elsewhere = { ...found('prod', broken()), organization: 'https://dev.azure.com/other' };

  expect(ruleOf(found('prod', broken()), elsewhere)).toHaveLength(2);
});

test('the rules are the same whatever the order of environments and groups', () => {
  const all = [
    found('prod', broken(), broken({ rule: 'other', decision: 'block' })),
    found('staging', broken({ severity: 'low', fingerprints: ['c'] })),
    found('test', broken({ rule: 'other', fingerprints: ['d'] })),
  ];
  fc.assert(
    fc.property(fc.shuffledSubarray(all, { minLength: 3, maxLength: 3 }), (shuffled) => {
      const turned = shuffled.map((one) => ({ ...one, groups: [...one.groups].reverse() }));
      expect(ruleOf(...turned)).toEqual(ruleOf(...all));
    }),
  );
});

test('what cannot be read is listed where the projects of a service are concerned, with the age of what is known', () => {
  const elsewhere = aSection('branches', undefined, { target: 'other', why: 'give Read' });
  const reach = aSection('reach', [], { why: 'give "View permissions"' });
  const platform = aPlatform(reach);
  const sections = [...platform.sections, elsewhere, aSection('tokens', undefined, { target: '-', name: 'contoso' })];

  expect(unreadParts({ ...platform, sections }, [PROJECT])).toEqual([
    {
      organization: ORGANIZATION,
      kind: 'reach',
      name: 'payments',
      why: 'give "View permissions"',
      at: expect.any(String),
    },
    { organization: ORGANIZATION, kind: 'tokens', name: 'contoso', why: 'nobody has looked yet' },
  ]);
});
