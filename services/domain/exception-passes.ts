import type { Window } from './calibration-tally.ts';
import type { Contract } from './contract.ts';
import type { Exception } from './exception.ts';
import { standingAt } from './exception-use.ts';
import type { Gate } from './gate.ts';
import { plusMinutes } from './instant.ts';
import type { JudgedGroup } from './judgement.ts';

const MINUTES_A_DAY = 1_440;
/** Days of one period over which the share of what is excepted is taken. */
export const PERIOD_DAYS = 30;
/** Shares of fewer findings say nothing. */
const LEAST_FINDINGS = 10;

/** One finding of one service and environment. */
interface Mark {
  readonly control: string;
  readonly finding: string;
}

/** What one request tells of how exceptions are used; of more findings than its record keeps nothing is known. */
export interface Pass {
  /** ISO-8601 UTC; when it was received. */
  readonly at: string;
  /** It was let through in production. */
  readonly isDeployment: boolean;
  readonly blocked: readonly Mark[];
  readonly excepted: readonly Mark[];
}

/** Undefined: it was not judged, or not enforced. */
export function passOf({ environments }: Pick<Contract, 'environments'>, gate: Gate): Pass | undefined {
  const { judgement, receivedAt, verdict, observed } = gate;
  if (judgement === undefined || observed) return undefined;
  const environment = environments.get(gate.environment);
  const isDeployment = environment?.tier === 'production' && verdict?.result === 'succeeded' && isLetThrough(gate);
  const marks = (groups: readonly JudgedGroup[]) => groups.flatMap((group) => marksOf(gate.environment, group));
  return {
    at: receivedAt,
    isDeployment,
    blocked: marks(judgement.blocks),
    excepted: marks(judgement.warns.filter(({ exceptionId }) => exceptionId !== undefined)),
  };
}

function isLetThrough({ state }: Gate): boolean {
  return state === 'approved' || state === 'passed';
}

function marksOf(environment: string, { control, service, fingerprints }: JudgedGroup): Mark[] {
  if (control === undefined) return [];
  return fingerprints.map((print) => ({ control, finding: JSON.stringify([service, environment, print]) }));
}

/** How the exceptions from one control are used. */
export interface ExceptionHabits {
  readonly inForce: number;
  /** Of those in force. */
  readonly renewals: number;
  /** Days since they were granted; of a renewal since that one was. */
  readonly medianAgeDays?: number;
  readonly oldestAgeDays?: number;
  /** Production deployments of the window that were let through, and those that passed only by an exception from this control. */
  readonly deployments: number;
  readonly exceptedDeployments: number;
  /** Of what blocked or would have, the share that exceptions let pass, in each whole period before now, the newest first; absent: too little. */
  readonly periods: readonly (number | undefined)[];
  /** Over the contract's rate in as many periods in a row, up to the newest, as it says. */
  readonly isEroded: boolean;
}

/** The earliest instant of what `habitsOf` looks at. */
export function habitsSince({ limits }: Pick<Contract, 'limits'>, { since, now }: Window): string {
  const periods = plusMinutes(now, -limits.erodedAfterPeriods * PERIOD_DAYS * MINUTES_A_DAY);
  return periods < since ? periods : since;
}

/** Control → habits, of every control of the contract. Independent of the order. */
export function habitsOf(
  { controls, limits }: Pick<Contract, 'controls' | 'limits'>,
  { passes, exceptions }: { readonly passes: readonly Pass[]; readonly exceptions: readonly Exception[] },
  { since, now }: Window,
): ReadonlyMap<string, ExceptionHabits> {
  const deployments = passes.filter(({ isDeployment, at }) => isDeployment && at >= since);
  const shares = sharesOf(passes, limits.erodedAfterPeriods, now);
  return new Map(
    controls.map(({ name }) => {
      const own = exceptions.filter((one) => one.target.control === name && standingAt(one, now) === 'active');
      const periods = shares.map((share) => share(name));
      const isOver = (share: number | undefined) => share !== undefined && share > limits.overuseRate;
      const habits = {
        ...livesOf(own, now),
        deployments: deployments.length,
        exceptedDeployments: deployments.filter(({ excepted }) => excepted.some(({ control }) => control === name))
          .length,
        periods,
        isEroded: periods.length > 0 && periods.every(isOver),
      };
      return [name, habits];
    }),
  );
}

export function deploymentsIn(passes: readonly Pass[], { since }: Window) {
  const all = passes.filter(({ isDeployment, at }) => isDeployment && at >= since);
  return { all: all.length, excepted: all.filter(({ excepted }) => excepted.length > 0).length };
}

function livesOf(own: readonly Exception[], now: string) {
  const ages = own
    .map(({ grantedAt = now }) => (Date.parse(now) - Date.parse(grantedAt)) / 60_000 / MINUTES_A_DAY)
    .sort((a, b) => a - b);
  const [median, oldest] = [ages[Math.ceil(ages.length / 2) - 1], ages.at(-1)];
  return {
    inForce: own.length,
    renewals: own.filter(({ renewal }) => renewal.number > 0).length,
    ...(median === undefined ? {} : { medianAgeDays: median }),
    ...(oldest === undefined ? {} : { oldestAgeDays: oldest }),
  };
}

/** For each period a function from a control to its share. A finding counts once in a period, as excepted if it ever was. */
function sharesOf(passes: readonly Pass[], periods: number, now: string) {
  return Array.from({ length: periods }, (_, n) => {
    const [until, from] = [n, n + 1].map((count) => plusMinutes(now, -count * PERIOD_DAYS * MINUTES_A_DAY));
    const within = passes.filter(({ at }) => at >= (from ?? '') && at < (until ?? ''));
    const excepted = byControl(within.flatMap((pass) => pass.excepted));
    const all = byControl(within.flatMap((pass) => [...pass.excepted, ...pass.blocked]));
    return (control: string): number | undefined => {
      const [part, whole] = [excepted.get(control)?.size ?? 0, all.get(control)?.size ?? 0];
      return whole < LEAST_FINDINGS ? undefined : part / whole;
    };
  });
}

function byControl(marks: readonly Mark[]): ReadonlyMap<string, ReadonlySet<string>> {
  const sets = new Map<string, Set<string>>();
  for (const { control, finding } of marks) sets.set(control, (sets.get(control) ?? new Set()).add(finding));
  return sets;
}
