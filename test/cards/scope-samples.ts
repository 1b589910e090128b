import { scopeCard } from '../../cards/scope-card.ts';
import { listed } from '../../services/domain/exception-list.ts';
import { type ScopeMoment, type ScopeOverview, timelineOf } from '../../services/domain/scope-overview.ts';
import { ANN, aBlockedGate, aGate } from '../builders.ts';
import { aRecord } from '../exceptions.ts';
import { NOW } from '../unit/judge-input.ts';
import { aList, aListedGroup } from './listed-groups.ts';
import type { CardSample } from './samples.ts';

/** The cards of `show`. */
export function scopeSamples(): CardSample[] {
  const viewer = { oid: ANN.oid, zone: 'Europe/Berlin' };
  return [
    { name: 'show', card: scopeCard(anOverview(), viewer) },
    {
      name: 'show-none',
      card: scopeCard(anOverview({ waiting: [], findings: aList([]), exceptions: [], timeline: [] }), viewer),
    },
  ];
}

export function anOverview(over: Partial<ScopeOverview> = {}): ScopeOverview {
  const exception = aRecord();
  const blocked = aListedGroup({ decision: 'block', rule: 'leaked-key' });
  return {
    service: 'payments-api',
    environment: 'prod',
    at: NOW,
    waiting: [aBlockedGate(), aGate()],
    findings: aList([blocked, aListedGroup()]),
    exceptions: [listed(exception, NOW)],
    timeline: [
      ...aTimeline(),
      ...timelineOf({ waiting: [], releases: [], exceptions: [exception], events: [], reviews: [] }, NOW),
    ],
    ...over,
  };
}

function aTimeline(): ScopeMoment[] {
  const environment = 'prod';
  return [
    {
      kind: 'waits',
      at: '2026-11-23T09:20:00.000Z',
      environment,
      requestId: 'abcdefghij234567',
      runName: '20261123.4',
    },
    { kind: 'first-seen', at: '2026-11-23T09:10:00.000Z', tool: 'gitleaks', count: 1, commit: 'a'.repeat(40) },
    {
      ...{ kind: 'first-seen', at: '2026-11-23T08:00:00.000Z', environment },
      ...{ tool: 'azure-devops', count: 2, about: 'platform' },
    },
    {
      ...{ kind: 'first-seen', at: '2026-11-22T21:00:00.000Z', environment },
      ...{ tool: 'countersign', count: 3, about: 'drift' },
    },
    { kind: 'first-seen', at: '2026-11-22T20:00:00.000Z', tool: 'azure-activity', count: 1, about: 'audit' },
    { kind: 'gone', at: '2026-11-22T18:00:00.000Z', tool: 'semgrep', count: 3 },
    { kind: 'reopened', at: '2026-11-21T18:00:00.000Z', tool: 'trivy', count: 2 },
    {
      kind: 'released',
      at: '2026-11-20T09:12:00.000Z',
      environment,
      requestId: 'abcdefghij234566',
      runName: '20261120.2',
    },
  ];
}
