import { describe, expect, test } from 'vitest';
import type { Platform } from '../../services/domain/platform.ts';
import type { PlatformSetting } from '../../services/domain/platform-places.ts';
import { PLATFORM_RULES } from '../../services/domain/platform-rule-table.ts';
import { aPeoplePlatform, aPeopleSetting } from '../people-platforms.ts';
import { aPlatformSetting } from '../platform-facts.ts';
import { setting } from './connection-facts.ts';
import { PEOPLE_CASES } from './people-rule-cases.ts';
import { CREDENTIAL_CASES, PLATFORM_CASES, type PlatformCase } from './platform-rule-cases.ts';

interface Case extends PlatformCase {
  readonly setting: PlatformSetting;
}

const CASES: readonly Case[] = [
  ...PLATFORM_CASES.map((one) => ({ ...one, setting: aPlatformSetting() })),
  ...CREDENTIAL_CASES.map((one) => ({ ...one, setting: setting() })),
  ...PEOPLE_CASES.map(({ rule, violating, compliant }) => ({
    ...{ rule, violating: aPeoplePlatform(violating), compliant: aPeoplePlatform(compliant) },
    setting: aPeopleSetting(2),
  })),
];

test('each rule of the platform has a violating and a compliant case, and each case a rule', () => {
  const tested = new Set(CASES.map(({ rule }) => rule));
  expect([...tested].sort()).toEqual(PLATFORM_RULES.map(({ id }) => id).sort());
});

describe.each(CASES)('rule $rule', ({ rule, violating, compliant, ...given }) => {
  const told = (platform: Platform) =>
    PLATFORM_RULES.find(({ id }) => id === rule)?.violations(platform, given.setting) ?? [];

  test('finds what breaks it, and says what to do', () => {
    expect(told(violating).length).toBeGreaterThan(0);
    for (const { message, help } of told(violating)) {
      expect(message.length).toBeGreaterThan(20);
      expect(help).toMatch(/\.$/);
    }
  });

  test('finds nothing in the same that is in order', () => {
    expect(told(compliant)).toEqual([]);
    expect(compliant).not.toEqual(violating);
    expect(compliant.sections.map(({ kind }) => kind)).toEqual(violating.sections.map(({ kind }) => kind));
  });

  test('reads what it says: nothing is told without it', () => {
    const reads = PLATFORM_RULES.find(({ id }) => id === rule)?.reads ?? [];
    const sections = violating.sections.filter(({ kind }) => !reads.includes(kind));
    expect(sections.length).toBeLessThan(violating.sections.length);
    expect(told({ ...violating, sections })).toEqual([]);
  });
});
