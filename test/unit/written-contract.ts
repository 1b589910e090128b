import type { Contract } from '../../services/domain/contract.ts';
import { loadContract } from '../../services/policy/load-contract.ts';

/** The smallest useful contract, as somebody would write it. */
export const CONTRACT = `kind: GatingContract
version: 7
calendar:
  timezone: Europe/Berlin
  workingDays: [mon, tue, wed, thu, fri]
  workingHours: "09:00-17:30"
  cadences: { sprint: { every: 2w, from: 2026-11-23 } }
environments:
  prod: { tier: production, approval: required }
  staging: { tier: non-production, approval: none }
controls:
  sast:
    signal: { category: sast }
    evidence: { required: [production] }
    owner: { from: service, fallback: "group:security-leads" }
    expiry: { max: 60d, renewals: 1, reviewEvery: 2w, approvers: "group:security-leads" }
    decisions:
      - when: { severity: high }
        then: warn
      - then: monitor
`;

/** Loaded as on 2026-11-23. */
export const load = (text: string) => loadContract({ file: 'contract.yaml', text }, '2026-11-23');

export function contractFrom(text: string): Contract {
  const loaded = load(text);
  if (loaded.kind === 'broken') throw new Error(loaded.problems.join('\n'));
  return loaded.value;
}
