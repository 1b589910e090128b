import { z } from 'zod';
import type { DeploymentRecord } from '../domain/deployment-record.ts';
import type { Deployments, DevOpsEnvironment, DevOpsProject } from '../ports/deployments.ts';
import { createAccess } from './access.ts';
import {
  anyRecordsAnswer,
  buildAnswer,
  deploymentRecordAnswer,
  environmentsAnswer,
  projectsAnswer,
  runOf,
} from './answers.ts';
import { createConnection } from './connection.ts';
import type { BotIdentity } from './identity.ts';
import { buildPath, buildsNamedPath, deploymentRecordsPath, environmentsPath, projectsPath, sameId } from './paths.ts';
import { translated } from './platform-faults.ts';
import { orNone, type Read } from './read.ts';
import { createReadable } from './readable.ts';

export interface DeploymentsOptions {
  /** Organization URLs without a trailing slash; no other host is ever called. */
  readonly organizations: readonly string[];
  /** The bot's own account; without it everything is refused. */
  readonly identity?: BotIdentity;
  /** Milliseconds for one call (default 15,000). */
  readonly callMs?: number;
}

const MOST_PROJECTS = 1_000;
const RECORDS_A_PAGE = 100;
const PERMISSION = 'give the bot the role Reader of the environments and "View builds"';

const buildList = z.object({ value: z.array(z.unknown()) });

/** Environments, what was deployed there, and by which run (Environments, Environment Deployment Records - List, Builds - Get). */
export function createDeployments({ organizations, identity, callMs }: DeploymentsOptions): Deployments {
  const access = createAccess(createConnection({ callMs: callMs ?? 15_000 }), organizations, identity);
  return {
    projects: (organization) => translated(PERMISSION, async () => projectsIn(organization, access.own(organization))),
    environments: (organization, project, names) =>
      translated(PERMISSION, async () => environmentsIn(organization, project, names, access.own(organization))),
    page: ({ organization, projectId, id }, next) =>
      translated(PERMISSION, async () => {
        const path = deploymentRecordsPath(projectId, id, RECORDS_A_PAGE, next);
        const page = await access.own(organization)(path, anyRecordsAnswer);
        const records = page.value.value.flatMap(recordIn);
        return {
          records,
          unreadable: page.value.value.length - records.length,
          ...(page.next === undefined ? {} : { next: page.next }),
        };
      }),
    run: (organization, projectId, runId) =>
      translated(PERMISSION, async () => {
        const page = await orNone(() => access.own(organization)(buildPath(projectId, runId), buildAnswer));
        return page?.value.id === runId ? runOf(organization, page.value) : undefined;
      }),
    runNamed: (organization, project, pipeline, name) =>
      translated(PERMISSION, async () => {
        const page = await orNone(() => access.own(organization)(buildsNamedPath(project, name), buildList));
        const builds = (page?.value.value ?? []).flatMap((one) => buildAnswer.safeParse(one).data ?? []);
        const [found, second] = builds.filter(
          (one) => sameId(one.definition.name, pipeline) && sameId(one.buildNumber, name),
        );
        return found === undefined || second !== undefined ? undefined : runOf(organization, found);
      }),
  };
}

async function projectsIn(organization: string, read: Read) {
  const page = await read(projectsPath(MOST_PROJECTS), projectsAnswer);
  const all = page.value.value;
  const more = `${organization} has more than ${MOST_PROJECTS} projects`;
  return {
    projects: all
      .slice(0, MOST_PROJECTS)
      .map(({ id, name }) => ({ id: id.toLowerCase(), name: name || id.toLowerCase() })),
    unread: page.next !== undefined || all.length > MOST_PROJECTS ? [more] : [],
  };
}

async function environmentsIn(
  organization: string,
  { id: projectId, name: project }: DevOpsProject,
  names: readonly string[],
  read: Read,
) {
  const readable = createReadable(read);
  const found = await Promise.all(
    names.map(async (name): Promise<DevOpsEnvironment[]> => {
      const what = `environments of project ${project}`;
      const listed = await readable.value(what, environmentsPath(projectId, name), environmentsAnswer);
      return (listed?.value ?? [])
        .filter((one) => sameId(one.name, name))
        .map(({ id }) => ({ organization, projectId, project, id, name }));
    }),
  );
  return { environments: found.flat(), unread: readable.problems() };
}

function recordIn(written: unknown): readonly DeploymentRecord[] {
  const { data } = deploymentRecordAnswer.safeParse(written);
  if (data === undefined) return [];
  const { id, definition, owner, stageName, stageAttempt, queueTime, startTime, finishTime, result } = data;
  return [
    {
      id,
      runId: owner.id,
      runName: owner.name || String(owner.id),
      pipeline: { id: definition.id, name: definition.name || String(definition.id) },
      stage: stageName ?? '',
      attempt: stageAttempt ?? 1,
      ...(queueTime ? { queuedAt: queueTime } : {}),
      ...(startTime ? { startedAt: startTime } : {}),
      ...(finishTime ? { finishedAt: finishTime } : {}),
      ...(result ? { result } : {}),
    },
  ];
}
