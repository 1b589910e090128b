import { createDice } from '../simulation/dice.ts';
import type { Call, Fault } from './fault-proxy.ts';
import type { Played, ProcessStory } from './process-played.ts';
import { forgetCards, nameOf } from './process-stories.ts';
import type { ProcessWorld } from './process-world.ts';

/** What goes wrong at one call: it fails so, or the bot is killed before it or after its effect. */
export type Trouble = Fault | 'killed before' | 'killed after';

/** `EVERY_CALL=1`: not a sample of the calls but each of them; minutes to hours. */
const EVERY_CALL = process.env['EVERY_CALL'] === '1';
/** Troubles of a sample. */
const TRIED = 3;
/** `SAMPLE=n`: another one. */
const SAMPLE = Number(process.env['SAMPLE'] ?? 7);

/**
 * Plays the story once without troubles, and then for each of these with one of them, at calls by the sample or at every
 * call. What must hold is looked at after each. Gives how many calls there were to choose from.
 */
export async function playWith(
  world: ProcessWorld,
  story: ProcessStory,
  troubles: readonly Trouble[],
): Promise<number> {
  const dice = createDice(SAMPLE);
  const tried = EVERY_CALL ? troubles : Array.from({ length: TRIED }, () => dice.pick(troubles));
  const calls = await playAt(world, story, 0, 'drop');
  const killed = troubles.some(isDeath) ? calls.withEffect : calls.all;
  for (const trouble of tried) {
    const chosen = EVERY_CALL ? Array.from({ length: killed }, (_, n) => n + 1) : [1 + dice.below(killed)];
    for (const n of chosen) await playAt(world, story, n, trouble);
  }
  return killed;
}

function isDeath(trouble: Trouble): trouble is 'killed before' | 'killed after' {
  return trouble === 'killed before' || trouble === 'killed after';
}

/** A death around a call that only reads leaves the world as the death before the next call with an effect does. */
async function playAt(world: ProcessWorld, story: ProcessStory, n: number, trouble: Trouble) {
  const played = await story(world);
  const count = { all: 0, withEffect: 0 };
  let hit: Call | undefined;
  world.fate = (call) => {
    count.all += 1;
    if (call.method !== 'GET') count.withEffect += 1;
    const isIt = isDeath(trouble) ? call.method !== 'GET' && count.withEffect === n : count.all === n;
    if (!isIt) return undefined;
    hit = call;
    if (!isDeath(trouble)) return trouble;
    if (trouble === 'killed after') return 'cut';
    world.kill();
    return 'drop';
  };
  world.effect = (call) => {
    played.effect?.(call);
    if (trouble === 'killed after' && call === hit) world.kill();
  };
  const where = () => `${trouble} at call ${n} of sample ${SAMPLE}: ${nameOf(hit)}`;
  await played.play().catch((cause: unknown) => {
    throw new Error(where(), { cause });
  });
  world.fate = () => undefined;
  await holds(played, where);
  forgetCards(world);
  return count;
}

async function holds(played: Played, where: () => string): Promise<void> {
  await played.holds(where).catch((cause: unknown) => {
    throw new Error(where(), { cause });
  });
}
