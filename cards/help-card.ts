import type { IAdaptiveCard } from 'adaptivecards';
import { card, line, title, words } from './card.ts';
import { cardText } from './card-text.ts';

/** A command as the table of commands knows it; our own words. */
export interface CommandHelp {
  /** `approve ID [comment]`. */
  readonly usage: string;
  readonly meaning: string;
}

const OPENING = 'I bring deployments to those who may approve them, and say what blocks the others and why.';
const HEADLINE = 'What you can type';

/** The commands that work, in the order in which they are given. */
export function helpCard(commands: readonly CommandHelp[]): IAdaptiveCard {
  return card({
    body: [
      title(HEADLINE),
      line(words(OPENING)),
      ...commands.map(({ usage, meaning }) => line(words(usage, { weight: 'bolder' }), words(`: ${meaning}`))),
      line(words('Buttons on a card do the same; every command also answers in plain text.', { isSubtle: true })),
    ],
    actions: [],
    fallbackText: `${HEADLINE}: ${commands.map(({ usage }) => usage).join(', ')}`,
    speak: `${OPENING} ${HEADLINE}: ${commands.map(({ usage }) => usage).join(', ')}.`,
  });
}

export function helpText(commands: readonly CommandHelp[]): string {
  return cardText(helpCard(commands));
}
