import { addWorkingMinutes } from './calendar.ts';
import type { Calendar } from './contract.ts';
import type { Gate } from './gate.ts';
import { earlier, plusMinutes } from './instant.ts';
import type { Route } from './route.ts';

type Clocked = Pick<Route, 'deadline' | 'remindAfterMinutes' | 'escalateAfterMinutes' | 'escalateTo'>;

/** The earliest deadline of these routes; of several calendars the earliest end counts. ISO-8601 UTC, as all here. */
export function deadlineOf(
  routes: readonly Clocked[],
  calendars: readonly Calendar[],
  from: string,
): string | undefined {
  return earliest(routes.map((route) => after(route, calendars, from, route.deadline?.minutes)));
}

/** When those who have not answered are reminded, in the working time of those asked. */
export function reminderOf(
  routes: readonly Clocked[],
  calendars: readonly Calendar[],
  from: string,
): string | undefined {
  return earliest(routes.map((route) => after(route, calendars, from, route.remindAfterMinutes)));
}

/** When a route's `escalateTo` is asked too: at once if those asked have no working time before the end. */
export function escalationOf(
  routes: readonly Clocked[],
  calendars: readonly Calendar[],
  from: string,
  closesAt: string,
): string | undefined {
  const nobodyAwake = calendars.every((calendar) => addWorkingMinutes(calendar, from, 1) > closesAt);
  return earliest(
    routes
      .filter(({ escalateTo }) => escalateTo !== undefined)
      .map((route) => (nobodyAwake ? from : after(route, calendars, from, route.escalateAfterMinutes))),
  );
}

function after(
  { deadline }: Clocked,
  calendars: readonly Calendar[],
  from: string,
  minutes: number | undefined,
): string | undefined {
  if (minutes === undefined) return undefined;
  if (deadline?.clock === 'wall') return plusMinutes(from, minutes);
  return earliest(calendars.map((calendar) => addWorkingMinutes(calendar, from, minutes)));
}

function earliest(times: readonly (string | undefined)[]): string | undefined {
  const known = times.filter((time) => time !== undefined);
  return known.length === 0 ? undefined : known.reduce(earlier);
}

/** Whether a blocked gate has waited long enough: not while an exception is asked for. */
export function isWaitOver({ state, waitUntil, awaits }: Gate, now: string): boolean {
  return state === 'blocked' && awaits === undefined && waitUntil !== undefined && now >= waitUntil;
}

/** ISO-8601 UTC; when time alone changes something about a gate that waits: its earliest end, reminder or escalation. */
export function nextLookAt(gate: Gate): string {
  const { state, closesAt, waitUntil, awaits, remindAt, remindedAt, escalateAt, escalatedAt } = gate;
  const asked = [remindedAt === undefined ? remindAt : undefined, escalatedAt === undefined ? escalateAt : undefined];
  const times = state === 'asked' ? asked : [awaits === undefined ? waitUntil : undefined];
  return times.filter((at) => at !== undefined).reduce(earlier, closesAt);
}
