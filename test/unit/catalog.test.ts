import { expect, test } from 'vitest';
import { type Catalog, fullBranch, isDefaultBranch, servicesOf, speaksFor } from '../../services/domain/catalog.ts';
import { aService } from './judge-input.ts';

const PAYMENTS = aService();
const ORDERS = aService({ name: 'orders-api', repositories: ['Orders', 'shared'], pipelines: ['orders-deploy'] });
const BASKET = aService({ name: 'basket', repositories: ['shared'], pipelines: ['basket-deploy'] });

function aCatalog(...services: readonly (typeof PAYMENTS)[]): Catalog {
  return { services: new Map(services.map((service) => [service.name, service])), broken: new Map() };
}

test.each([
  ['its repository', { repository: 'payments-api', pipeline: 'any' }, true],
  ['its pipeline', { repository: 'any', pipeline: 'payments-deploy' }, true],
  ['its repository in other letters', { repository: 'Payments-API', pipeline: 'any' }, true],
  ['its pipeline in other letters', { repository: 'any', pipeline: 'PAYMENTS-DEPLOY' }, true],
  ['another repository and pipeline', { repository: 'payments', pipeline: 'payments-deploy-2' }, false],
  ['the two names in each other’s place', { repository: 'payments-deploy', pipeline: 'payments-api' }, false],
  ['no name at all', { repository: '', pipeline: '' }, false],
])('a run of %s speaks for a service: %s %s', (_, origin, expected) => {
  expect(speaksFor(PAYMENTS, origin)).toBe(expected);
});

test('names that the catalog writes large are the same names', () => {
  expect(speaksFor(ORDERS, { repository: 'orders', pipeline: 'any' })).toBe(true);
});

test('a run that names no service speaks for those of its pipeline, even where others share its repository', () => {
  const catalog = aCatalog(PAYMENTS, ORDERS, BASKET);

  expect(servicesOf(catalog, { repository: 'shared', pipeline: 'Basket-Deploy' })).toEqual(['basket']);
});

test('without a known pipeline it speaks for all of its repository, sorted', () => {
  const catalog = aCatalog(PAYMENTS, ORDERS, BASKET);

  expect(servicesOf(catalog, { repository: 'Shared', pipeline: 'new' })).toEqual(['basket', 'orders-api']);
});

test('a run of nothing that the catalog knows speaks for nobody', () => {
  expect(servicesOf(aCatalog(PAYMENTS), { repository: 'x', pipeline: 'y' })).toEqual([]);
});

test('the default branch is what the catalog says, else main or master; without a branch there is none', () => {
  const trunk = aService({ defaultBranch: 'refs/heads/trunk' });
  const branches = ['trunk', 'main', 'master', 'next'].map(fullBranch);

  expect(branches.filter((one) => isDefaultBranch(trunk, one))).toEqual(['refs/heads/trunk']);
  for (const service of [aService(), undefined])
    expect(branches.filter((one) => isDefaultBranch(service, one))).toEqual(['refs/heads/main', 'refs/heads/master']);
  expect(isDefaultBranch(trunk, undefined)).toBe(false);
});
