import type { CheckpointHealth, EvidenceTrouble } from '../services/domain/anchoring.ts';
import type { DeliveryHealth } from '../services/domain/delivery-health.ts';
import { ageWords } from './age-words.ts';
import { type CardElement, type Fact, line, section, sectionHead, timed, timedFact, words } from './card.ts';
import { localTime } from './show-time.ts';
import { plain } from './text.ts';
import { moreRow } from './who-approves-people.ts';

const ROWS_SHOWN = 8;
const WHY_MAX = 200;
const NAME_MAX = 60;

/** The age of the last checkpoint is told also while all is well: what was cut off shows by it. */
export function evidenceFact({ checkpoints, at }: DeliveryHealth): Fact[] {
  if (checkpoints === undefined) return [];
  const said = STATE_WORDS[checkpoints.state](checkpoints);
  return [timedFact('Evidence', `${said}; ${lastWords(checkpoints, at)}`)];
}

/** Whether what ended long ago goes, and where to. */
export function retentionFact({ retention }: DeliveryHealth): Fact[] {
  if (retention === undefined) return [];
  const { state, days, before, failure } = retention;
  const since = before === undefined ? 'nothing is that old' : `archived: all before ${plain(before, NAME_MAX)}`;
  const said = {
    off: () => '– nothing is ever deleted: there is no blob storage for archives (BLOBS_URL)',
    on: () => `✓ requests are archived and deleted ${days} days after their last change; ${since}`,
    held: () => `– requests are archived ${days} days after their last change, and kept (LEGAL_HOLD); ${since}`,
    failing: () =>
      `✗ nothing is archived or deleted since ${localTime(failure?.since ?? '')}: ${plain(failure?.why ?? '', WHY_MAX)}`,
  };
  return [timedFact('Retention', said[state]())];
}

const STATE_WORDS: Readonly<Record<CheckpointHealth['state'], (health: CheckpointHealth) => string>> = {
  ok: () => '✓ under signed checkpoints',
  'none-yet': () => '– not under checkpoints yet',
  off: () => '– not under checkpoints: there is no blob storage (BLOBS_URL)',
  late: () => '✗ checkpoints are late: no process that runs writes them',
  failing: ({ failure }) => `✗ checkpoints cannot be written: ${plain(failure?.why ?? '', WHY_MAX)}`,
  broken: () => '✗ something is not what it was',
};

function lastWords({ last, failure }: CheckpointHealth, now: string): string {
  const since = failure === undefined ? '' : `, failing since ${localTime(failure.since)}`;
  if (last === undefined) return `no checkpoint was written${since}`;
  return `last checkpoint ${last.number} ${ageWords(last.at, now)} ago, ${localTime(last.at)}${since}`;
}

export function evidenceSection({ checkpoints }: DeliveryHealth): CardElement[] {
  const troubles = checkpoints?.troubles ?? [];
  if (troubles.length === 0) return [];
  return [
    section('evidence', [
      sectionHead('Evidence that is not what it was'),
      line(words('Keep the storage as it is, and see docs/evidence.md', { isSubtle: true })),
      ...troubles.slice(0, ROWS_SHOWN).map((one) => timed(troubleWords(one))),
      ...moreRow(troubles.length - ROWS_SHOWN, 'more: see GET /health'),
    ]),
  ];
}

const PROBLEM_WORDS: Readonly<Record<string, string>> = {
  broken: 'its chain does not verify',
  gone: 'entries that are under a checkpoint are gone',
  changed: 'an entry that is under a checkpoint is another',
  missing: 'it was there, and is gone or changed',
  foreign: 'a line that no checkpoint is',
  'not-signed': 'its signature does not verify',
  'newer-version': 'written by a newer version',
  'not-understood': 'signed, and not what we write',
  'other-tenant': 'of another tenant',
  'does-not-follow': 'it does not follow the line before it',
};

function troubleWords({ about, since }: EvidenceTrouble): string {
  const what =
    about.kind === 'chain'
      ? `${plain(about.table, NAME_MAX)} ${plain(about.aggregate || about.partition, NAME_MAX)}`
      : `checkpoint ${about.number} of ${plain(about.day, NAME_MAX)}`;
  return `✗ ${what}: ${PROBLEM_WORDS[about.problem] ?? plain(about.problem, NAME_MAX)}, noticed ${localTime(since)}`;
}
