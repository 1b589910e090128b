import { expect, test } from 'vitest';
import { createLimit } from '../../bot/limit.ts';

function works(count: number) {
  const begun: number[] = [];
  const ends = Array.from({ length: count }, () => Promise.withResolvers<number>());
  const run = (limit: ReturnType<typeof createLimit>) =>
    ends.map(({ promise }, n) =>
      limit(() => {
        begun.push(n);
        return promise;
      }),
    );
  return { begun, ends, run };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('no more than so many are under way at once, and the next begins in its order when one ends', async () => {
  const { begun, ends, run } = works(4);
  const all = run(createLimit(2));

  await settled();
  expect(begun).toEqual([0, 1]);
  ends[1]?.resolve(11);
  await settled();
  expect(begun).toEqual([0, 1, 2]);
  for (const [n, { resolve }] of ends.entries()) resolve(10 + n);
  expect(await Promise.all(all)).toEqual([10, 11, 12, 13]);
});

test('one that fails gives its place to the next all the same', async () => {
  const { ends, run } = works(2);
  const [failing, next] = run(createLimit(1));

  ends[0]?.reject(new Error('no'));
  ends[1]?.resolve(1);

  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe(1);
});
