import type { Gate } from '../services/domain/gate.ts';
import type { JudgedGroup } from '../services/domain/judgement.ts';
import { button } from './actions.ts';
import type { CardAction, ExecuteAction, OpenUrlAction } from './card.ts';
import { runPage } from './names.ts';
import { plain } from './text.ts';

const EXCEPTIONS_OFFERED = 3;
const RULE_IN_TITLE = 30;

/** In the place of the buttons to decide, where nobody can act as themselves from here. */
export function openApprovalButton(gate: Gate): OpenUrlAction | undefined {
  const url = runPage(gate);
  if (url === undefined) return undefined;
  const page = new URL(url);
  if (page.searchParams.has('buildId')) page.searchParams.set('view', 'results');
  return { type: 'Action.OpenUrl', id: 'open-approval', title: 'Open approval', url: page.href };
}

/** Both carry the comment: the route may ask for one on either. */
export function decideButtons(gate: Gate): (ExecuteAction | undefined)[] {
  const { id: requestId, revision } = gate;
  const decide = (verdict: 'approve' | 'reject', title: string) =>
    button({
      id: verdict,
      title,
      data: { verb: 'approval.decide', requestId, revision, verdict },
      inputs: 'auto',
      style: verdict === 'approve' ? 'positive' : 'destructive',
    });
  return [decide('approve', 'Approve'), decide('reject', 'Reject')];
}

export function refreshButton(gate: Gate): ExecuteAction | undefined {
  return viewButton(gate, 'refresh', 'Refresh');
}

export function viewButton(gate: Gate, id: string, title: string): ExecuteAction | undefined {
  const { id: requestId, revision } = gate;
  return button({ id, title, data: { verb: 'approval.view', requestId, revision }, inputs: 'none' });
}

export function openRunButton(gate: Gate): OpenUrlAction | undefined {
  const url = runPage(gate);
  return url === undefined ? undefined : { type: 'Action.OpenUrl', id: 'open-run', title: 'Open run', url };
}

/** One for each of the first groups whose control grants exceptions and that names a finding to except. */
export function exceptionButtons(gate: Gate): ExecuteAction[] {
  const groups = (gate.judgement?.blocks ?? []).filter(isExceptable).slice(0, EXCEPTIONS_OFFERED);
  const buttons = groups.map((group, index) =>
    exceptionButton(
      gate,
      group,
      `exception-${index + 1}`,
      groups.length === 1 ? '' : `: ${plain(group.rule, RULE_IN_TITLE)}`,
    ),
  );
  return buttons.filter((offered) => offered !== undefined);
}

function isExceptable(group: JudgedGroup): boolean {
  return group.control !== undefined && (group.exception?.maxDays ?? 0) > 0 && group.fingerprints.length > 0;
}

function exceptionButton(gate: Gate, group: JudgedGroup, id: string, rule: string): ExecuteAction | undefined {
  return button({
    id,
    title: `Request exception${rule}`,
    data: {
      verb: 'exception.request',
      requestId: gate.id,
      fingerprint: group.fingerprints[0] ?? '',
      service: group.service,
      environment: gate.environment,
      control: group.control ?? '',
    },
    inputs: 'none',
  });
}

export function present(actions: readonly (CardAction | undefined)[]): CardAction[] {
  return actions.filter((action) => action !== undefined);
}
