import type { ActivityEvent } from '../domain/activity.ts';
import type { LogCursor } from '../domain/log-window.ts';
import type { Recalled } from '../domain/scope-overview.ts';
import type { ActivityStore, DeploymentCursor, StoredDeploymentCursor } from '../ports/activity-store.ts';
import { ConflictError, type Table, type Write } from '../ports/table.ts';
import { component, key, keyTime, prefixRange, WHOLE } from './keys.ts';
import { MOST_RECALLED, newestFirstTime, recalled, sinceRange } from './moment-rows.ts';

interface Needs {
  readonly table: Table;
  readonly tenant: string;
}

const LOG_CURSOR = 'c';
const DEPLOYMENTS = 'd';
const SINCE = 's';
const OF_SERVICE = 'y';
const WRITES_A_COMMIT = 100;

/** Events in table `log`, a partition for each day; cursors in table `sys`, one partition for the tenant. */
export function createActivityStore({ table, tenant }: Needs): ActivityStore {
  const cursors = key(component(tenant), 'log');
  const logRow = (source: string, target: string) => key(LOG_CURSOR, component(source), component(target));

  async function replace<T>(row: string, value: T, etag: string | undefined): Promise<{ etag: string } | undefined> {
    const values = { cursor: JSON.stringify(value) };
    const write: Write = etag === undefined ? { kind: 'create', row, values } : { kind: 'replace', row, values, etag };
    try {
      return { etag: (await table.commit('sys', cursors, [write])).get(row) ?? '' };
    } catch (error) {
      if (error instanceof ConflictError) return undefined;
      throw error;
    }
  }

  return {
    add: async (events) => {
      for (const [day, own] of Map.groupBy(events, ({ at }) => at.slice(0, 10))) await addDay(table, tenant, day, own);
    },
    since: async (instant) => {
      const partitions = {
        from: dayPartition(tenant, instant.slice(0, 10)),
        before: prefixRange(key(component(tenant), 'activity')).before,
      };
      const events: ActivityEvent[] = [];
      for await (const { values } of table.across('log', partitions, [WHOLE])) events.push(eventIn(values));
      return events.filter(({ at }) => at >= instant);
    },
    of: (service, instant) => readOf(table, servicePartition(tenant, service), instant),
    logCursor: async (source, target) => {
      const row = await table.get('sys', cursors, logRow(source, target));
      return row && { cursor: JSON.parse(String(row.values['cursor'])) as LogCursor, etag: row.etag };
    },
    putLogCursor: async (source, target, cursor, before) => {
      const put = await replace(logRow(source, target), cursor, before?.etag);
      return put && { cursor, ...put };
    },
    deploymentCursors: async () => {
      const rows = await table.list('sys', cursors, { ranges: [prefixRange(DEPLOYMENTS)] });
      return rows.map(({ etag, values }) => ({
        cursor: JSON.parse(String(values['cursor'])) as DeploymentCursor,
        etag,
      }));
    },
    putDeploymentCursor: async (cursor, before) => {
      const put = await replace(deploymentRow(cursor), cursor, before?.etag);
      return put && ({ cursor, ...put } satisfies StoredDeploymentCursor);
    },
    watchedSince: async (organization, now) => {
      const row = key(SINCE, component(organization));
      const known = await table.get('sys', cursors, row);
      if (known === undefined && (await replace(row, now, undefined)) !== undefined) return now;
      const stored = known ?? (await table.get('sys', cursors, row));
      return stored === undefined ? now : String(JSON.parse(String(stored.values['cursor'])));
    },
  };
}

async function readOf(table: Table, partition: string, instant: string): Promise<Recalled<ActivityEvent>> {
  const options = { ranges: [sinceRange(OF_SERVICE, instant)], top: MOST_RECALLED + 1 };
  return recalled(await table.list('log', partition, options), ({ values }) => [eventIn(values)]);
}

function deploymentRow({ organization, projectId, id }: DeploymentCursor): string {
  return key(DEPLOYMENTS, component(organization), component(projectId), String(id));
}

function dayPartition(tenant: string, day: string): string {
  return key(component(tenant), 'activity', day.replaceAll('-', ''));
}

function servicePartition(tenant: string, service: string): string {
  return key(component(tenant), 'activity-of', component(service));
}

function eventIn(values: Readonly<Record<string, unknown>>): ActivityEvent {
  return JSON.parse(String(values['event'])) as ActivityEvent;
}

function rowOf({ at, id }: ActivityEvent): string {
  return key(keyTime(at), component(id));
}

/** What is known is looked up first: most of what is read overlaps what was read before. */
async function addDay(table: Table, tenant: string, day: string, events: readonly ActivityEvent[]): Promise<void> {
  const partition = dayPartition(tenant, day);
  const rows = new Map(events.map((event) => [rowOf(event), event]));
  const keys = [...rows.keys()].sort();
  const range = { from: keys[0] ?? '', before: `${keys.at(-1)}~` };
  const known = new Set((await table.list('log', partition, { ranges: [range] })).map(({ row }) => row));
  const fresh = [...rows].filter(([row]) => !known.has(row));
  // First, so that what a later try finds in its day is in the list of its service too.
  for (const [service, own] of byService(fresh.map(([, event]) => event)))
    await put(table, servicePartition(tenant, service), own.map(ofServiceWrite));
  const writes = fresh.map(([row, event]): Write => ({ kind: 'put', row, values: { event: JSON.stringify(event) } }));
  await put(table, partition, writes);
}

function byService(events: readonly ActivityEvent[]): ReadonlyMap<string, readonly ActivityEvent[]> {
  const placed = events.flatMap((event) => event.services.map((service) => ({ service, event })));
  return new Map(
    [...Map.groupBy(placed, ({ service }) => service)].map(([service, all]) => [
      service,
      all.map(({ event }) => event),
    ]),
  );
}

function ofServiceWrite({ at, id, ...event }: ActivityEvent): Write {
  const row = key(OF_SERVICE, newestFirstTime(at), component(id));
  return { kind: 'put', row, values: { at, event: JSON.stringify({ at, id, ...event }) } };
}

async function put(table: Table, partition: string, writes: readonly Write[]): Promise<void> {
  for (let from = 0; from < writes.length; from += WRITES_A_COMMIT)
    await table.commit('log', partition, writes.slice(from, from + WRITES_A_COMMIT));
}
