import type { IAdaptiveCard } from 'adaptivecards';
import type { Candidate, Gate } from '../services/domain/gate.ts';
import { button } from './actions.ts';
import { card, line, title, words } from './card.ts';
import { othersAsked, present, viewButton } from './gate-actions.ts';
import { candidateName, deploymentOf, listOf, nameOf, type Viewer } from './names.ts';
import { plain } from './text.ts';

const CHOICES = 50;
const TITLE_MAX = 120;

/** Whom this person may ask to decide in their place; undefined when nobody else is asked now. */
export function delegateCard(gate: Gate, viewer: Viewer): IAdaptiveCard | undefined {
  const others = othersAsked(gate, viewer);
  if (others.length === 0) return undefined;
  const { id: requestId, revision } = gate;
  const data = { verb: 'approval.delegate', requestId, revision } as const;
  const head = `Delegate: ${deploymentOf(gate)}`;
  const what = 'They get a message from you, and may decide already: nobody gets a right by it, and yours stays.';
  const typed = `Or type "delegate ${gate.id} to" and a name.`;
  const more = others.length > CHOICES ? ` ${others.length - CHOICES} more are asked.` : '';
  return card({
    body: [
      title(head),
      { ...line(words(`${what} ${typed}${more}`)), id: 'state' },
      {
        type: 'Input.ChoiceSet',
        id: 'to',
        label: 'Who shall decide',
        style: 'compact',
        choices: others
          .slice(0, CHOICES)
          .map((one) => ({ title: plain(candidateName(one), TITLE_MAX), value: one.oid })),
        isRequired: true,
        errorMessage: 'Choose a person.',
      },
    ],
    actions: present([
      button({ id: 'send', title: 'Ask this person', data, inputs: 'auto' }),
      viewButton(gate, 'back', 'Back to the request'),
    ]),
    fallbackText: plain(`${head}. ${typed}`, 600),
    speak: head,
  });
}

/** What was done about a gate beside a decision, with the way back to its card. */
export function doneCard(gate: Gate, sentence: string): IAdaptiveCard {
  return card({
    body: [title(deploymentOf(gate)), { ...line(words(sentence)), id: 'state' }],
    actions: present([viewButton(gate, 'back', 'Back to the request')]),
    fallbackText: sentence,
    speak: sentence,
  });
}

export function delegatedSentence(gate: Gate, name: string, reached: boolean): string {
  const them = nameOf(name);
  return reached
    ? `${them} is asked to decide on the ${deploymentOf(gate)}. You may still decide yourself.`
    : `Recorded: ${them} is asked to decide on the ${deploymentOf(gate)}. But I have no chat with ${them} yet, so tell them yourself; the app has to be installed for me to write.`;
}

export function remindedSentence(gate: Gate, people: readonly Candidate[]): string {
  const names = listOf(people.map(candidateName), 5);
  return `${names} ${people.length === 1 ? 'is' : 'are'} reminded of the ${deploymentOf(gate)}.`;
}
