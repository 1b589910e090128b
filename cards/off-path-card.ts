import type { IAdaptiveCard } from 'adaptivecards';
import { isOpenOffPath, type OffPath, type OffPathKind } from '../services/domain/off-path.ts';
import type { Refusal } from '../services/domain/refusal.ts';
import { button } from './actions.ts';
import { pageWithin } from './azure-devops-pages.ts';
import { confirmButton, explainButton, explanationInputs } from './bypass-card.ts';
import { bypassLines, standingWords } from './bypass-words.ts';
import {
  banner,
  type CardElement,
  card,
  type ExecuteAction,
  type Fact,
  fact,
  type OpenUrlAction,
  row,
  section,
  timed,
  timedFact,
  title,
} from './card.ts';
import { cardText } from './card-text.ts';
import { present } from './gate-actions.ts';
import { listOf, nameOf, type Viewer } from './names.ts';
import { asLocalTimes, inZone, localTime } from './show-time.ts';
import { plain } from './text.ts';
import { refusalSentence } from './words.ts';

const SUMMARY_MAX = 240;
const WHAT_MAX = 400;
const SERVICES_SHOWN = 5;

/** What was done, in a few words. */
export const OFF_PATH_HEADS: Readonly<Record<OffPathKind, string>> = {
  deployment: 'Deployed without a decision',
  check: 'A check was weakened',
  write: 'Changed from outside the release path',
  use: 'Connection used by another pipeline than usual',
};

const WHY: Readonly<Record<OffPathKind, string>> = {
  deployment:
    'Azure DevOps recorded this deployment, and nothing here let it go on. Look at the checks of the environment: ours is missing, disabled or was passed by.',
  check: 'Without it a deployment may go on that nobody decided about. See that it is put back.',
  write:
    'Neither the catalog nor a service connection names this identity for what deploys there. See whether the change stays.',
  use: 'It leads to production. Pipelines that used it by the last approved deployment are the usual ones; an approver adds another with "drift".',
};
const ASKED = 'Whoever owns the service, or did it, says why, and names a ticket.';

/** An action off the release path: what was done, where, and who says why. The server knows who may. */
export function offPathCard(action: OffPath, viewer: Viewer = {}, refusal?: Refusal): IAdaptiveCard {
  const { bypass, kind } = action;
  const isToBeExplained = bypass === undefined;
  const { standing, next, tone } = standingWords(action, { asked: `${WHY[kind]} ${ASKED}`, done: 'did it' }, viewer);
  const body: (CardElement | undefined)[] = [
    title(headOf(action)),
    banner('state', tone, [row(sentence(standing), { weight: 'bolder' }), row(next)]),
    timed(asLocalTimes(plain(action.what, WHAT_MAX))),
    { type: 'FactSet', id: 'facts', spacing: 'medium', facts: factsOf(action) },
    bypass === undefined ? undefined : section('history', bypassLines(bypass, viewer)),
    refusal === undefined ? undefined : banner('error', 'warning', [timed(`! ${refusalSentence(refusal)}`)]),
    ...(isToBeExplained ? explanationInputs(kind === 'deployment' ? 'let it go on' : 'did it') : []),
  ];
  const word = isToBeExplained
    ? explainButton(action)
    : isOpenOffPath(action)
      ? confirmButton(action, viewer)
      : undefined;
  const spoken = `${headOf(action)}. ${standing}. ${next}`;
  const shown = card({
    body: body.filter((element) => element !== undefined),
    actions: present([word, openRun(action), refresh(action)]),
    fallbackText: `${spoken} ${commandsOf(action)}`,
    speak: spoken,
  });
  return inZone(shown, viewer.zone);
}

/** The card, and the same in plain text with what can be typed instead of clicked. */
export function offPathAnswer(action: OffPath, viewer?: Viewer, refusal?: Refusal) {
  const shown = offPathCard(action, viewer, refusal);
  return { text: cardText(shown, [commandsOf(action)], viewer?.zone), card: shown };
}

/** One line for notifications. Plain text. */
export function offPathSummary(action: OffPath): string {
  return plain(headOf(action), SUMMARY_MAX);
}

/** Where it was done. */
export function placeWords({ services, environment }: Pick<OffPath, 'services' | 'environment'>): string {
  const named = services.length === 0 ? '' : listOf(services.map(nameOf), SERVICES_SHOWN);
  if (environment === '-') return named === '' ? 'the delivery platform' : named;
  return named === '' ? nameOf(environment) : `${named} in ${nameOf(environment)}`;
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function headOf(action: OffPath): string {
  return `${OFF_PATH_HEADS[action.kind]}: ${placeWords(action)}`;
}

function factsOf(action: OffPath): Fact[] {
  const { services, environment, at, raisedAt, run, gate, doneBy } = action;
  const who = [...new Set(doneBy.flatMap(({ name, uniqueName }) => name ?? uniqueName ?? []))];
  return [
    fact(
      'Service',
      services.length === 0 ? 'none that the catalog knows' : listOf(services.map(nameOf), SERVICES_SHOWN),
    ),
    fact('Environment', environment === '-' ? 'not known' : nameOf(environment)),
    ...(run === undefined
      ? []
      : [fact('Run', `${nameOf(run.name)} of ${nameOf(run.pipeline)}, attempt ${run.attempt}`)]),
    ...(gate === undefined ? [] : [fact('Request', `"why ${nameOf(gate.id)}": ${gate.state}`)]),
    ...(who.length === 0
      ? []
      : [fact(run === undefined ? 'By' : 'Asked for by', listOf(who.map(nameOf), SERVICES_SHOWN))]),
    timedFact('Done', localTime(at)),
    timedFact('Found', localTime(raisedAt)),
  ];
}

function commandsOf({ id, bypass }: OffPath): string {
  const explain = `"explain ${id} TICKET reason"`;
  if (bypass === undefined) return `Type ${explain} to say why; "why ${id}" shows it again.`;
  return bypass.confirmed === undefined
    ? `Type "confirm ${id}", or ${explain} for a better explanation; "why ${id}" shows it again.`
    : `Type "why ${id}" to see it again.`;
}

function openRun({ run }: OffPath): OpenUrlAction | undefined {
  const url = run && pageWithin(run.url, run.organization);
  return url === undefined ? undefined : { type: 'Action.OpenUrl', id: 'open-run', title: 'Open run', url };
}

function refresh({ id: requestId, revision }: OffPath): ExecuteAction | undefined {
  return button({
    id: 'refresh',
    title: 'Refresh',
    data: { verb: 'approval.view', requestId, revision },
    inputs: 'none',
  });
}
