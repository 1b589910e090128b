import { scopeCard } from '../../cards/scope-card.ts';
import { listed } from '../../services/domain/exception-list.ts';
import type { ScopeMoment, ScopeOverview } from '../../services/domain/scope-overview.ts';
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
      card: scopeCard(
        anOverview({ waiting: [], findings: aList([]), exceptions: [], timeline: { moments: [] } }),
        viewer,
      ),
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
    timeline: { moments: aTimeline() },
    ...over,
  };
}

/** One of each kind, the newest first. */
export function aTimeline(): ScopeMoment[] {
  const environment = 'prod';
  const run = { requestId: 'abcdefghij234566', runName: '20261120.2' };
  return [
    { kind: 'waits', at: '2026-11-23T09:20:00.000Z', environment, requestId: ID, runName: '20261123.4' },
    { kind: 'first-seen', at: '2026-11-23T09:10:00.000Z', tool: 'gitleaks', count: 1 },
    {
      ...{ kind: 'off-path', at: '2026-11-23T08:30:00.000Z', environment },
      ...{ actionId: 'offpathaction234', action: 'check', standing: 'not-explained' },
    },
    {
      ...{ kind: 'audited', at: '2026-11-23T08:30:00.000Z', environment, count: 3 },
      message: 'Grace Hopper changed a check of environment prod in project Shop',
    },
    {
      ...{ kind: 'first-seen', at: '2026-11-23T08:00:00.000Z', environment },
      ...{ tool: 'azure-devops', count: 2, about: 'platform' },
    },
    {
      ...{ kind: 'first-seen', at: '2026-11-22T21:00:00.000Z', environment },
      ...{ tool: 'countersign-drift', count: 3, about: 'drift' },
    },
    { kind: 'drift-accepted', at: '2026-11-22T20:30:00.000Z', environment, by: 'Adele Vance', until: NOW },
    { kind: 'audit-reviewed', at: '2026-11-22T19:00:00.000Z', by: 'Alex Wilber' },
    { kind: 'gone', at: '2026-11-22T18:00:00.000Z', tool: 'semgrep', count: 3 },
    {
      ...{ kind: 'decided', at: '2026-11-22T12:00:00.000Z', environment, requestId: ID, runName: '20261122.1' },
      ...{ outcome: 'rejected', by: ['Grace Hopper'], observed: false },
    },
    { kind: 'exception-ended', at: '2026-11-22T00:00:00.000Z', environment, exceptionId: 'EX-7', standing: 'expired' },
    { kind: 'reopened', at: '2026-11-21T18:00:00.000Z', tool: 'trivy', count: 2 },
    { kind: 'looked-after', at: '2026-11-20T09:42:00.000Z', environment, ...run, verdict: 'found', found: 2 },
    {
      ...{ kind: 'baseline-taken', at: '2026-11-20T09:12:30.000Z', environment, ...run },
      ...{ by: ['Adele Vance', 'Alex Wilber'], entries: 42 },
    },
    {
      ...{ kind: 'decided', at: '2026-11-20T09:12:00.000Z', environment, ...run },
      ...{ outcome: 'approved', by: ['Adele Vance', 'Alex Wilber'], observed: false },
    },
    { kind: 'exception-reviewed', at: '2026-11-19T09:12:00.000Z', environment, exceptionId: 'EX-7' },
    { kind: 'exception-granted', at: '2026-11-13T09:12:00.000Z', environment, exceptionId: 'EX-7' },
    { kind: 'exception-asked', at: '2026-11-12T09:12:00.000Z', environment, exceptionId: 'EX-7' },
  ];
}

const ID = 'abcdefghij234567';
