import { canonicalJson } from '../domain/canonical.ts';
import { SEVERITIES } from '../domain/finding.ts';
import type { Found, FoundReport, FoundScan } from './found-report.ts';

/** What a source says of one thing at one time. */
export interface State {
  /** The finding that it is, or would be. */
  readonly found: Found;
  /** Present: it is none, and this is why (`compliant`). */
  readonly cleared?: string | undefined;
  /** Present: nobody can tell whether it is one, and this is why. */
  readonly unknown?: string | undefined;
  /** Which of several things this is that make one finding together; its newest state counts. */
  readonly of?: string | undefined;
}

/**
 * States as a log or a list of alerts has them: of one thing the newest counts, of several things that are one finding the
 * strictest. Only where nothing of it is open or unknown any more, it is told as cleared.
 */
export class LatestStates {
  readonly #report: FoundReport;
  readonly #byFinding = new Map<string, Map<string, State>>();

  constructor(report: FoundReport) {
    this.#report = report;
  }

  add(state: State): void {
    const { category, rule = '', path = '', identity } = state.found;
    const key = canonicalJson([category, rule, path, { ...identity }]);
    const states = this.#byFinding.get(key) ?? new Map<string, State>();
    const known = states.get(state.of ?? '');
    if (known !== undefined) this.#report.problem('an older state of the same, or the same again: joined');
    states.set(state.of ?? '', known === undefined ? state : newerOf(known, state));
    this.#byFinding.set(key, states);
  }

  /** Hands over what is open and what is cleared. */
  finish(scan: FoundScan): void {
    let unknown = 0;
    for (const states of this.#byFinding.values()) {
      const all = [...states.values()].sort(byStrictness);
      const [first, ...others] = all;
      if (first === undefined) continue;
      this.#hand(scan, first, all);
      for (const state of gradeOf(first) === OPEN ? others : all) this.#tell(state);
      unknown += all.filter((state) => gradeOf(state) === UNKNOWN).length;
    }
    if (unknown > 0) this.#report.incomplete(scan, `Whether ${unknown} are findings is not known`);
    this.#byFinding.clear();
  }

  #hand(scan: FoundScan, first: State, all: readonly State[]): void {
    const grade = gradeOf(first);
    const alike = all.filter((state) => gradeOf(state) === grade);
    const found = {
      ...first.found,
      at: alike
        .flatMap(({ found: { at } }) => at ?? [])
        .sort()
        .at(-1),
    };
    if (grade === OPEN) this.#report.add(scan, found);
    else if (grade === CLEARED) this.#report.clear(scan, found);
    else scan.categories.add(found.category);
  }

  #tell({ cleared, unknown }: State): void {
    if (unknown !== undefined) this.#report.problem(`${unknown}: skipped`);
    else this.#report.problem(cleared === undefined ? 'the same on the same again: joined' : `${cleared}: no finding`);
  }
}

const OPEN = 0;
const UNKNOWN = 1;
const CLEARED = 2;

function gradeOf({ cleared, unknown }: State): number {
  if (unknown !== undefined) return UNKNOWN;
  return cleared === undefined ? OPEN : CLEARED;
}

/** Of two of one time, or of one without a time, the stricter. */
function newerOf(a: State, b: State): State {
  const [first, second] = [a.found.at ?? '', b.found.at ?? ''];
  if (first === '' || second === '' || first === second) return byStrictness(a, b) <= 0 ? a : b;
  return first > second ? a : b;
}

function byStrictness(a: State, b: State): number {
  return rankOf(a) - rankOf(b);
}

function rankOf(state: State): number {
  const isMild = state.found.suppressed === true ? 1 : 0;
  return gradeOf(state) * 100 + isMild * 10 + SEVERITIES.indexOf(state.found.severity);
}
