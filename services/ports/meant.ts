import type { Person } from '../domain/person.ts';
import type { Directory } from './directory.ts';
import type { Conversations } from './notifier.ts';

/** Whom a command means. */
export type Meant =
  | { readonly kind: 'person'; readonly oid: string }
  /** Mentioned: the ids that Teams gives, never the text that is shown for them. No `oid`: Teams knows no such person. */
  | { readonly kind: 'mention'; readonly userId: string; readonly oid?: string }
  /** An address, or the whole name as the directory has it. */
  | { readonly kind: 'typed'; readonly text: string }
  /** Several people were mentioned where one is wanted. */
  | { readonly kind: 'several' };

interface Needs {
  readonly directory: Directory;
  readonly conversations: Pick<Conversations, 'userIdOf'>;
}

/**
 * The one person who is meant, as of now. Two that fit are none: nobody is guessed. Rejects with
 * DirectoryUnavailableError or StoreUnavailableError.
 */
export async function personMeant(needs: Needs, meant: Meant): Promise<Person | 'nobody-meant' | 'several-meant'> {
  if (meant.kind === 'several') return 'several-meant';
  if (meant.kind === 'typed') return typed(needs.directory, meant.text);
  const oid = meant.oid?.toLowerCase();
  if (oid === undefined) return 'nobody-meant';
  // Ids of a mention that belong to two people are no mistake of the person who wrote it.
  const known = meant.kind === 'mention' ? await needs.conversations.userIdOf(oid) : undefined;
  if (meant.kind === 'mention' && known !== undefined && known !== meant.userId) return 'several-meant';
  return (await needs.directory.person(oid)) ?? 'nobody-meant';
}

async function typed(directory: Directory, text: string): Promise<Person | 'nobody-meant' | 'several-meant'> {
  const name = text.replace(/^@/, '').trim();
  const found = name.includes('@') ? await addressed(directory, name) : await directory.named(name);
  const [person, another] = found;
  if (another !== undefined) return 'several-meant';
  return person ?? 'nobody-meant';
}

/** Whose principal name it is, else whose address. */
async function addressed(directory: Directory, address: string): Promise<readonly Person[]> {
  const people = await directory.matching({ uniqueName: address });
  const own = people.filter(({ upn }) => upn === address.toLowerCase());
  return own.length > 0 ? own : people;
}
