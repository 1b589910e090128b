import { expect, test } from 'vitest';
import { areEquallyNarrow, type Route, type RouteSubject } from '../../services/domain/route.ts';
import { chooseRoute } from '../../services/domain/routing.ts';
import { aRoute } from '../routes.ts';

const SUBJECT: RouteSubject = {
  service: 'payments-api',
  environment: 'prod',
  pipeline: 'payments-deploy',
  project: 'payments',
  organization: 'contoso',
  team: 'payments-team',
  subscription: 'payments-prod',
  managementGroup: 'mg-retail',
  resourceGroups: ['rg-payments', 'rg-shared'],
};

/** Narrowest first. */
const MATCHES: readonly Route['match'][] = [
  { service: 'payments-api', environment: 'prod' },
  { service: 'payments-api' },
  { pipeline: 'payments-deploy' },
  { resourceGroup: 'rg-shared' },
  { subscription: 'payments-prod' },
  { managementGroup: 'mg-retail' },
  { team: 'payments-team' },
  { project: 'payments', environment: 'prod' },
  { project: 'payments' },
  { environment: 'prod' },
  { organization: 'contoso' },
];

const ROUTES = MATCHES.map((match, index) => aRoute({ match, source: `routes.yaml:${index + 10}` }));

test('the narrowest of the routes that match wins, in whatever order they stand', () => {
  for (let from = 0; from < ROUTES.length; from += 1) {
    const left = ROUTES.slice(from);
    expect(chooseRoute(left, SUBJECT)?.match).toEqual(MATCHES[from]);
    expect(chooseRoute(left.toReversed(), SUBJECT)?.match).toEqual(MATCHES[from]);
  }
});

test.each(ROUTES.slice(1).map(({ match }) => Object.keys(match)[0] ?? ''))(
  'a route for another %s does not match',
  (key) => {
    expect(chooseRoute([aRoute({ match: { [key]: 'something else' } })], SUBJECT)).toBeUndefined();
  },
);

test('all keys of a match must agree', () => {
  expect(
    chooseRoute([aRoute({ match: { service: 'payments-api', environment: 'staging' } })], SUBJECT),
  ).toBeUndefined();
});

test('names are compared without case', () => {
  expect(chooseRoute([aRoute({ match: { resourceGroup: 'RG-Shared', environment: 'PROD' } })], SUBJECT)).toBeDefined();
  expect(chooseRoute([aRoute()], { ...SUBJECT, environment: 'Prod' })).toBeDefined();
  expect(areEquallyNarrow({ environment: 'PROD' }, { environment: 'prod' })).toBe(true);
  expect(areEquallyNarrow({ environment: 'prod' }, { environment: 'PROD' })).toBe(true);
});

test('without a matching route there is none: there is no default crowd', () => {
  expect(chooseRoute([], SUBJECT)).toBeUndefined();
  expect(chooseRoute([aRoute({ match: {} })], SUBJECT)).toBeUndefined();
});

test('what a deployment does not say matches no route that asks for it', () => {
  const { team: _, ...teamless } = SUBJECT;

  expect(
    chooseRoute([aRoute({ match: { team: '' } }), aRoute({ match: { team: 'undefined' } })], teamless),
  ).toBeUndefined();
});

test('of two equally narrow routes the place in the files decides, so that every instance chooses the same', () => {
  const [first, second] = [aRoute({ source: 'routes.yaml:3' }), aRoute({ source: 'routes.yaml:9' })];

  expect(chooseRoute([second, first], SUBJECT)?.source).toBe('routes.yaml:3');
  expect(chooseRoute([first, second], SUBJECT)?.source).toBe('routes.yaml:3');
});
