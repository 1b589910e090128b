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
  const said = { mentions, timezone: 'Europe/Berlin' };
  const { text } = await createCover(world.core.covering)(by(oid), words, op ?? `message ${messages}`, said);
  await world.settle();
  return text;
}
