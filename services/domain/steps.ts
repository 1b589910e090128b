/** Something long, done in steps: whoever runs it may let others have a turn in between. */
export type Steps<T> = Generator<void, T>;

/** How many of many are looked at in one step: some milliseconds at most. */
const A_STEP = 500;

/** All of it in one go. */
export function atOnce<T>(steps: Steps<T>): T {
  let step = steps.next();
  while (step.done !== true) step = steps.next();
  return step.value;
}

/** Each of them in its order, so many in a step. */
export function* visit<T>(all: Iterable<T>, look: (one: T) => void, aStep = A_STEP): Steps<void> {
  let seen = 0;
  for (const one of all) {
    look(one);
    seen += 1;
    if (seen % aStep === 0) yield;
  }
}

/** As `toSorted` with the same comparison; like it, equals stay in their order. */
export function* sorted<T>(all: readonly T[], compare: (a: T, b: T) => number): Steps<readonly T[]> {
  // Most of what is sorted was sorted before.
  if (yield* isSorted(all, compare)) return all;
  let runs: (readonly T[])[] = [];
  for (let at = 0; at < all.length; at += A_STEP) {
    runs.push(all.slice(at, at + A_STEP).sort(compare));
    yield;
  }
  while (runs.length > 1) {
    const merged: (readonly T[])[] = [];
    for (let n = 0; n < runs.length; n += 2)
      merged.push(yield* mergedRuns(runs[n] as readonly T[], runs[n + 1] ?? [], compare));
    runs = merged;
  }
  return runs[0] ?? [];
}

function* mergedRuns<T>(a: readonly T[], b: readonly T[], compare: (a: T, b: T) => number): Steps<readonly T[]> {
  // A list that grows leaves as much again behind at every step of its growth.
  const both = new Array<T>(a.length + b.length);
  let [fromA, fromB] = [0, 0];
  for (let at = 0; at < both.length; at += 1) {
    const isA = fromB === b.length || (fromA < a.length && compare(a[fromA] as T, b[fromB] as T) <= 0);
    both[at] = (isA ? a[fromA++] : b[fromB++]) as T;
    if (at % A_STEP === A_STEP - 1) yield;
  }
  return both;
}

function* isSorted<T>(all: readonly T[], compare: (a: T, b: T) => number): Steps<boolean> {
  for (let n = 1; n < all.length; n += 1) {
    if (compare(all[n - 1] as T, all[n] as T) > 0) return false;
    if (n % A_STEP === 0) yield;
  }
  return true;
}

/** By UTF-16 code unit, as `sort` does by itself. */
export function byText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
