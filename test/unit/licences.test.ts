import { expect, test } from 'vitest';
import { listLicences } from '../../manifest/licences.ts';

const listed = (licenses?: Parameters<typeof listLicences>[0]['components'][number]['licenses']) =>
  listLicences({ components: [{ name: 'left', version: '1.0.0', ...(licenses && { licenses }) }] });
const id = (text: string) => ({ license: { id: text } });

test.each([
  [[id('MIT')]],
  [[{ expression: '(GPL-3.0-only OR MIT)' }]],
  [[{ expression: 'MIT AND ISC' }]],
  [[id('MIT'), id('ISC')]],
])('%j may be delivered', (licenses) => {
  expect(listed(licenses).problems).toEqual([]);
});

test.each([
  [undefined, 'names no licence'],
  [[], 'names no licence'],
  [[{ license: {} }], 'names no licence'],
  [[id('GPL-3.0-only')], 'GPL-3.0-only'],
  [[{ license: { name: 'SEE LICENSE IN LICENSE' } }], 'SEE LICENSE IN LICENSE'],
  [[{ expression: 'MIT AND GPL-3.0-only' }], 'MIT AND GPL-3.0-only'],
  [[id('MIT'), id('GPL-3.0-only')], 'MIT AND GPL-3.0-only'],
  [[{ expression: '(MIT OR ISC) AND GPL-3.0-only' }], '(MIT OR ISC) AND GPL-3.0-only'],
  [[id('mit')], 'mit'],
])('%j is a problem that names the package', (licenses, said) => {
  expect(listed(licenses).problems).toEqual([`left@1.0.0: ${said}`]);
});

test('the list has a line for each package, in order, and keeps a comma inside of its column', () => {
  const components = ['b', 'a,"x"'].map((name) => ({ name, version: '1.0.0', licenses: [id('MIT')] }));
  expect(listLicences({ components }).csv).toBe('name,version,licence\n"a,""x""",1.0.0,MIT\nb,1.0.0,MIT\n');
});
