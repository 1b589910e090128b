import { describe, expect, test } from 'vitest';
import type { Section } from '../../services/domain/platform.ts';
import { platformIndex } from '../../services/domain/platform-index.ts';
import { judgedPlatform } from '../../services/domain/platform-judgement.ts';
import { isReachedBy } from '../../services/domain/platform-known.ts';
import { besidesWords, reviewedFindings, reviewOf, unknownSince } from '../../services/domain/platform-review.ts';
import { ORGANIZATION } from '../builders.ts';
import {
  aConnection,
  aRole,
  PROJECT,
  platformSections,
  READ_AT,
  SUBSCRIPTION,
  withUnknown,
} from '../drift-platforms.ts';
import { aContract, aService } from './judge-input.ts';

const PLACE = { service: 'payments-api', environment: 'prod' };
const environments = new Map([
  ['prod', { subscription: 'payments-prod', resourceGroups: ['rg-payments-prod'] }],
  ['staging', { subscription: 'payments-test', resourceGroups: ['rg-payments-test'] }],
]);
const service = aService({ pipelines: ['payments-api'], environments });
const catalog = { services: new Map([['payments-api', service]]), broken: new Map<string, string>() };
const org = (kind: 'people' | 'tokens' | 'hooks', facts: unknown): Section =>
  ({ kind, target: '-', name: 'contoso', known: { at: '2026-11-23T08:00:00.000Z', facts } }) as Section;
const reviewed = (sections: readonly Section[]) =>
  reviewOf(platformIndex({ organization: ORGANIZATION, sections }, catalog), PLACE);
const named = (sections: readonly Section[]) =>
  reviewed(sections).own.map(({ section: { kind, target } }) => `${kind} ${target}`);

describe('a look after a deployment goes by', () => {
  test('each section of the projects of the service, and of no other', () => {
    const foreign = platformSections().map((section) => ({ ...section, target: 'other', name: 'other' }) as Section);
    const tools = foreign.map((section) =>
      section.kind === 'project'
        ? { ...section, known: { at: READ_AT, facts: { pipelines: ['tools'], repositories: [] } } }
        : section,
    );
    const own = named([...platformSections(), ...tools.filter(({ kind }) => kind !== 'roles')]);
    expect(own).toEqual([
      ...['project', 'environments', 'branches', 'connections', 'reach'].map((kind) => `${kind} ${PROJECT}`),
      `roles ${SUBSCRIPTION}`,
    ]);
  });

  test('a section that a project should have and nobody has listed, which is never read', () => {
    const sections = platformSections().filter(({ kind }) => kind !== 'reach');
    expect(unknownSince(reviewed(sections), READ_AT)).toBe(
      'Administrators, approvers and deployers of payments: nobody has looked yet, never read',
    );
  });

  test('nothing at all where no project is known to hold the service', () => {
    expect(unknownSince(reviewed([]), READ_AT)).toBe('no project is known in which it is built');
  });

  test('what was read since, with the permission or the age of what was not', () => {
    expect(unknownSince(reviewed(platformSections()), READ_AT)).toBeUndefined();
    const old = platformSections().map((section) =>
      section.kind === 'branches'
        ? { ...section, known: { ...section.known, at: '2026-11-24T07:59:00.000Z' } }
        : section,
    ) as Section[];
    expect(unknownSince(reviewed(old), READ_AT)).toBe('Branch policies of payments: read 2026-11-24 07:59 UTC');
    const refused = withUnknown(platformSections(), 'connections', 'give the bot Reader');
    expect(unknownSince(reviewed(refused), READ_AT)).toBe(
      'Service connections of payments: give the bot Reader, read 2026-11-24 08:00 UTC',
    );
  });

  test('the things of its environment alone, by name or by what our check says, and the connections that lead there', () => {
    const things = Object.fromEntries(
      reviewed(platformSections()).own.map(({ section, things: ids }) => [section.kind, ids]),
    );
    expect(things).toMatchObject({ environments: ['5'], connections: ['c1'], reach: undefined, branches: undefined });
    const others = platformSections({
      connections: [
        aConnection({ pipelines: ['orders-api'], scope: { level: 'subscription', id: '/subscriptions/x' } }),
      ],
    });
    expect(reviewed(others).own.find(({ section }) => section.kind === 'connections')?.things).toEqual([]);
  });
});

test('people and tokens are told beside it with their age, however old, and hold up nothing', () => {
  const sections = [
    ...platformSections(),
    org('people', { users: 0, noted: [], more: 0 }),
    org('tokens', { tokens: [] }),
  ];
  const review = reviewed(sections);
  expect(unknownSince(review, READ_AT)).toBeUndefined();
  expect(besidesWords(review)).toBe(
    'Personal access tokens of contoso (read 2026-11-23 08:00 UTC), Users of contoso (read 2026-11-23 08:00 UTC)',
  );
});

test('roles elsewhere count where the identity of a connection was seen there, or the connection was made for it', () => {
  const roles = (target: string, facts: readonly object[]) =>
    ({ kind: 'roles', target, name: target, known: { at: READ_AT, facts } }) as unknown as Section;
  const own = [aConnection()];
  expect(isReachedBy(roles('elsewhere', [aRole()]), own)).toBe(true);
  expect(isReachedBy(roles(SUBSCRIPTION, []), own)).toBe(true);
  expect(isReachedBy(roles('elsewhere', [aRole({ clientId: 'another' })]), own)).toBe(false);
  // Nobody knows as whom either acts: that both are unknown makes them no one.
  const { clientId: _, ...nobody } = aConnection();
  expect(isReachedBy(roles('elsewhere', [{ ...aRole(), clientId: undefined }]), [nobody])).toBe(false);
});

test('what the organization-wide sections say is no finding of a deployment, what they say of who came is', () => {
  const hooks = [{ id: 'h1', event: 'build.complete', status: 'onProbation', isOurs: true }];
  const sections = [...platformSections({ environments: [] }), org('hooks', hooks)];
  const { findings } = judgedPlatform(
    { organization: ORGANIZATION, sections },
    { catalog, contract: aContract() },
    READ_AT,
  );
  const rules = new Set(findings.map(({ finding }) => finding.rule));
  const own = reviewedFindings(findings, PLACE).map(({ rule }) => rule);
  expect([...rules]).toEqual(expect.arrayContaining(['hook-not-enabled', 'environment-missing']));
  expect(own).toContain('environment-missing');
  expect(own).not.toContain('hook-not-enabled');
  expect(reviewedFindings(findings, { ...PLACE, environment: 'staging' })).toEqual([]);
});
