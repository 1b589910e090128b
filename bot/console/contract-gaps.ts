import { ruleWords } from '../../cards/rule-words.ts';
import { UNKNOWN_WORDS } from '../../cards/words.ts';
import type { ServiceDecision } from '../../services/domain/gaps.ts';
import type { PolicyTrials, Span } from '../../services/policy-trials.ts';
import type { PolicySnapshot } from '../../services/ports/policy.ts';
import type { Outcome } from './outcome.ts';
import { record } from './simulate-contract.ts';
import { countOf, standingWords } from './trial-words.ts';

/** `contract gaps`: no when a required signal is missing, or services differ in what is decided of one class. */
export async function contractGaps(
  trials: Pick<PolicyTrials, 'gaps'>,
  span: Span,
  policy?: PolicySnapshot,
): Promise<Outcome> {
  const { looked, missing, divergences } = await trials.gaps(span, policy);
  return {
    exitCode: missing.length === 0 && divergences.length === 0 ? 0 : 1,
    lines: [
      ...missing.map(({ control, environment, service, why, requestId }) =>
        record(['missing', control, environment, service, UNKNOWN_WORDS[why], requestId]),
      ),
      ...divergences.flatMap(({ control = 'unmatched', environment, tool, rule, severity, decisions }) =>
        decisions.map((one) =>
          record([
            'differs',
            control,
            environment,
            tool,
            rule,
            severity,
            one.service,
            standingWords(one),
            whyWords(one),
            one.requestId,
          ]),
        ),
      ),
    ],
    remarks: [
      `${countOf(looked, 'request')} since ${span.since.slice(0, 10)}, the newest of each service in each environment: ${countOf(missing.length, 'signal')} missing, ${divergences.length} ${divergences.length === 1 ? 'class' : 'classes'} decided differently.`,
    ],
  };
}

/** By which rule, and what stands above it. */
function whyWords({ by, isOverride, climbedBy, exceptionId, decision, blocksFrom }: ServiceDecision): string {
  if (by === undefined) return 'no control claims it';
  const climbed = climbedBy === undefined ? '' : `; ${climbedBy}`;
  const rule = `${isOverride ? 'its override: ' : ''}${ruleWords(by)}${climbed}`;
  if (exceptionId !== undefined) return `${rule}; exception ${exceptionId}`;
  // Before its day a block is a warning; at any other time only a service without context is let off.
  const isUnknown = by.then === 'block' && decision === 'warn' && blocksFrom === undefined;
  return isUnknown ? `${rule}; the catalog does not know the service` : rule;
}
