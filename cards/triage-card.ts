import type { IAdaptiveCard } from 'adaptivecards';
import type { TriagedFinding, TriageOffer } from '../services/domain/open-finding.ts';
import { isOverdue, type Triage } from '../services/domain/triage.ts';
import { button } from './actions.ts';
import { card, line, title, words } from './card.ts';
import { present } from './gate-actions.ts';
import { RULE_MAX } from './gate-findings.ts';
import { isViewer, listOf, nameOf, type Viewer } from './names.ts';
import { showDate } from './show-time.ts';
import { plain } from './text.ts';
import { shortPrint, snoozeWords } from './triage-words.ts';
import { digestButton } from './warning-rows.ts';

const NAME_MAX = 64;
const PLACES_SHOWN = 3;
const CHOICES = 50;
const TITLE_MAX = 120;
const UNTIL_MAX = 100;
const SPOKEN_MAX = 600;

/** `weak-random in payments-api (prod and staging)`. */
function findingName({ finding: { key, places } }: TriagedFinding): string {
  const environments = [...new Set(places.map(({ environment }) => plain(environment, NAME_MAX)))];
  const rule = plain(places[0]?.group.rule ?? key.fingerprint, RULE_MAX);
  return `${rule} in ${plain(key.service, NAME_MAX)} (${listOf(environments, PLACES_SHOWN)})`;
}

/** Who has it and until when it is put off. Plain text. */
function triageWords({ assignee }: TriagedFinding, triage: Triage, viewer: Viewer): string {
  const name = assignee === undefined ? 'nobody who is there' : nameOf(assignee.name);
  const who = isViewer(viewer, triage.assignee ?? '') ? 'you have it' : `${name} has it`;
  return [
    ...(triage.assignee === undefined ? ['nobody has it'] : [who]),
    ...(triage.snoozed === undefined ? [] : [`it is put off ${snoozeWords(triage.snoozed)}`]),
  ].join(', and ');
}

/** What became of it, and the way back. Plain text. */
export function triageDoneText(done: TriagedFinding, viewer: Viewer): string {
  const { triage, finding } = done;
  const { fingerprint, service } = finding.key;
  if (triage === undefined) return `Recorded: nobody has ${findingName(done)} any more, and it is not put off.`;
  const back = `"unclaim ${shortPrint(fingerprint)} ${plain(service, NAME_MAX)}" takes it back.`;
  return `Recorded for ${findingName(done)}: ${triageWords(done, triage, viewer)}. ${dueSentence(done)}${back}`;
}

/** A snooze hides no date: from its due date on it is told again. */
function dueSentence({ finding: { places, now } }: TriagedFinding): string {
  const due = places.flatMap(({ group }) => (group.decision === 'warn' && group.dueAt !== undefined ? [group] : []));
  const [earliest] = due.sort((a, b) => ((a.dueAt ?? '') < (b.dueAt ?? '') ? -1 : 1));
  if (earliest?.dueAt === undefined) return '';
  return isOverdue(earliest, now)
    ? `It is overdue since ${showDate(earliest.dueAt)}. `
    : `It is due on ${showDate(earliest.dueAt)}, and overdue from then on. `;
}

/** The same as a card, in the place of the form that was filled in. */
export function triageDoneCard(done: TriagedFinding, viewer: Viewer): IAdaptiveCard {
  const sentence = triageDoneText(done, viewer);
  return card({
    body: [title(findingName(done)), { ...line(words(sentence)), id: 'state' }],
    actions: present([digestButton()]),
    fallbackText: plain(sentence, SPOKEN_MAX),
    speak: plain(sentence, SPOKEN_MAX),
  });
}

/** Until when: a day, or a fix. */
export function snoozeCard(offer: TriageOffer, environment: string): IAdaptiveCard {
  const { fingerprint, service } = offer.finding.key;
  const data = { verb: 'finding.snooze', fingerprint, service, environment } as const;
  const head = `Put off: ${findingName(offer)}`;
  const sentence = `${dueSentence(offer)}The latest day is ${showDate(offer.latest)}. "fix" is until a report says that a fix exists.`;
  return card({
    body: [
      title(head),
      { ...line(words(sentence)), id: 'state' },
      {
        type: 'Input.Text',
        id: 'until',
        label: 'Until which day (2026-12-01, Friday, in 10 days), or "fix"',
        maxLength: UNTIL_MAX,
        isRequired: true,
        errorMessage: 'Write a day, or "fix".',
      },
    ],
    actions: present([button({ id: 'snooze', title: 'Put it off', data, inputs: 'auto' }), digestButton()]),
    fallbackText: `${head}. Type "snooze ${shortPrint(fingerprint)} until" and a day.`,
    speak: head,
  });
}

/** To whom: its owners; anybody else can be typed. */
export function assignCard(offer: TriageOffer, environment: string): IAdaptiveCard {
  const { fingerprint, service } = offer.finding.key;
  const data = { verb: 'finding.assign', fingerprint, service, environment } as const;
  const head = `Assign: ${findingName(offer)}`;
  const typed = `"assign ${shortPrint(fingerprint)} to" and a name takes anybody of the directory.`;
  const { people } = offer;
  const more = people.length > CHOICES ? ` ${people.length - CHOICES} more of its owners are not listed.` : '';
  const choices = people
    .slice(0, CHOICES)
    .map(({ oid, name }) => ({ title: plain(nameOf(name), TITLE_MAX), value: oid }));
  return card({
    body: [
      title(head),
      { ...line(words(`${typed}${more}`)), id: 'state' },
      ...(choices.length === 0
        ? []
        : [
            {
              type: 'Input.ChoiceSet' as const,
              id: 'to',
              label: 'Who mends it',
              style: 'compact' as const,
              choices,
              isRequired: true as const,
              errorMessage: 'Choose a person.',
            },
          ]),
    ],
    actions: present(choices.length === 0 ? [] : [button({ id: 'assign', title: 'Assign', data, inputs: 'auto' })]),
    fallbackText: `${head}. Type ${typed}`,
    speak: head,
  });
}
