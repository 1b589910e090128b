import * as z from 'zod';
import {
  areEquallyNarrow,
  EXCLUSIONS,
  type Exclusion,
  MATCH_KEYS,
  type MatchKey,
  type Route,
} from '../domain/route.ts';
import { type Loaded, loadFile, wrong } from './load-file.ts';
import { duration, isoDate, name, principal, text } from './scalars.ts';
import { listOf, member } from './written.ts';
import type { Complaint, Source } from './yaml-text.ts';

/** Whether a route with this match can apply to production; a route without an environment can. */
export type ReachesProduction = (match: Route['match']) => boolean;

const DEFAULT_NEVER: readonly Exclusion[] = ['requester', 'commit-authors', 're-runner', 'exception-requester'];
const MAX_MINUTES = 30 * 1440;

const match = z
  .strictObject({
    service: name.exactOptional(),
    environment: name.exactOptional(),
    pipeline: text(300).exactOptional(),
    resourceGroup: text(300).exactOptional(),
    subscription: text(300).exactOptional(),
    managementGroup: text(300).exactOptional(),
    team: text(300).exactOptional(),
    project: text(300).exactOptional(),
    organization: text(300).exactOptional(),
  } satisfies Record<MatchKey, z.ZodType>)
  .superRefine((keys, context) => {
    if (Object.keys(keys).length === 0) {
      context.addIssue({ code: 'custom', message: `is empty; allowed: ${MATCH_KEYS.join(', ')}` });
    }
    if (keys.service !== undefined && keys.environment === undefined) {
      context.addIssue({
        code: 'custom',
        path: ['service'],
        message: 'stands alone; allowed: service beside environment',
      });
    }
  });

const freeze = z
  .strictObject({
    from: isoDate,
    until: isoDate,
    level: principal,
    reason: z.enum(['optional', 'required']).default('required'),
  })
  .superRefine(({ from, until }, context) => {
    if (until >= from) return;
    context.addIssue({ code: 'custom', path: ['until'], message: wrong(until, `a date from ${from} on`) });
  });

const said = z.enum(['optional', 'required']);

const route = z
  .strictObject({
    match,
    levels: z
      .array(z.strictObject({ quorum: z.int().min(1).max(20).default(1), from: z.array(principal).min(1) }))
      .min(1),
    never: z.array(z.enum(EXCLUSIONS)).default([...DEFAULT_NEVER]),
    justification: text(500).exactOptional(),
    remindAfter: duration('minutes', { max: MAX_MINUTES }).exactOptional(),
    escalateAfter: duration('minutes', { max: MAX_MINUTES }).exactOptional(),
    escalateTo: principal.exactOptional(),
    deadline: duration('minutes', { max: MAX_MINUTES }).exactOptional(),
    clock: z.enum(['working', 'wall']).exactOptional(),
    onDeadline: z.literal('reject').exactOptional(),
    post: z
      .strictObject({ channel: text(300).exactOptional(), dm: z.boolean().default(true) })
      .refine(({ channel, dm }) => dm || channel !== undefined, 'reaches nobody; allowed: dm: true, or a channel')
      .prefault({}),
    comment: z.strictObject({ approve: said.default('optional'), reject: said.default('required') }).prefault({}),
    freezes: z.array(freeze).default([]),
  })
  .superRefine(({ clock, deadline }, context) => {
    if (clock === undefined || deadline !== undefined) return;
    context.addIssue({ code: 'custom', path: ['clock'], message: 'stands alone; allowed: clock beside deadline' });
  });

const routesSchema = z.strictObject({ kind: z.literal('ApprovalRoutes'), routes: z.array(route).min(1) });

/** Reads routes.yaml or one file of routes/. */
export function loadRoutes(source: Source, reachesProduction: ReachesProduction): Loaded<readonly Route[]> {
  const loaded = loadFile(source, routesSchema, (data) => [
    ...equallyNarrow(data),
    ...droppedDuties(data, reachesProduction),
  ]);
  if (loaded.kind === 'broken') return loaded;
  const { value, lineOf } = loaded.value;
  return {
    kind: 'loaded',
    value: value.routes.map((written, index) => toRoute(written, `${source.file}:${lineOf(['routes', index])}`)),
  };
}

function toRoute(written: z.output<typeof route>, source: string): Route {
  const { remindAfter, escalateAfter, deadline, clock, onDeadline: _, ...rest } = written;
  return {
    source,
    ...rest,
    ...(remindAfter === undefined ? {} : { remindAfterMinutes: remindAfter }),
    ...(escalateAfter === undefined ? {} : { escalateAfterMinutes: escalateAfter }),
    ...(deadline === undefined ? {} : { deadline: { minutes: deadline, clock: clock ?? 'working' } }),
  };
}

/** The services whose routes a broken file holds, as far as it can be read, and whether it holds any for others. */
export function servicesWritten(data: unknown): { readonly services: readonly string[]; readonly others: boolean } {
  const written = listOf(member(data, 'routes')).map((item) => member(member(item, 'match'), 'service'));
  const services = written.filter((service) => typeof service === 'string');
  return { services, others: services.length < written.length };
}

function equallyNarrow(data: unknown): Complaint[] {
  const matches = listOf(member(data, 'routes')).map(matchOf);
  return matches.flatMap((later, index) => {
    const earlier = matches.findIndex((one) => Object.keys(one).length > 0 && areEquallyNarrow(one, later));
    if (earlier === index || earlier === -1) return [];
    const message = `is as narrow as routes[${earlier}].match; allowed: one route for one match`;
    return [{ path: ['routes', index, 'match'], message }];
  });
}

/** Separation of duties: in production whoever asked or wrote the change does not approve it (contract.md, routes.yaml). */
function droppedDuties(data: unknown, reachesProduction: ReachesProduction): Complaint[] {
  return listOf(member(data, 'routes')).flatMap((written, index) => {
    const never = member(written, 'never');
    if (!Array.isArray(never) || !reachesProduction(matchOf(written))) return [];
    const path = ['routes', index, 'never'];
    if (!never.includes('requester')) {
      const message = 'lacks requester although the route can reach production; allowed: with requester';
      return [{ path, message }];
    }
    if (never.includes('commit-authors')) return [];
    if (!never.includes('last-committer')) {
      const message =
        'lacks commit-authors although the route can reach production; allowed: commit-authors, or last-committer with a justification';
      return [{ path, message }];
    }
    if (typeof member(written, 'justification') === 'string') return [];
    const message =
      'has last-committer for commit-authors without a word why; allowed: with a justification beside never';
    return [{ path, message }];
  });
}

function matchOf(written: unknown): Route['match'] {
  const match = member(written, 'match');
  return Object.fromEntries(
    MATCH_KEYS.flatMap((key) => {
      const value = member(match, key);
      return typeof value === 'string' ? [[key, value] as const] : [];
    }),
  );
}

/** For a route that was read under another contract: the stricter default where it would now let authors approve. */
export function withAuthorsExcluded(route: Route, reachesProduction: ReachesProduction): Route {
  const excluded = route.never.includes('commit-authors') || route.never.includes('last-committer');
  if (excluded || !reachesProduction(route.match)) return route;
  return { ...route, never: [...route.never, 'commit-authors'] };
}
