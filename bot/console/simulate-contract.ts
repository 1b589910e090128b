import { plain } from '../../cards/text.ts';
import type { RequestChange } from '../../services/domain/trial-changes.ts';
import type { PolicyTrials, Span, Trial } from '../../services/policy-trials.ts';
import type { PolicySnapshot } from '../../services/ports/policy.ts';
import type { WrittenPolicy } from '../../services/ports/written-policy.ts';
import type { Outcome } from './outcome.ts';
import { countOf, standingWords, verdictWords } from './trial-words.ts';

const IDS_SHOWN = 5;
const NAME_MAX = 200;

/**
 * `contract simulate DIR`: no when the policy in DIR would have said something else to any request or finding since.
 * `before` is compared with in place of the policy in force.
 */
export async function simulateContract(
  trials: Pick<PolicyTrials, 'tryPolicy'>,
  after: PolicySnapshot,
  span: Span,
  before?: PolicySnapshot,
): Promise<Outcome> {
  const trial = await trials.tryPolicy(after, span, before);
  const isSame = trial.requests.length === 0 && trial.classes.length === 0;
  return { exitCode: isSame ? 0 : 1, lines: linesOf(trial), remarks: remarksOf(trial, span) };
}

/** What the files of a folder say, whole. Throws every problem of theirs: what is closed by one would only block. */
export function snapshotOf(dir: string, { snapshot }: WrittenPolicy): PolicySnapshot {
  if (snapshot.problems.length === 0) return snapshot;
  throw new Error([`${dir} does not load:`, ...snapshot.problems].join('\n'));
}

function linesOf({ requests, classes }: Trial): string[] {
  return [
    ...requests.map(({ gate, before, after }) =>
      record([
        'request',
        gate.id,
        gate.services.join(','),
        gate.environment,
        gate.judgement.at,
        verdictWords(before),
        verdictWords(after),
      ]),
    ),
    ...classes.map(({ control = 'unmatched', tool, rule, severity, before, after, findings, services, requests }) =>
      record([
        'class',
        control,
        tool,
        rule,
        severity,
        standingWords(before),
        standingWords(after),
        countOf(findings, 'finding'),
        countOf(requests, 'request'),
        services.join(','),
      ]),
    ),
  ];
}

/** Fields separated by tabs; outside text can hold none. */
export function record(fields: readonly string[]): string {
  return fields.map((field) => plain(field, NAME_MAX * 4)).join('\t');
}

function remarksOf({ judged, requests, unjudged, renewed, otherwise }: Trial, { since }: Span): string[] {
  const ended = (is: (change: RequestChange) => boolean) => requests.filter(is).length;
  const blocked = ended(({ before, after }) => after.kind === 'block' && before.kind !== 'block');
  const freed = ended(({ before, after }) => after.kind !== 'block' && before.kind === 'block');
  return [
    `${countOf(judged, 'request')} since ${since.slice(0, 10)} judged again: ${blocked} would have been blocked, ${freed} would not have been, ${requests.length - blocked - freed} would have asked others or nobody.`,
    ...about(unjudged, 'left out, because never judged'),
    ...about(renewed, 'judged on newer reports of the same commits than then, because older ones are not kept'),
    ...about(
      otherwise,
      'recorded with another outcome than the old policy gives now: contract, catalog or reports have changed since',
    ),
  ];
}

function about(ids: readonly string[], what: string): string[] {
  if (ids.length === 0) return [];
  const more = ids.length > IDS_SHOWN ? ` and ${ids.length - IDS_SHOWN} more` : '';
  return [`${countOf(ids.length, 'request')} ${what}: ${ids.slice(0, IDS_SHOWN).join(', ')}${more}.`];
}
