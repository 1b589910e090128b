import type { ExceptionRefusal } from '../domain/exception-refusal.ts';
import type { TermsWish } from '../domain/exception-terms.ts';
import { type ImportedException, importRequested } from '../domain/imported-exception.ts';
import { targetsOf } from '../domain/outside-exception.ts';
import type { PersonActor } from '../domain/person.ts';
import type { Clock } from './clock.ts';
import type { ImportStore, StoredImports } from './import-store.ts';
import { openFindings } from './open-findings.ts';
import type { Policy } from './policy.ts';
import type { ScopeStore } from './scope-store.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly scopes: Pick<ScopeStore, 'view'>;
  readonly imports: ImportStore;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
}

interface Place {
  readonly service: string;
  readonly environment: string;
  readonly control?: string;
}

/** What is meant by an exception of another tool here, and what it says of itself. */
export interface ImportMeant {
  readonly control: string;
  readonly fingerprints: readonly string[];
  readonly terms: TermsWish;
  /** Of Azure Policy: an exemption reaches one assignment. */
  readonly isExact?: true;
}

/** The findings that it lets pass there and that block here: those of one control, which may be named. */
export async function importMeant(
  needs: Needs,
  id: string,
  { service, environment: name, control }: Place,
): Promise<ImportMeant | ExceptionRefusal> {
  const found = await importedIn(needs, id, { service, environment: name });
  if (found === undefined || found.imported.goneAt !== undefined) return { code: 'unknown-import', id };
  const { entry, control: only = control } = found.imported;
  if (entry.narrowedBy.length > 0) return { code: 'import-narrower', by: entry.narrowedBy.join(' ') };
  const policy = await needs.policy.current();
  const environment = policy.contract?.environments.get(name);
  if (environment === undefined) return { code: 'no-contract' };
  const now = needs.clock.now();
  for (const org of needs.orgs) {
    const scope = { org, service, environment: name };
    const targets = targetsOf(
      entry,
      await openFindings(needs.scopes, policy, { scope, environment, withExemptionKeys: true, now }),
      only,
    );
    const chosen = [...targets].find(([one]) => control === undefined || one === control);
    const exact = entry.source === 'azure-policy' ? ({ isExact: true } as const) : {};
    if (chosen !== undefined) return { control: chosen[0], fingerprints: chosen[1], terms: entry.terms, ...exact };
  }
  return { code: 'nothing-to-except' };
}

/** In whichever organization it was brought in. */
async function importedIn(
  { imports, orgs }: Needs,
  id: string,
  { service, environment }: Place,
): Promise<{ readonly stored: StoredImports; readonly imported: ImportedException } | undefined> {
  for (const org of orgs) {
    const stored = await imports.read({ org, service, environment });
    const imported = stored.all.find((one) => one.id === id);
    if (imported !== undefined) return { stored, imported };
  }
  return undefined;
}

const TRIES = 4;

/** From now on it is in no list of those that nobody answers for, as long as this exception is not over. */
export async function noteRequested(
  needs: Needs,
  { imported: id, exceptionId, by, op, ...place }: Place & NotedAs,
): Promise<void> {
  for (let n = 0; n < TRIES; n += 1) {
    const found = await importedIn(needs, id, place);
    if (found === undefined) return;
    const { stored, imported } = found;
    const next = importRequested(imported, exceptionId);
    if (next === imported) return;
    const data = { import: id, exception: exceptionId };
    const evidence = { kind: 'import-requested', actor: by, data };
    const change = { op: `${op} import`, changed: [next], evidence, at: needs.clock.now() };
    if ((await needs.imports.commit(stored, change)) === 'committed') return;
  }
}

interface NotedAs {
  readonly imported: string;
  readonly exceptionId: string;
  readonly by: PersonActor;
  readonly op: string;
}
