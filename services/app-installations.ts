import { approverGroups } from './domain/approver-groups.ts';
import type { Person } from './domain/person.ts';
import type { Route } from './domain/route.ts';
import { type Directory, DirectoryUnavailableError } from './ports/directory.ts';
import { createPatience, type Patience } from './ports/patience.ts';
import type { TeamsApp, TeamsApps } from './ports/teams-apps.ts';

interface Needs {
  readonly directory: Pick<Directory, 'membersOf'>;
  readonly apps: TeamsApps;
  readonly wait: (seconds: number) => Promise<void>;
}

/** Somebody, and what becomes of the app for them. */
export interface AppInstallation {
  readonly person: Pick<Person, 'oid' | 'name' | 'upn'>;
  readonly step: 'install' | 'leave' | 'cannot';
  /** It was installed by this run. */
  readonly isDone: boolean;
  readonly why: string;
}

export interface InstallationReport {
  /** Absent: it is not in the organization's catalog, and nobody was looked at. */
  readonly app?: TeamsApp;
  readonly installations: readonly AppInstallation[];
  /** Groups and people of the routes of whom nobody could tell who they are, and why. */
  readonly unread: readonly string[];
}

export interface InstallationAim {
  readonly routes: readonly Route[];
  /** Id of the Teams app's manifest. */
  readonly manifestId: string;
  /** Id in the catalog, where that is not to be looked up. */
  readonly catalogId?: string;
  /** Else it is only planned. */
  readonly apply: boolean;
}

export type InstallApp = (aim: InstallationAim) => Promise<InstallationReport>;

const WRITES = 3;
const FAILURES_IN_A_ROW = 5;
const POLICY = 'have an administrator of Teams put it into their app setup policy';

/**
 * Installs the Teams app for everybody whom routes may ask. It keeps nothing of its own: each run goes on from who has it. One refusal never stops the others.
 * Rejects with DirectoryUnavailableError where the catalog cannot be read, or nobody at all could be looked at.
 */
export function createAppInstallations({ directory, apps, wait }: Needs): InstallApp {
  return async ({ routes, manifestId, catalogId, apply }) => {
    const patience = createPatience(wait, isUnanswered);
    const app =
      catalogId === undefined ? await patience.of(() => apps.find(manifestId)) : { id: catalogId, name: catalogId };
    if (app === undefined) return { installations: [], unread: [] };
    const { people, unread } = await approversOf(directory, patience, routes);
    const installing = { apps, patience, apply, app };
    const { installations, stopped } = await installForAll(installing, people);
    return { app, installations, unread: [...unread, ...stopped] };
  };
}

/** What was done is told also where it could not go on. */
async function installForAll(installing: Installing, people: readonly Person[]) {
  const installations: AppInstallation[] = [];
  for (const person of people) {
    try {
      installations.push(await installFor(installing, person));
    } catch (error) {
      if (!(error instanceof DirectoryUnavailableError) || installations.length === 0) throw error;
      const left = people.length - installations.length;
      return { installations, stopped: [`${left} people, ${person.name} and whoever comes after: ${error.message}`] };
    }
  }
  return { installations, stopped: [] };
}

/** Each human's account once, by name. */
async function approversOf(directory: Needs['directory'], patience: Patience, routes: readonly Route[]) {
  const people = new Map<string, Person>();
  const unread: string[] = [];
  for (const principal of approverGroups(routes)) {
    try {
      const members = await patience.of(() => directory.membersOf(principal));
      if (members.length === 0) unread.push(`${principal}: nobody is in it, or it is not there`);
      for (const one of members) people.set(one.oid, one);
    } catch (error) {
      if (!(error instanceof DirectoryUnavailableError) || error.status === 401) throw error;
      unread.push(`${principal}: ${error.message}`);
    }
  }
  return { people: [...people.values()].sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)), unread };
}

interface Installing {
  readonly apps: TeamsApps;
  readonly patience: Patience;
  readonly apply: boolean;
  readonly app: TeamsApp;
}

type Told = Omit<AppInstallation, 'person'>;

async function installFor(installing: Installing, person: Person): Promise<AppInstallation> {
  const told = barred(person) ?? (await settled(installing, person.oid).catch(refusal));
  return { person, ...told };
}

function cannot(why: string): Told {
  return { step: 'cannot', why, isDone: false };
}

function barred({ disabled, guest }: Person): Told | undefined {
  if (disabled) return cannot('the account is disabled: take it out of the group, or enable it');
  return guest ? cannot('a guest: Teams installs no app for guests; name an account of this tenant') : undefined;
}

/** Looks before it writes, and again after a write that was not answered. */
async function settled({ apps, patience, apply, app }: Installing, oid: string): Promise<Told> {
  const done: Told = { step: 'install', why: 'installed', isDone: true };
  for (let written = 0; written <= WRITES; written += 1) {
    if (await patience.of(() => apps.isInstalled(oid, app.id)))
      return written > 0 ? done : { step: 'leave', why: 'has it', isDone: false };
    if (!apply) return { step: 'install', why: 'has it not yet', isDone: false };
    if (written < WRITES && (await isAnswered(patience, () => apps.install(oid, app.id)))) return done;
  }
  return cannot('Graph did not answer in several tries: run it again');
}

/** What is so of this person alone; whatever else went wrong rejects. */
function refusal(error: unknown): Told {
  if (!(error instanceof DirectoryUnavailableError) || error.status === 401 || error.isTransient) throw error;
  if (error.status === 409) return { step: 'leave', why: 'has it meanwhile', isDone: false };
  return cannot(`${error.message}: ${remedyOf(error.status)}`);
}

/** Where it was not, whether it was done has to be looked for. */
async function isAnswered(patience: Patience, write: () => Promise<void>): Promise<boolean> {
  try {
    await write();
    return true;
  } catch (error) {
    if (!isUnanswered(error)) throw error;
    await patience.after(error, FAILURES_IN_A_ROW);
    return false;
  }
}

function remedyOf(status: number | undefined): string {
  if (status === 404) return `they may have no licence for Teams: give them one, then ${POLICY}`;
  return `the permission is missing, or a policy of Teams blocks the app for them: ${POLICY}`;
}

function isUnanswered(error: unknown): error is DirectoryUnavailableError & { readonly isTransient: true } {
  return error instanceof DirectoryUnavailableError && error.isTransient;
}
