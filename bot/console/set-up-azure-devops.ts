import { plain } from '../../cards/text.ts';
import type { SetUpScope, SetUpStep, SetUpWish } from '../../services/domain/set-up.ts';
import type { Clock } from '../../services/ports/clock.ts';
import type { Policy, PolicySnapshot } from '../../services/ports/policy.ts';
import type { SetUp, SetUpAim, SetUpReport, SetUpResult } from '../../services/set-ups.ts';
import type { Outcome } from './outcome.ts';

export interface SetUpNeeds {
  readonly setUp: SetUp;
  readonly policy: Policy;
  readonly clock: Clock;
  /** There is a key for the checks, and a password for service hooks. */
  readonly hasKey: boolean;
  readonly hasPassword: boolean;
}

type Options = Readonly<Record<string, string>>;
const TEXT_MAX = 1_000;

/** `setup azure-devops`: what is there and what is to be done, a thing a line; no where something cannot be done, or differs and `--check` is given. */
export async function setUpAzureDevOps(open: () => Promise<SetUpNeeds>, options: Options): Promise<Outcome> {
  const meant = meantBy(options);
  const needs = await open();
  const isRemoval = options['remove'] !== undefined;
  const snapshot = isRemoval ? undefined : await needs.policy.current();
  const aim = { ...meant, ...(snapshot === undefined ? {} : { wish: wishOf(needs, snapshot, options) }) };
  const report = await needs.setUp(aim);
  const isEmpty = report.results.length === 0 && report.unread.length === 0;
  return {
    exitCode: isFine(report, isRemoval, options['check'] !== undefined) ? 0 : 1,
    lines: report.results.map(lineOf),
    remarks: [
      ...(snapshot === undefined ? [] : catalogRemarks(snapshot, needs.hasPassword)),
      ...report.unread.map((what) => `Not looked at: ${shown(what)}`),
      isEmpty ? emptySentence(isRemoval, options['only']) : summaryOf(report, aim),
    ],
  };
}

function meantBy(options: Options): Pick<SetUpAim, 'only' | 'apply'> {
  const isGiven = (name: string) => options[name] !== undefined;
  if (isGiven('from') && options['from'] !== 'catalog') throw new Error('--from takes catalog, nothing else');
  if (isGiven('check') && (isGiven('apply') || isGiven('remove')))
    throw new Error('--check writes nothing: leave --apply and --remove out');
  if (isGiven('remove') && isGiven('observe'))
    throw new Error('--observe is for what is made: leave it out with --remove');
  const only = scopeOf(options['only']);
  return { apply: isGiven('apply'), ...(only === undefined ? {} : { only }) };
}

function wishOf(
  { clock, hasKey, hasPassword }: SetUpNeeds,
  { contract, catalog, problems }: PolicySnapshot,
  options: Options,
): SetUpWish {
  if (contract === undefined) throw new Error(['there is no contract in force', ...problems].join('\n'));
  return {
    ...{ catalog, contract, now: clock.now(), observeOnly: options['observe'] !== undefined },
    ...{ hasKey, hasPassword },
  };
}

function scopeOf(written: string | undefined): SetUpScope | undefined {
  if (written === undefined) return undefined;
  const [project = '', ...rest] = written.split('/');
  const environment = rest.join('/');
  if (project === '' || (rest.length > 0 && environment === ''))
    throw new Error(`--only takes PROJECT or PROJECT/ENVIRONMENT, not ${JSON.stringify(written)}`);
  return { project, ...(environment === '' ? {} : { environment }) };
}

function isFine({ results, unread }: SetUpReport, isRemoval: boolean, isCheck: boolean): boolean {
  const isOtherwise = ({ step }: SetUpResult) => step === 'cannot' || (isCheck && step !== 'leave');
  // Where nothing was found to be set up, something is wrong with what was asked for.
  return unread.length === 0 && !results.some(isOtherwise) && (results.length > 0 || isRemoval);
}

const DONE: Partial<Record<SetUpStep, string>> = { create: 'created', change: 'changed', remove: 'removed' };

function wordOf({ step, isDone }: Pick<SetUpResult, 'step' | 'isDone'>): string {
  return (isDone ? DONE[step] : undefined) ?? step;
}

function lineOf(result: SetUpResult): string {
  const { kind, organization, project, name, why } = result;
  const place = organization === '' ? project : `${organization}/${project}`;
  return [wordOf(result), kind, place, name, why].map(shown).join('\t');
}

function catalogRemarks({ catalog, problems }: PolicySnapshot, hasPassword: boolean): string[] {
  return [
    ...problems.map((problem) => `Policy: ${shown(problem)}`),
    ...[...catalog.broken].map(([service, why]) => `Left out: ${shown(`${service}, ${why}`)}`),
    ...(hasPassword ? [] : ['HOOK_SECRETS is empty: service hooks are not looked at.']),
  ];
}

function emptySentence(isRemoval: boolean, only: string | undefined): string {
  const where = only === undefined ? 'in any project that you may see' : `at ${shown(only)}`;
  return isRemoval ? `Nothing of set-up is there ${where}.` : `Nothing of the catalog is there ${where}.`;
}

function summaryOf({ results }: SetUpReport, { apply }: SetUpAim): string {
  const counts = [...Map.groupBy(results, wordOf)].map(([word, all]) => `${all.length} ${word}`);
  const isOpen = !apply && results.some(({ step }) => step !== 'leave' && step !== 'cannot');
  return `${counts.join(', ')}.${isOpen ? ' Nothing was written: --apply does it.' : ''}`;
}

/** On one line: names come from outside. */
function shown(value: string): string {
  return plain(value, TEXT_MAX);
}
