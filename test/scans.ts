import type { DeadLetter } from '../services/domain/delivery-health.ts';
import type { Finding } from '../services/domain/finding.ts';
import type { ScanHead } from '../services/domain/scan-head.ts';
import type { ScopeView } from '../services/ports/scope-store.ts';
import { aSample, COMMIT } from './builders.ts';

/** One secret that gitleaks found. */
export function aFinding(overrides: Partial<Finding> = {}): Finding {
  return {
    ...aSample(),
    category: 'secret',
    tool: 'gitleaks',
    rule: 'generic-api-key',
    severity: 'high',
    suppressed: false,
    ...overrides,
  };
}

/** A complete, verified gitleaks scan of the shipped commit that found nothing. */
export function aScanHead(overrides: Partial<ScanHead> = {}): ScanHead {
  return {
    reportId: 'report-1',
    scanId: 'scan-1',
    service: 'payments-api',
    commit: COMMIT,
    category: 'secret',
    tool: 'gitleaks',
    complete: true,
    verified: true,
    runId: 4711,
    timing: 'build',
    receivedAt: '2026-11-23T09:00:00.000Z',
    scannedAt: '2026-11-23T08:59:00.000Z',
    knownGlobs: [],
    groups: [],
    ...overrides,
  };
}

export function aDeadLetter(overrides: Partial<DeadLetter> = {}): DeadLetter {
  return {
    requestId: 'abcdefgh23456789',
    services: ['payments-api'],
    environment: 'prod',
    kind: 'card',
    attempts: 30,
    since: '2026-11-23T09:30:00.000Z',
    ...overrides,
  };
}

/** A scope in which nothing is known. */
export function aScopeView(overrides: Partial<ScopeView> = {}): ScopeView {
  return {
    heads: [],
    vex: [],
    exceptions: [],
    requested: [],
    grants: new Map(),
    contenders: [],
    pasts: new Map(),
    openTools: new Set(),
    spreads: new Map(),
    ...overrides,
  };
}
