import { z } from 'zod';
import type { SectionRead } from '../ports/platform-source.ts';
import { translated } from './platform-faults.ts';
import { definitionNamesPath, projectRepositoriesPath } from './platform-paths.ts';
import { type PlatformRead, readSteps, type SectionReader } from './platform-read.ts';

const PERMISSION = 'give the bot "View builds" (vso.build) and "Read" of code (vso.code) in the project';
export const DEFINITIONS_A_PAGE = 1_000;

export const definitions = z.object({ value: z.array(z.object({ id: z.number().int(), name: z.string() })) });
export const repositories = z.object({
  value: z.array(z.object({ name: z.string(), isDisabled: z.boolean().nullish() })),
});

interface State {
  readonly isDone?: true;
  readonly pipelines: Readonly<Record<string, string>>;
  readonly repositories: readonly string[];
  readonly areDefinitionsRead: boolean;
  readonly token?: string;
}

const FIRST: State = { pipelines: {}, repositories: [], areDefinitionsRead: false };

/** Pipelines and repositories of a project, by name; a repository that is turned off builds nothing. */
export const readProject: SectionReader<'project'> = (read, section) =>
  translated(PERMISSION, async () => {
    const { state, ...cost } = await readSteps(read, section, FIRST, (from) => step(read, section, from));
    const pipelines = [...new Set(Object.values(state.pipelines))].sort();
    return { facts: { pipelines, repositories: state.repositories, pipelineIds: state.pipelines }, ...cost };
  });

async function step(read: PlatformRead, { target }: SectionRead<'project'>, state: State): Promise<State> {
  const { token, ...known } = state;
  if (!state.areDefinitionsRead) {
    const page = await read(definitionNamesPath(target.target, DEFINITIONS_A_PAGE, token), definitions);
    const found = page.value.value.map(({ id, name }) => [String(id), name] as const);
    const pipelines = { ...state.pipelines, ...Object.fromEntries(found) };
    return page.next === undefined
      ? { ...known, pipelines, areDefinitionsRead: true }
      : { ...known, pipelines, token: page.next };
  }
  const page = await read(projectRepositoriesPath(target.target), repositories);
  const names = page.value.value.flatMap(({ name, isDisabled }) => (isDisabled === true ? [] : [name]));
  return { ...known, repositories: names.sort(), isDone: true };
}
