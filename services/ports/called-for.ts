import type { OutboxItem, StoredGate } from './gate-store.ts';

/** Who had others spoken to about a gate, and to whom. */
export interface CalledFor {
  /** Object id of the one who is meant; absent: everybody who has not answered. */
  readonly to?: string;
  /** Absent: time alone. */
  readonly by?: { readonly oid: string; readonly name: string };
}

interface Entry {
  readonly kind: string;
  readonly at: string;
  readonly actor: { readonly oid?: string };
  readonly data: { readonly to?: string; readonly reminded?: boolean };
}

const CALLS = ['"kind":"delegated"', '"kind":"reminded"', '"kind":"escalated"'];

/** By the evidence that this item was written with. */
export function calledFor({ evidence }: StoredGate, { seq }: Pick<OutboxItem, 'seq'>): CalledFor {
  const link = evidence.find((one) => one.seq === seq);
  const { actor, data } = link === undefined ? NO_CALL : callIn(link.entry);
  const name = link?.texts['name']?.text;
  return {
    ...(data.to === undefined ? {} : { to: data.to }),
    ...(actor.oid === undefined ? {} : { by: { oid: actor.oid, name: name ?? '' } }),
  };
}

/** When the silent ones were last reminded, by time or because somebody asked for it. ISO-8601 UTC. */
export function lastReminder({ evidence }: StoredGate): string | undefined {
  const calls = evidence.map(({ entry }) => callIn(entry));
  return calls.findLast(({ kind, data }) => kind === 'reminded' || (kind === 'escalated' && data.reminded === true))
    ?.at;
}

const NO_CALL: Entry = { kind: '', at: '', actor: {}, data: {} };

function callIn(entry: string): Entry {
  return CALLS.some((kind) => entry.includes(kind)) ? (JSON.parse(entry) as Entry) : NO_CALL;
}
