import { expect, test } from 'vitest';
import { areDuplicates, duplicateKeysOf, problemOf, readDuplicateKeys } from '../../services/domain/duplicate-keys.ts';
import type { Vulnerability } from '../../services/domain/finding.ts';

const CVE = 'CVE-2026-0001';
const GHSA = 'GHSA-aaaa-bbbb-cccc';
const written = (vulnerability: Vulnerability) => duplicateKeysOf(problemOf({ vulnerability }));
const read = (vulnerability: Vulnerability) => readDuplicateKeys(written(vulnerability));
const of = (purl: string, ids: readonly string[] = [CVE]) => read({ ids, purl });
const same = (a: string, b: string) => areDuplicates(of(a), of(b));

test.each([
  ['with and without version', 'pkg:npm/left-pad@1.0.0', 'pkg:npm/left-pad'],
  ['qualifiers', 'pkg:apk/alpine/musl@1.2.2-r7?arch=x86_64&distro=3.14.2', 'pkg:apk/alpine/musl@1.2.2-r7?arch=x86_64'],
  ['subpath', 'pkg:golang/github.com/a/b@v1.2.0#cmd', 'pkg:golang/github.com/a/b@v1.2.0'],
  ['the v of Go', 'pkg:golang/golang.org/x/text@v0.3.6', 'pkg:golang/golang.org/x/text@0.3.6'],
  ['an escaped version', 'pkg:golang/a.org/b@v2.7.1%2Bincompatible', 'pkg:golang/a.org/b@2.7.1'],
  ['an escaped scope', 'pkg:npm/%40scope/name@1', 'pkg:npm/@scope/name@1'],
  ['a scope without a version', 'pkg:npm/%40scope/name', 'pkg:npm/@scope/name'],
  ['case', 'pkg:NPM/JSONStream@1.0.0', 'pkg:npm/jsonstream@1.0.0'],
  ['how PyPI spells', 'pkg:pypi/Foo_Bar.baz@1', 'pkg:pypi/foo-bar-baz@1'],
  ['the name of a distribution', 'pkg:rpm/redhat/bash@5.1.8-9.el9', 'pkg:rpm/rhel/bash@5.1.8-9.el9?arch=x86_64'],
  ['an epoch', 'pkg:deb/debian/zlib1g@1%3A1.2.13?arch=amd64', 'pkg:deb/debian/zlib1g@1.2.13?arch=amd64&epoch=1'],
])('one package is the same by two package URLs: %s', (_what, a, b) => {
  expect(same(a, b)).toBe(true);
});

test.each([
  ['another version', 'pkg:npm/left-pad@1.0.0', 'pkg:npm/left-pad@1.0.1'],
  ['another name', 'pkg:npm/left-pad@1.0.0', 'pkg:npm/right-pad@1.0.0'],
  ['another namespace', 'pkg:maven/org.a/core@1', 'pkg:maven/org.b/core@1'],
  ['another ecosystem', 'pkg:npm/protobuf@1', 'pkg:pypi/protobuf@1'],
])('%s is not the same', (_what, a, b) => {
  expect(same(a, b)).toBe(false);
});

test('a package URL that was cut before its qualifiers is of no package that could be told', () => {
  const long = `pkg:npm/${'a'.repeat(280)}`;
  expect(written({ ids: [CVE], purl: `${long}…` })).toBe('');
  expect(written({ ids: [CVE], purl: `${long}@1.0…` })).toBe('');
  expect(written({ ids: [CVE], purl: `${long}@1.0.0?arch=x86…` })).not.toBe('');
});

test('another vulnerability of the same package is not the same, and one more name of it is', () => {
  const purl = 'pkg:npm/left-pad@1.0.0';
  expect(areDuplicates(of(purl), of(purl, ['CVE-2026-0002']))).toBe(false);
  expect(areDuplicates(of(purl), of(purl, [GHSA, CVE.toLowerCase()]))).toBe(true);
});

test('the version that a tool writes beside a package URL without one counts', () => {
  const osv = { ids: [CVE], package: 'left-pad@1.0.0', purl: 'pkg:npm/left-pad' };
  expect(areDuplicates(read(osv), of('pkg:npm/left-pad@1.0.0'))).toBe(true);
  expect(areDuplicates(read(osv), of('pkg:npm/left-pad@2.0.0'))).toBe(false);
});

test.each<[string, Vulnerability]>([
  ['a package without its ecosystem', { ids: [CVE], package: 'left-pad@1.0.0' }],
  ['no id at all', { ids: [], purl: 'pkg:npm/left-pad' }],
  ['an advisory of a vendor, which is about several', { ids: ['DSA-5218-1'], purl: 'pkg:deb/debian/zlib1g' }],
  ['a package URL that is none', { ids: [CVE], purl: 'https://example.org' }],
  ['a package URL without a name', { ids: [CVE], purl: 'pkg:npm/' }],
])('%s has no duplicates', (_what, vulnerability) => {
  expect(written(vulnerability)).toBe('');
  expect(readDuplicateKeys('')).toEqual({ keys: [] });
});

test('what cannot be unescaped is taken as it is', () => {
  expect(same('pkg:npm/left%pad@1%', 'pkg:npm/left%pad@1%')).toBe(true);
});

test('of many ids the four are kept that most tools know, in whatever order they came', () => {
  const ids = ['MAL-2026-1', GHSA, 'CVE-2026-0003', 'CVE-2026-0002', 'GHSA-dddd-eeee-ffff', CVE];
  const purl = 'pkg:npm/left-pad';
  expect(problemOf({ vulnerability: { ids, purl } })?.ids).toEqual([
    CVE,
    'CVE-2026-0002',
    'CVE-2026-0003',
    GHSA.toUpperCase(),
  ]);
  expect(written({ ids: ids.toReversed(), purl })).toBe(written({ ids, purl }));
});

test('a problem of an Azure resource is the same in whatever case its id is written', () => {
  const of = (rule: string, subject: string) => readDuplicateKeys(duplicateKeysOf({ ids: [rule], subject }));
  const vault =
    '/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v';
  expect(areDuplicates(of('1e66c121', vault), of('1E66C121', vault.toUpperCase()))).toBe(true);
  expect(areDuplicates(of('1e66c121', vault), of('1e66c121', `${vault}2`))).toBe(false);
});

test('what does not comply with a definition is told by it and its resource, however both are written', () => {
  const vault = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.KeyVault/vaults/v';
  const definition = '/providers/Microsoft.Authorization/policyDefinitions/d';
  const of = (policyDefinition: string, asset?: string) =>
    readDuplicateKeys(duplicateKeysOf(problemOf({ policyDefinition, ...(asset === undefined ? {} : { asset }) })));
  expect(areDuplicates(of(definition, vault), of(`${definition.toLowerCase()}/`, `${vault.toUpperCase()}/`))).toBe(
    true,
  );
  expect(areDuplicates(of(definition, vault), of(`${definition}2`, vault))).toBe(false);
  expect(of(definition).keys).toEqual([]);
});
