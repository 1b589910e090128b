import { ORG } from '../builders.ts';
import { createCoreWorldOn } from '../fakes/core-world.ts';
import type { CountedTable } from '../fakes/counted-tables.ts';
import type { StoredRow } from '../fakes/in-memory-table.ts';
import { type AnyWorld, click, type History, meetEverybody, receive, reportOnCommit } from './history.ts';

/** The calls of one part of an operation. */
export interface Figure {
  readonly what: string;
  readonly made: readonly string[];
  /** Exactly these; what happens at once is in alphabetical order in both. */
  readonly allowed: readonly string[];
}

export interface Scene {
  readonly world: AnyWorld;
  readonly counted: CountedTable;
  /** A check id that nobody has used. */
  next(): number;
}

/** A process on this store for which everything is warm: conversations, cursors and policy are read, reports are in. */
export async function setScene(
  { rows, now }: History,
  count: (rows: Iterable<StoredRow>) => CountedTable | Promise<CountedTable>,
): Promise<Scene> {
  const counted = await count(rows);
  const world = createCoreWorldOn(counted.table);
  world.now = now;
  let last = 0;
  const scene = { world, counted, next: () => ++last };
  await meetEverybody(world);
  await reportOnCommit(world);
  await click(world, await anAskedGate(scene));
  await world.settle();
  counted.made();
  return scene;
}

/** A gate of payments-api in prod that people are asked about. */
export async function anAskedGate({ world, counted, next }: Scene, n = next()): Promise<string> {
  const id = await receive(world, n);
  await world.core.outbox.drain(ORG, id);
  const state = (await world.core.approvals.find(id))?.state;
  if (state !== 'asked') throw new Error(`the gate is ${state} instead of asked`);
  counted.made();
  return id;
}

export const inTurn = (what: string, made: readonly string[], ...allowed: readonly string[]): Figure => ({
  what,
  made,
  allowed,
});
export const atOnce = (what: string, made: readonly string[], ...allowed: readonly string[]): Figure => ({
  what,
  made: made.toSorted(),
  allowed: allowed.toSorted(),
});
