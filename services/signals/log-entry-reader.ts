import { entryId } from '../domain/activity.ts';
import type { AuditLogSource, ReadLogEntry } from '../ports/audit-log.ts';
import { AuditEntries } from './audit-entries.ts';
import type { AuditLog } from './audit-sink.ts';
import { AZURE_ACTIVITY_LOG } from './azure-activity.ts';
import { AZURE_DEVOPS_AUDIT_LOG } from './azure-devops-audit.ts';
import { FoundReport } from './found-report.ts';
import { objectOf } from './json-value.ts';

const LOGS: Readonly<Record<AuditLogSource['name'], AuditLog>> = {
  'azure-activity': AZURE_ACTIVITY_LOG,
  'azure-devops-audit': AZURE_DEVOPS_AUDIT_LOG,
};

/** One entry by the reader of its log's reports: what it means does not depend on what else came with it. */
export const readLogEntry: ReadLogEntry = async (source, target, written) => {
  const log = LOGS[source];
  const object = objectOf(written);
  if (object === undefined) return { kind: 'unreadable', why: 'an entry is no object' };
  const report = new FoundReport(source);
  const entry = log.entryOf(object, report);
  if (entry === undefined) return { kind: 'nothing' };
  if ('flaw' in entry) return { kind: 'unreadable', why: `an entry ${entry.flaw}` };
  const { at, operation, outcome, actor, correlation, asset, about = {}, isWrite = false } = entry;
  if (at === undefined) return { kind: 'unreadable', why: 'an entry does not say when' };
  const entries = new AuditEntries(report);
  entries.add(entry);
  entries.finish(report.scan(source));
  await report.settle();
  const [finding] = report.finish().findings;
  return {
    ...{ id: entryId(source, target, log.idOf(object), object), at, operation, outcome, isWrite, correlation, about },
    actor: { ids: actor.ids, name: actor.name },
    ...(asset === undefined ? {} : { asset }),
    ...(finding === undefined ? {} : { finding }),
  };
};
