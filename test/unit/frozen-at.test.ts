import { expect, test } from 'vitest';
import { frozenAt } from '../../services/domain/gate-routes.ts';
import { chooseRoute } from '../../services/domain/routing.ts';
import { aRoute } from '../routes.ts';

const freeze = {
  from: '2026-12-20',
  until: '2027-01-03',
  level: 'group:release-managers',
  reason: 'required',
} as const;

test.each([
  ['2026-12-19', 0],
  ['2026-12-20', 1],
  ['2027-01-03', 1],
  ['2027-01-04', 0],
])(
  'on %s a freeze from 20 December until 3 January asks for %i levels more: both days belong to it',
  (today, count) => {
    expect(frozenAt(aRoute({ freezes: [freeze] }), today)).toHaveLength(count);
  },
);

test('a freeze holds in the scope of its route alone', () => {
  const frozen = aRoute({ match: { environment: 'prod', service: 'payments-api' }, freezes: [freeze] });
  const routes = [frozen, aRoute({ match: { environment: 'prod' } })];
  const frozenFor = (service: string) => {
    const route = chooseRoute(routes, {
      service,
      environment: 'prod',
      resourceGroups: [],
      project: 'Shop',
      pipeline: 'p',
      organization: 'contoso',
    });
    return route && frozenAt(route, '2026-12-24').length;
  };
  expect([frozenFor('payments-api'), frozenFor('orders-api')]).toEqual([1, 0]);
});
