import { expect, test } from 'vitest';
import { createSourcedPolicy } from '../../services/policy/sourced-policy.ts';
import { type PolicySource, PolicySourceError } from '../../services/ports/policy-source.ts';
import { CONTRACT } from './written-contract.ts';

const good = { stamp: async () => 'a', read: async () => ({ files: [{ file: 'contract.yaml', text: CONTRACT }] }) };

function setPolicy(source: PolicySource) {
  let now = Date.parse('2026-11-23T08:00:00.000Z');
  const policy = createSourcedPolicy({ source, clock: { now: () => new Date(now).toISOString() } });
  return {
    after: (seconds: number) => {
      now += seconds * 1_000;
      return policy.current();
    },
  };
}

test('whatever a source throws is a problem, and the last good version stays', async () => {
  let fault: unknown;
  const { after } = setPolicy({ ...good, stamp: () => (fault === undefined ? good.stamp() : Promise.reject(fault)) });
  await after(0);

  for (fault of [new TypeError('a bug'), 'no error at all']) {
    const { contract, problems } = await after(60);
    expect([contract?.version, problems[0]]).toEqual([7, expect.stringMatching(/^policy:1 source: cannot be read/)]);
  }
});

test('without any reading the problem of the source is the only one', async () => {
  const { after } = setPolicy({ ...good, read: () => Promise.reject(new PolicySourceError('x:1 y: gone')) });

  expect(await after(0)).toMatchObject({ problems: ['x:1 y: gone'] });
});

test('a source that asks to be left alone for an hour is looked at again within a minute', async () => {
  let looks = 0;
  const stamp = () => {
    looks += 1;
    return Promise.reject(new PolicySourceError('x', { retryAfter: 3_600 }));
  };
  const { after } = setPolicy({ ...good, stamp });
  await after(0);
  await after(44);
  expect(looks).toBe(1);

  await after(1);

  expect(looks).toBe(2);
});

test('a source without commits names none', async () => {
  const { after } = setPolicy(good);

  expect(await after(0)).not.toHaveProperty('commit');
});
