import { expect, test } from 'vitest';
import { createPace } from '../../bot/teams/pace.ts';

function setScene() {
  const time = { now: 0 };
  const waits: number[] = [];
  const pace = createPace({
    now: () => time.now,
    sleep: async (milliseconds) => {
      waits.push(Math.round(milliseconds));
    },
  });
  return { time, waits, pace };
}

test('seven sends to one conversation go at once, the eighth waits for its turn', async () => {
  const { waits, pace } = setScene();
  for (let n = 0; n < 7; n += 1) await pace('t', 'a');
  expect(waits).toEqual([]);
  await pace('t', 'a');
  await pace('t', 'a');
  expect(waits).toEqual([143, 286]);
});

test('a conversation that was quiet for a second may send seven again', async () => {
  const { time, waits, pace } = setScene();
  for (let n = 0; n < 7; n += 1) await pace('t', 'a');
  time.now = 1_000;
  for (let n = 0; n < 7; n += 1) await pace('t', 'a');
  expect(waits).toEqual([]);
});

test('a tenant takes fifty a second over all of its conversations, another tenant its own', async () => {
  const { waits, pace } = setScene();
  for (let n = 0; n < 50; n += 1) await pace('t', `c${n}`);
  expect(waits).toEqual([]);
  await pace('t', 'one more');
  expect(waits).toEqual([20]);
  await pace('u', 'elsewhere');
  expect(waits).toHaveLength(1);
});

test('however many conversations there were, nobody waits longer for it', async () => {
  const { time, waits, pace } = setScene();
  for (let n = 0; n < 12_000; n += 1) {
    time.now += 1_000;
    await pace('t', `c${n}`);
  }
  expect(waits).toEqual([]);
});

test('a conversation is held for as long as Teams asked, at most an hour, and no other', () => {
  const { time, pace } = setScene();
  pace.hold('a', 7);
  pace.hold('a', 2);
  time.now = 2_500;
  expect([pace.heldFor('a'), pace.heldFor('b')]).toEqual([5, 0]);
  time.now = 7_000;
  expect(pace.heldFor('a')).toBe(0);
  pace.hold('a', 1_000_000);
  expect(pace.heldFor('a')).toBe(3_600);
});
