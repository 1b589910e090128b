import type { Decision, Gate, SealedVerdict } from './gate.ts';
import { alsoFoundBy, type JudgedGroup, type Obstacle } from './judgement.ts';

const GROUPS_SHOWN = 10;
const LINE_LIMIT = 400;

/** What a pipeline's author reads in the check's log: plain text, one fact a line, no control characters. */
export function verdictLines(gate: Gate, result: SealedVerdict['result'], reason: SealedVerdict['reason']): string[] {
  const lines = [
    `Countersign: ${result} (${reason}) for ${gate.services.join(', ')} in ${gate.environment}, request ${gate.id}`,
    ...decisionLines(gate, reason),
    ...judgementLines(gate),
    ...(result === 'failed' ? [wayOut(gate, reason)] : []),
  ];
  return lines.map((line) => line.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, ' ').slice(0, LINE_LIMIT));
}

function decisionLines(gate: Gate, reason: SealedVerdict['reason']): string[] {
  if (reason === 'observed') {
    const would = gate.judgement?.verdict === 'block' ? 'have been blocked' : 'have passed the contract';
    return [`This environment is observed, not enforced: the deployment would ${would}.`];
  }
  const { decision, votes } = gate;
  return [
    ...votes.map((vote) => saidLine('Approved', vote)),
    ...(decision?.verdict === 'reject' ? [saidLine('Rejected', decision)] : []),
  ];
}

function saidLine(verb: string, { by, covers, at, comment }: Omit<Decision, 'verdict'>): string {
  const cover = covers === undefined ? '' : ` for ${covers.name}`;
  return `${verb} by ${by.name}${cover} at ${at}${comment === '' ? '' : `: ${comment}`}`;
}

function judgementLines(gate: Gate): string[] {
  const { judgement } = gate;
  if (judgement === undefined) return [];
  const { block, warn, monitor } = judgement.counts;
  const version = judgement.contract === undefined ? 'no contract' : `contract v${judgement.contract.version}`;
  const unscanned = judgement.signals.filter((signal) => signal.state === 'unknown').map((signal) => signal.control);
  return [
    `${block} block, ${warn} warn, ${monitor} monitor (${version})`,
    ...judgement.blocks.slice(0, GROUPS_SHOWN).map((group) => groupLine('BLOCK', group)),
    ...judgement.obstacles.map(obstacleLine),
    ...judgement.warns.slice(0, GROUPS_SHOWN).map((group) => groupLine('WARN', group)),
    ...(unscanned.length === 0 ? [] : [`Not scanned: ${unscanned.join(', ')}`]),
  ];
}

function groupLine(word: string, group: JudgedGroup): string {
  const [sample] = group.samples;
  const place =
    sample?.path === undefined ? '' : ` in ${sample.path}${sample.line === undefined ? '' : `:${sample.line}`}`;
  const more = group.count > 1 ? ` (${group.count} findings)` : '';
  const because = group.because === undefined ? '' : ` Why: ${group.because}`;
  const unlisted = group.unlisted === undefined ? '' : ' Too many to except (too-many-to-except).';
  const others = alsoFoundBy(group);
  const also = others.length === 0 ? '' : `, also found by ${others.join(', ')}`;
  return `${word} ${group.control ?? 'unmatched'}: ${group.tool} ${group.rule}${place}${more}${also}.${because}${unlisted}`;
}

function obstacleLine(obstacle: Obstacle): string {
  return `BLOCK ${obstacle.kind}: ${obstacle.detail}`;
}

function wayOut(gate: Gate, reason: SealedVerdict['reason']): string {
  if (reason === 'rejected') return 'What now: talk to the person above, then run the stage again.';
  if (reason === 'expired') return 'What now: the time to decide is over. Run the stage again to ask anew.';
  if (reason === 'superseded') return `What now: nothing here; ${newerOf(gate)} has taken its place.`;
  return 'What now: fix what blocks, then run the stage again.';
}

function newerOf({ run, supersededBy }: Gate): string {
  if (supersededBy === undefined) return 'a newer run of this stage';
  const { runId, attempt } = supersededBy;
  return runId === run.id ? `attempt ${attempt} of this run` : `run ${runId} of this stage`;
}
