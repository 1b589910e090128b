import { isSame, type Reply } from './azure-devops-model.ts';
import { type Asked, forbidden, notFound, type Route } from './azure-devops-rest.ts';

/** The audit log of an organization: it is read at the organization's own address here, which a server of one's own has. */
export interface SimulatedAuditLog {
  /** In the order in which they become visible. */
  readonly entries: { readonly organization: string; readonly entry: Readonly<Record<string, unknown>> }[];
  /** "Log audit events" of the organization's policies. */
  isOn: boolean;
  /** "View audit log" of the bot. */
  isReadable: boolean;
  /** As the reference shows the answer. */
  isWrapped: boolean;
  pageSize: number;
}

export function createAuditLogWorld(): SimulatedAuditLog {
  return { entries: [], isOn: true, isReadable: true, isWrapped: false, pageSize: 200 };
}

/** Audit Log - Query (audit/auditlog): by time, both ends included, newest first, a page by a token in the answer. */
export const AUDIT_ROUTES: readonly Route[] = [{ method: 'GET', path: /^audit\/auditlog$/, reply: query }];

function query({ world, organization, caller, query: asked }: Asked): Reply {
  const { entries, isOn, isReadable, isWrapped, pageSize } = world.auditLog;
  if (caller.kind !== 'bot' || !isReadable)
    return forbidden('TF400813: The user is not authorized to access this resource: View audit log.');
  if (!isOn) return notFound('Auditing is not enabled for this organization.');
  const [from, until] = ['startTime', 'endTime'].map((name) => Date.parse(asked.get(name) ?? ''));
  const told = entries.filter((one) => isSame(one.organization, organization)).map(({ entry }) => entry);
  // What everybody does there is no news.
  const own = [...(world.people.audit.entries as typeof told), ...told]
    .filter(({ timestamp, Timestamp }) => isWithin(Date.parse(String(timestamp ?? Timestamp)), from, until))
    .toReversed();
  const start = Number(asked.get('continuationToken') ?? 0);
  const end = start + Math.min(pageSize, Number(asked.get('batchSize') ?? pageSize));
  const hasMore = end < own.length;
  const batch = {
    decoratedAuditLogEntries: own.slice(start, end),
    continuationToken: hasMore ? String(end) : '',
    hasMore,
  };
  return { status: 200, body: isWrapped ? { value: batch } : batch };
}

function isWithin(at: number, from = Number.NaN, until = Number.NaN): boolean {
  return (Number.isNaN(from) || at >= from) && (Number.isNaN(until) || at <= until);
}
