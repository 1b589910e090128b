import { zonedTime } from '../../services/domain/calendar.ts';
import { separationStanding } from '../../services/domain/deployment-row.ts';
import type { Explained, RecordedWord } from '../../services/domain/recorded-bypass.ts';
import type { RecordedApproval, RecordedDecision } from '../../services/domain/recorded-decision.ts';
import type { RecordedText } from '../../services/domain/recorded-entry.ts';
import type { Distinction, Separation } from '../../services/domain/separation.ts';

/** `absent`: for what no entry says. */
export function textWords(written: RecordedText | undefined, absent: string): string {
  return written === undefined ? absent : (written.text ?? '(name erased)');
}

/** Whoever has no name any more is still told apart. */
function personWords({ oid, name }: { readonly oid: string; readonly name?: RecordedText }): string {
  return name?.text ?? `${textWords(name, '(name not recorded)')} ${oid}`;
}

export function approverWords(approval: RecordedApproval, zone: string): string {
  const { at, covers } = approval;
  const instead = covers === undefined ? '' : ` in the place of ${personWords(covers)}`;
  return `${personWords(approval)}${instead}${at === undefined ? '' : `, ${zonedTime({ timezone: zone }, at)}`}`;
}

const WHY_UNKNOWN: Readonly<Record<Exclude<Distinction, 'other' | 'same'>, string>> = {
  unread: 'who asked for it or wrote it could not all be read',
  unmatched: 'an author is nobody whom the directory knew',
  nobody: 'no human was named',
};

/** Empty where nobody approved. */
export function separationWords(decision: Pick<RecordedDecision, 'approvals'>): string {
  const { approvals } = decision;
  const standing = separationStanding(approvals);
  if (standing === 'nobody') return 'nobody approved';
  if (standing === 'distinct') return 'distinct';
  const all = approvals.flatMap((approval) => {
    const { separation } = approval;
    if (separation === undefined) return ['unknown: not recorded then'];
    return (['requester', 'author'] as const).flatMap((role) => roleWords(approval, role, separation[role]));
  });
  return [...new Set(all)].join('; ');
}

function roleWords(approval: RecordedApproval, role: keyof Separation, distinction: Distinction): string[] {
  if (distinction === 'other') return [];
  if (distinction !== 'same') return [`${role} unknown: ${WHY_UNKNOWN[distinction]}`];
  return [`not distinct: ${personWords(approval)} ${role === 'requester' ? 'asked for it' : 'wrote some of it'} too`];
}

/** How a request came to its end, where its outcome does not say it. */
export function endWords(decision: RecordedDecision, zone: string): string[] {
  const { state, verdict, rejected, completedBy } = decision;
  const sealed = verdict === undefined ? [] : [`sealed as ${verdict.result}: ${verdict.reason}`];
  return [
    ...(verdict?.result === 'succeeded' && state !== 'bypassed' ? [] : sealed),
    ...(rejected === undefined ? [] : [`rejected by ${personWords(rejected)}`]),
    ...(state === 'abandoned' ? ['Azure DevOps ended it without us'] : []),
    ...(state === 'bypassed' ? ['Azure DevOps let it go on without us'] : []),
    ...(completedBy === undefined ? [] : [`decided there by ${textWords(completedBy, '')}`]),
    ...(state === 'bypassed' ? explainedWords(decision, zone) : []),
  ];
}

export function explainedWords({ explained, confirmed }: Explained, zone: string): string[] {
  const said = (word: string, by: RecordedWord) =>
    `${word} by ${personWords(by)}, ${zonedTime({ timezone: zone }, by.at)}`;
  if (explained === undefined) return ['not explained'];
  return [said('explained', explained), confirmed === undefined ? 'not confirmed' : said('confirmed', confirmed)];
}
