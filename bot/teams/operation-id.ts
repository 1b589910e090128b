import { sha256 } from '../../services/domain/checksum.ts';
import { at, type Fields, isFields, textAt } from './fields.ts';

/**
 * The operation id of a click or a message (storage.md rule 3): the same however often Teams sends it again. Each has an
 * activity id of its own: who approves, takes it back and approves again by the same button acts three times. Of a card
 * action conversation, card, person, verb and data count too.
 */
export function operationIdOf(activity: Fields, oid: string): string {
  const conversation = textAt(activity, 'conversation', 'id') ?? '';
  if (textAt(activity, 'type') !== 'invoke') {
    const id = textAt(activity, 'id');
    const known = id === undefined ? [activity['timestamp'], activity['text'], activity['value']] : [id];
    return sha256(sortedJson(['message', conversation, oid, ...known]));
  }
  const own = textAt(activity, 'id') ?? '';
  const card = textAt(activity, 'replyToId') ?? '';
  const verb = textAt(activity, 'value', 'action', 'verb') ?? textAt(activity, 'name') ?? '';
  const action = at(activity, 'value', 'action');
  // What a click brings along from a sign-in is not part of it.
  const data = (action === undefined ? at(activity, 'value') : at(action, 'data')) ?? {};
  return sha256(sortedJson(['invoke', own, conversation, card, oid, verb, data]));
}

/** JSON with the members of every object in one order; unlike canonical JSON it takes whatever a client sends. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    isFields(member) ? Object.fromEntries(Object.entries(member).sort(([a], [b]) => (a < b ? -1 : 1))) : member,
  );
}
