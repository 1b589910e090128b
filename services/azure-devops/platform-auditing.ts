import { z } from 'zod';
import type { AuditingFact } from '../domain/people-facts.ts';
import { translated } from './platform-faults.ts';
import { auditLogPath, auditStreamsPath } from './platform-people-paths.ts';
import { PERMISSIONS } from './platform-permissions.ts';
import { readSteps, type SectionReader } from './platform-read.ts';

/** Days without any entry of the audit log after which nothing shows that there is one. */
const QUIET_DAYS = 7;
const DAY_MS = 86_400_000;

/** By their number too, as the documentation's own example has them. */
const STATUSES = ['unknown', 'enabled', 'disabledByUser', 'disabledBySystem', 'deleted', 'backfilling'];

const stream = z.object({
  id: z.number().int(),
  displayName: z.string().nullish(),
  consumerType: z.string().nullish(),
  status: z.union([
    z.string(),
    z
      .number()
      .int()
      .transform((number) => STATUSES[number] ?? `status ${number}`),
  ]),
});
const list = z.array(stream);
/** A list, alone or as others are, or the one stream that there is. */
const streams = z.union([
  list,
  z.object({ value: list }).transform(({ value }) => value),
  stream.transform((one) => [one]),
]);
const log = z.object({ decoratedAuditLogEntries: z.array(z.unknown()) });
const entries = z.union([log, z.object({ value: log }).transform(({ value }) => value)]);

interface State {
  readonly isDone?: boolean;
  readonly facts: AuditingFact;
  readonly hasStreams?: true;
}

const FIRST: State = { facts: { isOn: undefined, streams: [] } };

/**
 * Where the audit log of an organization is streamed to, and whether there is one at all (Audit: Streams - Query All Streams, Audit Log -
 * Query). No documented answer says that auditing is off: an entry of the last days proves that it is on, without one nobody can tell.
 */
export function createAuditingReader(now: () => number): SectionReader<'auditing'> {
  return (read, section) =>
    translated(PERMISSIONS.auditing, async () => {
      const ask = read.at('auditservice');
      const { state, ...cost } = await readSteps(read, section, FIRST, async (from): Promise<State> => {
        if (from.hasStreams !== true) {
          const { value } = await ask(auditStreamsPath(), streams);
          return { ...from, hasStreams: true, facts: { ...from.facts, streams: value.map(streamOf) } };
        }
        const since = new Date(now() - QUIET_DAYS * DAY_MS).toISOString();
        const { value } = await ask(auditLogPath(since, 1), entries);
        const isOn = value.decoratedAuditLogEntries.length > 0 ? true : undefined;
        return { isDone: true, facts: { ...from.facts, isOn } };
      });
      return { facts: state.facts, ...cost };
    });
}

function streamOf({ id, displayName, consumerType, status }: z.output<typeof stream>): AuditingFact['streams'][number] {
  return { id: String(id), name: displayName || consumerType || String(id), status };
}
