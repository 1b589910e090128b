import { armKey } from './asset.ts';
import { shortened } from './duplicate-keys.ts';
import type { Finding } from './finding.ts';

/** What an exemption of Azure Policy says that it lets pass. */
export interface PolicyExemption {
  /** ARM id of the assignment. */
  readonly assignment: string;
  /** Of its initiative; empty: everything that it assigns. */
  readonly references: readonly string[];
  /** ARM id of what it is attached to: it reaches that, and what lies within. */
  readonly scope: string;
}

const KEY_LENGTH = 12;
/** Resources lie at most so deep within one another. */
const SCOPES = 10;
/** A longer id may have been cut, and would be that of something else. */
const ID_LIMIT = 900;

/** Its reference, then its assignment with everything that it lies in, as short as they can be kept; empty: no state of Azure Policy. */
export function exemptionKeysOf({
  policyAssignment: assignment,
  policyReference: reference = '',
  asset,
}: Pick<Finding, 'policyAssignment' | 'policyReference' | 'asset'>): string {
  if (assignment === undefined || asset === undefined) return '';
  if ([assignment, reference, asset].some((id) => id.length > ID_LIMIT)) return '';
  return [referenceKey(reference), ...scopesOf(asset).map((scope) => scopeKey(assignment, scope))].join('');
}

/** Whether it lets this finding pass in Azure. What cannot be told is not. */
export function isExempted(keys: string, { assignment, references, scope }: PolicyExemption): boolean {
  const [reference = '', ...scopes] = Array.from({ length: keys.length / KEY_LENGTH }, (_, n) =>
    keys.slice(n * KEY_LENGTH, (n + 1) * KEY_LENGTH),
  );
  if (references.length > 0 && !references.some((one) => referenceKey(one) === reference)) return false;
  return scopes.includes(scopeKey(assignment, scope));
}

function referenceKey(reference: string): string {
  return shortened(['reference', reference.trim().toLowerCase()], KEY_LENGTH);
}

function scopeKey(assignment: string, scope: string): string {
  return shortened(['scope', armKey(assignment), armKey(scope)], KEY_LENGTH);
}

/** Of an ARM id itself and everything that it lies in: its parts are pairs of a kind and a name. */
function scopesOf(id: string): string[] {
  const parts = armKey(id).split('/').slice(1);
  const ends = Array.from({ length: Math.min(SCOPES, Math.ceil(parts.length / 2)) }, (_, n) => 2 * (n + 1));
  return ends.map((end) => `/${parts.slice(0, end).join('/')}`);
}
