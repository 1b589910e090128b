import { findingCard } from '../../cards/finding-card.ts';
import { findingListCard } from '../../cards/finding-list-card.ts';
import { assignCard, snoozeCard, triageDoneCard } from '../../cards/triage-card.ts';
import type { FindingView } from '../../services/domain/finding-view.ts';
import type { TriageOffer } from '../../services/domain/open-finding.ts';
import type { Person } from '../../services/domain/person.ts';
import { ANN, BOB, ORG } from '../builders.ts';
import { AT, aList, aListedGroup, PRINT } from './listed-groups.ts';
import { scopeSamples } from './scope-samples.ts';

/** What is open and what people do with it, each as a reader sees it. */
export function findingSamples() {
  const viewer = { oid: ANN.oid, zone: 'Europe/Berlin' };
  return [
    {
      name: 'findings',
      card: findingListCard(aList([blocked, shipped, overdue, claimed, snoozed, foundTwice, aListedGroup()]), viewer),
    },
    { name: 'findings-none', card: findingListCard(aList([]), viewer) },
    { name: 'finding', card: findingCard(aView(), viewer) },
    { name: 'finding-duplicates', card: findingCard(aView({ places: [foundTwice] }), viewer) },
    { name: 'finding-gone', card: findingCard(aView({ places: [], isUnowned: false }), viewer) },
    { name: 'finding-snooze', card: snoozeCard(anOffer(), 'prod') },
    { name: 'finding-assign', card: assignCard(anOffer(), 'prod') },
    { name: 'finding-done', card: triageDoneCard(anOffer(), viewer) },
    ...scopeSamples(),
  ];
}

const blocked = aListedGroup({ decision: 'block', rule: 'leaked-key' });
const AFTER = {
  requestId: 'abcdefghijklmnop',
  environment: 'prod',
  runName: '20261120.2',
  at: '2026-11-20T09:12:40.000Z',
};
const shipped = aListedGroup({ decision: 'block', rule: 'leaked-token', foundAfter: AFTER });
const overdue = aListedGroup({ dueAt: '2026-11-20T09:00:00.000Z', lead: 'group:payments-leads' }, { isOverdue: true });
const claimed = aListedGroup(
  { count: 3, dueAt: '2026-12-08T09:00:00.000Z', escalatesAt: { to: 'owner-lead', at: '2026-12-24T09:00:00.000Z' } },
  {
    hasOwner: false,
    unowned: 1,
    claims: [
      { oid: ANN.oid, name: ANN.name, count: 2 },
      { oid: BOB.oid, count: 1 },
    ],
  },
);
const snoozed = aListedGroup(
  { service: 'orders-api', count: 2, exceptionId: 'EX-7', fixAvailable: true },
  {
    snoozes: [
      { snooze: { until: '2026-11-30' }, count: 1 },
      { snooze: { untilFix: true }, count: 1 },
    ],
  },
);

const foundTwice = aListedGroup({
  duplicates: [
    { of: PRINT, tool: 'grype', rule: 'GHSA-35jh-r3h4-6jhm', fingerprint: 'fedcba9876543210fedcba9876543210' },
    { of: PRINT, tool: 'npm-audit', rule: 'GHSA-35jh-r3h4-6jhm', fingerprint: 'abcdef0123456789abcdef0123456789' },
  ],
});

export function aView(over: Partial<FindingView> = {}): FindingView {
  const event = { at: AT, tool: 'semgrep', reportId: 'r1', commit: 'c'.repeat(40), runId: 7 } as const;
  return {
    key: { org: ORG, service: 'payments-api', fingerprint: PRINT },
    at: AT,
    context: {
      service: 'payments-api',
      owner: 'group:payments-owners',
      lead: 'group:payments-leads',
      criticality: 'high',
    },
    places: [claimed, aListedGroup({}, { environment: 'staging' })],
    triage: { fingerprint: PRINT, assignee: ANN.oid, by: ANN.oid, at: AT },
    assignee: ANN.name,
    isUnowned: false,
    pasts: [
      {
        environment: '-',
        past: {
          state: 'open',
          tool: 'semgrep',
          firstSeen: AT,
          lastSeen: AT,
          count: 4,
          events: [
            { ...event, kind: 'first-seen', rule: 'weak-random', category: 'sast' },
            { ...event, kind: 'gone' },
            { ...event, kind: 'reopened' },
          ],
        },
      },
    ],
    exceptions: [],
    ...over,
  };
}

export function anOffer(over: Partial<TriageOffer> = {}): TriageOffer {
  const person = ({ oid, name }: { oid: string; name: string }): Person => ({
    ...{ oid, name, upn: `${oid}@contoso.example` },
    ...{ guest: false, disabled: false, sameAs: [] },
  });
  const { group } = aListedGroup({ dueAt: '2026-12-08T09:00:00.000Z' });
  return {
    finding: {
      key: { org: ORG, service: 'payments-api', fingerprint: PRINT },
      places: [
        { environment: 'prod', group },
        { environment: 'staging', group },
      ],
      owners: ['group:payments-owners'],
      now: AT,
    },
    triage: { fingerprint: PRINT, assignee: ANN.oid, snoozed: { until: '2026-11-30' }, by: ANN.oid, at: AT },
    assignee: person(ANN),
    people: [person(ANN), person(BOB)],
    latest: '2026-12-24',
    ...over,
  };
}
