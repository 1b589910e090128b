import type { z } from 'zod';
import { ACTION_DATA, type ActionData, type Verb } from '../cards/actions.ts';
import type { Answer, TurnPerson } from './answer.ts';

/** What a client may do by itself, because a card came into view; anything else only a person does. */
const BY_ITSELF: readonly Verb[] = ['approval.view', 'approval.viewMany'];

type Handle<V extends Verb> = (by: TurnPerson, data: ActionData<V>, op: string) => Promise<Answer>;

/** Card verb → handler; its schema is the one that the card was written by (cards/actions.ts). */
export type ActionTable = { readonly [V in Verb]: Handle<V> };

export type RunAction = (
  by: TurnPerson,
  action: {
    readonly verb: string;
    readonly data: unknown;
    readonly op: string;
    /** Sent by the client when the card came into view, not by a person. */
    readonly automatic?: boolean;
  },
) => Promise<Answer>;

/** Card data is what a client sent: its shape is checked here, its meaning by the service that reads the record. */
export function createRunAction(actions: ActionTable): RunAction {
  return async (by, { verb, data, op, automatic }) => {
    if (!isVerb(verb)) return { text: 'This button is not known here any more. Write "approvals" to see what waits.' };
    if (automatic === true && !BY_ITSELF.includes(verb))
      return { text: 'Nothing was done: nobody pressed this button. Press it to decide.' };
    return run(actions, verb, by, data, op);
  };
}

function isVerb(verb: string): verb is Verb {
  return Object.hasOwn(ACTION_DATA, verb);
}

async function run<V extends Verb>(
  actions: ActionTable,
  verb: V,
  by: TurnPerson,
  data: unknown,
  op: string,
): Promise<Answer> {
  const schema = ACTION_DATA[verb] as unknown as z.ZodType<ActionData<V>>;
  const parsed = schema.safeParse(data);
  if (parsed.success) return actions[verb](by, parsed.data, op);
  const field = parsed.error.issues[0]?.path.join('.') ?? '';
  return {
    text: `This button carries something that does not belong to it${field === '' ? '' : ` (${field})`}. Nothing was done.`,
  };
}
