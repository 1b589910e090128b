import type { ConsoleCommand } from './command.ts';
import { listDeadLetters } from './list-dead-letters.ts';
import { replayDeadLetters } from './replay-dead-letters.ts';
import { showStatus } from './show-status.ts';

/** How delivery stands, and what was given up. */
export const DELIVERY_COMMANDS: readonly ConsoleCommand[] = [
  {
    usage: 'status',
    meaning: 'what `status` says in the chat: how delivery stands',
    run: async (open) => showStatus((await open()).status),
  },
  {
    usage: 'dlq list',
    meaning: 'what could not be told and was given up: request, service, environment, kind, attempts, since',
    run: async (open) => listDeadLetters((await open()).status),
  },
  {
    usage: 'dlq replay <id>',
    meaning: 'try again what was given up of this request',
    run: async (open, [id = '']) => replayDeadLetters((await open()).replay, id),
  },
];
