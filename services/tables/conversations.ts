import type { Conversation, Conversations, Recipient } from '../ports/notifier.ts';
import type { Table } from '../ports/table.ts';
import { component, key, prefixRange } from './keys.ts';

const REFERENCE = 'ref';
/** How long a found conversation is believed without reading it again, in milliseconds. */
const KEEP_MS = 600_000;

interface Needs {
  readonly table: Table;
  /** Entra tenant id; conversations belong to a tenant, not to an Azure DevOps organization. */
  readonly tenant: string;
  readonly now: () => string;
}

/** Conversations on Table Storage, with a short memory of those that were found. */
export function createConversations({ table, tenant, now }: Needs): Conversations {
  const found = new Map<string, { readonly conversation: Conversation; readonly until: number }>();
  const lookedAt = new Set<string>();
  const partitionOf = (recipient: Recipient) => partitionIn(tenant, recipient);

  async function find(recipient: Recipient): Promise<Conversation | undefined> {
    const partition = partitionOf(recipient);
    const time = Date.parse(now());
    const kept = found.get(partition);
    if (kept !== undefined && time < kept.until) return kept.conversation;
    const row = await table.get('conv', partition, REFERENCE);
    if (row === undefined) return undefined;
    const conversation = JSON.parse(String(row.values['conversation'])) as Conversation;
    found.set(partition, { conversation, until: time + KEEP_MS });
    return conversation;
  }

  async function learn(recipient: Recipient, conversation: Conversation): Promise<boolean> {
    const partition = partitionOf(recipient);
    const known = await find(recipient);
    const changed = known === undefined || JSON.stringify(known) !== JSON.stringify(conversation);
    if (changed) {
      const values = { conversation: JSON.stringify(conversation) };
      await table.commit('conv', partition, [{ kind: 'put', row: REFERENCE, values }]);
      found.set(partition, { conversation, until: Date.parse(now()) + KEEP_MS });
    }
    const first = !lookedAt.has(partition);
    lookedAt.add(partition);
    return changed || first;
  }

  async function remember(recipients: readonly Recipient[], conversation: Conversation): Promise<Recipient[]> {
    const learnt = await Promise.all(recipients.map((recipient) => learn(recipient, conversation)));
    return recipients.filter((_, index) => learnt[index]);
  }

  return {
    find,
    remember,
    forget: async (recipient) => {
      found.delete(partitionOf(recipient));
      await table.remove('conv', partitionOf(recipient), REFERENCE);
    },
    ...parking(table, partitionOf),
  };
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
