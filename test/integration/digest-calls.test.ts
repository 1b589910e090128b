import { expect, test } from 'vitest';
import { countedInMemory } from '../fakes/counted-tables.ts';
import { manyOwners } from '../fakes/many-owners.ts';

// docs/storage.md, "Budgets"; test/bench/digests.ts prints the same of 500 owners and 1,000,000 findings.

const OWNERS = 40;

test.each(['imports', 'rows'] as const)(
  'a digest takes 3 calls for each reader at most, with whatever was found by %s, in every environment',
  async (from) => {
    const { table, made } = countedInMemory([]);
    const { run, sent, environments } = await manyOwners(table, { owners: OWNERS, each: 20, from });
    made();
    await run();
    expect(sent.map(({ counts }) => counts.new)).toEqual(Array.from({ length: OWNERS }, () => 20));
    expect(environments).toBeGreaterThan(1);
    const calls = Map.groupBy(made(), (call) => call);
    const count = (call: string) => calls.get(call)?.length;
    // Of each service what was found and what people do with it; two marks for eight readers; everybody's conversation.
    expect([count('scope across'), count('roll commit'), count('conv across')]).toEqual([OWNERS, OWNERS / 4, 1]);
    const all = [...calls.values()].flat().length;
    expect(all / OWNERS).toBeLessThanOrEqual(3);
  },
);

test('as long as nobody’s time has come, nobody is looked up, however many readers there are', async () => {
  const { table, made } = countedInMemory([]);
  const { run, sent, advance } = await manyOwners(table, { owners: OWNERS, each: 1, from: 'rows' });
  await run();
  made();
  await run();
  expect(made()).toEqual([]);
  advance(65);
  await run();
  expect(made().filter((call) => /^(?:conv|scope|roll commit)/.test(call))).toEqual([]);
  expect(sent).toHaveLength(OWNERS);
});
