import { describe, expect, test } from 'vitest';
import type { Section } from '../../services/domain/platform.ts';
import { concerning, isAwaiting, knownOf } from '../../services/domain/platform-known.ts';
import { aPlatform, aPlatformSetting, aSection, READ_AT, SHOP } from '../platform-facts.ts';

const { catalog } = aPlatformSetting();
const PROD = { service: 'payments-api', environment: 'prod' };
const unreadOf = ({ known: _, ...section }: Section) => section as Section;
const foreign = (facts = { pipelines: ['tools'], repositories: [] as string[] }) =>
  aSection('project', facts, { target: 'foreign', name: 'Tools' });
const own = aSection('project', { pipelines: ['Payments-API'], repositories: [] });

describe('what concerns the catalog', () => {
  const targets = (...sections: readonly Section[]) =>
    concerning(aPlatform(...sections), catalog).sections.map(({ target }) => target);

  test('are projects that hold something of it, by whatever case, and no others', () => {
    expect(targets(own, foreign())).toEqual([SHOP]);
  });

  test('is a project of which nobody knows what it holds, while a service is found nowhere', () => {
    expect(targets(own, unreadOf(foreign()))).toEqual([SHOP]);
    expect(targets(aSection('project', { pipelines: [], repositories: [] }), unreadOf(foreign()))).toEqual(['foreign']);
  });
});

describe('a place', () => {
  test('is known by each section that it depends on, as of when that was read', () => {
    const older = '2026-11-24T08:00:00.000Z';
    const hooks = aSection('hooks', [], { target: '-', known: { at: older, facts: [] } });
    expect(knownOf(aPlatform(own, hooks), PROD, catalog)).toEqual([
      { key: 'hooks:-', at: older, isUnknown: false },
      { key: `project:${SHOP}`, at: READ_AT, isUnknown: false },
    ]);
  });

  test('is not known while one section that it depends on was never read, or could not be read again', () => {
    const environments = aSection('environments', []);
    const unknown = { since: READ_AT, why: 'answered 403' };
    for (const section of [unreadOf(environments), { ...environments, unknown }])
      expect(knownOf(aPlatform(own, section), PROD, catalog).filter(({ isUnknown }) => isUnknown)).toMatchObject([
        { key: `environments:${SHOP}` },
      ]);
  });

  test('does not depend on a project or subscription of others', () => {
    const roles = aSection('roles', [], { target: 'sub', name: 'orders-prod' });
    expect(knownOf(aPlatform(own, unreadOf(roles), unreadOf(foreign())), PROD, catalog)).toMatchObject([
      { key: `project:${SHOP}`, isUnknown: false },
    ]);
  });
});

describe('a section that goes by what another says', () => {
  const PEOPLE = { kind: 'people', target: '-' } as const;
  const REACH = { kind: 'reach', target: SHOP } as const;
  const refused = { since: READ_AT, why: 'answered 403' };
  const [environments, reach] = [aSection('environments', []), aSection('reach', [])];

  test.each([
    ['not there', []],
    ['not read yet', [unreadOf(environments)]],
    ['of another project', [{ ...environments, target: 'foreign' }]],
  ])('waits while it is %s: who reaches environments while these are unknown', (_, sections) => {
    expect(isAwaiting(aPlatform(own, ...sections), REACH, catalog)).toBe(true);
  });

  test('waits no more once it is read or refused', () => {
    for (const one of [environments, { ...unreadOf(environments), unknown: refused }])
      expect(isAwaiting(aPlatform(own, one), REACH, catalog)).toBe(false);
    for (const one of [reach, { ...unreadOf(reach), unknown: refused }])
      for (const kind of ['people', 'tokens'] as const)
        expect(isAwaiting(aPlatform(own, one), { ...PEOPLE, kind }, catalog)).toBe(false);
  });

  test('waits, of people and tokens, for each project of the catalog and for no other', () => {
    const awaiting = (...sections: readonly Section[]) => isAwaiting(aPlatform(...sections), PEOPLE, catalog);
    expect(awaiting(unreadOf(own), reach)).toBe(true);
    expect(awaiting(own)).toBe(true);
    expect(awaiting(own, unreadOf(reach))).toBe(true);
    expect(awaiting(own, reach, foreign())).toBe(false);
    expect(isAwaiting(aPlatform(own), { kind: 'hooks', target: '-' }, catalog)).toBe(false);
  });

  test('waits, of roles in Azure, for the connections of each project of the catalog, however these end', () => {
    const connections = aSection('connections', []);
    const awaiting = (...sections: readonly Section[]) =>
      isAwaiting(aPlatform(...sections), { kind: 'roles', target: 'payments-prod' }, catalog);
    expect(awaiting(unreadOf(own), connections)).toBe(true);
    expect(awaiting(own, reach)).toBe(true);
    expect(awaiting(own, unreadOf(connections))).toBe(true);
    expect(awaiting(own, connections, foreign())).toBe(false);
    expect(awaiting(own, { ...unreadOf(connections), unknown: refused })).toBe(false);
  });
});
