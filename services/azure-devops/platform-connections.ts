import { z } from 'zod';
import { connectionsOf, leadsToProduction, mayDeploy } from '../domain/connection-reach.ts';
import type { ConnectionFact, Section } from '../domain/platform.ts';
import type { SectionRead } from '../ports/platform-source.ts';
import { connectionIn, connectionsAnswer, instantIn } from './connection-answer.ts';
import {
  connectionChecksPath,
  connectionPermissionsPath,
  connectionsPath,
  connectionUsesPath,
} from './platform-connection-paths.ts';
import { translated } from './platform-faults.ts';
import { readSteps, type SectionReader } from './platform-read.ts';
import { unlessRefused, usersOf } from './platform-users.ts';
import type { Read } from './read.ts';

const PERMISSION =
  'give the bot the role Reader of the service connections of the project, with "Service connections: read" (vso.serviceendpoint)';
const APPROVAL = '8c6f20a7-a545-4486-9777-f762fafe0d4d';
/** Of the latest uses; which pipelines used it at all is told by as many. */
const USES = 50;

/** What is asked for one connection at a time. */
const QUESTIONS = ['users', 'approval', 'uses'] as const;
type Question = (typeof QUESTIONS)[number];

interface State {
  readonly isDone?: true;
  readonly connections: readonly ConnectionFact[];
  readonly token?: string;
  /** Absent: they are still listed. */
  readonly left?: readonly { readonly id: string; readonly question: Question }[];
}

type Reading = SectionRead<'connections'>;

const checks = z.object({
  value: z.array(z.object({ type: z.object({ id: z.string() }), isDisabled: z.boolean().nullish() })),
});
const uses = z.object({
  value: z.array(
    z.object({
      data: z
        .object({
          startTime: z.string().nullish(),
          finishTime: z.string().nullish(),
          definition: z.object({ name: z.string().nullish() }).nullish(),
        })
        .nullish(),
    }),
  ),
});

/**
 * Service connections of a project. Who may use one, whether it has an approval, and its latest uses (of Azure alone) cost a call each: they are
 * asked for where it leads to production, or may, and else taken from before. `ours`: where we listen for checks.
 */
export function createConnectionReader(ours?: string): SectionReader<'connections'> {
  return (read, section) =>
    translated(PERMISSION, async () => {
      const { state, ...cost } = await readSteps<State>(read, section, { connections: [] }, (from) =>
        from.left === undefined ? list(read, section, from, ours) : ask(read, section, from, from.left),
      );
      return { facts: state.connections, ...cost };
    });
}

async function list(read: Read, section: Reading, { token, ...state }: State, ours?: string): Promise<State> {
  const project = section.target.target;
  const page = await read(connectionsPath(project, token), connectionsAnswer);
  const found = page.value.value.flatMap((one) =>
    one === null ? [] : [withBefore(connectionIn(one, project, ours), section)],
  );
  const byId = new Map([...state.connections, ...found].map((one) => [one.id, one]));
  const connections = [...byId.values()];
  if (page.next !== undefined) return { ...state, connections, token: page.next };
  return { ...state, connections, left: questionsOf(connections, section) };
}

/** With the answers that were given before, unless nothing of them holds, or nothing of this one. */
function withBefore(fact: ConnectionFact, { before, isHinted, things }: Reading): ConnectionFact {
  const isAnew = isHinted || things?.includes(fact.id) === true;
  const known = isAnew ? undefined : before?.facts.find(({ id }) => id === fact.id);
  if (known === undefined) return fact;
  const { openToAll, pipelines, hasApproval, lastUsed, usedBy } = known;
  return {
    ...fact,
    openToAll,
    pipelines,
    ...(hasApproval === undefined ? {} : { hasApproval }),
    ...(lastUsed === undefined ? {} : { lastUsed }),
    ...(usedBy === undefined ? {} : { usedBy }),
  };
}

const ANSWERS: Readonly<Record<Question, keyof ConnectionFact>> = {
  users: 'openToAll',
  approval: 'hasApproval',
  uses: 'lastUsed',
};

function questionsOf(connections: readonly ConnectionFact[], section: Reading): NonNullable<State['left']> {
  const { setting, target } = section;
  const others = section.sections.filter((one) => one.kind !== 'connections' || one.target !== target.target);
  const own: Section = { ...target, known: { at: '', facts: connections } };
  const platform = { organization: '', sections: [...others, own] };
  const reaching =
    setting &&
    new Set(
      connectionsOf(platform, setting)
        .filter(leadsToProduction)
        .map(({ id }) => id),
    );
  return connections
    .filter((one) => mayDeploy(one) && reaching?.has(one.id) !== false)
    .flatMap((one) =>
      QUESTIONS.filter(
        (question) => one[ANSWERS[question]] === undefined && (question !== 'uses' || isOfAzure(one)),
      ).map((question) => ({ id: one.id, question })),
    );
}

function isOfAzure({ scope, clientId }: ConnectionFact): boolean {
  return scope !== undefined || clientId !== undefined;
}

async function ask(read: Read, section: Reading, state: State, left: NonNullable<State['left']>): Promise<State> {
  const [next, ...rest] = left;
  if (next === undefined) return { ...state, isDone: true };
  const answer = await ASK[next.question](read, section, next.id);
  const connections = state.connections.map((one) => (one.id === next.id ? { ...one, ...answer } : one));
  return { ...state, connections, left: rest };
}

type Ask = (read: Read, section: Reading, id: string) => Promise<Partial<ConnectionFact>>;

const ASK: Readonly<Record<Question, Ask>> = {
  users: (read, section, id) => usersOf(read, section, connectionPermissionsPath(section.target.target, id)),
  async approval(read, { target }, id) {
    const found = await unlessRefused(() => read(connectionChecksPath(target.target, id), checks));
    if (found === undefined) return {};
    const isApproval = ({ type, isDisabled }: z.output<typeof checks>['value'][number]) =>
      isDisabled !== true && type.id.toLowerCase() === APPROVAL;
    return { hasApproval: found.value.value.some(isApproval) };
  },
  async uses(read, { target }, id) {
    const found = await unlessRefused(() => read(connectionUsesPath(target.target, id, USES), uses));
    if (found === undefined) return {};
    const records = found.value.value.flatMap(({ data }) => data ?? []);
    const times = records.flatMap(({ startTime, finishTime }) => instantIn(finishTime ?? startTime) ?? []).sort();
    const usedBy = [...new Set(records.flatMap(({ definition }) => definition?.name || []))].sort();
    // A use at a time that nobody can read is no proof that there was none.
    if (records.length > 0 && times.length === 0) return { usedBy };
    return { lastUsed: times.at(-1) ?? 'never', usedBy };
  },
};
