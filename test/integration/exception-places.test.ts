import { expect, test } from 'vitest';
import { createExceptionPlaces } from '../../services/exception-places.ts';
import type { PolicySnapshot } from '../../services/ports/policy.ts';
import type { ScopeKey } from '../../services/ports/scope-store.ts';
import { ORG } from '../builders.ts';
import { createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { actor } from '../fakes/exception-scene.ts';
import { scanned } from '../fakes/scanned.ts';

const adele = actor(PEOPLE.adele);

/** A secret of payments-api in prod, and what is looked at to find it. */
async function found(edit: (policy: PolicySnapshot) => PolicySnapshot = (policy) => policy, orgs = [ORG]) {
  const { core, ports } = await createCoreWorld();
  await scanned({ core }, ['a-key'], { tool: 'gitleaks', environment: 'prod' });
  const view = await ports.scopes.view({ org: ORG, service: 'payments-api', environment: 'prod' }, 'any');
  const [fingerprint = ''] = view.heads.flatMap(({ groups }) => groups.flatMap(({ fingerprints }) => fingerprints));
  const looked: ScopeKey[] = [];
  const places = createExceptionPlaces({
    ...ports,
    orgs,
    policy: { current: async () => edit(await ports.policy.current()) },
    scopes: {
      view: (scope, commits) => {
        looked.push(scope);
        return ports.scopes.view(scope, commits);
      },
    },
    strangerBecause: core.views.strangerBecause,
  });
  return { places, fingerprint, looked };
}

test('a finding is found in the one place in which it can be excepted', async () => {
  const { places, fingerprint } = await found();
  expect(fingerprint).toMatch(/^[0-9a-f]{32}$/);
  expect(await places.placesOf(adele, { fingerprint })).toEqual({
    places: [{ service: 'payments-api', environment: 'prod' }],
  });
  expect(await places.placesOf(adele, { fingerprint: '0'.repeat(32) })).toEqual({ code: 'unknown-finding' });
});

test('one place of two organizations is one place', async () => {
  const { places, fingerprint } = await found(undefined, [ORG, ORG]);
  expect(await places.placesOf(adele, { fingerprint })).toMatchObject({ places: [{}] });
});

test('a place that is named is taken at its word, and nothing named is nowhere: no scope is read', async () => {
  const { places, fingerprint, looked } = await found();
  const place = { service: 'anything', environment: 'moon' };
  expect(await places.placesOf(adele, { place, fingerprint })).toEqual({ places: [place] });
  expect(await places.placesOf(adele, {})).toEqual({ places: [] });
  expect(looked).toEqual([]);
});

test('of a large catalog not every scope is read for one sentence: the place has to be named', async () => {
  const { places, fingerprint, looked } = await found((policy) => {
    const [service] = policy.catalog.services.values();
    const services = new Map(
      Array.from({ length: 251 }, (_, n) => [`service-${n}`, service as NonNullable<typeof service>]),
    );
    return { ...policy, catalog: { ...policy.catalog, services } };
  });
  expect(await places.placesOf(adele, { fingerprint })).toEqual({ places: [] });
  expect(looked).toEqual([]);
});

test('strangers do not learn where a finding is, and without a contract nobody does', async () => {
  const { places, fingerprint, looked } = await found();
  const stranger = actor('00000000-0000-4000-8000-00000000dead');
  expect(await places.placesOf(stranger, { fingerprint })).toEqual({ code: 'stranger', refusal: 'not-in-directory' });
  expect(looked).toEqual([]);
  const without = await found(({ contract: _, ...policy }) => policy);
  expect(await without.places.placesOf(adele, { fingerprint })).toEqual({ code: 'no-contract' });
});
