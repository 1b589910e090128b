import type { Status } from '../../services/status.ts';
import type { Outcome } from './outcome.ts';

/** `dlq list`: one line for each dead letter, oldest first, its fields separated by tabs. */
export async function listDeadLetters(status: Pick<Status, 'deadLetters'>): Promise<Outcome> {
  const dead = await status.deadLetters();
  const lines = dead.map(({ requestId, services, environment, kind, attempts, since }) =>
    [requestId, services.join(','), environment, kind, `${attempts} attempts`, `since ${since}`].join('\t'),
  );
  return { exitCode: 0, lines, ...(dead.length === 0 ? { remarks: ['No dead letters.'] } : {}) };
}
