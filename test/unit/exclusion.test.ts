import { expect, test } from 'vitest';
import { exclusionOf, humansOf, labelOf } from '../../services/domain/exclusion.ts';
import type { OutsideIdentity } from '../../services/domain/person.ts';
import { ANN, aPerson, aRunSources, BOB, DAN } from '../builders.ts';

const ALL = ['requester', 'commit-authors', 're-runner', 'exception-requester'];

test('whoever neither asked for a deployment nor wrote it may decide on it', () => {
  expect(exclusionOf(BOB, aRunSources(), ALL)).toBeUndefined();
});

test('the requester is excluded, and only where the route says so', () => {
  expect(exclusionOf(ANN, aRunSources(), ALL)).toBe('requester');
  expect(exclusionOf(ANN, aRunSources(), ['commit-authors'])).toBeUndefined();
});

test.each([['commit-authors'], ['last-committer']])('with %s every author is excluded', (exclusion) => {
  expect(exclusionOf(DAN, aRunSources(), [exclusion])).toBe('commit-author');
  expect(exclusionOf(DAN, aRunSources(), ['requester'])).toBeUndefined();
});

test('who both asked and wrote is named as the requester', () => {
  const sources = aRunSources({ requesters: [{ uniqueName: DAN.upn }] });

  expect(exclusionOf(DAN, sources, ALL)).toBe('requester');
});

test.each([
  ['guest', { guest: true }],
  ['disabled', { disabled: true }],
  ['disabled', { disabled: true, guest: true }],
])('a %s account never decides, whatever the route excludes', (why, flags) => {
  expect(exclusionOf(aPerson(flags), aRunSources(), [])).toBe(why);
});

const EVE = aPerson({ sameAs: ['eve@home.example', 'vsts-id-7'] });

test.each<[string, OutsideIdentity]>([
  ['object id', { id: EVE.oid }],
  ['object id in capitals', { id: EVE.oid.toUpperCase() }],
  ['address', { uniqueName: 'Eve@Contoso.Example' }],
  ['other address', { uniqueName: 'EVE@home.example' }],
  ['id in Azure DevOps', { id: 'VSTS-ID-7', uniqueName: 'somebody@else.example' }],
  ['descriptor', { descriptor: 'vsts-id-7' }],
])('one matching %s is enough to be excluded', (_, identity) => {
  expect(exclusionOf(EVE, aRunSources({ requesters: [identity] }), ALL)).toBe('requester');
  expect(exclusionOf(EVE, aRunSources({ authors: [identity] }), ALL)).toBe('commit-author');
});

test('a name excludes nobody: people choose it, and two may share one', () => {
  for (const name of [EVE.name, EVE.upn, EVE.oid])
    expect(exclusionOf(EVE, aRunSources({ requesters: [{ name }], authors: [] }), ALL)).toBeUndefined();
});

test('a service account stands for nobody', () => {
  const human = { uniqueName: 'ann@contoso.example' };

  expect(humansOf([{ descriptor: 'svc.abc' }, human, { uniqueName: 'Build\\1234' }])).toEqual([human]);
});

test('an outside identity is shown by its name, else its address, else its id', () => {
  expect(labelOf({ name: 'Ann', uniqueName: 'ann@x', id: '1' })).toBe('Ann');
  expect(labelOf({ uniqueName: 'ann@x', id: '1' })).toBe('ann@x');
  expect(labelOf({ id: '1' })).toBe('1');
  expect(labelOf({})).toBe('unknown');
});
