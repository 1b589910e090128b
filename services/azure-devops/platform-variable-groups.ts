import { z } from 'zod';
import type { VariableGroupFact } from '../domain/platform.ts';
import { givesSecrets } from '../domain/platform-project-rules.ts';
import type { SectionRead } from '../ports/platform-source.ts';
import { variableGroupPermissionsPath, variableGroupsPath } from './platform-connection-paths.ts';
import { translated } from './platform-faults.ts';
import { readSteps, type SectionReader } from './platform-read.ts';
import { usersOf } from './platform-users.ts';
import type { Read } from './read.ts';

const PERMISSION =
  'give the bot the role Reader of the library of the project, with "Variable groups: read" (vso.variablegroups_read)';
const GROUPS_A_PAGE = 100;

const groups = z.object({
  value: z.array(
    z.object({
      id: z.number().int().positive(),
      name: z.string(),
      type: z.string().nullish(),
      // Values are not read, not even those that are no secrets.
      variables: z.record(z.string(), z.object({ isSecret: z.boolean().nullish() }).nullish()).nullish(),
      providerData: z.object({ vault: z.string().nullish() }).nullish(),
    }),
  ),
});

interface State {
  readonly isDone?: true;
  readonly groups: readonly VariableGroupFact[];
  readonly token?: string;
  /** Ids of those that are asked about; absent: they are still listed. */
  readonly left?: readonly string[];
}

type Reading = SectionRead<'variable-groups'>;

/** Variable groups of a project. Who may use one that gives out secrets costs a call each and is else taken from before. */
export const readVariableGroups: SectionReader<'variable-groups'> = (read, section) =>
  translated(PERMISSION, async () => {
    const { state, ...cost } = await readSteps<State>(read, section, { groups: [] }, (from) =>
      from.left === undefined ? list(read, section, from) : ask(read, section, from, from.left),
    );
    return { facts: state.groups, ...cost };
  });

async function list(read: Read, { target, before, isHinted }: Reading, { token, ...state }: State): Promise<State> {
  const page = await read(variableGroupsPath(target.target, GROUPS_A_PAGE, token), groups);
  const known = new Map((isHinted ? [] : (before?.facts ?? [])).map(({ id, openToAll }) => [id, openToAll]));
  const found = page.value.value.map((one) => groupOf(one, known));
  const all = [...new Map([...state.groups, ...found].map((one) => [one.id, one])).values()];
  if (page.next !== undefined) return { ...state, groups: all, token: page.next };
  const asked = all.filter((group) => givesSecrets(group) && group.openToAll === undefined);
  return { ...state, groups: all, left: asked.map(({ id }) => id) };
}

/** Of one that is linked to a vault each variable is a secret, and lies there. */
function groupOf(
  { id, name, type, variables, providerData }: z.output<typeof groups>['value'][number],
  known: ReadonlyMap<string, boolean | undefined>,
): VariableGroupFact {
  const isLinked = type?.toLowerCase() === 'azurekeyvault';
  const secrets = Object.values(variables ?? {}).filter((one) => one?.isSecret === true);
  return {
    id: String(id),
    name,
    secretsHere: isLinked ? 0 : secrets.length,
    ...(isLinked ? { vault: providerData?.vault || 'unnamed' } : {}),
    openToAll: known.get(String(id)),
  };
}

async function ask(read: Read, section: Reading, state: State, [id, ...left]: readonly string[]): Promise<State> {
  if (id === undefined) return { ...state, isDone: true };
  const path = variableGroupPermissionsPath(section.target.target, Number(id));
  const { openToAll } = await usersOf(read, section, path);
  return { ...state, groups: state.groups.map((one) => (one.id === id ? { ...one, openToAll } : one)), left };
}
