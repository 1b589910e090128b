import { type FindingList, findingCounts, type ListedGroup } from '../../services/domain/finding-list.ts';
import type { OpenGroup } from '../../services/domain/judgement.ts';
import { aSample, aWarning, ORG } from '../builders.ts';

export const AT = '2026-11-24T09:00:00.000Z';
export const PRINT = '0123456789abcdef0123456789abcdef';

export function aListedGroup(group: Partial<OpenGroup> = {}, over: Partial<ListedGroup> = {}): ListedGroup {
  const sample = aSample({ fingerprint: PRINT });
  return {
    org: ORG,
    environment: 'prod',
    group: { ...aWarning({ fingerprints: [PRINT], count: 1, samples: [sample] }), ...group },
    isOverdue: false,
    hasOwner: true,
    unowned: 0,
    claims: [],
    snoozes: [],
    ...over,
  };
}

export function aList(rows: readonly ListedGroup[], over: Partial<FindingList> = {}): FindingList {
  const contexts = [
    { service: 'payments-api', owner: 'group:payments-owners', lead: 'group:payments-leads', criticality: 'high' },
  ] as const;
  return { filter: {}, at: AT, rows, counts: findingCounts(rows), contexts, unread: 0, ...over };
}
