import { createReadStream } from 'node:fs';
import type { Table } from '../../services/ports/table.ts';
import { nextTurn } from '../../services/ports/turns.ts';
import { createCoreWorldOn } from '../fakes/core-world.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';
import { serveParent, usage } from './children.ts';
import { type LongestTurn, watchTurns } from './turns.ts';

/** Imports one report, again and again if asked, into a table in memory that answers in another turn, as a store does. */
const [file = ''] = process.argv.slice(2);
const { core } = createCoreWorldOn(inOtherTurns(createInMemoryTable()));

export interface ImportWork {
  readonly perSecond: number;
  /** At its peak, above what the process had before; with what the table keeps. */
  readonly rssMb: number;
  readonly reading: LongestTurn;
  readonly storing: LongestTurn;
}

/** The policy is read, and its readers are compiled, by whatever comes first. */
async function warm(): Promise<void> {
  async function* nothing() {
    yield Buffer.from('{"version":"2.1.0","runs":[{"tool":{"driver":{"name":"semgrep"}},"results":[]}]}');
  }
  await core.findings.import({ service: 'orders-api', commit: 'd'.repeat(40), body: nothing() });
  await core.idle();
}

async function importReport(): Promise<ImportWork> {
  const idle = usage();
  const begun = performance.now();
  const longestReading = watchTurns();
  const stored: (() => LongestTurn)[] = [];
  let reading: LongestTurn = { ms: 0, cpuMs: 0 };
  async function* body() {
    yield* createReadStream(file, { highWaterMark: 1 << 16 });
    reading = longestReading();
    stored.push(watchTurns());
  }
  const outcome = await core.findings.import({
    service: 'payments-api',
    branch: 'main',
    commit: 'e'.repeat(40),
    body: body(),
  });
  const storing = stored[0]?.() ?? reading;
  if (outcome.kind !== 'imported') throw new Error(`the report was not imported: ${JSON.stringify(outcome)}`);
  const perSecond = outcome.findings / ((performance.now() - begun) / 1_000);
  const rssMb = process.resourceUsage().maxRSS / 1_024 - idle.rssMb;
  await core.idle();
  return { perSecond, rssMb, reading, storing };
}

function inOtherTurns(table: Table): Table {
  return {
    get: (...about) => nextTurn().then(() => table.get(...about)),
    list: (...about) => nextTurn().then(() => table.list(...about)),
    across: (...about) => table.across(...about),
    commit: (...about) => nextTurn().then(() => table.commit(...about)),
    remove: (...about) => nextTurn().then(() => table.remove(...about)),
  };
}

await warm();
serveParent({ import: importReport });
