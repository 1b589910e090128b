import { EMPTY_CHAIN, type EvidenceEntry, nextEntry } from '../domain/evidence.ts';
import type { FindingKey } from '../domain/open-finding.ts';
import type { Triage } from '../domain/triage.ts';
import type { Random } from '../ports/clock.ts';
import { ConflictError, type Row, type Table, type Write } from '../ports/table.ts';
import type { Assigned, StoredTriage, TriageChange, TriageCommitted, TriageStore } from '../ports/triage-store.ts';
import { decodeEvidence, evidenceWrite } from './evidence-row.ts';
import { findPartition } from './history-rows.ts';
import { component, key, onlyRange, prefixRange, WHOLE } from './keys.ts';

interface Needs {
  readonly table: Table;
  readonly random: Random;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
}

const TRIAGE = 't';
const EVIDENCE = 'te';

/**
 * In table `find`, beside the histories of the service: a row for each finding that somebody has or put off, and its
 * chain of evidence. In table `open` each person's services, written before the commit that gives them something.
 */
export function createTriageStore(needs: Needs): TriageStore {
  const { table, orgs } = needs;
  return {
    of: async (org, service) => {
      const rows = await table.list('find', partitionOf({ org, service }), { ranges: [prefixRange(TRIAGE)] });
      return new Map(rows.map((row) => triageIn(row)).map((triage) => [triage.fingerprint, triage]));
    },
    read: (one) => read(table, one),
    commit: (from, change) => commit(needs, from, change),
    assignedTo: async (oid) => {
      const found = await Promise.all(
        orgs.map(async (org) => {
          const rows = await table.list('open', assignedPartition(org, oid));
          return rows.map(({ etag, values: { service, at } }) => ({ org, service: `${service}`, etag, at: `${at}` }));
        }),
      );
      return found.flat();
    },
    assigned: async () => {
      const found = await Promise.all(orgs.map((org) => readAssigned(table, org)));
      return found.flat();
    },
    assignedNothing: (oid, { org, service, etag }) =>
      table.remove('open', assignedPartition(org, oid), component(service), etag),
  };
}

function partitionOf({ org, service }: Pick<FindingKey, 'org' | 'service'>): string {
  return findPartition({ org, service, environment: '-' });
}

function assignedPartition(org: string, oid: string): string {
  return key(org, 'assigned', component(oid));
}

async function readAssigned(table: Table, org: string): Promise<Assigned[]> {
  const all = key(org, 'assigned');
  const found: Assigned[] = [];
  // An object id stands in its key as it is.
  for await (const { partition, values } of table.across('open', prefixRange(all), [WHOLE]))
    found.push({ oid: partition.slice(all.length + 1), service: String(values['service']) });
  return found;
}

function triageIn({ values }: Row): Triage {
  return JSON.parse(String(values['triage'])) as Triage;
}

async function read(table: Table, one: FindingKey): Promise<StoredTriage> {
  const print = component(one.fingerprint);
  const [state, evidence] = [key(TRIAGE, print), key(EVIDENCE, print)];
  const ranges = [onlyRange(state), prefixRange(evidence)];
  const rows = await table.list('find', partitionOf(one), { ranges });
  const row = rows.find((other) => other.row === state);
  return {
    key: one,
    ...(row === undefined ? {} : { triage: triageIn(row) }),
    evidence: rows.filter((other) => other.row !== state).map(decodeEvidence),
  };
}

/** The entry's sequence number is taken only once: of two changes of the same state one is lost. */
async function commit(needs: Needs, from: StoredTriage, change: TriageChange): Promise<TriageCommitted> {
  const { table } = needs;
  if (wasDone(from, change)) return { kind: 'committed', stored: from };
  await pointTo(table, from.key, change);
  const entry = entryFor(needs, from, change);
  try {
    await table.commit('find', partitionOf(from.key), writes(from, change, entry));
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    const stored = await read(table, from.key);
    return { kind: wasDone(stored, change) ? 'committed' : 'lost', stored };
  }
  const { key: one, evidence } = from;
  const { triage } = change;
  const stored = { key: one, ...(triage === undefined ? {} : { triage }), evidence: [...evidence, entry] };
  return { kind: 'committed', stored };
}

function wasDone({ evidence }: StoredTriage, { op }: TriageChange): boolean {
  return evidence.some((entry) => entry.op === op);
}

async function pointTo(table: Table, { org, service }: FindingKey, { triage, at }: TriageChange): Promise<void> {
  if (triage?.assignee !== undefined) await pointToService(table, { org, service }, triage.assignee, at);
}

/** That this person has a finding there; `at`: ISO-8601 UTC of now. */
export async function pointToService(
  table: Table,
  { org, service }: Pick<FindingKey, 'org' | 'service'>,
  assignee: string,
  at: string,
): Promise<void> {
  await table.commit('open', assignedPartition(org, assignee), [
    { kind: 'put', row: component(service), values: { service, at } },
  ]);
}

function entryFor({ random }: Needs, { key: one, evidence }: StoredTriage, change: TriageChange): EvidenceEntry {
  const aggregate = `${one.org} finding ${one.service} ${one.fingerprint}`;
  const salt = Buffer.from(random.bytes(16)).toString('hex');
  return nextEntry(evidence.at(-1) ?? EMPTY_CHAIN, change.evidence, { ...change, aggregate, salt });
}

function writes({ key: one, triage }: StoredTriage, change: TriageChange, entry: EvidenceEntry): Write[] {
  const print = component(one.fingerprint);
  const row = key(TRIAGE, print);
  const noted = evidenceWrite([EVIDENCE, print], entry);
  if (change.triage !== undefined)
    return [noted, { kind: 'put', row, values: { triage: JSON.stringify(change.triage) } }];
  // What nobody had is not there to be taken away.
  return triage === undefined ? [noted] : [noted, { kind: 'delete', row }];
}
