import { z } from 'zod';
import { type EnvironmentFact, type ReachFact, sectionsOf } from '../domain/platform.ts';
import { isProduction } from '../domain/platform-places.ts';
import type { Directory } from '../ports/directory.ts';
import type { SectionRead } from '../ports/platform-source.ts';
import { SourceUnavailableError } from '../ports/signal-source.ts';
import { translated } from './platform-faults.ts';
import { organizationGroup } from './platform-organization-group.ts';
import { descriptorPath, environmentRolesPath, graphGroupsPath } from './platform-people-paths.ts';
import { PERMISSIONS } from './platform-permissions.ts';
import { pipelinePermissions } from './platform-pipeline-permissions.ts';
import { factsOf, type ReachRoot } from './platform-reach-members.ts';
import { type Knowing, questionOf } from './platform-reach-questions.ts';
import { type PlatformRead, readSteps, type SectionReader } from './platform-read.ts';
import { graphSubject, nextPageOf } from './platform-subjects.ts';
import { unlessRefused } from './platform-users.ts';

const ADMINISTRATORS = 'Project Administrators';
const ORGANIZATION_ADMINISTRATORS = 'Project Collection Administrators';

const descriptorAnswer = z.object({ value: z.string().min(1) });
const groups = z.object({ value: z.array(graphSubject) });
const assignments = z.object({
  value: z.array(
    z.object({
      identity: z.object({ id: z.string().min(1), displayName: z.string().nullish() }),
      role: z.object({ name: z.string().min(1) }),
    }),
  ),
});

/** An environment whose roles are asked for, and whether deployments to it matter or only who else administers it. */
interface Asked {
  readonly id: number;
  readonly name: string;
  readonly isWhole: boolean;
}

interface State extends Knowing {
  readonly isDone?: boolean;
  readonly phase: keyof typeof PHASES;
  readonly scope?: string;
  readonly token?: string;
  readonly environments: readonly Asked[];
  readonly at: number;
}

const PHASES = { scope, groups: administrators, organization, roles, pipelines: permissions, people } as const;

type Section = SectionRead<'reach'>;

/**
 * Who can do what in a project, with every group resolved once for all roles (Graph: Groups, Memberships, Subject Lookup; Security Roles;
 * Access Control Lists). The members of groups of Entra are the directory's to tell; whoever nobody can tell is named as unresolved.
 */
export function createReachReader(directory: Pick<Directory, 'membersOf'> | undefined): SectionReader<'reach'> {
  return async (read, section) => {
    const asking = { read, directory };
    const { state, ...cost } = await readSteps(read, section, firstOf(section), (from) =>
      PHASES[from.phase](asking, section, from),
    );
    return { facts: cost.next === undefined ? factsOf(state) : [], ...cost };
  };
}

interface Asking {
  readonly read: PlatformRead;
  readonly directory: Pick<Directory, 'membersOf'> | undefined;
}

/** Environments that may not be read are told by their own section; until they are, nobody knows whose approvers to look for. */
function firstOf({ target, sections, setting }: Section): State {
  const own = sectionsOf({ organization: '', sections }, 'environments').find((one) => one.target === target.target);
  if (own?.known === undefined && own?.unknown === undefined)
    throw new SourceUnavailableError(`the environments of ${target.name} are not read yet`);
  const facts = own.known?.facts ?? [];
  const matters = (name: string) => setting === undefined || isProduction(name, setting);
  return {
    phase: 'scope',
    roots: facts.filter(({ name }) => matters(name)).map((one) => approversOf(target.target, one)),
    environments: facts.map(({ id, name }) => ({ id: Number(id), name, isWhole: matters(name) })),
    at: 0,
    identities: {},
    members: {},
    subjects: {},
    entra: {},
  };
}

function approversOf(project: string, { id, name, checks }: EnvironmentFact): ReachRoot {
  const approvers = checks.flatMap(({ isDisabled, approval }) => (isDisabled ? [] : (approval?.approvers ?? [])));
  return {
    role: 'approver',
    subject: environmentSubject(project, id),
    name: `Approvers of ${name}`,
    holders: approvers.map((one) => ({ key: one.id, name: one.name })),
  };
}

function environmentSubject(project: string, id: number | string): string {
  return `environment:${project}:${id}`;
}

async function scope({ read }: Asking, { target }: Section, state: State): Promise<State> {
  const found = await translated(PERMISSIONS.graph, () =>
    read.at('vssps')(descriptorPath(target.target), descriptorAnswer),
  );
  return { ...state, phase: 'groups', scope: found.value.value };
}

async function administrators({ read }: Asking, { target }: Section, state: State): Promise<State> {
  const { token, ...known } = state;
  const page = await translated(PERMISSIONS.graph, () =>
    read.at('vssps')(graphGroupsPath(state.scope ?? '', token), groups),
  );
  const own = page.value.value.find(({ displayName }) => displayName === ADMINISTRATORS);
  const next = own === undefined ? nextPageOf('groups', page.next, token) : undefined;
  if (next !== undefined) return { ...known, token: next };
  const holder = { key: own?.descriptor ?? '', name: ADMINISTRATORS };
  return { ...withRoot(known, rootOf('administrator', 'project', target.name, [holder])), phase: 'organization' };
}

async function organization({ read }: Asking, _: Section, state: State): Promise<State> {
  const found = await organizationGroup(read, ORGANIZATION_ADMINISTRATORS);
  const holder = { key: found ?? '', name: ORGANIZATION_ADMINISTRATORS };
  const own = rootOf('administrator', 'organization', 'the organization', [holder]);
  return { ...withRoot(state, own), phase: 'roles' };
}

/** The roles of the next environment. Whoever has any but that of reading may use it. */
async function roles({ read }: Asking, { target }: Section, state: State): Promise<State> {
  const asked = state.environments[state.at];
  if (asked === undefined) return { ...state, phase: 'pipelines' };
  const subject = environmentSubject(target.target, asked.id);
  const found = await translated(PERMISSIONS.environment, () =>
    unlessRefused(() => read(environmentRolesPath(target.target, asked.id), assignments)),
  );
  const having = (is: (role: string) => boolean) =>
    found === undefined
      ? [NOT_TOLD]
      : found.value.value.filter(({ role }) => is(role.name.toLowerCase())).map(holderOf);
  const own = rootOf(
    'administrator',
    subject,
    asked.name,
    having((role) => role === 'administrator'),
  );
  const users = rootOf(
    'deployer',
    subject,
    asked.name,
    having((role) => role !== 'administrator' && role !== 'reader'),
  );
  const next = { ...state, at: state.at + 1 };
  return asked.isWhole ? withRoot(withRoot(next, own), users) : withRoot(next, own);
}

const NOT_TOLD = { key: '', name: `whoever has a role on it: ${PERMISSIONS.environment}` };

function holderOf({ identity }: z.output<typeof assignments>['value'][number]): ReachRoot['holders'][number] {
  return { key: identity.id.toLowerCase(), name: identity.displayName || identity.id };
}

async function permissions({ read }: Asking, { target }: Section, state: State): Promise<State> {
  const holders = await pipelinePermissions(read, target.target);
  return { ...withRoot(state, rootOf('permission-manager', 'project', target.name, holders)), phase: 'people' };
}

async function people({ read, directory }: Asking, _: Section, state: State): Promise<State> {
  const question = questionOf(state);
  return question === undefined ? { ...state, isDone: true } : { ...state, ...(await question(read, directory)) };
}

const ROLE_WORDS: Readonly<Record<ReachFact['role'], string>> = {
  administrator: 'Administrators of',
  approver: 'Approvers of',
  deployer: 'Deployers to',
  'permission-manager': 'Whoever changes permissions of pipelines in',
};

function rootOf(role: ReachFact['role'], subject: string, of: string, holders: ReachRoot['holders']): ReachRoot {
  return { role, subject, name: `${ROLE_WORDS[role]} ${of}`, holders };
}

function withRoot(state: State, root: ReachRoot): State {
  return { ...state, roots: [...state.roots, root] };
}
