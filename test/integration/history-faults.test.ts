import { expect, test } from 'vitest';
import { ORG } from '../builders.ts';
import { createCoreWorld } from '../fakes/core-world.ts';
import type { Fault } from '../fakes/in-memory-table.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';

// Whatever call of an import fails, the report sent again leaves the same history, pasts and spread as if none had.

const SCOPE = { org: ORG, service: 'payments-api', environment: '-' };
const MOST_CALLS = 40;
const commit = (n: number) => n.toString(16).padStart(40, 'e');

/** Three scans before, and one whose call number `failing` meets this fault. */
async function played(failing: number, fault: Fault) {
  const policyDir = await policyFolder([
    'contract.yaml',
    '- { after: { age: 30d }, to: owner-lead }',
    '- { after: { services: 2 }, to: block }',
  ]);
  let calls = Number.NEGATIVE_INFINITY;
  const world = await createCoreWorld({
    policyDir,
    fault: () => {
      calls += 1;
      return calls === failing ? fault : 'ok';
    },
  });
  await scanned(world, ['shared'], { service: 'orders-api', commit: commit(9) });
  await scanned(world, ['old', 'kept'], { commit: commit(1) });
  await scanned(world, ['kept'], { commit: commit(2) });
  world.advance(10);
  calls = 0;
  const last = () => scanned(world, ['old', 'shared'], { commit: commit(3) });
  const failed = await last().then(
    () => false,
    () => true,
  );
  const met = calls >= failing;
  calls = Number.NEGATIVE_INFINITY;
  // A minute later, as pipelines do.
  world.advance(1);
  if (failed) await last();
  await world.settle();
  return { met, state: await stateOf(world) };
}

async function stateOf(world: Awaited<ReturnType<typeof createCoreWorld>>) {
  const stored = await world.ports.scopes.history(SCOPE, 'semgrep', 'main', { at: world.now, fingerprints: ['x'] });
  const { present, gone, seq } = stored.history;
  const fingerprints = [...present.keys(), ...gone.keys()].sort();
  const findings = await Promise.all(fingerprints.map((one) => world.ports.scopes.finding(SCOPE, one)));
  const { pasts, spreads } = await world.ports.scopes.view(SCOPE, []);
  const orders = await world.ports.scopes.view({ ...SCOPE, service: 'orders-api' }, []);
  return {
    seq,
    totals: fingerprints.map((one) => (present.get(one) ?? gone.get(one))?.total),
    gone: [...gone].map(([one, { goneAt }]) => [one, goneAt]),
    events: findings.map(({ events }) => events.map(({ kind }) => kind)),
    pasts: [...pasts.keys()],
    spreads: [...spreads, ...orders.spreads].map(([rule, { services }]) => [rule, services]),
    spreading: stored.spreading,
  };
}

test.each<Exclude<Fault, 'ok'>>(['before', 'after', 'after-conflict'])(
  'an import that the store fails in any of its calls, as in "%s", is whole once it is sent again',
  async (fault) => {
    const { state: expected } = await played(-1, fault);
    expect(expected).toMatchObject({ seq: 3, spreads: expect.arrayContaining([[expect.any(String), 2]]) });
    let failing = 1;
    for (let met = true; met && failing < MOST_CALLS; failing += 1) {
      const told = await played(failing, fault);
      met = told.met;
      expect(told.state, `call ${failing}`).toEqual(expected);
    }
    expect(failing).toBeGreaterThan(15);
    expect(failing).toBeLessThan(MOST_CALLS);
  },
);
