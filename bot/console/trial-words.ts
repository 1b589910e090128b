import { plural } from '../../cards/names.ts';
import type { Reason, TrialVerdict } from '../../services/domain/trial.ts';
import type { Standing } from '../../services/domain/trial-changes.ts';

const REASONS_SHOWN = 5;

/** `blocked by sast some-rule (high)`, `asks 2 of group:a, then 1 of group:b`, `observed: passes`. */
export function verdictWords({ kind, observed, reasons, asks }: TrialVerdict): string {
  const said = { block: () => blockedWords(reasons), ask: () => asksWords(asks), pass: () => 'passes' }[kind]();
  return observed ? `observed: ${said}` : said;
}

function blockedWords(reasons: readonly Reason[]): string {
  const more = reasons.length - REASONS_SHOWN;
  const shown = reasons.slice(0, REASONS_SHOWN).map(reasonWords);
  return `blocked by ${[...shown, ...(more > 0 ? [`${more} more`] : [])].join('; ')}`;
}

function reasonWords(reason: Reason): string {
  if (reason.kind !== 'finding') return `${reason.kind}: ${reason.detail}`;
  return `${reason.control ?? 'unmatched'} ${reason.rule} (${reason.severity})`;
}

function asksWords(asks: TrialVerdict['asks']): string {
  const routes = asks.map((levels) =>
    levels.map(({ quorum, from }) => `${quorum} of ${from.join(' or ')}`).join(', then '),
  );
  return `asks ${routes.join('; and ')}`;
}

/** `block`, `warn, blocks from 2027-01-15`, `warn by exception`, `not counted`. */
export function standingWords({ decision, blocksFrom, excepted }: Standing): string {
  if (decision === 'none') return 'not counted';
  const begins = blocksFrom === undefined ? '' : `, blocks from ${blocksFrom}`;
  return `${decision}${excepted === true ? ' by exception' : ''}${begins}`;
}

/** `1 finding`, `2 findings`. */
export function countOf(count: number, one: string): string {
  return `${count} ${plural(count, one)}`;
}
