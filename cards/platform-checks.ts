import type { BreadthSignal } from '../services/domain/breadth-signal.ts';
import type { ControlSignal, JudgedGroup, JudgedSignals } from '../services/domain/judgement.ts';
import type { CheckKind } from '../services/domain/platform.ts';
import { type PlatformRow, rowOf } from '../services/domain/platform-signal-rules.ts';
import type { AccessSignal, EnvironmentSignal } from '../services/domain/platform-summary.ts';
import { ageWords } from './age-words.ts';
import { connectionPage, environmentPage, permissionsPage, portalPage } from './azure-devops-pages.ts';
import type { Check, NamedCheck } from './check-row.ts';
import { controlCheck } from './control-checks.ts';
import { counted, listOf, nameOf } from './names.ts';
import { plain } from './text.ts';

const WHY_MAX = 140;
const NAME_MAX = 36;

/** Nobody has looked: never said to be in order. */
export const PLATFORM_UNREAD: Check = { state: 'unknown', detail: 'the delivery platform was not read' };

/** The five signals about where something is deployed to, and as whom, in their order; undefined: not judged yet. */
export function platformChecks(judgement: JudgedSignals | undefined): NamedCheck[] {
  const platform = judgement?.platform;
  return [
    ['Environment checks', environmentCheck(judgement)],
    ['Azure Policy', withPage(controlCheck(judgement, ['policy']), 'Policy', portalPage(platform?.portal, 'policy'))],
    ['Defender', withPage(controlCheck(judgement, ['runtime']), 'Alerts', portalPage(platform?.portal, 'defender'))],
    ['Access validation', accessCheck(judgement)],
    ['Identity breadth', breadthCheck(judgement)],
  ];
}

function withPage(check: Check, title: string, url: string | undefined): Check {
  return url === undefined ? check : { ...check, page: { title, url } };
}

function unjudged(judgement: JudgedSignals | undefined): Check {
  return judgement === undefined ? controlCheck(judgement, []) : PLATFORM_UNREAD;
}

function environmentCheck(judgement: JudgedSignals | undefined): Check {
  if (judgement?.platform === undefined) return unjudged(judgement);
  const { environment, organization } = judgement.platform;
  const words = environment.state === 'unknown' ? '' : checksWords(environment);
  return withPage(
    withBlocks(checkOf(environment, words, judgement.at), judgement, 'environment'),
    'Checks',
    environmentPage(organization, environment.project, environment.environment),
  );
}

const OURS = {
  check: { on: 'our check is on', off: 'our check is disabled', missing: 'our check is missing' },
  approval: {
    on: 'the approval is on',
    off: 'the approval is disabled',
    missing: 'there is no approval',
  },
} as const;

function checksWords({ asks, ours, others, disabled }: EnvironmentSignal): string {
  const kinds = others.map((kind) => CHECK_WORDS[kind]);
  const besides = [
    ...(kinds.length === 0 ? [] : [listOf(kinds, 4)]),
    ...(disabled === 0 ? [] : [`${disabled} disabled`]),
  ];
  const own = ours === undefined ? 'nothing is known of it' : OURS[asks][ours];
  return besides.length === 0 ? own : `${own} (others: ${besides.join('; ')})`;
}

const CHECK_WORDS: Readonly<Record<CheckKind, string>> = {
  approval: 'approval',
  'branch-control': 'branch control',
  'business-hours': 'business hours',
  'invoke-rest': 'another REST check',
  'invoke-function': 'an Azure function',
  'azure-monitor': 'Azure Monitor alerts',
  'exclusive-lock': 'exclusive lock',
  'required-template': 'required template',
  authorization: 'permission of pipelines',
  other: 'a check of another kind',
};

/**
 * What the contract says of it, never better than what is known of who has access: that some other part of the platform could not be read says
 * nothing of that.
 */
function accessCheck(judgement: JudgedSignals | undefined): Check {
  if (judgement?.platform === undefined) return controlCheck(judgement, ['platform']);
  const { access, organization } = judgement.platform;
  const control = controlCheck(ofAccess(judgement, access), ['platform']);
  const isUnknown = access.state === 'unknown' && control.state !== 'fail' && control.state !== 'missing';
  const check = isUnknown ? checkOf({ ...access, state: 'unknown' }, '', judgement.at) : control;
  return withPage(check, 'Access', permissionsPage(organization, access.project));
}

function ofAccess(judgement: JudgedSignals, { asOf }: AccessSignal): JudgedSignals {
  const isOwn = (group: JudgedGroup) => rowOf(group) === 'access';
  const signals = judgement.signals.map((signal): ControlSignal => {
    if (signal.category !== 'platform' || signal.why !== 'incomplete') return signal;
    const { why: _, ...known } = signal;
    return { ...known, state: 'known', ...(asOf === undefined ? {} : { asOf }) };
  });
  return { ...judgement, signals, blocks: judgement.blocks.filter(isOwn), warns: judgement.warns.filter(isOwn) };
}

/** What the contract blocks for is no pass, whatever else is so. */
function withBlocks(check: Check, { blocks }: JudgedSignals, row: PlatformRow): Check {
  const own = blocks.filter((group) => group.category === 'platform' && rowOf(group) === row);
  const count = own.reduce((sum, group) => sum + group.count, 0);
  if (count === 0) return check;
  return { ...check, state: 'fail', detail: `${counted(count, 'finding')} blocking; ${check.detail}` };
}

function breadthCheck(judgement: JudgedSignals | undefined): Check {
  if (judgement?.platform === undefined) return unjudged(judgement);
  const { breadth, organization } = judgement.platform;
  const [first] = breadth.connections;
  const words = breadth.state === 'unknown' ? '' : reachWords(breadth);
  return withPage(
    withBlocks(checkOf(breadth, words, judgement.at), judgement, 'breadth'),
    'Connection',
    connectionPage(organization, first?.project, first?.id),
  );
}

const LEVEL_WORDS: Readonly<Record<NonNullable<BreadthSignal['level']>, string>> = {
  'management-group': 'a whole management group',
  subscription: 'a whole subscription',
  'resource-group': 'a resource group',
  workspace: 'a workspace',
  other: 'something of another kind',
};

/** `payments-prod reaches a whole subscription as Contributor, and 2 more connections`. */
function reachWords({ connections: [first], count, level, role }: BreadthSignal): string {
  const name = first === undefined ? 'a connection' : nameOf(plain(first.name, NAME_MAX));
  const reach = level === undefined ? 'reaches nobody knows how far' : `reaches ${LEVEL_WORDS[level]}`;
  const as = role === undefined ? '' : ` as ${plain(role, NAME_MAX)}`;
  const more = count > 1 ? `, the widest of ${counted(count, 'connection')}` : '';
  return `${name} ${reach}${as}${more}`;
}

/** Of what is unknown the reason, and how old what was known of it is. */
function checkOf(signal: Pick<EnvironmentSignal, 'state' | 'why' | 'asOf'>, words: string, judgedAt: string): Check {
  const { state, why = '', asOf } = signal;
  const isUnknown = state === 'unknown';
  const reason = plain(why, WHY_MAX);
  const detail = isUnknown ? (reason === '' ? 'it could not be read' : reason) : words;
  if (asOf === undefined) return { state, detail };
  const age = `${ageWords(asOf, judgedAt)} earlier`;
  return { state, detail: isUnknown ? `${detail} · last read ${age}` : `${detail}, read ${age}`, asOf };
}
