import type { Candidate, Gate } from '../services/domain/gate.ts';
import type { JudgedGroup } from '../services/domain/judgement.ts';
import { askedNow } from '../services/domain/quorum.ts';
import { button } from './actions.ts';
import { changesPage, newerRunPage, runPage } from './azure-devops-pages.ts';
import type { CardAction, ExecuteAction, OpenUrlAction, Refresh } from './card.ts';
import type { Verdict } from './gate-reader.ts';
import { isViewer, type Viewer } from './names.ts';
import { plain } from './text.ts';

const EXCEPTIONS_OFFERED = 3;
const RULE_IN_TITLE = 20;
const ID_IN_TITLE = 20;

/** In the place of the buttons to decide, where nobody can act as themselves from here. */
export function openApprovalButton(gate: Gate): OpenUrlAction | undefined {
  const url = runPage(gate);
  if (url === undefined) return undefined;
  const page = new URL(url);
  if (page.searchParams.has('buildId')) page.searchParams.set('view', 'results');
  return { type: 'Action.OpenUrl', id: 'open-approval', title: 'Open approval', url: page.href };
}

/** What this reader may decide. The comment goes with approval and rejection: the route may ask for one on either. */
export function decideButtons(gate: Gate, verdicts: readonly Verdict[]): (ExecuteAction | undefined)[] {
  const { id: requestId, revision } = gate;
  return verdicts.map((verdict) =>
    button({
      id: verdict,
      title: VERDICT_TITLES[verdict],
      data: { verb: 'approval.decide', requestId, revision, verdict },
      inputs: verdict === 'withdraw' ? 'none' : 'auto',
      ...(verdict === 'withdraw' ? {} : { style: verdict === 'approve' ? 'positive' : 'destructive' }),
    }),
  );
}

const VERDICT_TITLES: Readonly<Record<Verdict, string>> = {
  approve: 'Approve',
  reject: 'Reject',
  withdraw: 'Withdraw my approval',
};

/** The gate as it is now; where everybody sees the same card, also the way to one's own buttons. */
export function refreshButton(gate: Gate, viewer?: Viewer): ExecuteAction | undefined {
  return viewButton(gate, 'refresh', refreshTitle(gate.state === 'asked', viewer));
}

export function refreshTitle(isAsked: boolean, viewer: Viewer | undefined): string {
  const isForAll = viewer?.oid === undefined || viewer.isPublic === true;
  return isAsked && isForAll ? 'Show my view' : 'Refresh';
}

export function viewButton(gate: Gate, id: string, title: string): ExecuteAction | undefined {
  const { id: requestId, revision } = gate;
  return button({ id, title, data: { verb: 'approval.view', requestId, revision }, inputs: 'none' });
}

const MOST_REFRESHED = 60;

/** Only while it can be decided: after that everybody sees the same. */
export function refreshOf(gate: Gate, viewer?: Viewer): Refresh | undefined {
  return gate.state === 'asked' ? refreshBy(refreshButton(gate, viewer), viewer) : undefined;
}

export function refreshBy(view: ExecuteAction | undefined, viewer: Viewer | undefined): Refresh | undefined {
  if (viewer?.refreshFor === undefined || view === undefined) return undefined;
  const { type, verb, data } = view;
  return { action: { type, title: 'Refresh', verb, data }, userIds: viewer.refreshFor.slice(0, MOST_REFRESHED) };
}

/** For somebody who is asked, while there is another one to ask. */
export function delegateButton(gate: Gate, viewer: Viewer | undefined): ExecuteAction | undefined {
  if (viewer?.oid === undefined || othersAsked(gate, viewer).length === 0) return undefined;
  const { id: requestId, revision } = gate;
  const data = { verb: 'approval.delegate', requestId, revision } as const;
  return button({ id: 'delegate', title: 'Delegate', data, inputs: 'none' });
}

/** For somebody who is not asked and may wait for the answer of others; the server reads who they are. */
export function remindButton(gate: Gate, viewer: Viewer | undefined): ExecuteAction | undefined {
  if (viewer?.oid === undefined || viewer.isPublic === true || othersAsked(gate, viewer).length === 0) return undefined;
  const { id: requestId, revision } = gate;
  const data = { verb: 'approval.remind', requestId, revision } as const;
  return button({ id: 'remind', title: 'Remind', data, inputs: 'none' });
}

/** Whom this person could ask to decide. */
export function othersAsked({ ask, votes, state }: Gate, viewer: Viewer): Candidate[] {
  if (ask === undefined || state !== 'asked') return [];
  return askedNow(ask, votes).filter(({ oid }) => !isViewer(viewer, oid));
}

export function openRunButton(gate: Gate): OpenUrlAction | undefined {
  return openButton('open-run', 'Open run', runPage(gate));
}

/** For a superseded gate. */
export function openNewerButton(gate: Gate): OpenUrlAction | undefined {
  return openButton('open-newer', 'Open newer run', newerRunPage(gate));
}

/** What came in since the last deployment. */
export function changesButton(gate: Gate): OpenUrlAction | undefined {
  return openButton('changes', 'Changes since last', changesPage(gate));
}

function openButton(id: string, title: string, url: string | undefined): OpenUrlAction | undefined {
  return url === undefined ? undefined : { type: 'Action.OpenUrl', id, title, url };
}

/** One for each of the first things that an exception can be asked for, and the way to the first that is asked for: Teams shows six buttons. */
export function exceptionButtons(gate: Gate): ExecuteAction[] {
  const groups = (gate.judgement?.blocks ?? []).filter(isExceptable);
  const wanted = [...Map.groupBy(groups, meantBy).values()].flatMap(([first]) => first ?? []);
  const shown = wanted.slice(0, EXCEPTIONS_OFFERED);
  const [asked] = gate.state === 'blocked' ? (gate.awaits ?? []) : [];
  return present([
    asked === undefined ? undefined : awaitedButton(asked, 'awaited'),
    ...shown.map((group, index) => exceptionButton(gate, group, `exception-${index + 1}`, shown.length > 1)),
  ]).filter((action) => action.type === 'Action.Execute');
}

function isExceptable(group: JudgedGroup): boolean {
  return group.control !== undefined && (group.exception?.maxDays ?? 0) > 0 && group.fingerprints.length > 0;
}

/** One finding by itself, several with everything of their control that blocks this request. */
function meantBy({ service, control, fingerprints }: JudgedGroup): string {
  return JSON.stringify([service, control, fingerprints.length === 1 ? fingerprints[0] : undefined]);
}

function exceptionButton(gate: Gate, group: JudgedGroup, id: string, isOneOfMany: boolean): ExecuteAction | undefined {
  const [only, another] = group.fingerprints;
  const isOne = only !== undefined && another === undefined;
  const [asked] = group.requested ?? [];
  const what = plain((isOne ? group.rule : group.control) ?? '', RULE_IN_TITLE);
  return button({
    id,
    title: exceptionTitle(asked, isOneOfMany ? what : undefined),
    data: {
      verb: 'exception.request',
      requestId: gate.id,
      ...(isOne ? { fingerprint: only } : {}),
      service: group.service,
      environment: gate.environment,
      control: group.control ?? '',
    },
    inputs: 'none',
  });
}

/** On a phone a button has room for some thirty letters. */
function exceptionTitle(asked: string | undefined, what: string | undefined): string {
  if (asked !== undefined) return `Join ${plain(asked, ID_IN_TITLE)}${what === undefined ? '' : `: ${what}`}`;
  return what === undefined ? 'Request exception' : `Exception: ${what}`;
}

/** To the exception as it is then, whatever its revision is by then. */
function awaitedButton(exceptionId: string, id: string): ExecuteAction | undefined {
  const data = { verb: 'exception.view', exceptionId, revision: 0 } as const;
  return button({ id, title: `Show ${plain(exceptionId, ID_IN_TITLE)}`, data, inputs: 'none' });
}

export function present(actions: readonly (CardAction | undefined)[]): CardAction[] {
  return actions.filter((action) => action !== undefined);
}
