import { expect, test } from 'vitest';
import type { Table } from '../../services/ports/table.ts';
import { OPERATIONS } from '../bench/operations.ts';
import { runSoak } from '../soak/run-soak.ts';

// `npm run soak` on few requests: what it finds when something is wrong.

/** A check, its approval and what comes too late: those that come first need nothing of the others. */
const operations = OPERATIONS.slice(0, 4);

test('a short soak among failing calls breaks no promise, takes the calls of the budgets and loses no memory', async () => {
  const { failures, calls, faults, samples, checkpoints } = await runSoak({ requests: 120, operations });

  expect(failures).toEqual([]);
  expect(faults).toBeGreaterThan(10);
  expect(checkpoints).toBeGreaterThan(0);
  expect(calls.map((one) => one.length)).toEqual(Array(3).fill(calls[0]?.length));
  expect(samples.length).toBeGreaterThanOrEqual(5);
});

test('a soak names a call that comes with more history, and memory that a request leaves behind', async () => {
  const left: number[][] = [];
  let extra = -1;
  const through = (table: Table): Table => {
    extra += 1;
    const reads = Array(extra).fill('planted');
    const list: Table['list'] = async (name, ...about) => {
      if (name === 'gate') for (const row of reads) await table.get('sys', 'planted', row);
      return table.list(name, ...about);
    };
    return { ...table, list };
  };
  const after = () => void left.push(new Array(100_000).fill(left.length));
  const { failures } = await runSoak({ requests: 60, operations: operations.slice(0, 1), through, after });

  expect(failures.filter((one) => one.startsWith('calls: new check, judged'))).toHaveLength(2);
  expect(failures.filter((one) => one.startsWith('memory: the heap grew by'))).toHaveLength(1);
});
