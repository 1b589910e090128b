import { KEY_GROUP } from './check-form.ts';
import { type FoundProject, isEnvironmentMeant, type SetUpItem, type SetUpKind, type SetUpScope } from './set-up.ts';

/**
 * What set-up has made in a project, to be taken away: checks and subscriptions by the address that they call, service connection and variable
 * group by what their description says, and these only once no check is left that needs them.
 */
export function planRemoval(only: SetUpScope | undefined, found: FoundProject): SetUpItem[] {
  const unread = [...found.unread].filter(([kind]) => kind !== 'pipeline-permissions');
  const blind = unread.map(([kind, why]) => told(found, kind, '-', { step: 'cannot', why }));
  const checks = found.environments
    .filter(({ name }) => isEnvironmentMeant(only, name))
    .flatMap(({ name, checks }) =>
      checks
        .filter(({ calls, form }) => calls === 'us' && form !== undefined)
        .map(({ id }) => removal(found, 'check', name, id)),
    );
  if (only?.environment !== undefined) return [...blind, ...checks];
  const hooks = found.hooks
    .filter(({ isOfProject }) => isOfProject)
    .map(({ id, event }) => removal(found, 'hook-subscription', event, id));
  // Whether a check still needs them nobody can tell then.
  const shared = found.unread.has('check') ? [] : [...connections(found), ...groups(found)];
  return [...blind, ...checks, ...hooks, ...shared];
}

type Removable = Exclude<SetUpKind, 'pipeline-permissions'>;

function told(
  { name: project }: FoundProject,
  kind: SetUpKind,
  name: string,
  rest: Pick<SetUpItem, 'step' | 'why' | 'change'>,
): SetUpItem {
  return { kind, project, name, ...rest };
}

function removal(found: FoundProject, kind: Removable, name: string, id: string): SetUpItem {
  const change = { kind: 'removal', of: kind, id } as const;
  return told(found, kind, name, { step: 'remove', why: 'calls this bot', change });
}

function connections(found: FoundProject): SetUpItem[] {
  return found.connections.map(({ id, name, isOwn }) => {
    if (!isOwn) return told(found, 'service-connection', name, { step: 'leave', why: 'set-up did not make it' });
    const change = { kind: 'removal', of: 'service-connection', id } as const;
    const isUsed = callers(found).some(({ connection }) => connection === id);
    return told(found, 'service-connection', name, {
      ...{ step: 'remove', why: isUsed ? 'once no check calls through it' : 'made by set-up' },
      ...(isUsed ? {} : { change }),
    });
  });
}

function groups(found: FoundProject): SetUpItem[] {
  if (found.group === undefined) return [];
  const { id, isOwn } = found.group;
  if (!isOwn) return [told(found, 'variable-group', KEY_GROUP, { step: 'leave', why: 'set-up did not make it' })];
  const isUsed = callers(found).some(({ form }) => form?.group === KEY_GROUP);
  const change = { kind: 'removal', of: 'variable-group', id: String(id) } as const;
  return [
    told(found, 'variable-group', KEY_GROUP, {
      ...{ step: 'remove', why: isUsed ? 'once no check is linked to it' : 'made by set-up' },
      ...(isUsed ? {} : { change }),
    }),
  ];
}

function callers({ environments }: FoundProject) {
  return environments.flatMap(({ checks }) => checks);
}
