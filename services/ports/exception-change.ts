import { asJudged } from '../domain/active-exception.ts';
import type { Control } from '../domain/contract.ts';
import type { EvidenceDraft } from '../domain/evidence.ts';
import type { Exception } from '../domain/exception.ts';
import { withGrant } from '../domain/exception-grants.ts';
import type { Actor } from '../domain/person.ts';
import type { ExceptionChange, StoredException } from './exception-store.ts';

/** How long grants are remembered where the control is gone that would say it. */
const WITHOUT_CONTROL_DAYS = 366;

/** Who did what, and by which operation. */
export interface Done {
  readonly op: string;
  readonly kind: string;
  readonly actor: Actor;
  /** ISO-8601 UTC of now. */
  readonly at: string;
  /** Ids, codes and times beside those of every entry. */
  readonly data?: EvidenceDraft['data'];
  readonly texts?: Readonly<Record<string, string>>;
}

/** A change with all that follows from it: evidence, what later requests must know, and whether judgements are made anew. */
export function changeTo(
  from: StoredException,
  exception: Exception,
  control: Control | undefined,
  done: Done,
): ExceptionChange {
  const days = control?.expiry.maxDays ?? WITHOUT_CONTROL_DAYS;
  const known = from.grants.get(exception.target.control)?.grants ?? [];
  return {
    op: done.op,
    exception,
    at: done.at,
    evidence: exceptionEvidence(exception, control, done),
    wakes: readAs(from.exception) !== readAs(exception),
    ...(exception.grantedAt === undefined || readAs(from.exception) === readAs(exception)
      ? {}
      : { grants: withGrant(known, exception, days, done.at) }),
  };
}

/** What judgements read of it. */
function readAs(exception: Exception): string {
  const { state } = exception;
  const isRead = state === 'requested' || state === 'active';
  return JSON.stringify([state === 'suspended' ? 'over' : isRead ? state : 'over', isRead ? asJudged(exception) : '']);
}

/** Every entry says what the exception is at that moment, and whose its control is; names and texts stand apart. */
export function exceptionEvidence(
  exception: Exception,
  control: Control | undefined,
  { kind, actor, data = {}, texts = {} }: Pick<Done, 'kind' | 'actor' | 'data' | 'texts'>,
): EvidenceDraft {
  const { target, terms, state, revision, renewal, severity, category, contractVersion, votes, askers } = exception;
  return {
    kind,
    actor,
    data: {
      ...(data as Record<string, never>),
      exception: exception.id,
      state,
      revision,
      control: target.control,
      // Null: the contract has no such control any more, or nobody could read it.
      controlOwner: control?.owner.fallback ?? null,
      grantedBy: control?.expiry.approvers ?? null,
      service: target.service,
      environment: target.environment,
      fingerprints: target.fingerprints === undefined ? null : [...target.fingerprints],
      category,
      severity,
      owner: terms.owner,
      reasonClass: terms.reasonClass,
      until: terms.until,
      review: { ...terms.review },
      renewal: { ...renewal },
      contract: contractVersion,
      askers: askers.map(({ by }) => by.oid),
      approvals: votes.map(({ by }) => by.oid),
    },
    texts: {
      ...texts,
      reason: terms.reason,
      ...(terms.mitigation === undefined ? {} : { mitigation: terms.mitigation }),
      ...(terms.ticket === undefined ? {} : { ticket: terms.ticket }),
    },
  };
}
