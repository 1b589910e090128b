import { describe, expect, test } from 'vitest';
import type { Section } from '../../services/domain/platform.ts';
import { asOf, concerning, knownOf, sectionNotes } from '../../services/domain/platform-known.ts';
import { isStale } from '../../services/domain/source-note.ts';
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
  test('is known as of the oldest of what it depends on', () => {
    const older = '2026-11-24T08:00:00.000Z';
    const hooks = aSection('hooks', [], { target: '-', known: { at: older, facts: [] } });
    expect(knownOf(aPlatform(own, hooks), PROD, catalog)).toEqual({ at: older, missing: [] });
  });

  test('is not known while one section that it depends on was never read, or could not be read again', () => {
    const environments = aSection('environments', []);
    const unknown = { since: READ_AT, why: 'answered 403' };
    for (const section of [unreadOf(environments), { ...environments, unknown }])
      expect(knownOf(aPlatform(own, section), PROD, catalog).missing).toEqual([`environments:${SHOP}`]);
  });

  test('does not depend on a project or subscription of others', () => {
    const roles = aSection('roles', [], { target: 'sub', name: 'orders-prod' });
    expect(knownOf(aPlatform(own, unreadOf(roles), unreadOf(foreign())), PROD, catalog)).toEqual({
      ...{ at: READ_AT, missing: [] },
    });
  });
});

test('a section that was not read for three of its intervals is unknown, though nobody was refused', () => {
  const platform = aPlatform(own);
  expect(asOf(platform, '2026-11-24T12:00:00.000Z').sections[0]?.unknown).toBeUndefined();
  expect(asOf(platform, '2026-11-24T12:01:00.000Z').sections[0]?.unknown?.since).toBe('2026-11-24T12:00:00.000Z');
  const unknown = { since: '2026-11-24T09:30:00.000Z', why: 'answered 403: give the bot Read' };
  const refused = aPlatform({ ...own, unknown });
  expect(asOf(refused, '2026-11-25T12:00:00.000Z').sections[0]?.unknown).toEqual(unknown);
});

test('what is read once a day is stale after three days, and not after three hours', () => {
  const people = aSection('people', { users: 0, noted: [], more: 0 }, { target: '-', name: 'contoso' });
  const [, note] = sectionNotes(aPlatform(own, people), catalog, () => READ_AT);
  expect(note).toMatchObject({ name: 'Users of contoso', pulledAt: READ_AT, everyMinutes: 1_440 });
  if (note === undefined) throw new Error('nothing is noted');
  expect(isStale(note, '2026-11-24T13:00:00.000Z')).toBe(false);
  expect(isStale(note, '2026-11-27T09:01:00.000Z')).toBe(true);
});
