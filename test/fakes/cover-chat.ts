import { createCover } from '../../bot/handlers/cover.ts';
import type { Mention } from '../../bot/said.ts';
import type { CoreWorld } from './core-world.ts';
import { by } from './waiting-gate.ts';

let messages = 0;

/** What this person writes behind `cover` in Berlin, as the chat hands it on; the answer, once nothing moves any more. */
export async function cover(
  world: CoreWorld,
  oid: string,
  words: string,
  mentions: readonly Mention[] = [],
  op?: string,
): Promise<string> {
  messages += 1;
  const person = { ...by(oid), zone: 'Europe/Berlin' };
  const { text } = await createCover(world.core.covering)(person, words, op ?? `message ${messages}`, { mentions });
  await world.settle();
  return text;
}
