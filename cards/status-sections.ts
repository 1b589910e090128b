import {
  type ChannelDigest,
  type DeliveryHealth,
  isBehind,
  isSkewed,
  type OutOfReach,
  type SourceHealth,
} from '../services/domain/delivery-health.ts';
import type { ClockSkew } from '../services/domain/pulse.ts';
import { ageWords } from './age-words.ts';
import { type CardElement, type Fact, fact, line, row, section, sectionHead, timed, timedFact, words } from './card.ts';
import { counted, listOf } from './names.ts';
import { localTime } from './show-time.ts';
import { plain } from './text.ts';
import { unreachableWords } from './unreachable-words.ts';
import { moreRow } from './who-approves-people.ts';

const ROWS_SHOWN = 8;
const PROBLEM_MAX = 220;
const NAME_MAX = 60;
const CODE_MAX = 60;

export function dueFact(health: DeliveryHealth): Fact {
  const { dueSince, at } = health;
  if (health.store === 'unavailable') return fact('Behind', '? the store does not tell');
  if (dueSince === undefined) return fact('Behind', '✓ nothing that is due waits');
  const mark = isBehind(health) ? '✗' : '✓';
  return timedFact(
    'Behind',
    `${mark} the oldest due item waits for ${ageWords(dueSince, at)}, since ${localTime(dueSince)}`,
  );
}

export function withoutAppFact({ withoutApp }: DeliveryHealth): Fact[] {
  if (withoutApp.length === 0) return [];
  const names = withoutApp.map((name) => plain(name, NAME_MAX));
  return [fact('Without the app', `✗ ${withoutApp.length}: ${listOf(names, 5)}`)];
}

/** A day without one is told: silence must not look like health. */
export function heartbeatFact({ heartbeat }: DeliveryHealth): Fact[] {
  if (heartbeat === undefined) return [];
  const { lastAt, isMissing } = heartbeat;
  const last = lastAt === undefined ? 'none reached an operator yet' : `the last on ${localTime(lastAt)}`;
  return [timedFact('Heartbeat', isMissing ? `✗ missing on the last working day; ${last}` : `✓ ${last}`)];
}

export function throttledFact({ throttled }: DeliveryHealth): Fact {
  if (throttled === undefined) return fact('Throttled', '✓ not in the last hour');
  const { count, until } = throttled;
  const times = `${counted(count, 'time')} in the last hour`;
  return timedFact('Throttled', `– ${times}; Teams asked us to wait until ${localTime(until)}, nothing is lost`);
}

/** The farthest of each whom clocks were compared with. */
export function clockFact({ clocks }: DeliveryHealth): Fact {
  const farthest = [...Map.groupBy(clocks, (one) => one.with).values()].flatMap(
    (all) => all.toSorted((a, b) => Math.abs(b.seconds) - Math.abs(a.seconds))[0] ?? [],
  );
  if (farthest.length === 0) return fact('Clocks', '? not compared yet');
  const said = listOf(farthest.map(skewWords), farthest.length);
  const isWrong = farthest.some(isSkewed);
  return fact('Clocks', isWrong ? `✗ ${said}: set the clock of the machine` : `✓ ${said}`);
}

function skewWords({ with: other, seconds }: ClockSkew): string {
  const name = plain(other, NAME_MAX);
  if (Math.abs(seconds) <= 1) return `as that of ${name}`;
  return `${Math.abs(seconds)} seconds ${seconds < 0 ? 'behind' : 'ahead of'} ${name}`;
}

export function processesFact({ processes, lastOutage }: DeliveryHealth): Fact {
  const last =
    lastOutage === undefined
      ? ''
      : `; nothing ran, or the store was away, from ${localTime(lastOutage.from)} until ${localTime(lastOutage.until)}`;
  const said = processes === 0 ? '? none has noted that it runs' : `${processes} running`;
  return timedFact('Processes', `${said}${last}`);
}

const SOURCE_WORDS: Readonly<Record<SourceHealth['kind'], string>> = {
  check: 'Checks',
  report: 'Reports',
  hook: 'Hooks',
  message: 'Teams',
  policy: 'Policy',
  directory: 'Directory',
  'azure-devops': 'Azure DevOps',
};
const SOURCES = ['check', 'report', 'hook', 'message', 'policy', 'directory', 'azure-devops'] as const;

/** Of every kind the last, and of reports the last of each tool. */
export function sourcesSection({ sources, at }: DeliveryHealth): CardElement[] {
  const facts = SOURCES.flatMap((kind): Fact[] => {
    const all = sources.filter((one) => one.kind === kind);
    if (all.length === 0) return kind === 'hook' ? [] : [fact(SOURCE_WORDS[kind], 'none known')];
    if (kind === 'report') return reportFacts(all, at);
    return all.slice(0, 1).map((one) => timedFact(SOURCE_WORDS[kind], heardWords(one, at)));
  });
  return [
    section('sources', [
      sectionHead('Last event of each source'),
      line(words('What a process hears is noted in the store every five minutes', { isSubtle: true })),
      { type: 'FactSet', id: 'events', spacing: 'small', facts },
    ]),
  ];
}

/** A tool's name is outside text, which only values may hold. */
function reportFacts(reports: readonly SourceHealth[], at: string): Fact[] {
  const byTool = [...Map.groupBy(reports, ({ tool }) => tool).values()].flatMap((all) => all[0] ?? []);
  const facts = byTool.slice(0, ROWS_SHOWN).map((one) => {
    const [tool, service] = [one.tool, one.service].map((name) => plain(name ?? '', NAME_MAX));
    return timedFact(SOURCE_WORDS.report, `${tool} of ${service}: ${heardWords(one, at)}`);
  });
  const more = byTool.length - facts.length;
  return more > 0 ? [...facts, fact(SOURCE_WORDS.report, `and of ${more} more tools: see GET /health`)] : facts;
}

function heardWords({ at, by }: SourceHealth, now: string): string {
  return `${ageWords(at, now)} ago, ${localTime(at)}, ${by === 'noted' ? 'noted in the store' : 'this process'}`;
}

export function unreachableSection({ unreachable }: DeliveryHealth): CardElement[] {
  if (unreachable.length === 0) return [];
  return [
    section('unreachable', [
      sectionHead('Who cannot be reached: what is for them waits'),
      ...unreachable.slice(0, ROWS_SHOWN).map((one) => row(awaitedWords(one))),
      ...moreRow(unreachable.length - ROWS_SHOWN, 'more'),
    ]),
  ];
}

function awaitedWords(one: OutOfReach): string {
  const ids = listOf(
    one.waits.map((id) => plain(id, 20)),
    3,
  );
  return `${unreachableWords(one)}. Waiting: ${ids}`;
}

const OUTCOME_WORDS: Readonly<Record<ChannelDigest['outcome'], string>> = {
  sent: '✓ sent',
  silent: '✓ nothing to say',
  claimed: '– under way, or tried again',
  unreachable: '✗ not reached',
  refused: '✗ not taken by Teams',
};

export function channelsSection({ digests }: DeliveryHealth): CardElement[] {
  const channels = digests?.channels ?? [];
  if (channels.length === 0) return [];
  return [
    section('channels', [
      sectionHead('Last digest of each channel'),
      ...channels.slice(0, ROWS_SHOWN).map((one) => timed(channelWords(one))),
      ...moreRow(channels.length - ROWS_SHOWN, 'more'),
    ]),
  ];
}

function channelWords({ channel, outcome, at, code }: ChannelDigest): string {
  const why = code === undefined ? '' : ` (${plain(code, CODE_MAX)})`;
  return `${plain(channel, NAME_MAX)}: ${OUTCOME_WORDS[outcome]}${why}, ${localTime(at)}`;
}

export function problemsSection({ policyProblems }: DeliveryHealth): CardElement[] {
  if (policyProblems.length === 0) return [];
  return [
    section('findings', [
      sectionHead('Policy problems: the last good version stays in force'),
      ...policyProblems.slice(0, ROWS_SHOWN).map((problem) => row(plain(problem, PROBLEM_MAX))),
      ...moreRow(policyProblems.length - ROWS_SHOWN, 'more'),
    ]),
  ];
}
