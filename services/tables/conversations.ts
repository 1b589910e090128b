import { BOT_REMOVED, CHANNEL_DELETED, type Loss } from '../domain/unreachable.ts';
import type { Conversation, Conversations, Reachable, Recipient, TeamsUser } from '../ports/notifier.ts';
import { ConflictError, type PlacedRow, type Row, type Table, type Write } from '../ports/table.ts';
import { component, key, prefixRange } from './keys.ts';

const REFERENCE = 'ref';
const NAMES = 'names';
const USER = 'user';
const LOST = 'lost';
/** How long a found conversation is believed without reading it again, in milliseconds: for a card that is sent … */
const SEND_MS = 600_000;
/** … and where its owner is heard of: another process may have forgotten it, or parked something, meanwhile. */
const HEAR_MS = 60_000;

interface Needs {
  readonly table: Table;
  /** Entra tenant id; conversations belong to a tenant, not to an Azure DevOps organization. */
  readonly tenant: string;
  readonly now: () => string;
}

/** Conversations on Table Storage, with a short memory of those that were found. */
export function createConversations({ table, tenant, now }: Needs): Conversations {
  const found = new Map<string, { readonly meant: readonly Conversation[]; readonly readAt: number }>();
  /** Whose parked cards were released since their conversation was last read. */
  const released = new Set<string>();
  const partitionOf = (recipient: Recipient) => partitionIn(tenant, recipient);

  const losses = lossesIn(table, partitionOf, now);

  /** Every conversation that this name could mean. */
  async function meantBy(recipient: Recipient, believedMs: number): Promise<readonly Conversation[]> {
    const [partition, time] = [partitionOf(recipient), Date.parse(now())];
    const kept = found.get(partition);
    if (kept !== undefined && time < kept.readAt + believedMs) return kept.meant;
    released.delete(partition);
    const meant = await referencesIn(table, partition);
    if (meant.length > 0) found.set(partition, { meant, readAt: time });
    return meant;
  }

  async function find(recipient: Recipient): Promise<Conversation | undefined> {
    return theOne(await meantBy(recipient, SEND_MS));
  }

  async function learn(recipient: Recipient, conversation: Conversation): Promise<boolean> {
    const partition = partitionOf(recipient);
    const known = await meantBy(recipient, HEAR_MS);
    const heard = withZone(conversation, known);
    const changed = !known.some((one) => JSON.stringify(one) === JSON.stringify(heard));
    if (changed) {
      const row = referenceRow(recipient, conversation);
      await table.commit('conv', partition, [{ kind: 'put', row, values: { conversation: JSON.stringify(heard) } }]);
      // Another channel may claim the name at this moment: only what is read again tells.
      if (recipient.kind === 'channel') found.delete(partition);
      else found.set(partition, { meant: [heard], readAt: Date.parse(now()) });
    }
    return changed || !released.has(partition);
  }

  async function forget(recipient: Recipient, code?: string, conversation?: Pick<Conversation, 'id'>): Promise<void> {
    const partition = partitionOf(recipient);
    if (code !== undefined) await losses.note(recipient, code);
    for (const one of conversation === undefined ? await meantBy(recipient, HEAR_MS) : [conversation])
      await table.remove('conv', partition, referenceRow(recipient, one));
    found.delete(partition);
  }

  const known = { find, remember: rememberBy(learn), forget };
  return {
    ...known,
    everybody: () => readAll(table, tenant, partitionOf),
    lostBecause: losses.of,
    released: (recipient) => void released.add(partitionOf(recipient)),
    rememberTeam: rememberTeam(table, tenant, known),
    ...users(table, partitionOf),
    ...waiting(table, partitionOf, now),
  };
}

function rememberBy(
  learn: (recipient: Recipient, conversation: Conversation) => Promise<boolean>,
): Conversations['remember'] {
  return async (recipients, conversation) => {
    const learnt = await Promise.all(recipients.map((recipient) => learn(recipient, conversation)));
    return recipients.filter((_, index) => learnt[index]);
  };
}

/** How long what was said once need not be said again, in milliseconds. */
const SAID_MS = 300_000;

/** One row for each kind of saying: the last of them. */
function saysFirst(
  table: Table,
  partitionOf: (recipient: Recipient) => string,
  now: () => string,
): Conversations['saysFirst'] {
  return async (recipient, { kind, runId }, { org, id }) => {
    const [partition, row, at] = [partitionOf(recipient), key('said', kind), now()];
    const last = await table.get('conv', partition, row);
    const values = { about: runId ?? '-', request: `${org} ${id}`, at };
    const isSame =
      last?.values['about'] === values.about && Date.parse(at) - Date.parse(String(last.values['at'])) < SAID_MS;
    if (isSame) return last?.values['request'] === values.request;
    const write: Write =
      last === undefined ? { kind: 'create', row, values } : { kind: 'replace', row, values, etag: last.etag };
    try {
      await table.commit('conv', partition, [write]);
      return true;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      // Somebody else says something at this moment, or our own answer was lost.
      const said = (await table.get('conv', partition, row))?.values;
      return said?.['about'] !== values.about || said['request'] === values.request;
    }
  };
}

/** Not every activity tells the zone of its person: the one that is known stays. */
function withZone(conversation: Conversation, known: readonly Conversation[]): Conversation {
  const zone = conversation.zone ?? known.find(({ id }) => id === conversation.id)?.zone;
  return zone === undefined ? conversation : { ...conversation, zone };
}

/** How Teams names people: beside their conversation, which somebody who acts in a channel only does not have. */
function users(
  table: Table,
  partitionOf: (recipient: Recipient) => string,
): Pick<Conversations, 'rememberUser' | 'userIdOf'> {
  const met = new Map<string, string>();
  const stored = new Map<string, string>();
  return {
    rememberUser: async ({ oid, userId }: TeamsUser) => {
      const partition = partitionOf({ kind: 'person', oid });
      // Before it is stored: what the person does in this turn may need it.
      met.set(partition, userId);
      if (stored.get(partition) === userId) return;
      await table.commit('conv', partition, [{ kind: 'put', row: USER, values: { userId } }]);
      stored.set(partition, userId);
    },
    userIdOf: async (oid) => {
      const partition = partitionOf({ kind: 'person', oid });
      const known = met.get(partition) ?? (await table.get('conv', partition, USER))?.values['userId'];
      return known === undefined ? undefined : String(known);
    },
  };
}

/** Why conversations were forgotten; outlives a later one, because it is only asked for where there is none. */
function lossesIn(table: Table, partitionOf: (recipient: Recipient) => string, now: () => string) {
  return {
    note: async (recipient: Recipient, code: string): Promise<void> => {
      const values = { code, at: now() };
      await table.commit('conv', partitionOf(recipient), [{ kind: 'put', row: LOST, values }]);
    },
    of: async (recipient: Recipient): Promise<Loss | undefined> => {
      const values = (await table.get('conv', partitionOf(recipient), LOST))?.values;
      return values === undefined ? undefined : { code: String(values['code']), at: String(values['at']) };
    },
  };
}

async function referencesIn(table: Table, partition: string): Promise<readonly Conversation[]> {
  const rows = await table.list('conv', partition, { ranges: [prefixRange(REFERENCE)] });
  return rows.map(referenceOf);
}

function referenceOf({ values }: Pick<Row, 'values'>): Conversation {
  return JSON.parse(String(values['conversation'])) as Conversation;
}

function theOne(meant: readonly Conversation[]): Conversation | undefined {
  return meant.length === 1 ? meant[0] : undefined;
}

async function readAll(
  table: Table,
  tenant: string,
  partitionOf: (recipient: Recipient) => string,
): Promise<Pick<Conversations, 'find'>> {
  const all = prefixRange(component(tenant, { caseInsensitive: true }));
  const rows: PlacedRow[] = [];
  for await (const row of table.across('conv', all, [prefixRange(REFERENCE)])) rows.push(row);
  const meant = Map.groupBy(rows, ({ partition }) => partition);
  return { find: async (recipient) => theOne((meant.get(partitionOf(recipient)) ?? []).map(referenceOf)) };
}

/** A person has one chat with us, the last; a name may be that of several channels. */
function referenceRow(recipient: Recipient, { id }: Pick<Conversation, 'id'>): string {
  return key(REFERENCE, recipient.kind === 'person' ? '-' : component(id));
}

/** A channel's name and the channel that it means. */
type Name = readonly [name: string, conversation: string];

/** Names are on the team's row before they are learnt and until they are forgotten, so that none outlives a crash. */
function rememberTeam(
  table: Table,
  tenant: string,
  { find, remember, forget }: Pick<Conversations, 'find' | 'remember' | 'forget'>,
): Conversations['rememberTeam'] {
  return async (team, channels) => {
    const partition = key(component(tenant, { caseInsensitive: true }), 'g', component(team));
    const before = await namesKnown(table, partition);
    const after = channels.flatMap(namesOf);
    const ended = without(before, after);
    const why = endOf(channels);
    const write = async (names: readonly Name[]) => {
      const values = { names: JSON.stringify(names) };
      await table.commit('conv', partition, [{ kind: 'put', row: NAMES, values }]);
    };
    if (without(after, before).length > 0) await write([...after, ...ended]);
    const learnt: Recipient[] = [];
    for (const { recipients, conversation } of channels) learnt.push(...(await remember(recipients, conversation)));
    for (const [channel, id] of ended) {
      const recipient: Recipient = { kind: 'channel', channel };
      await forget(recipient, why, { id });
      if ((await find(recipient)) !== undefined) learnt.push(recipient);
    }
    if (ended.length > 0) await write(after);
    return learnt;
  };
}

/** A team without any channel is one that the bot was removed from. */
function endOf(channels: readonly Reachable[]): string {
  return channels.length === 0 ? BOT_REMOVED : CHANNEL_DELETED;
}

async function namesKnown(table: Table, partition: string): Promise<readonly Name[]> {
  const row = await table.get('conv', partition, NAMES);
  return row === undefined ? [] : (JSON.parse(String(row.values['names'])) as readonly Name[]);
}

function namesOf({ recipients, conversation }: Reachable): Name[] {
  return recipients.flatMap((recipient): Name[] =>
    recipient.kind === 'channel' ? [[recipient.channel, conversation.id]] : [],
  );
}

/** Names whose case alone changed are the same in the store. */
function without(names: readonly Name[], others: readonly Name[]): Name[] {
  const textOf = ([name, id]: Name) => JSON.stringify([name.toLowerCase(), id]);
  const known = new Set(others.map(textOf));
  return names.filter((name) => !known.has(textOf(name)));
}

/** What waits for somebody, and what they were told about it. */
function waiting(table: Table, partitionOf: (recipient: Recipient) => string, now: () => string) {
  return { ...parking(table, partitionOf), saysFirst: saysFirst(table, partitionOf, now) };
}

/** What waits for somebody who cannot be reached yet. */
function parking(
  table: Table,
  partitionOf: (recipient: Recipient) => string,
): Pick<Conversations, 'park' | 'parked' | 'unpark'> {
  const rowOf = (request: { readonly org: string; readonly id: string }) =>
    key('p', request.org, component(request.id));
  return {
    park: async (recipient, { org, id }) => {
      await table.commit('conv', partitionOf(recipient), [
        { kind: 'put', row: rowOf({ org, id }), values: { org, id } },
      ]);
    },
    parked: async (recipient) => {
      const rows = await table.list('conv', partitionOf(recipient), { ranges: [prefixRange('p')] });
      return rows.map(({ values }) => ({ org: String(values['org']), id: String(values['id']) }));
    },
    unpark: (recipient, request) => table.remove('conv', partitionOf(recipient), rowOf(request)),
  };
}

function partitionIn(tenant: string, recipient: Recipient): string {
  const [kind, name] = recipient.kind === 'person' ? ['u', recipient.oid] : ['t', recipient.channel];
  const caseInsensitive = true;
  return key(component(tenant, { caseInsensitive }), kind, component(name, { caseInsensitive }));
}
