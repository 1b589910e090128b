import { approvalAnswer, checkSuiteAnswer } from '../../services/azure-devops/answers.ts';
import { readHookEvent } from '../../services/azure-devops/read-hook-event.ts';

/** What Azure DevOps said, as it was understood; or why it was not. `detail` of what nobody knows begins with `UNKNOWN`. */
export type Heard =
  | { readonly heard: string; readonly results: number }
  | { readonly refused: string; readonly detail: string };

export const UNKNOWN = 'This is nothing that Azure DevOps is heard saying';

type Fields = Readonly<Record<string, unknown>>;

/** A delivery of a service hook, or an answer about approvals and checks, through what the bot reads it by. */
export function readAdoEvent(said: unknown): Heard {
  const body = (typeof said === 'object' && said !== null ? said : {}) as Fields;
  if ('eventType' in body) return delivered(body);
  if ('checkRuns' in body) return suite(body);
  const all = Array.isArray(body['value']) ? (body['value'] as Fields[]) : [body];
  if (all.some((one) => 'approvalType' in one))
    return {
      refused: 'classic',
      detail: 'approvals of classic releases: environments of pipelines alone are asked about',
    };
  return all.every((one) => 'steps' in one) ? approvals(all) : { refused: 'unknown', detail: UNKNOWN };
}

/** Which organization it means is the operator's to say: here it is whichever it names. */
function delivered(body: Fields): Heard {
  const event = readHookEvent(body, []);
  if (event.kind === 'unreadable') return { refused: 'unreadable', detail: event.why };
  return { heard: `delivery: ${event.kind}`, results: 1 };
}

function suite(body: Fields): Heard {
  const { success, error } = checkSuiteAnswer.safeParse(body);
  return success ? { heard: 'check suite', results: 1 } : { refused: 'unreadable', detail: lackOf(error) };
}

function approvals(all: readonly Fields[]): Heard {
  const parsed = all.map((one) => approvalAnswer.safeParse(one));
  const known = parsed.filter(({ success }) => success).length;
  const [wrong] = parsed.flatMap(({ error }) => error ?? []);
  if (known === 0 && wrong !== undefined) return { refused: 'unreadable', detail: lackOf(wrong) };
  return { heard: 'approvals', results: known };
}

/** Examples of older versions leave out what the one that is asked for has. */
function lackOf({ issues }: { readonly issues: readonly { readonly path: readonly PropertyKey[] }[] }): string {
  return `it has no ${issues[0]?.path.join('.') ?? ''}, which the version that is asked for has`;
}
