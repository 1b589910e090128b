import { type ActiveException, type ExceptionFor, exceptionsFor } from './active-exception.ts';
import type { Control } from './contract.ts';
import { mustNameFindings } from './exception.ts';
import type { Grant } from './exception-grants.ts';
import type { Severity } from './finding.ts';
import { minuteOf } from './finding-history.ts';
import { type JudgedGroup, partOf } from './judgement.ts';
import type { DuplicatesOf } from './named-duplicates.ts';

/** What is known of exceptions where a service is judged. */
export interface ExceptionsHere {
  readonly exceptions: readonly ActiveException[];
  /** Asked for and not decided: they cover nothing. */
  readonly requested?: readonly ActiveException[];
  /** In force lately, by control. */
  readonly grants?: ReadonlyMap<string, readonly Grant[]>;
}

export interface Excepting {
  /** What an active exception covers of a block becomes a warning that names it, never nothing; the rest stays blocked. */
  split(block: JudgedGroup, control: Control): JudgedGroup[];
  /** Minute from which a due date counts anew, where the contract says so: the last exception of this finding ended then. */
  restartedAt(control: Control, fingerprint: string): number | undefined;
}

export function exceptingIn(
  { exceptions, requested = [], grants }: ExceptionsHere,
  here: Pick<ActiveException, 'service' | 'environment'>,
  now: string,
  duplicatesOf: DuplicatesOf = () => [],
): Excepting {
  const ends = endsOf(exceptions, now);
  const whatever = exceptions.map(({ severity: _, ...exception }) => exception);
  const findersAmong = (isFit: (one: ActiveException) => boolean) =>
    [exceptions, requested, whatever].map((all) => {
      const fitting = all.filter(isFit);
      const shared = fitting.filter(({ isExact }) => isExact !== true);
      return finderOf(exceptionsFor(fitting, here, now), exceptionsFor(shared, here, now));
    });
  const [any, naming] = [findersAmong(() => true), findersAmong((one) => one.fingerprints !== undefined)];
  return {
    split: (block, { name }) => {
      // Its control may have been about something else when one for all of it was granted.
      const isNamedOnly = mustNameFindings(block.category);
      const [inForce, asked, inName] = isNamedOnly ? naming : any;
      const idOf = (find: Finder | undefined) => (print: string) => {
        const own = find?.own(name, print, block.severity);
        if (own !== undefined || isNamedOnly) return own;
        return find?.byNames(name, duplicatesOf(print), block.severity);
      };
      const byException = Map.groupBy(block.fingerprints, (print) => idOf(inForce)(print) ?? '');
      const excepted = [...byException].filter(([id]) => id !== '');
      const left = block.count - excepted.reduce((sum, [, prints]) => sum + prints.length, 0);
      const parts = excepted.map(([id, prints]) => exceptedPart(block, prints, id, ends.get(id)));
      if (left === 0) return parts;
      const blocked = byException.get('') ?? [];
      const named = (find: Finder | undefined) =>
        [...new Set(blocked.map(idOf(find)).filter((id) => id !== undefined))].sort();
      return [{ ...partOf(block, blocked, left), ...present(named(asked), named(inName)) }, ...parts];
    },
    restartedAt: ({ name, expiry }, fingerprint) => {
      if (expiry.onExpiry !== 'restart') return undefined;
      const prints = [fingerprint, ...duplicatesOf(fingerprint)];
      const ended = (grants?.get(name) ?? []).filter(
        ({ target, endsAt }) => endsAt <= now && (target.fingerprints?.some((one) => prints.includes(one)) ?? true),
      );
      return ended.length === 0 ? undefined : Math.max(...ended.map(({ endsAt }) => minuteOf(endsAt)));
    },
  };
}

interface Finder {
  readonly own: ExceptionFor;
  /** By the first of these names that has one; looked for once for each list of names. */
  readonly byNames: (control: string, names: readonly string[], severity: Severity) => string | undefined;
}

/** By names that several tools share none is found that is exact. */
function finderOf(own: ExceptionFor, shared: ExceptionFor): Finder {
  const found = new Map<readonly string[], Map<string, string | undefined>>();
  return {
    own,
    byNames: (control, names, severity) => {
      if (names.length === 0) return undefined;
      const known = found.get(names) ?? new Map<string, string | undefined>();
      found.set(names, known);
      const place = JSON.stringify([control, severity]);
      if (!known.has(place)) known.set(place, names.flatMap((name) => shared(control, name, severity) ?? []).sort()[0]);
      return known.get(place);
    },
  };
}

/** By id; of several with one id the earliest that is still to come. */
function endsOf(exceptions: readonly ActiveException[], now: string): ReadonlyMap<string, string> {
  const coming = exceptions.filter(({ expiresAt }) => Date.parse(now) < Date.parse(expiresAt));
  const latestFirst = coming.sort((a, b) => Date.parse(b.expiresAt) - Date.parse(a.expiresAt));
  return new Map(latestFirst.map(({ id, expiresAt }) => [id, expiresAt]));
}

/** It is due by the exception's end, whatever it was due by before. */
function exceptedPart(
  block: JudgedGroup,
  fingerprints: readonly string[],
  exceptionId: string,
  expiresAt: string | undefined,
): JudgedGroup {
  const { dueAt: _, lead: __, escalatesAt: ___, ...part } = partOf(block, fingerprints, fingerprints.length);
  return { ...part, decision: 'warn', exceptionId, ...(expiresAt === undefined ? {} : { dueAt: expiresAt }) };
}

function present(requested: readonly string[], outgrown: readonly string[]) {
  return {
    ...(requested.length === 0 ? {} : { requested }),
    ...(outgrown.length === 0 ? {} : { outgrown }),
  };
}
