import { type CheckSuiteAnswer, checkSuiteAnswer, environmentAnswer, type ResourceAnswer } from './answers.ts';
import { checkSuitePath, environmentPath, isGuid, sameId } from './paths.ts';
import type { Read } from './read.ts';
import { createReadable, type Readable } from './readable.ts';

/**
 * The environment that an approval protects, from the checks of its checkpoint: that of the approval's own check, else
 * the only one among them. Undefined when Azure DevOps does not say. Rejects with AzureDevOpsUnavailableError.
 */
export async function readEnvironment(
  projectId: string,
  checkpointId: string,
  approvalId: string,
  read: Read,
): Promise<string | undefined> {
  if (!isGuid(checkpointId)) return undefined;
  const readable = createReadable(read);
  const suite = await readable.extra(checkSuitePath(projectId, checkpointId), checkSuiteAnswer);
  if (suite === undefined || !sameId(suite.id, checkpointId)) return undefined;
  const named = environmentIn(suite, approvalId);
  return named && (named.name || (await nameOf(projectId, named, readable)));
}

function environmentIn(suite: CheckSuiteAnswer, approvalId: string): ResourceAnswer | undefined {
  const checks = suite.checkRuns ?? [];
  const all = [...(suite.resources ?? []), ...checks.flatMap((check) => check.checkConfigurationRef?.resource ?? [])];
  const byId = new Map<string, ResourceAnswer>();
  for (const resource of all) {
    if (!isEnvironment(resource) || !resource.id) continue;
    if (!byId.get(resource.id)?.name) byId.set(resource.id, resource);
  }
  const own = checks.find(({ id }) => sameId(id ?? undefined, approvalId))?.checkConfigurationRef?.resource;
  if (own && isEnvironment(own) && own.id) return byId.get(own.id);
  return byId.size === 1 ? [...byId.values()][0] : undefined;
}

/** A check names its resource by id alone. */
async function nameOf(projectId: string, { id }: ResourceAnswer, readable: Readable): Promise<string | undefined> {
  const number = Number(id);
  if (!Number.isSafeInteger(number) || number < 1) return undefined;
  const environment = await readable.extra(environmentPath(projectId, number), environmentAnswer);
  return environment?.id === number ? environment.name : undefined;
}

function isEnvironment({ type }: ResourceAnswer): boolean {
  return sameId(type ?? undefined, 'environment');
}
