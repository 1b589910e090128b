import { type ActionTable, createRunAction } from './actions.ts';
import { commandTable, createRunCommand } from './commands.ts';
import type { Core } from './core.ts';
import { digestActions, digestWords } from './digest-handlers.ts';
import { driftActions } from './drift-handlers.ts';
import { exceptionActions, exceptionHandlersOf, exceptionsInWords } from './exception-handlers.ts';
import { createConfirmMany } from './handlers/confirm-many.ts';
import { createCover } from './handlers/cover.ts';
import { createDecideApproval } from './handlers/decide-approval.ts';
import { createDecideMany } from './handlers/decide-many.ts';
import { createDelegateApproval } from './handlers/delegate-approval.ts';
import { showHelp } from './handlers/help.ts';
import { createListApprovals } from './handlers/list-approvals.ts';
import { createRecordBypass } from './handlers/record-bypass.ts';
import { createRemindApprovers } from './handlers/remind-approvers.ts';
import { createShowAudit } from './handlers/show-audit.ts';
import { createShowCalibration } from './handlers/show-calibration.ts';
import { createShowContract } from './handlers/show-contract.ts';
import { createShowDrift } from './handlers/show-drift.ts';
import { createShowEvidence } from './handlers/show-evidence.ts';
import { createListFindings, createShowFinding } from './handlers/show-findings.ts';
import { createShowPosture } from './handlers/show-posture.ts';
import { createShowScopeCard } from './handlers/show-scope.ts';
import { createShowStatus } from './handlers/show-status.ts';
import { createShowTrends } from './handlers/show-trends.ts';
import { createTriageFinding } from './handlers/triage-finding.ts';
import { createViewGate } from './handlers/view-gate.ts';
import { createViewMany } from './handlers/view-many.ts';
import { createWhoApproves } from './handlers/who-approves.ts';
import { personChosen } from './said.ts';
import { trendActions } from './trend-handlers.ts';

/** The two tables of what people can do: buttons and typed commands. */
export function handlersOf(core: Core) {
  const decide = createDecideApproval(core.approvals, core.views);
  const view = createViewGate(core.views, core.viewOffPath);
  const bypass = createRecordBypass(core.bypasses, core.views);
  const delegate = createDelegateApproval(core.delegations, core.views);
  const remind = createRemindApprovers(core.reminders);
  const findings = findingHandlersOf(core);
  const exceptions = exceptionHandlersOf(core);
  return {
    runAction: createRunAction({
      'approval.view': (by, { requestId }) => view(by, requestId),
      'approval.decide': (by, { verb: _, comment = '', ...data }, op) => decide({ ...data, comment, by, op }),
      'approval.delegate': (by, { requestId, revision, to }, op) =>
        delegate(by, { requestId, revision, op }, personChosen(to)),
      'approval.remind': (by, { requestId, revision, to }, op) =>
        remind(by, { requestId, revision, op }, personChosen(to)),
      'approval.viewMany': createViewMany(core.views),
      'approval.decideMany': createDecideMany(core.approvals, core.views),
      ...digestActions(core),
      ...findings.actions,
      ...exceptionActions(exceptions),
      ...trendActions(core),
      ...bypassActions(bypass),
      ...driftActions(core, exceptions.request),
    }),
    runCommand: createRunCommand(
      commandTable({
        help: showHelp,
        list: createListApprovals(core.views),
        view,
        decide: (by, requestId, verdict, comment, op) => decide({ requestId, verdict, comment, by, op }),
        bypass,
        ...findings.commands,
        confirm: createConfirmMany(core.views),
        ...viewsOf(core),
        cover: createCover(core.covering),
        exceptions: exceptionsInWords(core, exceptions),
        delegate: (by, requestId, to, op) => delegate(by, { requestId, op }, to),
        ...digestWords(core),
        remind: (by, requestId, to, op) => remind(by, { requestId, op }, to),
      }),
    ),
  };
}

function bypassActions(
  bypass: ReturnType<typeof createRecordBypass>,
): Pick<ActionTable, 'bypass.explain' | 'bypass.confirm'> {
  return {
    'bypass.explain': (by, { verb: _, reason = '', ticket = '', ...data }, op) =>
      bypass({ ...data, explanation: { reason, ticket }, by, op }),
    'bypass.confirm': (by, { verb: _, ...data }, op) => bypass({ ...data, by, op }),
  };
}

/** What is asked for and only shown. */
function viewsOf(core: Core) {
  return {
    whoApproves: createWhoApproves(core.approvers),
    status: createShowStatus(core.status, core.views),
    contract: createShowContract(core.viewContract),
    calibration: createShowCalibration(core.calibrations),
    show: createShowScopeCard(core.showScope),
    posture: createShowPosture(core.scopePostures),
    trends: createShowTrends(core.trends),
    audit: createShowAudit(core.audits),
    evidence: createShowEvidence(core.viewEvidence),
    drift: createShowDrift(core.driftViews),
  };
}

/** What people do with findings, by both roads. */
function findingHandlersOf(core: Core) {
  const triage = createTriageFinding(core.triage);
  const actions: Pick<ActionTable, 'finding.claim' | 'finding.snooze' | 'finding.assign'> = {
    'finding.claim': (by, { verb: _, ...meant }, op) => triage.claim(by, meant, op),
    'finding.snooze': (by, { verb: _, until, ...meant }, op) => triage.snooze(by, meant, op, until),
    'finding.assign': (by, { verb: _, to, ...meant }, op) => triage.assign(by, meant, op, personChosen(to)),
  };
  const findings = createListFindings(core.findingLists);
  return { actions, commands: { findings, finding: createShowFinding(core.viewFinding), ...triage } };
}
