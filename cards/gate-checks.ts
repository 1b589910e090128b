import { CATEGORIES, type Category } from '../services/domain/finding.ts';
import type { Gate } from '../services/domain/gate.ts';
import type { Judgement } from '../services/domain/judgement.ts';
import { branchWords } from './branch-words.ts';
import { type Container, line, section, sectionHead, words } from './card.ts';
import { type Check, checkRow, mutedNames, type NamedCheck } from './check-row.ts';
import { controlCheck } from './control-checks.ts';
import { decisionCounts } from './finding-rows.ts';
import { decider, type Viewer } from './names.ts';
import { PLATFORM_UNREAD, platformChecks } from './platform-checks.ts';
import { progressWords } from './progress.ts';

const OWN_LINES: readonly Category[] = ['policy', 'runtime', 'platform'];
const SCANS: readonly Category[] = CATEGORIES.filter((category) => !OWN_LINES.includes(category));

/** The five signals before a deployment between approvals and scans, those without a source in one line each, with the contract and its counts. */
export function gateSection(gate: Gate, viewer?: Viewer): Container {
  const checks: readonly NamedCheck[] = [
    ['Approvals', approvals(gate, viewer)],
    ...platformChecks(gate.judgement).map((named) => inContract(gate, named)),
    ['Scans', scans(gate)],
  ];
  const namesOf = (isMeant: (check: Check) => boolean) =>
    checks.filter(([, check]) => isMeant(check)).map(([name]) => name);
  const muted = (check: Check) => check.state === 'not connected' || check === PLATFORM_UNREAD;
  return section('gate', [
    sectionHead('Gate'),
    ...checks.filter(([, check]) => !muted(check)).map(([name, check]) => checkRow(name, check)),
    ...mutedNames(
      `? unknown, for ${PLATFORM_UNREAD.detail}`,
      namesOf((check) => check === PLATFORM_UNREAD),
    ),
    ...mutedNames('– not connected', [
      ...namesOf(({ state }) => state === 'not connected'),
      ...(branchWords(gate) === undefined ? ['Branch protection'] : []),
    ]),
    line(words(contractLine(gate.judgement), { isSubtle: true })),
  ]);
}

function contractLine(judgement: Judgement | undefined): string {
  if (judgement === undefined) return 'The contract is being applied.';
  const version =
    judgement.contract === undefined ? 'No contract in force' : `Contract version ${judgement.contract.version}`;
  return `${version} · findings: ${decisionCounts(judgement.counts)}`;
}

function approvals(gate: Gate, viewer: Viewer | undefined): Check {
  const progress = gate.ask === undefined ? '' : progressWords(gate.ask, gate.votes);
  switch (gate.state) {
    case 'approved':
      return { state: 'pass', detail: `${progress}, by ${decider(gate, viewer)}` };
    case 'rejected':
      return { state: 'fail', detail: `rejected by ${decider(gate, viewer)}` };
    case 'asked':
      return { state: 'waiting', detail: progress };
    case 'passed':
      return gate.observed
        ? { state: 'not asked', detail: 'the environment is only observed' }
        : { state: 'pass', detail: 'none is required here' };
    case 'expired':
      if (gate.judgement?.verdict === 'block') return { state: 'not asked', detail: 'it was blocked' };
      return { state: 'fail', detail: gate.votes.length === 0 ? 'nobody decided in time' : `${progress} in time` };
    case 'superseded':
      return { state: 'not asked', detail: 'a newer run has taken its place' };
    case 'blocked':
    case 'failed':
      return { state: 'not asked', detail: 'it is blocked' };
    default:
      if (gate.ask === undefined) return { state: 'unknown', detail: 'nobody was asked' };
      return { state: 'unknown', detail: gate.votes.length === 0 ? 'nobody decided' : progress };
  }
}

/** Whatever Azure DevOps checks there, an environment that the contract does not know has no rules. */
function inContract({ judgement }: Gate, [name, check]: NamedCheck): NamedCheck {
  const isUnknown = (judgement?.obstacles ?? []).some(({ kind }) => kind === 'unknown-environment');
  const isMeant = isUnknown && name === 'Environment checks';
  return [name, isMeant ? { state: 'fail', detail: 'the contract does not know the environment' } : check];
}

function scans({ judgement, sources }: Gate): Check {
  if ((sources?.unreadable.length ?? 0) > 0) {
    return { state: 'unknown', detail: 'not everything that the run ships could be read' };
  }
  return controlCheck(judgement, SCANS);
}
