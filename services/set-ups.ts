import { planRemoval } from './domain/plan-removal.ts';
import { planMissing, planSetUp } from './domain/plan-set-up.ts';
import { servicesOfProject } from './domain/platform-places.ts';
import { type FoundProject, isProjectMeant, type SetUpItem, type SetUpScope, type SetUpWish } from './domain/set-up.ts';
import { AzureDevOpsRefusedError, AzureDevOpsUnavailableError } from './ports/azure-devops.ts';
import { createPatience, type Patience } from './ports/patience.ts';
import type { PlatformSetUp, SetUpProject } from './ports/platform-set-up.ts';
import { SourceRefusedError } from './ports/signal-source.ts';

interface Needs {
  readonly platform: PlatformSetUp;
  readonly organizations: readonly string[];
  readonly wait: (seconds: number) => Promise<void>;
}

export interface SetUpResult extends SetUpItem {
  /** URL. */
  readonly organization: string;
  /** It was written by this run. */
  readonly isDone: boolean;
}

export interface SetUpReport {
  readonly results: readonly SetUpResult[];
  /** What could not be looked at, and why. */
  readonly unread: readonly string[];
  /** Projects that were looked at. */
  readonly projects: number;
}

export interface SetUpAim {
  /** What is wanted; absent: that what was made is taken away. */
  readonly wish?: SetUpWish;
  readonly only?: SetUpScope;
  /** Else it is only planned. */
  readonly apply: boolean;
}

export type SetUp = (aim: SetUpAim) => Promise<SetUpReport>;

/** One organization at a time: what a run finds of it, and of it alone. */
interface Found {
  readonly results: SetUpResult[];
  readonly unread: string[];
  readonly projects: FoundProject[];
}

/**
 * Sets up Azure DevOps for what the catalog has, or takes that away. It keeps nothing of its own: each run goes on from what is there, so that one that
 * ended early is run again. One refusal never stops the others. Rejects as PlatformSetUp when the projects of no organization could be listed.
 */
export function createSetUps({ platform, organizations, wait }: Needs): SetUp {
  return async (aim) => {
    const found: Found = { results: [], unread: [], projects: [] };
    const faults: Error[] = [];
    for (const organization of organizations) {
      const here = { platform, organization, patience: createPatience(wait, isUnavailable), found };
      const fault = await faultOf(lookAtAll(here, aim));
      if (fault === undefined) continue;
      faults.push(fault);
      found.unread.push(`${organization}: ${fault.message}`);
    }
    const [fault] = faults;
    if (fault !== undefined && faults.length === organizations.length && found.projects.length === 0) throw fault;
    return reportOf(found, aim);
  };
}

function reportOf({ results, unread, projects }: Found, { wish, only }: SetUpAim): SetUpReport {
  const isWhole = unread.length === 0 && only === undefined;
  const missing = wish !== undefined && isWhole ? planMissing(wish, projects) : [];
  return {
    results: [...results, ...missing.map((one) => ({ ...planned(one), organization: '' }))],
    unread,
    projects: projects.length,
  };
}

/** What Azure DevOps did not answer or refused; whatever else went wrong rejects. */
async function faultOf(work: Promise<void>): Promise<Error | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (isOfAzureDevOps(error)) return error;
    throw error;
  }
}

type Contents = Pick<FoundProject, 'pipelines' | 'repositories'>;

interface Here {
  readonly platform: PlatformSetUp;
  readonly organization: string;
  readonly patience: Patience;
  readonly found: Found;
}

/** What is taken away is known without it. */
const NOTHING: Contents = { pipelines: new Map(), repositories: [] };

async function lookAtAll(here: Here, { wish, only, apply }: SetUpAim): Promise<void> {
  const { platform, organization, patience, found } = here;
  const projects = await patience.of(() => platform.projects(organization));
  for (const project of projects.filter(({ name }) => isProjectMeant(only, name))) {
    try {
      const contents = wish === undefined ? NOTHING : await patience.of(() => platform.contents(organization, project));
      const facts = { pipelines: [...contents.pipelines.values()], repositories: contents.repositories };
      if (wish !== undefined && servicesOfProject(facts, wish.catalog).length === 0) continue;
      const settling = createSettling(here, project, contents, (one) =>
        wish === undefined ? planRemoval(only, one) : planSetUp(wish, only, one),
      );
      await settling(apply);
    } catch (error) {
      if (!(error instanceof AzureDevOpsRefusedError) || isSignIn(error)) throw error;
      found.unread.push(`${organization}/${project.name}: ${error.message}`);
    }
  }
}

/** Looks again after so many rounds of writing at most. */
const MOST_ROUNDS = 6;
const FAILURES_IN_A_ROW = 5;

interface Progress {
  /** Everything that was ever planned, in order. */
  readonly keys: Set<string>;
  readonly items: Map<string, SetUpItem>;
  readonly done: Map<string, SetUpItem>;
  /** Written, and whether it was done nobody knows before it is looked at again. */
  readonly doubted: Map<string, SetUpItem>;
  readonly met: Set<string>;
  readonly refused: Map<string, string>;
}

function noProgress(): Progress {
  const [items, done, doubted, refused] = [new Map(), new Map(), new Map(), new Map()];
  return { keys: new Set(), items, done, doubted, met: new Set(), refused };
}

/** One project: looks, writes what is to be written, and looks again wherever something came of it that was not known, or was not answered. */
function createSettling(
  { platform, organization, patience, found }: Here,
  project: SetUpProject,
  contents: Contents,
  plan: (found: FoundProject) => readonly SetUpItem[],
) {
  const progress = noProgress();

  async function look(isFirst: boolean): Promise<readonly SetUpItem[]> {
    const one = await patience.of(() => platform.look(organization, project, contents));
    if (isFirst) found.projects.push(one);
    const items = plan(one);
    progress.items.clear();
    for (const item of items) {
      progress.keys.add(keyOf(item));
      progress.items.set(keyOf(item), item);
    }
    return items;
  }

  /** Whether something has to be looked at again. */
  async function write(todo: readonly SetUpItem[]): Promise<boolean> {
    let isDoubtful = false;
    for (const item of todo) {
      const key = keyOf(item);
      try {
        if (item.change !== undefined) await platform.write(organization, project, item.change);
        progress.done.set(key, item);
        patience.rest();
      } catch (error) {
        isDoubtful = (await afterFault(progress, key, item, error, patience)) || isDoubtful;
      }
    }
    return isDoubtful;
  }

  async function settle(apply: boolean): Promise<void> {
    for (let round = 0; ; round += 1) {
      const items = await look(round === 0);
      const todo = items.filter((item) => item.change !== undefined && !progress.refused.has(keyOf(item)));
      if (!apply || todo.length === 0 || round >= MOST_ROUNDS) return;
      const isDoubtful = await write(todo);
      if (!isDoubtful && !items.some((item) => isOpen(item) && item.change === undefined)) return;
    }
  }

  return async (apply: boolean): Promise<void> => {
    let why: string | undefined;
    try {
      await settle(apply);
    } catch (error) {
      if (!isOfAzureDevOps(error)) throw error;
      why = error.message;
      throw error;
    } finally {
      const results = apply ? resultsOf(progress, why) : [...progress.items.values()].map(planned);
      found.results.push(...results.map((one) => ({ ...one, organization })));
    }
  };
}

const planned = (item: SetUpItem) => ({ ...item, isDone: false });

/** Whether it has to be looked at again; rejects where going on makes no sense. */
async function afterFault(
  { doubted, met, refused }: Progress,
  key: string,
  item: SetUpItem,
  error: unknown,
  patience: Patience,
): Promise<boolean> {
  if (error instanceof AzureDevOpsUnavailableError) {
    doubted.set(key, item);
    await patience.after(error, FAILURES_IN_A_ROW);
    return true;
  }
  if (!(error instanceof AzureDevOpsRefusedError) || isSignIn(error)) throw error;
  const isMet = error.status === 409 || (error.status === 404 && item.step === 'remove');
  if (!isMet || met.has(key)) refused.set(key, error.message);
  met.add(key);
  return isMet;
}

function resultsOf(progress: Progress, stopped: string | undefined) {
  return [...progress.keys].flatMap((key) => resultOf(key, progress, stopped) ?? []);
}

function resultOf(key: string, { items, done, doubted, refused }: Progress, stopped: string | undefined) {
  const item = items.get(key);
  const isOver = item === undefined || !isOpen(item);
  const written = done.get(key) ?? (isOver ? doubted.get(key) : undefined);
  if (written !== undefined) return { ...written, isDone: true };
  if (item === undefined) return undefined;
  if (isOver) return planned(item);
  return { ...planned(item), step: 'cannot' as const, why: refused.get(key) ?? stopped ?? whyOpen(item) };
}

function whyOpen({ step, change }: SetUpItem): string {
  if (change !== undefined) return 'Azure DevOps did not take it in several tries: run it again';
  return step === 'remove' ? 'something that needs it is still there' : 'needs the service connection and its key';
}

function isOpen({ step }: SetUpItem): boolean {
  return step !== 'leave' && step !== 'cannot';
}

function keyOf({ kind, name, change }: SetUpItem): string {
  return JSON.stringify([kind, name, change?.kind === 'removal' ? change.id : '']);
}

function isSignIn({ status }: AzureDevOpsRefusedError): boolean {
  return status === 401 || status === 203 || status === 302;
}

function isUnavailable(error: unknown): error is AzureDevOpsUnavailableError {
  return error instanceof AzureDevOpsUnavailableError;
}

function isOfAzureDevOps(error: unknown): error is Error {
  return (
    error instanceof AzureDevOpsRefusedError ||
    error instanceof AzureDevOpsUnavailableError ||
    error instanceof SourceRefusedError
  );
}
