import { z } from 'zod';
import type { EnvironmentFact } from '../domain/platform.ts';
import type { SectionRead } from '../ports/platform-source.ts';
import { environmentsAnswer } from './answers.ts';
import { type CheckDraft, configurations, draftOf, factOf, withoutSecrets } from './platform-checks.ts';
import { translated } from './platform-faults.ts';
import {
  checkConfigurationsPath,
  endpointsPath,
  environmentPagePath,
  environmentPermissionsPath,
} from './platform-paths.ts';
import { type PlatformRead, readSteps, type SectionReader } from './platform-read.ts';
import { unlessRefused, usersOf } from './platform-users.ts';

const PERMISSION = 'give the bot the role Reader of the environments and "View builds" (vso.build) in the project';
const ENVIRONMENTS_A_PAGE = 100;
const CHECKED_AT_ONCE = 50;
const ADDRESSES_AT_ONCE = 50;

const endpoints = z.object({ value: z.array(z.object({ id: z.string(), url: z.string().nullish() }).nullable()) });

interface Draft {
  readonly id: number;
  readonly name: string;
  readonly checks: readonly CheckDraft[];
  readonly use?: Pick<EnvironmentFact, 'openToAll' | 'pipelines'>;
}

interface State {
  readonly isDone?: true;
  readonly phase: 'list' | 'checks' | 'addresses' | 'use';
  readonly environments: readonly Draft[];
  /** How many of the phase are read. */
  readonly at: number;
  readonly token?: string;
  /** Of service connections, by id. */
  readonly urls: Readonly<Record<string, string>>;
}

const FIRST: State = { phase: 'list', environments: [], at: 0, urls: {} };

/**
 * Environments of a project with all their checks, asked for in batches. Who may use one costs a call each and is taken from before unless
 * somebody said that it changed. `ours`: where we listen for checks.
 */
export function createEnvironmentReader(ours: string | undefined): SectionReader<'environments'> {
  return (read, section) =>
    translated(PERMISSION, async () => {
      const { state, ...cost } = await readSteps(read, section, FIRST, (from) =>
        STEPS[from.phase](read, section, from),
      );
      return { facts: state.environments.map((one) => environmentOf(one, state.urls, ours)), ...cost };
    });
}

type Step = (read: PlatformRead, section: SectionRead<'environments'>, state: State) => Promise<State>;

const STEPS: Readonly<Record<State['phase'], Step>> = { list, checks, addresses, use };

async function list(read: PlatformRead, { target }: SectionRead<'environments'>, state: State): Promise<State> {
  const { token, ...known } = state;
  const page = await read(environmentPagePath(target.target, ENVIRONMENTS_A_PAGE, token), environmentsAnswer);
  const environments = [...state.environments, ...page.value.value.map(({ id, name }) => ({ id, name, checks: [] }))];
  return page.next === undefined
    ? { ...known, environments, phase: 'checks' }
    : { ...known, environments, token: page.next };
}

async function checks(read: PlatformRead, { target }: SectionRead<'environments'>, state: State): Promise<State> {
  const asked = state.environments.slice(state.at, state.at + CHECKED_AT_ONCE);
  if (asked.length === 0) return { ...state, phase: 'addresses', at: 0 };
  const body = asked.map(({ id }) => ({ type: 'environment', id: String(id) }));
  const { value } = await read.post(checkConfigurationsPath(target.target), body, configurations);
  const byEnvironment = Map.groupBy(value.value, ({ resource }) => resource.id);
  const ids = new Set(asked.map(({ id }) => id));
  const environments = state.environments.map((one) =>
    ids.has(one.id) ? { ...one, checks: (byEnvironment.get(String(one.id)) ?? []).map(draftOf) } : one,
  );
  return { ...state, environments, at: state.at + asked.length };
}

/** Where checks call. What the bot may not see is left out, and whether it is ours is then unknown. */
async function addresses(read: PlatformRead, { target }: SectionRead<'environments'>, state: State): Promise<State> {
  const wanted = state.environments.flatMap((one) => one.checks.flatMap(({ call }) => call?.connection ?? []));
  const asked = [...new Set(wanted.map((id) => id.toLowerCase()))].slice(state.at, state.at + ADDRESSES_AT_ONCE);
  if (asked.length === 0) return { ...state, phase: 'use', at: 0 };
  const found = await unlessRefused(() => read(endpointsPath(target.target, asked), endpoints));
  const seen = (found?.value.value ?? []).flatMap((one) =>
    one?.url ? [[one.id.toLowerCase(), withoutSecrets(one.url)]] : [],
  );
  return { ...state, urls: { ...state.urls, ...Object.fromEntries(seen) }, at: state.at + asked.length };
}

async function use(read: PlatformRead, section: SectionRead<'environments'>, state: State): Promise<State> {
  const environment = state.environments[state.at];
  if (environment === undefined) return { ...state, isDone: true };
  const isNew = section.isHinted || section.things?.includes(String(environment.id)) === true;
  const known = isNew ? undefined : section.before?.facts.find(({ id }) => id === String(environment.id));
  const own =
    known ?? (await usersOf(read, section, environmentPermissionsPath(section.target.target, environment.id)));
  const { openToAll, pipelines } = own;
  const environments = state.environments.with(state.at, { ...environment, use: { openToAll, pipelines } });
  return { ...state, environments, at: state.at + 1 };
}

function environmentOf({ id, name, checks: drafts, use: own }: Draft, urls: State['urls'], ours: string | undefined) {
  return {
    id: String(id),
    name,
    checks: drafts.map((one) => factOf(one, urls, ours)),
    openToAll: own?.openToAll,
    pipelines: own?.pipelines ?? [],
  } satisfies EnvironmentFact;
}
