import { expect, test } from 'vitest';
import type { ExceptionState } from '../../services/domain/exception.ts';
import { plusMinutes } from '../../services/domain/instant.ts';
import type { LiveException } from '../../services/ports/exception-store.ts';
import { createParkedFor } from '../../services/ports/parked-exceptions.ts';
import { aRecord } from '../exceptions.ts';
import { NOW } from './judge-input.ts';

const live = (id: string, state: ExceptionState): LiveException => {
  const exception = aRecord({ id, state });
  return { org: exception.org, id, service: exception.target.service, environment: 'prod', exception };
};

/** Ann has the message of none of these. */
function aScene() {
  let now = NOW;
  const read: string[] = [];
  const exceptions = {
    read: async (_: unknown, id: string) => {
      read.push(id);
      const { exception } = live(id, id === 'EX-1' ? 'requested' : 'active');
      const topic = exception.state === 'requested' ? 'ask' : `owned ${exception.terms.owner}`;
      const card = { topic, recipient: 'user:ann', conversation: '', activityId: '', shows: '' };
      const none = { etag: '', evidence: [], grants: new Map(), withdrawn: new Map() };
      return { exception, cards: [card], ...none };
    },
  };
  const parkedFor = createParkedFor(exceptions, { now: () => now });
  return {
    ask: async (...all: readonly LiveException[]) => {
      read.length = 0;
      const parked = (await parkedFor(all)).map(({ id }) => id);
      return { parked, read: [...read] };
    },
    pass: (minutes: number) => {
      now = plusMinutes(now, minutes);
    },
  };
}

const [asked, active, other] = [live('EX-1', 'requested'), live('EX-2', 'active'), live('EX-3', 'active')];

test('what is asked for is read at each call, what is in force once a minute', async () => {
  const scene = aScene();
  expect(await scene.ask(asked, active, other)).toEqual({
    parked: ['EX-1', 'EX-3', 'EX-2'],
    read: expect.arrayContaining(['EX-1', 'EX-2', 'EX-3']),
  });
  expect(await scene.ask(asked, active, other)).toEqual({ parked: ['EX-1', 'EX-3', 'EX-2'], read: ['EX-1'] });
  scene.pass(1);
  expect((await scene.ask(asked, active)).read.toSorted()).toEqual(['EX-1', 'EX-2']);
});

test('what is over meanwhile waits for nobody any more', async () => {
  const scene = aScene();
  await scene.ask(active, other);
  expect(await scene.ask(other)).toEqual({ parked: ['EX-3'], read: [] });
});
