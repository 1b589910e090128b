type Json = Record<string, unknown>;

export interface CardAction {
  readonly type: string;
  readonly verb: string;
  readonly data: Json;
  readonly associatedInputs: unknown;
}

/** What a person means by a button: its verb, or verb and some of its data. */
export type Button = string | ({ readonly verb: string } & Json);

/** Every object in a card, in reading order. */
function* parts(node: unknown): Generator<Json> {
  if (Array.isArray(node)) for (const item of node) yield* parts(item);
  else if (typeof node === 'object' && node !== null) {
    yield node as Json;
    for (const [key, value] of Object.entries(node)) if (key !== 'data' && key !== 'refresh') yield* parts(value);
  }
}

/** The element with this id; undefined when the card has none. */
export function elementOf(card: unknown, id: string): Json | undefined {
  return [...parts(card)].find((part) => part['id'] === id);
}

/** All text that a reader of the card sees. */
export function wordsOf(card: unknown): string {
  return [...parts(card)]
    .filter((part) => !String(part['type'] ?? '').startsWith('Action.'))
    .flatMap((part) => [part['text'], part['title'], part['value']])
    .filter((text) => typeof text === 'string')
    .join('\n');
}

export function actionsOf(card: unknown): readonly CardAction[] {
  return [...parts(card)]
    .filter((part) => part['type'] === 'Action.Execute' || part['type'] === 'Action.Submit')
    .map((part) => {
      const data = (part['data'] ?? {}) as Json;
      return {
        type: String(part['type']),
        verb: String(part['verb'] ?? data['verb']),
        data,
        associatedInputs: part['associatedInputs'],
      };
    });
}

/** The one button meant; throws naming what there is. */
export function findAction(card: unknown, type: string, button: Button): CardAction {
  const wanted = typeof button === 'string' ? { verb: button } : button;
  const { verb, ...data } = wanted;
  const found = actionsOf(card).filter(
    (action) =>
      action.type === type &&
      action.verb === verb &&
      Object.entries(data).every(([key, value]) => JSON.stringify(action.data[key]) === JSON.stringify(value)),
  );
  if (found.length === 1 && found[0] !== undefined) return found[0];
  const there = actionsOf(card).map((action) => `${action.type} ${JSON.stringify(action.data)}`);
  throw new Error(`${found.length} buttons ${JSON.stringify(wanted)} as ${type}; the card has: ${there.join(', ')}`);
}

/** What a client sends: the action's data, the card's inputs with what was typed; throws where Teams would not send. */
export function submittedData(card: unknown, action: CardAction, typed: Readonly<Record<string, string>>): Json {
  if (action.associatedInputs === 'none') return { ...action.data };
  const inputs = [...parts(card)].filter((part) => String(part['type']).startsWith('Input.'));
  const ids = inputs.map((input) => String(input['id']));
  const unknown = Object.keys(typed).filter((id) => !ids.includes(id));
  if (unknown.length > 0) throw new Error(`the card has no input ${unknown.join(', ')}, only ${ids.join(', ')}`);
  const values = inputs.map((input) => {
    const id = String(input['id']);
    const value = typed[id] ?? input['value'];
    if (input['isRequired'] === true && (value === undefined || value === '')) {
      throw new Error(`Teams does not send: ${id} is required`);
    }
    return value === undefined ? [id, ''] : [id, String(value)];
  });
  return { ...Object.fromEntries(values), ...action.data };
}
