import { describe, expect, test } from 'vitest';
import { type Baseline, type Entry, entryKey, placeState } from '../../services/domain/baseline.ts';
import type { ConnectionFact } from '../../services/domain/platform.ts';
import { releaseIdentities, usualPipelines } from '../../services/domain/release-path.ts';
import { TENANT } from '../builders.ts';
import {
  aConnectionFact,
  aPlatform,
  CLIENT,
  CONNECTION,
  MANAGEMENT_GROUP,
  NOW,
  PAYMENTS,
  PLANNING,
  PRINCIPAL,
  setting,
  TEST,
} from './connection-facts.ts';

describe('identities of the release path', () => {
  const of = (connections: readonly ConnectionFact[]) =>
    releaseIdentities([aPlatform(connections)], PAYMENTS, setting());
  const other = aConnectionFact({ id: 'other', clientId: 'another' });
  const { clientId: _, ...nobodys } = aConnectionFact({ id: 'other' });

  test('are those of every connection that leads there, by application and object', () => {
    expect(of([aConnectionFact()])).toEqual(expect.arrayContaining([CLIENT, PRINCIPAL, PLANNING.clientId]));
    expect(of([aConnectionFact({ principalId: 'object' }), other])).toEqual(
      expect.arrayContaining(['object', 'another']),
    );
  });

  test('are not those that lead elsewhere, nor of what is turned off', () => {
    const scope = { level: 'subscription', id: `/subscriptions/${TEST}` } as const;
    for (const over of [{ scope }, { isDisabled: true }])
      expect(of([aConnectionFact(), { ...other, ...over }])).not.toContain('another');
  });

  test('take in those of a management group of which nobody knows what is in it', () => {
    const scope = { level: 'management-group', id: MANAGEMENT_GROUP } as const;
    expect(of([aConnectionFact(), { ...other, scope }])).toContain('another');
  });

  test('are unknown where one of them is, or there is no connection at all, and never a part of them', () => {
    expect(of([aConnectionFact(), nobodys])).toBeUndefined();
    expect(releaseIdentities([], PAYMENTS, setting())).toBeUndefined();
    const { type: __, ...cluster } = nobodys;
    const { scope: ___, ...elsewhere } = { ...cluster, type: 'kubernetes' };
    expect(of([aConnectionFact(), elsewhere])).toContain(CLIENT);
  });

  test('are those of the catalog alone where it names some', () => {
    const { catalog, contract } = setting();
    const environments = new Map([['prod', { resourceGroups: [], identities: ['named'] }]]);
    const services = new Map([...catalog.services].map(([name, one]) => [name, { ...one, environments }]));
    expect(releaseIdentities([aPlatform()], PAYMENTS, { catalog: { ...catalog, services }, contract })).toEqual([
      'named',
    ]);
  });
});

describe('usual pipelines', () => {
  const used = (usedBy?: string, id = CONNECTION): Entry => ({
    ...{ key: entryKey('connection', 'p', id), kind: 'connection', name: 'azure', of: '', at: NOW },
    values: usedBy === undefined ? {} : { usedBy },
  });
  const baseline = (entries: readonly Entry[], over: Partial<Baseline> = {}): Baseline => ({
    ...placeState([], entries),
    ...{ taken: { requestId: 'r', runName: 'n', at: NOW, approvedBy: [] }, accepted: [], ops: [], ...over },
  });
  const usual = (...all: readonly Baseline[]) => usualPipelines(all, CONNECTION, NOW);

  test('are those of all baselines that have the connection, in any case', () => {
    expect(usual(baseline([used('Deploy')]), baseline([used('plan'), used('odd', 'other')]))).toEqual(
      new Set(['deploy', 'plan']),
    );
    expect(usual(baseline([used('')]))).toEqual(new Set());
  });

  test('are unknown where no baseline says, not none', () => {
    expect(usual(baseline([used()]), baseline([used('odd', 'other')]))).toBeUndefined();
    expect(usual()).toBeUndefined();
  });

  test('are also those that somebody accepted, as long as that lasts', () => {
    const by = { kind: 'person', tenant: TENANT, oid: 'o', name: 'Ann' } as const;
    const accepted = (until: string) =>
      baseline([used('deploy')], { accepted: [{ key: used().key, entry: used('odd'), by, at: NOW, until }] });
    expect(usual(accepted('2026-11-25T00:00:00.000Z'))).toEqual(new Set(['deploy', 'odd']));
    expect(usual(accepted(NOW))).toEqual(new Set(['deploy']));
  });
});
