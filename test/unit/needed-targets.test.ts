import { expect, test } from 'vitest';
import type { Service } from '../../services/domain/catalog.ts';
import { neededFor } from '../../services/ports/needed-targets.ts';

const [ONE, TWO] = ['https://dev.azure.com/one', 'https://dev.azure.com/two'];
const service = (name: string, repositories: readonly string[], subscription?: string): Service => ({
  name,
  owner: 'group:owners',
  repositories,
  pipelines: [],
  paths: [],
  environments: new Map([
    ['prod', { ...(subscription === undefined ? {} : { subscription }), resourceGroups: ['rg'] }],
  ]),
});
const catalogOf = (...services: readonly Service[]) => ({
  services: new Map(services.map((one) => [one.name, one])),
  broken: new Map(),
});
const repository = (id: string, organization: string, ...services: readonly string[]) => ({
  id,
  name: `Shop/${id}`,
  repository: { organization, services },
});
const at = (environment: string) => ({ service: 'shop', environment });

test('each organization needs its own repositories of a service, not those of another', () => {
  const targets = [repository('a', ONE, 'shop'), repository('b', TWO, 'shop'), repository('c', ONE, 'other')];
  const needed = neededFor(catalogOf(service('shop', ['a', 'b'])), { targets, unseen: new Map() });

  expect(needed(ONE, at('-'))).toEqual(['a']);
  expect(needed(TWO, at('-'))).toEqual(['b']);
  expect(needed(ONE, at('prod'))).toEqual([]);
});

test('what the catalog names and nobody sees is needed too, so that nothing is known in full', () => {
  const targets = [repository('a', ONE, 'shop')];
  const unseen = new Map([['Lost', 'the bot sees no repository of this name']]);
  const needed = neededFor(catalogOf(service('shop', ['a', 'LOST'])), { targets, unseen });

  expect(needed(ONE, at('-'))).toEqual(['a', 'lost']);
  expect(needed(TWO, at('-'))).toEqual([]);
});

test('every subscription of a name is needed, by name or id in any case', () => {
  const targets = [
    { id: 'id-1', name: 'Prod' },
    { id: 'id-2', name: 'prod' },
    { id: 'id-3', name: 'id-3' },
  ];
  const needed = (subscription?: string) =>
    neededFor(catalogOf(service('shop', [], subscription)), { targets, unseen: new Map() })(ONE, at('prod'));

  expect(needed('PROD')).toEqual(['id-1', 'id-2']);
  expect(needed('ID-3')).toEqual(['id-3']);
  expect(needed()).toEqual([]);
});

test('of ten thousand targets each place is found at once', () => {
  const targets = Array.from({ length: 10_000 }, (_, n) => ({ id: `id-${n}`, name: `sub-${n}` }));
  const services = targets.map(({ name }, n) => service(`s-${n}`, [], name));
  let asked = 0;
  const counted = targets.map(({ id, name }) => ({
    id,
    get name() {
      asked += 1;
      return name;
    },
  }));
  const needed = neededFor(catalogOf(...services), { targets: counted, unseen: new Map() });
  const found = services.map(({ name }) => needed(ONE, { service: name, environment: 'prod' }));

  expect(found.flat()).toHaveLength(10_000);
  expect(asked).toBeLessThanOrEqual(20_000);
});
