import fc from 'fast-check';
import { expect, test } from 'vitest';
import { MATCH_KEYS, type Route, type RoutePlace } from '../../services/domain/route.ts';
import { type ExpectedRun, explainRoutes } from '../../services/domain/route-choice.ts';
import { chooseRoute, organizationName, placeOf } from '../../services/domain/routing.ts';
import { aRoute } from '../routes.ts';

const PLACE: RoutePlace = {
  service: 'payments-api',
  environment: 'prod',
  team: 'payments',
  subscription: 'payments-prod',
  resourceGroups: ['rg-payments', 'rg-shared'],
};
const EXPECTED: ExpectedRun = { organization: ['contoso'] };

/** A route for this match, found by its place. */
const routeFor = (match: Route['match'], line = 1) => aRoute({ match, source: `routes.yaml:${line}` });
const explain = (...matches: readonly Route['match'][]) =>
  explainRoutes(
    matches.map((match, index) => routeFor(match, index + 1)),
    PLACE,
    EXPECTED,
  );
const sources = (held: readonly { readonly route: Route }[]) => held.map(({ route }) => route.source);

test.each<[Route['match'], object]>([
  [
    { service: 'Payments-API', environment: 'PROD' },
    { agrees: ['service', 'environment'], depends: [] },
  ],
  [{ resourceGroup: 'rg-shared' }, { agrees: ['resourceGroup'], depends: [] }],
  [{ organization: 'Contoso' }, { agrees: ['organization'], depends: [] }],
  [
    { environment: 'prod', pipeline: 'nightly' },
    { agrees: ['environment'], depends: ['pipeline'] },
  ],
  [{ project: 'payments' }, { agrees: [], depends: ['project'] }],
])('a route for %j can match, and what agrees is named', (match, held) => {
  expect(explain(match)).toMatchObject({ possible: [held], differing: [] });
});

test.each<[Route['match'], object]>([
  [
    { service: 'orders-api', environment: 'staging' },
    { key: 'service', has: ['payments-api'] },
  ],
  [
    { environment: 'staging', team: 'orders' },
    { key: 'environment', has: ['prod'] },
  ],
  [
    { resourceGroup: 'rg-orders', environment: 'prod' },
    { key: 'resourceGroup', has: ['rg-payments', 'rg-shared'] },
  ],
  [{ managementGroup: 'retail' }, { key: 'managementGroup', has: [] }],
  [{ organization: 'fabrikam' }, { key: 'organization', has: ['contoso'] }],
  [
    { pipeline: 'nightly', team: 'orders' },
    { key: 'team', has: ['payments'] },
  ],
])('a route for %j cannot match, and the first key that differs is named with what there is', (match, differs) => {
  expect(explain(match)).toMatchObject({ possible: [], differing: [{ differs }] });
});

test.each<[string, readonly Route['match'][], object]>([
  ['no other matches', [{ environment: 'prod' }, { environment: 'staging' }], { by: 'alone' }],
  ['its narrowest key is narrower', [{ environment: 'prod' }, { team: 'payments' }], { by: 'key', key: 'team' }],
  [
    'it has more keys',
    [{ team: 'payments' }, { team: 'payments', environment: 'prod' }],
    { by: 'keys', key: 'team', over: { source: 'routes.yaml:1' } },
  ],
  [
    'it stands first',
    [{ resourceGroup: 'rg-shared' }, { resourceGroup: 'rg-payments' }],
    { by: 'place', over: { source: 'routes.yaml:2' } },
  ],
])('a route wins because %s', (_, matches, narrower) => {
  expect(explain(...matches).narrower).toMatchObject(narrower);
});

test('what a route for some runs leaves over goes to the narrowest that matches every run', () => {
  const choice = explain(
    { organization: 'contoso' },
    { environment: 'prod' },
    { pipeline: 'hotfix', project: 'payments' },
    { pipeline: 'nightly' },
    { project: 'payments' },
    { environment: 'prod', organization: 'contoso' },
  );

  expect(sources(choice.possible)).toEqual(['routes.yaml:3', 'routes.yaml:4', 'routes.yaml:5', 'routes.yaml:6']);
  expect(sources(choice.wider)).toEqual(['routes.yaml:2', 'routes.yaml:1']);
  expect(choice.narrower).toMatchObject({ by: 'keys', over: { source: 'routes.yaml:2' } });
});

test('when only some runs have a route, none is said to be for all', () => {
  const choice = explain({ pipeline: 'nightly' });

  expect(sources(choice.possible)).toEqual(['routes.yaml:1']);
  expect(choice.narrower).toBeUndefined();
});

test('without any that can match, the one that agrees in most keys is the nearest', () => {
  const choice = explain(
    { service: 'orders-api', environment: 'staging' },
    { team: 'orders' },
    { environment: 'prod', subscription: 'payments-prod', team: 'orders' },
  );

  expect(choice.possible).toEqual([]);
  expect(choice.differing[0]?.route.source).toBe('routes.yaml:3');
});

test('a pipeline that may be one of two depends on the run, one that is the only one does not', () => {
  const nightly = [routeFor({ pipeline: 'nightly' })];

  expect(explainRoutes(nightly, PLACE, { pipeline: ['nightly', 'release'] }).possible[0]?.depends).toEqual([
    'pipeline',
  ]);
  expect(explainRoutes(nightly, PLACE, { pipeline: ['nightly'] }).possible[0]?.depends).toEqual([]);
  expect(explainRoutes(nightly, PLACE, { pipeline: ['release'] }).possible).toEqual([]);
});

test('for every run the gate takes the first possible route whose conditions that run meets', () => {
  const value = fc.constantFrom('a', 'b');
  const match = fc.record(Object.fromEntries(MATCH_KEYS.map((key) => [key, value])), { requiredKeys: [] });
  const run = fc.record({ pipeline: value, project: value, organization: value });
  const place = fc.record({ service: value, environment: value, team: value, resourceGroups: fc.array(value) });
  fc.assert(
    fc.property(fc.array(match, { maxLength: 8 }), run, place, fc.boolean(), (matches, ran, where, isOneOrg) => {
      const routes = matches.map((one, index) => routeFor(one as Route['match'], index + 10));
      const { possible, narrower } = explainRoutes(routes, where, {
        organization: isOneOrg ? [ran.organization] : ['a', 'b'],
      });
      const taken = possible.find(({ route, depends }) => depends.every((key) => route.match[key] === ran[key]));

      expect(taken?.route).toEqual(chooseRoute(routes, { ...where, ...ran }));
      expect(possible.filter(({ depends }) => depends.length === 0)).toHaveLength(narrower === undefined ? 0 : 1);
    }),
    { seed: 20261127, numRuns: 2_000 },
  );
});

test('an organization goes by the last part of its address', () => {
  expect(organizationName('https://dev.azure.com/contoso')).toBe('contoso');
});

test('of a service that the catalog does not know, only its names are known', () => {
  expect(placeOf('x', 'prod', undefined)).toEqual({ service: 'x', environment: 'prod', resourceGroups: [] });
});
