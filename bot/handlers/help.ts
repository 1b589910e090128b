import { type CommandHelp, helpCard, helpText } from '../../cards/help-card.ts';
import type { Answer } from '../answer.ts';

export function showHelp(commands: readonly CommandHelp[]): Answer {
  return { text: helpText(commands), card: helpCard(commands) };
}
