import { ORG } from '../builders.ts';
import { receive } from './history.ts';
import type { Operation } from './operations.ts';
import { atOnce } from './scene.ts';

// What it costs the store that a deployment comes from a branch that is not protected.

const unprotected: Operation = {
  name: 'an unprotected branch costs the first gate of a commit 10 calls, every later one none; that it is protected again costs 10',
  run: async (scene) => {
    const { world, counted, next } = scene;
    const looked = async (kind: 'protected' | 'unprotected') => {
      world.azureDevOps.protection = { kind };
      const id = await receive(world, next());
      counted.made();
      await world.core.outbox.drain(ORG, id);
      // Whom it is shown to is counted elsewhere.
      return counted.made().filter((call) => /^(?:scope|find|due) /.test(call));
    };
    const [found, again, gone] = [await looked('unprotected'), await looked('unprotected'), await looked('protected')];
    const judged = ['scope commit', 'scope commit', 'scope list', 'scope list', 'due commit'];
    const noted = [
      ...['find list', 'scope list', 'find commit', 'due commit', 'scope commit', 'find commit', 'find commit'],
      ...['scope list', 'scope list'],
    ];
    return [
      atOnce('unprotected branch', found, ...judged, ...noted, 'due commit'),
      atOnce('unprotected branch again', again, ...judged),
      atOnce('protected branch again', gone, ...judged, ...noted, 'find list'),
    ];
  },
};

export const BRANCH_OPERATIONS: readonly Operation[] = [unprotected];
