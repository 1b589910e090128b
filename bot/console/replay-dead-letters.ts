import type { Replay } from '../../services/replay.ts';
import type { Outcome } from './outcome.ts';

/** `dlq replay ID`. */
export async function replayDeadLetters(
  replay: (requestId: string) => Promise<Replay>,
  requestId: string,
): Promise<Outcome> {
  const done = await replay(requestId);
  switch (done.kind) {
    case 'unknown-request':
      return no(`There is no request ${requestId}. "dlq list" names those with dead letters.`);
    case 'no-dead-letters':
      return no(`Request ${requestId} has no dead letters: there is nothing to replay.`);
    case 'replayed': {
      const { replayed, hopeless, tokenEnd } = done;
      const ended = `Not replayed: ${hopeless.join(', ')}. Azure DevOps takes no answer for request ${requestId} any more, because its job token ended on ${tokenEnd}. Run the stage again.`;
      const remarks = hopeless.length === 0 ? [] : [ended];
      if (replayed.length === 0) return { exitCode: 1, lines: [], remarks };
      const lines = [
        `Replayed ${replayed.join(', ')} of request ${requestId}. The running bot takes it within seconds.`,
      ];
      return { exitCode: 0, lines, remarks };
    }
  }
}

function no(sentence: string): Outcome {
  return { exitCode: 1, lines: [], remarks: [sentence] };
}
