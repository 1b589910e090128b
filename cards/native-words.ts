import type { Gate, StageResult } from '../services/domain/gate.ts';
import { listOf, nameOf, plural } from './names.ts';
import { whyExpired } from './progress.ts';
import { localTime } from './show-time.ts';
import { plain } from './text.ts';

const RESULT_MAX = 30;

/** What happens next at an approval of Azure DevOps' own, where it is not what happens at a check. */
export function nativeNext(gate: Gate): string | undefined {
  if (gate.door.kind === 'check') return undefined;
  switch (gate.state) {
    case 'blocked':
      return `No approval can be given here while it is blocked. It waits for a fix until ${localTime(gate.waitUntil ?? gate.closesAt)}; then it is left to Azure DevOps, which goes on waiting.`;
    case 'asked':
      return `${gate.linkOnly === true ? 'Decide it in Azure DevOps. ' : ''}Closes here ${localTime(gate.closesAt)}; then it is left to Azure DevOps, which goes on waiting.`;
    case 'passed':
      return 'The contract lets it pass and asks nobody here. Azure DevOps itself still asks for its own approval.';
    case 'failed':
      return 'It was still blocked when the wait ended. It is left to Azure DevOps.';
    case 'expired':
      return `${whyExpired(gate)}. It is left to Azure DevOps.`;
    case 'abandoned':
      return endedThere(gate);
    default:
      return undefined;
  }
}

function endedThere({ completedElsewhere, completedBy = [] }: Gate): string | undefined {
  if (completedElsewhere !== 'approved' && completedElsewhere !== 'rejected') return undefined;
  const by = completedBy.length === 0 ? '' : ` by ${listOf(completedBy.map(nameOf), 3)}`;
  return `It was ${completedElsewhere} in Azure DevOps itself${by}. There is nothing left to decide.`;
}

/** What Azure DevOps was told, in whose name, and what it still waits for. */
export function nativeTold({ door, state, toldAt, handover }: Gate): string | undefined {
  if (door.kind === 'check') return undefined;
  if (state === 'abandoned' || state === 'bypassed')
    return 'Azure DevOps was not told: the approval had been completed there without us.';
  if (toldAt === undefined || handover === undefined) return undefined;
  if (handover.kind === 'left') return 'Left to Azure DevOps: nothing was sent.';
  const sent = `Azure DevOps took it on ${localTime(toldAt)}`;
  const by = handover.as === 'service' ? ', sent by the service account' : ', as the person who decided';
  const { missing } = handover;
  const waits = `It still waits for ${missing} more ${plural(missing, 'approval')} there.`;
  return `${sent}${by}.${missing === 0 ? '' : ` ${waits}`}`;
}

/** How the stage ended after the decision, as Azure DevOps has it. */
export function stageWords({ result, startedAt, finishedAt }: StageResult): string {
  const from = startedAt === undefined ? '' : `, started ${localTime(startedAt)}`;
  const until = finishedAt === undefined ? '' : `, finished ${localTime(finishedAt)}`;
  return `The stage ended as ${plain(result, RESULT_MAX)}${from}${until}.`;
}
