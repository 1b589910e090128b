import { expect, test } from 'vitest';
import { spreadKey } from '../../services/domain/ladder.ts';
import { knownIn } from '../../services/ports/scope-store.ts';
import { aScopeView } from '../scans.ts';

const KEY = spreadKey('sast', 'weak-random');

test('of what two scopes were told of a rule’s spread the widest counts, whichever is read first', () => {
  const views = [2, 5].map((services) => aScopeView({ spreads: new Map([[KEY, { services, since: 10 * services }]]) }));
  for (const order of [views, views.toReversed()])
    expect(knownIn(order).spreads.get(KEY)).toEqual({ services: 5, since: 50 });
});

test('of what two scopes know of a finding’s past it was first seen when the earlier one saw it', () => {
  const views = [700, 400].map((firstSeen) =>
    aScopeView({ pasts: new Map([['print', { firstSeen, reached: {}, near: [] }]]) }),
  );
  for (const order of [views, views.toReversed()]) expect(knownIn(order).pasts.get('print')?.firstSeen).toBe(400);
});
