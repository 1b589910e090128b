import type { Nudge, NudgeKind } from '../services/domain/nudge.ts';
import { periodOf } from '../services/domain/review.ts';
import { counted, listOf, nameOf, plural } from './names.ts';
import { localTime, showDate } from './show-time.ts';
import { plain } from './text.ts';

const ID_MAX = 20;
const RUN_MAX = 60;
const KINDS: readonly NudgeKind[] = ['approval', 'exception', 'review', 'ending', 'trends', 'audit', 'drift'];

/** `2 deployments wait for approval, 1 exception is to be reviewed`. */
export function nudgeCounts(nudges: readonly Pick<Nudge, 'kind'>[]): string {
  const parts = KINDS.flatMap((kind) => {
    const count = nudges.filter((one) => one.kind === kind).length;
    return count === 0 ? [] : [countWords(kind, count)];
  });
  return listOf(parts, parts.length);
}

function countWords(kind: NudgeKind, count: number): string {
  const exceptions = counted(count, 'exception');
  switch (kind) {
    case 'approval':
      return `${counted(count, 'deployment waits', 'deployments wait')} for approval`;
    case 'exception':
      return `${exceptions} ${plural(count, 'waits', 'wait')} to be granted or refused`;
    case 'review':
      return `${exceptions} ${plural(count, 'is', 'are')} to be reviewed`;
    case 'ending':
      return `${exceptions} ${plural(count, 'ends', 'end')} soon`;
    case 'trends':
      return 'the trends are to be reviewed';
    case 'audit':
      return 'what was done is to be reviewed';
    case 'drift':
      return `more has drifted from ${counted(count, 'baseline')}`;
  }
}

/** One thing in a line; times as `localTime` writes them. */
export function nudgeWords(nudge: Nudge): string {
  const { kind, id, services, environment, name, deadline } = nudge;
  const [service, ...others] = services;
  const what = `${nameOf(service)}${others.length === 0 ? '' : ' and others'}`;
  const where = `${what} in ${nameOf(environment)}`;
  const exception = `${plain(id, ID_MAX)}, ${nameOf(name)} of ${where}`;
  const until = deadline === undefined ? '' : localTime(deadline);
  switch (kind) {
    case 'approval':
      return `${what} ${plain(name ?? '', RUN_MAX)} to ${nameOf(environment)} waits for approval; closes ${until}`;
    case 'exception':
      return `${exception}: nobody has granted or refused it`;
    case 'review':
      return `${exception}: is it still needed?${lastWords(nudge)}`;
    case 'ending':
      return `${exception}: ends ${until}`;
    case 'trends':
      return `Nobody has reviewed the trends since ${showDate(id)}: write "trends"`;
    case 'audit':
      return `Nobody has reviewed what was done before ${showDate(periodOf({ id }))}: write "audit"`;
    case 'drift':
      return `More of ${where} has drifted from its baseline: write "drift ${what} ${nameOf(environment)}"`;
  }
}

function lastWords({ suspendedAt }: Nudge): string {
  if (suspendedAt === undefined) return '';
  return ` Without an answer by ${localTime(suspendedAt)} it is suspended, and what it covers blocks again.`;
}

/** Why something is said out of turn. */
export const URGENT =
  'You hear of it now because it would be too late at your next working hours or your next message.';
