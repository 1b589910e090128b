import { z } from 'zod';
import { type EnvironmentFact, type SectionKind, sectionsOf } from '../domain/platform.ts';
import { AzureDevOpsRefusedError } from '../ports/azure-devops.ts';
import type { SectionRead } from '../ports/platform-source.ts';
import type { Read } from './read.ts';

export const permissions = z.object({
  allPipelines: z.object({ authorized: z.boolean().nullish() }).nullish(),
  pipelines: z.array(z.object({ id: z.number().int(), authorized: z.boolean().nullish() })).nullish(),
});

/** Which pipelines may use a protected resource (Pipeline Permissions - Get); one whose name is not known is called by its id. */
export async function usersOf(
  read: Read,
  { target, sections }: Pick<SectionRead<SectionKind>, 'target' | 'sections'>,
  path: string,
): Promise<Pick<EnvironmentFact, 'openToAll' | 'pipelines'>> {
  const found = await unlessRefused(() => read(path, permissions));
  if (found === undefined) return { openToAll: undefined, pipelines: [] };
  const { allPipelines, pipelines } = found.value;
  if (allPipelines?.authorized === true) return { openToAll: true, pipelines: [] };
  const project = sectionsOf({ organization: '', sections }, 'project').find((one) => one.target === target.target);
  const names = project?.known?.facts.pipelineIds;
  const allowed = (pipelines ?? []).filter(({ authorized }) => authorized === true);
  return { openToAll: false, pipelines: allowed.map(({ id }) => names?.[String(id)] ?? `pipeline ${id}`).sort() };
}

/** Of one thing among many: the others are read all the same. That nobody is known here is no answer about one thing. */
export async function unlessRefused<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    const isOfThis = error instanceof AzureDevOpsRefusedError && (error.status === 403 || error.status === 404);
    if (!isOfThis) throw error;
    return undefined;
  }
}
