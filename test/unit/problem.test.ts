import { globSync } from 'node:fs';
import type { Response } from 'express';
import { expect, test } from 'vitest';
import type { BodyCode } from '../../bot/body.ts';
import { EXCEPTION_CODES } from '../../bot/exception-codes.ts';
import { undoneProblem } from '../../bot/hooks/refuse-person.ts';
import { bodyProblem, PROBLEM_CODES, type Problem, sendProblem } from '../../bot/problem.ts';
import { COVER_REFUSALS } from '../../services/domain/cover.ts';
import { DRIFT_REFUSALS } from '../../services/domain/drift-refusal.ts';
import { OBSTACLE_KINDS } from '../../services/domain/judgement.ts';
import { REFUSALS } from '../../services/domain/refusal.ts';
import type { TriageRefusal } from '../../services/domain/triage-refusal.ts';
import type { ReportRefusal } from '../../services/ports/report-reader.ts';
import { aGate, anApprovedGate, aVote } from '../builders.ts';
import { ROOT, read } from '../pages.ts';

// Complete by their types: a code more or less does not compile.
const BODY_REASONS: Readonly<Record<BodyCode, true>> = {
  'body-missing': true,
  'body-cut-off': true,
  'body-too-slow': true,
  'body-too-large': true,
  'body-ratio': true,
  'broken-gzip': true,
  'not-json': true,
  'not-utf8': true,
  'json-too-deep': true,
  'forbidden-key': true,
  'unsupported-encoding': true,
  'unsupported-type': true,
};
const REPORT_REASONS: Readonly<Record<ReportRefusal['refused'], true>> = {
  'unknown-format': true,
  malformed: true,
  'unsupported-version': true,
  'no-scan': true,
  'scan-failed': true,
  'too-deep': true,
  'too-large': true,
  'too-many-findings': true,
  'too-many-tools': true,
  'reserved-tool': true,
};

const FINDING_CODES: Readonly<Record<TriageRefusal['code'], true>> = {
  stranger: true,
  'no-contract': true,
  'unknown-service': true,
  'unknown-environment': true,
  'fingerprint-unreadable': true,
  'unknown-finding': true,
  'several-findings': true,
  'not-concerned': true,
  claimed: true,
  'nobody-meant': true,
  'several-meant': true,
  'assignee-guest': true,
  'assignee-disabled': true,
  blocks: true,
  'only-counted': true,
  overdue: true,
  'fix-exists': true,
  'nothing-to-release': true,
  'not-recorded': true,
  'date-unreadable': true,
  'cadence-unknown': true,
  'cadence-without-start': true,
  'date-past': true,
  'date-too-far': true,
};

const LISTS: readonly (readonly [heading: string, codes: readonly string[]])[] = [
  ['Problem codes', Object.keys(PROBLEM_CODES)],
  ['Body reasons', Object.keys(BODY_REASONS)],
  ['Report reasons', Object.keys(REPORT_REASONS)],
  ['Obstacles', OBSTACLE_KINDS],
  ['Refusals', REFUSALS],
  ['Exceptions', Object.keys(EXCEPTION_CODES)],
  ['Drift', DRIFT_REFUSALS],
  ['Findings', Object.keys(FINDING_CODES)],
  ['Covers', COVER_REFUSALS],
];

const page = read('docs/errors.md');

/** Cells of the table under this heading, row by row. */
function rowsUnder(heading: string): string[][] {
  const [, section = ''] = page.split(`## ${heading}\n`);
  const rows = (section.split('\n## ')[0] ?? '').split('\n').filter((line) => line.startsWith('| `'));
  return rows.map((line) =>
    line
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test.each(LISTS)('%s in docs/errors.md are those of the program, in the same order', (heading, codes) => {
  expect(rowsUnder(heading).map(([code]) => code)).toEqual(codes.map((code) => `\`${code}\``));
});

test('every code in docs/errors.md has a meaning and a way out', () => {
  for (const heading of [...LISTS.map(([name]) => name), 'Command line']) {
    for (const cells of rowsUnder(heading)) {
      expect(cells.length, cells[0]).toBe(heading === 'Problem codes' || heading === 'Report reasons' ? 4 : 3);
      for (const cell of cells) expect(cell).not.toBe('');
      for (const sentence of cells.slice(-2)) expect(sentence).toMatch(/^[A-Z`].*\.$/);
    }
  }
});

test('each status that the code answers a problem with stands beside its code in docs/errors.md', () => {
  const sources = globSync('bot/**/*.ts', { cwd: ROOT }).map(read).join('');
  const answered = [...sources.matchAll(/status: (\d{3}), code: '([a-z-]+)'/g)].filter(
    ([, , code = '']) => code in PROBLEM_CODES,
  );
  const listed = new Map(rowsUnder('Problem codes').map(([code = '', status = '']) => [code, status.split(', ')]));

  expect(answered.length).toBeGreaterThan(15);
  expect(answered.filter(([, status = '', code]) => !listed.get(`\`${code}\``)?.includes(status))).toEqual([]);
});

/** What the command line throws by itself, with `…` for what it puts in. */
function thrown(): string[] {
  const texts = globSync(['bot/cli.ts', 'bot/console/*.ts'], { cwd: ROOT }).map(read);
  const thrown = texts.flatMap((text) => [...text.matchAll(/new Error\(\s*(?:'([^']+)'|`([^`]+)`)/g)]);
  const joined = texts.flatMap((text) => [...text.matchAll(/new Error\(\[`([^`]+)`, \.\.\./g)]);
  return [...thrown.map(([, plain, built]) => plain ?? built ?? ''), ...joined.map(([, first]) => `${first}…`)].map(
    (text) => text.replaceAll(/\$\{(?:[^{}]|\{[^{}]*\})*\}/g, '…'),
  );
}

test('each sentence with which the command line could not run fits a row of docs/errors.md, and each row a sentence', () => {
  const rows = rowsUnder('Command line').map(([says = '']) => says.slice(1, -1));
  const parts = (row: string) => row.split('…').map((part) => part.replaceAll(/[$()*+.?[\]^{|}]/g, '\\$&'));
  const fits = (row: string, text: string) => new RegExp(`^${parts(row).join('.*')}$`).test(text);
  const sentences = thrown();

  expect(sentences.length).toBeGreaterThan(15);
  expect(sentences.filter((text) => !rows.some((row) => fits(row, text)))).toEqual([]);
  expect(rows.filter((row) => !sentences.some((text) => fits(row, text)))).toEqual([]);
});

interface Sent {
  status?: number;
  type?: string;
  body?: Readonly<Record<string, unknown>>;
  destroyed?: boolean;
  readonly headers: Record<string, string>;
}

function sentBy(problem: Problem, headersSent = false): Sent {
  const sent: Sent = { headers: { 'X-Request-Id': 'request-1' } };
  const response = {
    locals: {},
    headersSent,
    destroy: () => {
      sent.destroyed = true;
    },
    setHeader: (name: string, value: string) => {
      sent.headers[name] = value;
    },
    getHeader: (name: string) => sent.headers[name],
    status: (status: number) => {
      sent.status = status;
      return response;
    },
    type: (type: string) => {
      sent.type = type;
      return response;
    },
    send: (body: string) => {
      sent.body = JSON.parse(body) as Readonly<Record<string, unknown>>;
    },
  };
  sendProblem(response as unknown as Response, problem);
  return sent;
}

test('a problem says what, where and under which id', () => {
  const { status, type, body } = sentBy({ status: 400, code: 'field-invalid', detail: 'is missing', field: 'PlanId' });
  expect({ status, type }).toEqual({ status: 400, type: 'application/problem+json; charset=utf-8' });
  expect(body).toEqual({
    type: 'urn:countersign:problem:field-invalid',
    title: PROBLEM_CODES['field-invalid'],
    status: 400,
    code: 'field-invalid',
    detail: 'is missing',
    field: 'PlanId',
    instance: 'request-1',
  });
});

test('a wish for patience is given in whole seconds, upwards', () => {
  const { headers } = sentBy({ status: 503, code: 'unavailable', detail: 'later', retryAfter: 1.2 });
  expect(headers['Retry-After']).toBe('2');
  expect(sentBy({ status: 503, code: 'unavailable', detail: 'later' }).headers).not.toHaveProperty('Retry-After');
});

test('only who is not let in is told how to be', () => {
  expect(sentBy({ status: 401, code: 'unauthenticated', detail: 'x' }).headers['WWW-Authenticate']).toBe('Bearer');
  expect(sentBy({ status: 403, code: 'forbidden', detail: 'x' }).headers).not.toHaveProperty('WWW-Authenticate');
});

test('an answer that has begun is cut off', () => {
  expect(sentBy({ status: 500, code: 'internal-error', detail: 'x' }, true)).toMatchObject({ destroyed: true });
});

test.each([
  [400, 'body-invalid'],
  [408, 'body-timeout'],
  [413, 'body-too-large'],
  [415, 'body-unsupported'],
] as const)('a body that is refused with %i is a problem of code %s', (status, code) => {
  expect(bodyProblem({ status, code: 'not-json', detail: 'why' })).toEqual({
    status,
    code,
    reason: 'not-json',
    detail: 'why',
  });
});

test('a call that was carried out before and taken back since is never answered as done', () => {
  const me = aVote().by;
  const given = aGate({ votes: [aVote()] });

  for (const verdict of ['approve', 'withdraw'] as const) {
    const [stands, undone] = verdict === 'approve' ? [given, aGate()] : [aGate(), given];
    expect(undoneProblem(stands, me, verdict)).toBeUndefined();
    expect(undoneProblem(undone, me, verdict)).toMatchObject({ status: 409, code: 'call-repeated' });
  }
  expect(undoneProblem(anApprovedGate(), me, 'approve')).toBeUndefined();
  expect(undoneProblem(aGate({ state: 'rejected' }), me, 'reject')).toBeUndefined();
});
