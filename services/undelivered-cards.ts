import { layersOf } from './domain/layers.ts';
import { isUnheard } from './domain/roads.ts';
import { holderOf } from './ports/card-groups.ts';
import type { CardPass } from './ports/card-pass.ts';
import type { Clock } from './ports/clock.ts';
import type { GateStore, StoredGate } from './ports/gate-store.ts';

interface Needs {
  readonly clock: Clock;
  readonly gates: Pick<GateStore, 'commit'>;
}

/** That nobody hears a question is evidence too: what was never asked of anybody, nobody has left unanswered. */
export function createUndeliveredCards(needs: Needs) {
  return {
    /** After a pass over the cards of a gate: too few of those who are asked have one, or Teams took none. Rejects when the store does not answer. */
    note: (stored: StoredGate, pass: CardPass): Promise<void> => note(needs, stored, pass),
  };
}

async function note({ clock, gates }: Needs, stored: StoredGate, pass: CardPass): Promise<void> {
  const { gate } = stored;
  const cards = [...new Map([...stored.cards, ...pass.cards].map((card) => [card.recipient, card])).values()];
  const sent = cards.filter((card) => holderOf(card) === undefined);
  const reached = new Set(sent.filter(({ conversation }) => conversation !== '').map(({ recipient }) => recipient));
  const names = sent.map(({ recipient }) => recipient).sort();
  const undelivered = names.filter((name) => !reached.has(name));
  const isLost = undelivered.length > 0 && isUnheard(gate, names, reached);
  if (!(isLost || pass.hopeless)) return;
  const data = { ...layersOf(gate), undelivered, isRefused: pass.hopeless };
  if (isNoted(stored, { undelivered, isRefused: pass.hopeless })) return;
  const at = clock.now();
  // Lost to somebody else's change: that brings the next pass.
  await gates.commit(stored, {
    op: `undelivered ${gate.id} ${gate.revision} ${at}`,
    gate,
    evidence: { kind: 'card-undelivered', actor: { kind: 'countersign' }, data },
    outbox: [],
    at,
  });
}

/** Once for each revision and whom it did not reach: however often it is tried, the record does not grow. */
function isNoted(
  { evidence, gate }: StoredGate,
  said: { undelivered: readonly string[]; isRefused: boolean },
): boolean {
  return evidence.some(({ entry }) => {
    if (!entry.includes('"kind":"card-undelivered"')) return false;
    const { data } = JSON.parse(entry) as { readonly data: typeof said & { readonly revision: number } };
    const isSame = JSON.stringify(data.undelivered) === JSON.stringify(said.undelivered);
    return isSame && data.revision === gate.revision && data.isRefused === said.isRefused;
  });
}
