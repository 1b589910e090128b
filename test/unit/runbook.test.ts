import { existsSync, globSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nudgeWords } from '../../cards/nudge-words.ts';
import { statusText } from '../../cards/status-card.ts';
import { TROUBLE_WORDS } from '../../cards/status-troubles.ts';
import type { CheckpointHealth } from '../../services/domain/anchoring.ts';
import type { DeliveryHealth, HookHealth } from '../../services/domain/delivery-health.ts';
import type { Nudge, NudgeKind } from '../../services/domain/nudge.ts';
import { ORGANIZATION } from '../builders.ts';
import { aHealth } from '../health.ts';
import { ROOT, read } from '../pages.ts';

// docs/runbook.md against everything that status, /health and nudges can say, and against the tests that it names.

const PAGE = read('docs/runbook.md');

/** Headings of the third level with what stands below each. */
const ENTRIES = PAGE.split(/^### /m)
  .slice(1)
  .map((entry) => entry.split('\n## ')[0] ?? '')
  .map((entry) => ({ title: entry.split('\n')[0] ?? '', text: entry }));
const titles = ENTRIES.map(({ title }) => title);

function rowsUnder(heading: string): string[][] {
  const [, section = ''] = PAGE.split(`\n## ${heading}\n`);
  const rows = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| '));
  return rows.slice(1).map((line) => line.split(' | ').map((cell) => cell.replace(/^\| | \|$/g, '')));
}

const LINES = rowsUnder('What each line of status is');

test('each thing that needs somebody by status has an entry of its own', () => {
  expect(TROUBLE_WORDS.length).toBeGreaterThan(10);
  expect(TROUBLE_WORDS.filter((words) => !titles.includes(words))).toEqual([]);
});

test('each line and section that the card of status can have is explained', () => {
  const sources = globSync('cards/status-*.ts', { cwd: ROOT }).map(read).join('');
  const said = [...sources.matchAll(/\b(?:fact|timedFact|sectionHead)\(\s*(?:'([^']+)'|`([^`$]+))/g)];
  const names = new Set(said.map(([, plain, built = '']) => (plain ?? built).trim()));
  const listed = LINES.map(([line = '']) => line).join('; ');

  expect(names.size).toBeGreaterThan(20);
  expect([...names].filter((name) => !listed.includes(name))).toEqual([]);
});

// Complete by its type: a field more or less does not compile.
const HEALTH: Readonly<Record<keyof DeliveryHealth, true>> = {
  at: true,
  store: true,
  waiting: true,
  waitingSince: true,
  deadLetters: true,
  bypasses: true,
  offPaths: true,
  dueSince: true,
  unreachable: true,
  withoutApp: true,
  unreachedExceptions: true,
  hooks: true,
  signals: true,
  platform: true,
  checkpoints: true,
  retention: true,
  digests: true,
  heartbeat: true,
  policyProblems: true,
  contract: true,
  sources: true,
  clocks: true,
  processes: true,
  throttled: true,
  lastOutage: true,
};

test('each field of /health is explained, and no other', () => {
  const listed = LINES.flatMap(([, fields = '']) => [...fields.matchAll(/`(\w+)`/g)].map(([, name]) => name));

  expect(listed.sort()).toEqual(Object.keys(HEALTH).sort());
});

const HOOKS: Readonly<Record<Exclude<HookHealth['state'], 'ok'>, string>> = {
  none: 'none sends here',
  incomplete: 'missing',
  'on-probation': 'on probation',
  disabled: 'disabled',
  unknown: 'not known',
};
const CHECKPOINTS: Readonly<Record<Exclude<CheckpointHealth['state'], 'ok' | 'none-yet' | 'broken'>, true>> = {
  off: true,
  late: true,
  failing: true,
};
const entry = (title: string) => ENTRIES.find((one) => one.title === title)?.text ?? '';

test('each state of service hooks is in their entry as the card words it', () => {
  for (const [state, words] of Object.entries(HOOKS)) {
    const hook = { organization: ORGANIZATION, state: state as HookHealth['state'], missing: [] };
    expect(statusText(aHealth({ hooks: [hook] }))).toContain(`✗ ${words}`);
    expect(entry('service hooks need attention')).toContain(`\`${words}\``);
  }
});

test('each state of checkpoints that is none of health is in their entry', () => {
  const text = entry('evidence is not under checkpoints');
  expect(Object.keys(CHECKPOINTS).filter((state) => !text.includes(`\`${state}\``))).toEqual([]);
});

const NUDGES: Readonly<Record<NudgeKind, true>> = {
  approval: true,
  exception: true,
  review: true,
  ending: true,
  trends: true,
  audit: true,
  drift: true,
};

test('each kind of nudge is explained in the words that it has', () => {
  const rows = rowsUnder('Nudges');
  expect(rows.map(([kind]) => kind)).toEqual(Object.keys(NUDGES).map((kind) => `\`${kind}\``));
  for (const [kind = '', says = ''] of rows) {
    const nudge: Nudge = {
      ...{ kind: kind.slice(1, -1) as NudgeKind, about: 'a', slot: 's', id: '2026-11-23', services: ['payments-api'] },
      ...{ environment: 'prod', name: 'sast', deadline: '2026-11-23T10:00:00.000Z' },
    };
    const words = nudgeWords(nudge);
    expect(says.split('…').filter((part) => !words.includes(part.trim()))).toEqual([]);
  }
});

test('each entry says what it means, what to do, what becomes of deployments, and which test holds it', () => {
  const lacking = ENTRIES.filter(({ title }) => title !== 'restore').flatMap(({ title, text }) =>
    ['Means', 'Do', 'Deployments', 'Tested']
      .filter((part) => !text.includes(`\n- **${part}**: `))
      .map((part) => `${title}: ${part}`),
  );

  expect(ENTRIES.length).toBeGreaterThan(20);
  expect(lacking).toEqual([]);
});

test('each test that is named is there, and has a test of those words', () => {
  const named = [...PAGE.matchAll(/\]\(\.\.\/(test\/[^)]+)\) ((?:"[^"]+"(?:, )?)+)/g)];
  const words = named.flatMap(([, file = '', quoted = '']) =>
    [...quoted.matchAll(/"([^"]+)"/g)].map(([, name = '']) => ({ file, name })),
  );
  const missing = words.filter(
    ({ file, name }) =>
      !existsSync(join(ROOT, file)) ||
      !new RegExp(`test(?:\\.each\\([\\s\\S]*?\\))?\\(\\s*'${name.replaceAll(/[.()?]/g, '\\$&')}`).test(read(file)),
  );

  expect(words.length).toBeGreaterThan(ENTRIES.length);
  expect(missing).toEqual([]);
});

test('each of the great troubles, and what is done without one, has a place in it', () => {
  const places = [
    ...['the store does not answer', 'Teams does not answer', 'Azure DevOps does not answer', 'something was given up'],
    ...[
      'a bypass is not confirmed',
      'the job token has ended',
      'no contract is in force',
      'service hooks need attention',
    ],
    ...[
      'a clock is wrong',
      'evidence is not what it was',
      'restore',
      'change a key',
      'somebody cannot be reached',
      'update, and back',
    ],
  ];
  expect(places.filter((place) => !titles.includes(place))).toEqual([]);
});
