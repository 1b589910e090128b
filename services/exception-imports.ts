import type { ExceptionField, ExceptionRefusal } from './domain/exception-refusal.ts';
import {
  type ImportedException,
  type ImportedFile,
  type ImportPlan,
  importOperation,
  planImport,
} from './domain/imported-exception.ts';
import type { OpenGroup } from './domain/judgement.ts';
import {
  type ImportBasis,
  type Imported,
  importOf,
  type OutsideException,
  targetsOf,
} from './domain/outside-exception.ts';
import type { PersonActor } from './domain/person.ts';
import type { Refusal } from './domain/refusal.ts';
import type { Clock } from './ports/clock.ts';
import type { ExceptionWish } from './ports/exception-basis.ts';
import type { ImportStore, StoredImports } from './ports/import-store.ts';
import { openFindings } from './ports/open-findings.ts';
import type { Policy } from './ports/policy.ts';
import type { ScopeStore } from './ports/scope-store.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly scopes: Pick<ScopeStore, 'view'>;
  readonly imports: ImportStore;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
  /** As on every other road. */
  readonly request: (
    wish: ExceptionWish,
  ) => Promise<
    | { readonly kind: 'requested' | 'joined'; readonly exception: { readonly id: string } }
    | { readonly kind: 'refused'; readonly why: ExceptionRefusal }
  >;
}

export interface ImportPlace {
  readonly service: string;
  readonly environment: string;
  readonly control?: string;
}

/** In the order of the entries. */
export type ImportsJudged = readonly Imported[] | ExceptionRefusal;

/** A file that somebody brings in. */
export interface ImportWish extends ImportedFile, ImportPlace {
  readonly by: PersonActor;
  /** SHA-256 of the file. */
  readonly checksum: string;
}

/** What became of an entry of it; of one with findings of several controls one for each. */
export type Brought =
  | Exclude<Imported, { readonly kind: 'complete' | 'unmanaged' }>
  | { readonly kind: 'unmanaged'; readonly missing: readonly ExceptionField[] }
  | { readonly kind: 'requested'; readonly ids: readonly string[] }
  | { readonly kind: 'refused'; readonly why: ExceptionRefusal }
  /** Kept; an import asks for no more than so many at once. */
  | { readonly kind: 'later' };

export type ImportAnswer =
  | {
      readonly kind: 'brought';
      readonly lines: readonly { readonly entry: OutsideException; readonly became: Brought }[];
      /** How many the file does not have any more. */
      readonly gone: number;
    }
  | { readonly kind: 'refused'; readonly why: ExceptionRefusal };

/** Twice what one file can have: what is gone is kept too. */
const MOST_KEPT = 20_000;
const MOST_ASKED = 50;
const TRIES = 4;

export type ExceptionImports = ReturnType<typeof createExceptionImports>;

/** What other tools let pass, and what is asked for in its place. Rejects with StoreUnavailableError. */
export function createExceptionImports(needs: Needs) {
  return {
    /** What could be requested. Changes nothing. */
    judge: async (entries: readonly OutsideException[], place: ImportPlace): Promise<ImportsJudged> => {
      const basis = await basisOf(needs, place);
      return 'code' in basis ? basis : entries.map((entry) => importOf(entry, basis));
    },
    /** Keeps every entry, and requests those that say everything. The same file again changes nothing. */
    bring: async (wish: ImportWish): Promise<ImportAnswer> => {
      const stranger = await needs.strangerBecause(wish.by);
      if (stranger !== undefined) return refused({ code: 'stranger', refusal: stranger });
      const basis = await basisOf(needs, wish);
      if ('code' in basis) return refused(basis);
      const kept = await keep(needs, wish);
      return 'code' in kept ? refused(kept) : ask(needs, wish, basis, kept);
    },
  };
}

function refused(why: ExceptionRefusal): ImportAnswer {
  return { kind: 'refused', why };
}

type Basis = ImportBasis & { readonly open: readonly OpenGroup[] };

async function basisOf(
  { clock, policy, scopes, orgs }: Needs,
  { service, environment: name, control }: ImportPlace,
): Promise<Basis | ExceptionRefusal> {
  const snapshot = await policy.current();
  const { contract, catalog } = snapshot;
  if (contract === undefined) return { code: 'no-contract' };
  const environment = contract.environments.get(name);
  if (environment === undefined) return { code: 'unknown-environment', known: [...contract.environments.keys()] };
  if (!catalog.services.has(service)) return { code: 'unknown-service', known: [...catalog.services.keys()] };
  const controls = contract.controls.map((one) => one.name);
  if (control !== undefined && !controls.includes(control)) return { code: 'unknown-control', known: controls };
  const now = clock.now();
  const lists = await Promise.all(
    orgs.map((org) =>
      openFindings(scopes, snapshot, {
        scope: { org, service, environment: name },
        environment,
        withExemptionKeys: true,
        now,
      }),
    ),
  );
  return { open: lists.flat(), today: now.slice(0, 10), ...(control === undefined ? {} : { control }) };
}

interface Kept {
  /** Of each entry in turn. */
  readonly ids: readonly string[];
  readonly byId: ReadonlyMap<string, ImportedException>;
  readonly gone: number;
}

/** Whoever died on the way, or was overtaken, goes on with what is still to be written. */
async function keep(needs: Needs, wish: ImportWish): Promise<Kept | ExceptionRefusal> {
  const { service, environment, control, by, checksum, source } = wish;
  const [org = ''] = needs.orgs;
  const op = `imported ${source} ${checksum} ${control ?? ''}`;
  for (let n = 0; n < TRIES; n += 1) {
    const stored = await needs.imports.read({ org, service, environment });
    const at = needs.clock.now();
    const as = { service, environment, by, at, ...(control === undefined ? {} : { control }) };
    const plan = planImport(stored.all, wish, as);
    const byId = new Map([...stored.all, ...plan.changed].map((one) => [one.id, one]));
    if (byId.size > MOST_KEPT) return { code: 'too-many-imported', most: MOST_KEPT };
    const kept = { ids: plan.ids, byId, gone: plan.gone };
    if (plan.changed.length === 0 && wasLast(stored, source, op)) return kept;
    const change = { op, changed: plan.changed, at, evidence: evidenceOf(wish, plan, byId) };
    if ((await needs.imports.commit(stored, change)) === 'committed') return kept;
  }
  return { code: 'not-recorded' };
}

/** Whether the last file of this tool was this one. */
function wasLast({ evidence }: StoredImports, source: string, op: string): boolean {
  return evidence.findLast((entry) => entry.op.startsWith(`imported ${source} `))?.op === op;
}

function evidenceOf(
  { service, environment, by, checksum, source, entries }: ImportWish,
  { ids, changed, gone }: ImportPlan,
  byId: Kept['byId'],
) {
  const kept = new Set(ids.filter((id) => byId.has(id))).size;
  const counts = { entries: entries.length, kept, changed: changed.length, gone };
  return {
    kind: 'exceptions-imported',
    actor: by,
    data: { service, environment, source, file: checksum, ...counts },
  };
}

async function ask(needs: Needs, wish: ImportWish, basis: Basis, { ids, byId, gone }: Kept): Promise<ImportAnswer> {
  const lines: { entry: OutsideException; became: Brought }[] = [];
  let left = MOST_ASKED;
  for (const [n, entry] of wish.entries.entries()) {
    const imported = byId.get(ids[n] ?? '');
    const known = knownOf(entry, imported, basis) ?? (left === 0 ? ({ kind: 'later' } as const) : undefined);
    if (known === undefined) left -= 1;
    const became = known === undefined ? await requestAll(needs, wish, basis, imported) : [known];
    lines.push(...became.map((one) => ({ entry, became: one })));
  }
  return { kind: 'brought', lines, gone };
}

/** Undefined: it is to be asked for. */
function knownOf(entry: OutsideException, imported: ImportedException | undefined, basis: Basis): Brought | undefined {
  if (imported?.requested !== undefined) return { kind: 'requested', ids: imported.requested };
  const judged = importOf(entry, basis);
  return judged.kind === 'complete' ? undefined : judged;
}

/** What it lets pass may belong to several controls, each with approvers of its own. */
async function requestAll(needs: Needs, wish: ImportWish, basis: Basis, imported: ImportedException | undefined) {
  const became: Brought[] = [];
  if (imported === undefined) return became;
  for (const control of targetsOf(imported.entry, basis.open, basis.control).keys())
    became.push(await request(needs, wish, imported, control));
  return became;
}

async function request(
  needs: Needs,
  { by, service, environment }: ImportWish,
  imported: ImportedException,
  control: string,
): Promise<Brought> {
  const op = importOperation(imported, control);
  const answer = await needs.request({ service, environment, control, imported: imported.id, terms: {}, by, op });
  if (answer.kind !== 'refused') return { kind: 'requested', ids: [answer.exception.id] };
  return answer.why.code === 'already-excepted'
    ? { kind: 'requested', ids: [answer.why.id] }
    : { kind: 'refused', why: answer.why };
}
