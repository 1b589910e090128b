import { expect, test } from 'vitest';
import { aliasesOf, isSameHuman, isService, type OutsideIdentity } from '../../services/domain/person.ts';
import { aPerson } from '../builders.ts';

test.each<[string, OutsideIdentity]>([
  ['svc.', { descriptor: 'svc.NzY' }],
  ['s2s.', { descriptor: 's2s.NzY' }],
  ['aadsp.', { descriptor: 'aadsp.NzY' }],
  ['SVC. in capitals', { descriptor: 'SVC.NzY' }],
  ['Build\\', { uniqueName: 'Build\\6a1f' }],
  ['build\\ in small letters', { uniqueName: 'build\\6a1f', descriptor: 'aad.x' }],
])('an identity that begins with %s is a service', (_, identity) => {
  expect(isService(identity)).toBe(true);
});

test.each<[string, OutsideIdentity]>([
  ['a member of Entra', { descriptor: 'aad.NzY' }],
  ['a Microsoft account', { descriptor: 'msa.NzY' }],
  ['svc. in the middle of a descriptor', { descriptor: 'aad.svc.NzY' }],
  ['a descriptor that merely begins alike', { descriptor: 'svcabc' }],
  ['an address that begins with build', { uniqueName: 'build@contoso.example' }],
  ['Build\\ as a name', { name: 'Build\\6a1f' }],
  ['Build\\ after a domain', { uniqueName: 'contoso\\Build\\x' }],
  ['nothing at all', {}],
])('%s is a person', (_, identity) => {
  expect(isService(identity)).toBe(false);
});

test('a person is known by object id, address and other accounts, in small letters', () => {
  expect(aliasesOf(aPerson({ oid: 'AB', upn: 'Eve@X', sameAs: ['Other@Y'] }))).toEqual(['ab', 'eve@x', 'other@y']);
});

test('an identity that says nothing is nobody, not even a person without an address', () => {
  const nameless = aPerson({ upn: '', sameAs: [''] });

  expect(isSameHuman(nameless, {})).toBe(false);
  expect(isSameHuman(nameless, { id: '', uniqueName: '', descriptor: '' })).toBe(false);
});

test('ids and addresses match whole, never in part', () => {
  expect(isSameHuman(aPerson(), { uniqueName: 'eve@contoso.example.evil.example' })).toBe(false);
  expect(isSameHuman(aPerson(), { uniqueName: 'xeve@contoso.example' })).toBe(false);
});
