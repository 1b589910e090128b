import type { Exception } from '../../services/domain/exception.ts';
import { aliasesOf } from '../../services/domain/person.ts';
import type { Row, Write } from '../../services/ports/table.ts';
import { onceOfEach } from './once-of-each.ts';
import { BLOCKING, type DirectoryState, GRANTING, LIMITS } from './scenery.ts';
import type { World } from './world.ts';

/** One committed version of an exception. */
export interface Version {
  readonly step: number;
  /** Milliseconds: of the world, not of a process. */
  readonly time: number;
  readonly exception: Exception;
}

/** Watches exceptions as their committed rows tell of them; what they cover it works out itself. */
export interface ExceptionWatch {
  /** By id, oldest version first. */
  readonly versions: ReadonlyMap<string, readonly Version[]>;
  committed(writes: readonly Write[]): void;
  /** Whether what was committed by this step lets the content pass at that instant (ISO-8601 UTC). */
  coveredAt(step: number, now: string): (content: Parameters<typeof BLOCKING.get>[0], environment: string) => boolean;
}

interface Needs {
  readonly world: World;
  readonly directories: readonly { readonly from: number; readonly state: DirectoryState }[];
  readonly violated: (invariant: string, what: string) => void;
}

export const DAY_MS = 86_400_000;

/** Milliseconds; exclusive. */
export function endOf({ terms }: Exception): number {
  return Date.parse(`${terms.until}T00:00:00.000Z`) + DAY_MS;
}

export function isHeader({ row }: Pick<Row, 'row'>): boolean {
  return row.startsWith('h~');
}

export const exceptionIn = onceOfEach(
  (values: Readonly<Record<string, unknown>>): Exception => JSON.parse(String(values['exception'])) as Exception,
);

export function createExceptionWatch({ world, directories, violated }: Needs): ExceptionWatch {
  const versions = new Map<string, Version[]>();

  function during(): readonly DirectoryState[] {
    const since = world.actions.getStore()?.beganAt ?? world.step;
    const last = (index: number) => directories[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    return directories.filter((_, index) => last(index) > since).map(({ state }) => state);
  }

  /** Whether they, or somebody in whose place they decide, could have spoken for one of these since the action began. */
  function maySpeakFor(oid: string, principals: readonly string[]): boolean {
    const seats = [oid, ...world.covers.filter(({ by }) => by === oid).map(({ absent }) => absent)];
    return during().some(({ people, groups }) => {
      const person = people.get(oid);
      if (person === undefined || person.guest || person.disabled) return false;
      return seats.some((seat) =>
        principals.some((one) => one === `user:${seat}` || groups.get(one.slice('group:'.length))?.includes(seat)),
      );
    });
  }

  function hasAsked({ askers }: Exception, oid: string): boolean {
    const aliases = during().flatMap(({ people }) => {
      const person = people.get(oid);
      return person === undefined ? [] : aliasesOf(person);
    });
    return askers.some(({ by, accounts }) => by.oid === oid || accounts.some((one) => aliases.includes(one)));
  }

  function voted(before: Exception | undefined, after: Exception): void {
    const { group, quorum } = GRANTING[after.target.control as keyof typeof GRANTING];
    const known = new Set(before?.votes.map(({ by, at }) => `${by.oid} ${at}`));
    for (const { by, at } of after.votes)
      if (!known.has(`${by.oid} ${at}`) && !maySpeakFor(by.oid, [`group:${group}`]))
        violated('I6', `${by.oid} granted ${after.id} and may not`);
    if (after.state !== 'active' || before?.state === 'active') return;
    const free = after.votes.filter(({ by }) => !hasAsked(after, by.oid));
    if (free.length < after.votes.length) violated('I6', `somebody who asked for ${after.id} granted it`);
    if (new Set(free.map(({ by }) => by.oid)).size < quorum)
      violated('I6', `${after.id} is in force by ${free.length} of ${quorum}`);
    if (before?.state !== 'requested') violated('I5', `${after.id} came into force from ${before?.state}`);
  }

  /** Whose word each kind of change is. */
  function said(kind: string, oid: string, before: Exception): void {
    const { group } = GRANTING[before.target.control as keyof typeof GRANTING];
    const may: Readonly<Record<string, readonly string[]>> = {
      'review-answered': [before.terms.owner],
      'review-snoozed': [before.terms.owner],
      'exception-closed': [before.terms.owner],
      'exception-handed-over': [before.terms.owner, 'group:security-leads'],
      'exception-revoked': [before.terms.owner, 'group:security-leads', `group:${group}`],
    };
    const whose = may[kind];
    if (whose !== undefined && !maySpeakFor(oid, whose)) violated('I6', `${oid} said ${kind} of ${before.id}`);
  }

  function changed(before: Exception | undefined, after: Exception, entry: Readonly<Record<string, unknown>>): void {
    const actor = entry['actor'] as { readonly kind: string; readonly oid?: string };
    if (before !== undefined && actor.oid !== undefined) said(String(entry['kind']), actor.oid, before);
    voted(before, after);
    if (before === undefined) return;
    if (OVER.includes(before.state) && after.state !== before.state)
      violated('I12', `${after.id} was ${before.state} and became ${after.state}`);
    if (after.terms.until > before.terms.until || isWider(after, before))
      violated('I5', `${after.id} covers more than before`);
  }

  return {
    versions,
    committed: (writes) => {
      const headers = writes.flatMap((write) => ('values' in write && isHeader(write) ? [write] : []));
      const entries = writes.flatMap((write) =>
        'values' in write && isEntry(write)
          ? [{ id: write.row.split('~')[1], said: JSON.parse(String(write.values['entry'])) as object }]
          : [],
      );
      if (entries.length !== headers.length)
        violated('I10', `${entries.length} entries of evidence for ${headers.length} changes of exceptions`);
      for (const header of headers) {
        const after = exceptionIn(header.values);
        const entry = entries.find(({ id }) => id === header.row.split('~')[1]);
        if (entry === undefined) violated('I10', `${after.id} changed without evidence`);
        const known = versions.get(after.id) ?? [];
        versions.set(after.id, [...known, { step: world.step, time: world.time, exception: after }]);
        changed(known.at(-1)?.exception, after, (entry?.said ?? {}) as Readonly<Record<string, unknown>>);
        const isRead = (one: Exception | undefined) => one?.state === 'active' || one?.state === 'requested';
        const isJudgedAnew = isRead(after) || isRead(known.at(-1)?.exception);
        const isAlike = after.state === known.at(-1)?.exception.state;
        if (isJudgedAnew && !isAlike && !writes.some(({ row }) => row.endsWith('~wake')))
          violated('I21', `${after.id} became ${after.state} and wakes nobody`);
      }
    },
    coveredAt: (step, now) => (content, environment) => {
      const finding = BLOCKING.get(content);
      return [...versions.values()].some((all) => {
        const one = all.findLast((version) => version.step <= step)?.exception;
        return (
          one?.state === 'active' &&
          one.grantedAt !== undefined &&
          Date.parse(now) < endOf(one) &&
          one.target.environment === environment &&
          one.target.control === finding?.control &&
          (one.target.fingerprints?.includes(finding.fingerprint) ?? true)
        );
      });
    },
  };
}

const OVER = ['rejected', 'withdrawn', 'expired', 'revoked', 'closed'];

/** Evidence of an exception, not of a report. */
export function isEntry({ row }: Pick<Row, 'row'>): boolean {
  return /^e~ex-/.test(row);
}

function isWider({ target: after }: Exception, { target: before }: Exception): boolean {
  if (before.fingerprints === undefined) return false;
  return after.fingerprints?.some((print) => !before.fingerprints?.includes(print)) ?? true;
}

/** Of each finding and environment, how long it was covered without an interruption that counts. */
export function longestCover({ versions }: Pick<ExceptionWatch, 'versions'>): { what: string; days: number }[] {
  return ['prod', 'staging'].flatMap((environment) =>
    [...BLOCKING].map(([content, { control, fingerprint }]) => {
      const spans = [...versions.values()].flatMap((all) =>
        all.flatMap(({ time, exception }, index) => {
          const { state, target } = exception;
          const isCovered =
            state === 'active' &&
            target.environment === environment &&
            target.control === control &&
            (target.fingerprints?.includes(fingerprint) ?? true);
          const until = Math.min(all[index + 1]?.time ?? Number.POSITIVE_INFINITY, endOf(exception));
          return isCovered && until > time ? [[time, until] as const] : [];
        }),
      );
      return { what: `${content} in ${environment}`, days: longest(spans) / DAY_MS };
    }),
  );
}

/** Milliseconds covered in the longest row of spans whose gaps are shorter than the longest period. */
function longest(spans: readonly (readonly [number, number])[]): number {
  let [most, sum, end] = [0, 0, Number.NEGATIVE_INFINITY];
  for (const [from, until] of [...spans].sort(([a], [b]) => a - b)) {
    if (from - end >= LIMITS.maxDays * DAY_MS) sum = 0;
    sum += Math.max(0, until - Math.max(from, end));
    end = Math.max(end, until);
    most = Math.max(most, sum);
  }
  return most;
}
