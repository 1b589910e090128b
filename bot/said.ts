import type { Meant } from '../services/ports/meant.ts';

/** A person whom a message mentions. */
export interface Mention {
  /** As it stands in the text of the command; shown by the client that wrote it, and no proof of anything. */
  readonly text: string;
  /** `29:…` */
  readonly userId: string;
  /** Object id as Teams itself says; undefined when it knows no such person. */
  oid(): Promise<string | undefined>;
}

/** What comes with a typed command beside its words. */
export interface Said {
  readonly mentions: readonly Mention[];
}

export const NOTHING_SAID: Said = { mentions: [] };

/** Whom a card's list of people gives back. */
export function personChosen(oid: string | undefined): Meant | undefined {
  return oid === undefined ? undefined : { kind: 'person', oid: oid.toLowerCase() };
}

/**
 * Whom these words of a command mean. Words that are a mention mean the person behind it, whatever they say; Teams may
 * write one person as several mentions, one for each part of the name.
 */
export async function meantBy(words: string, { mentions }: Said): Promise<Meant> {
  const written = mentions.filter(({ text }) => text !== '' && words.includes(text));
  const [first] = written;
  if (first === undefined) return { kind: 'typed', text: words };
  const rest = written.reduce((left, { text }) => left.replaceAll(text, ' '), words);
  const isOne = rest.trim() === '' && written.every(({ userId }) => userId === first.userId);
  if (!isOne) return { kind: 'several' };
  const oid = await first.oid();
  return { kind: 'mention', userId: first.userId, ...(oid === undefined ? {} : { oid }) };
}
