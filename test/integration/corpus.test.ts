import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../corpus/corpus.ts', import.meta.url));
const OTHER = '{"made":"up"}';
const TRIVY = '{"SchemaVersion":2,"ArtifactName":"a","Results":[]}';

/** Runs it over files of these kinds, each of which is expected to have so many results. */
function corpus(rows: readonly { readonly kind: string; readonly count: number; readonly content: string }[]) {
  const folder = mkdtempSync(join(tmpdir(), 'corpus-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const lines = rows.map(({ kind, count }, n) => [`${n}.json`, kind, String(count), '.'].join('\t'));
  writeFileSync(
    join(folder, 'manifest.tsv'),
    [['file', 'kind', 'count', 'payload_path'].join('\t'), ...lines].join('\n'),
  );
  for (const [n, { content }] of rows.entries()) writeFileSync(join(folder, `${n}.json`), content);
  const { status, stdout } = spawnSync(process.execPath, [SCRIPT, folder], { encoding: 'utf8' });
  return { status, stdout };
}

test.each([
  'sarif',
  'trivy',
  'checkov',
  'gitleaks',
  'policy',
  'defender',
  'advsec',
  'audit',
  'provenance',
  'ado-events',
])('a file of kind %s that nobody recognises fails', (kind) => {
  const { status, stdout } = corpus([{ kind, count: 1, content: OTHER }]);
  expect([status, stdout]).toEqual([
    1,
    expect.stringContaining(`${kind}: 1 files, 0 read, 0 refused for a reason, 0 different, 1 not`),
  ]);
});

test('another count than expected fails, the right one and files that are no reports do not', () => {
  expect(corpus([{ kind: 'trivy', count: 1, content: TRIVY }]).status).toBe(1);
  expect(
    corpus([
      { kind: 'trivy', count: 0, content: TRIVY },
      { kind: 'cards', count: 1, content: OTHER },
    ]).status,
  ).toBe(0);
});

test('a file with a version of its own and no runs is no SARIF of that version', () => {
  expect(corpus([{ kind: 'audit', count: 1, content: '{"version":"1.5"}' }]).status).toBe(1);
});

test('a refusal for a reason of its own does not fail', () => {
  expect(corpus([{ kind: 'sarif', count: 1, content: '{"version":"2.0.0","runs":[]}' }]).status).toBe(0);
});

test('what Azure DevOps says is read as it is heard: deliveries, check suites, approvals one by one', () => {
  const approval = { id: '9d444840-9dc0-11d1-b245-5ffdce74fad2', steps: [], createdOn: '2026-11-24T09:00:00Z' };
  const whole = { ...approval, pipeline: { owner: { id: 7 } } };
  const of = (content: object, count: number) => ({ kind: 'ado-events', count, content: JSON.stringify(content) });
  const rows = [
    of({ id: 'e1', eventType: 'build.complete', resource: {} }, 1),
    of({ id: approval.id, checkRuns: [] }, 1),
    of({ value: [whole, whole] }, 2),
    of(approval, 1),
    of({ value: [{ id: 2, approvalType: 'preDeploy' }] }, 1),
    of({ eventType: 'build.complete', resource: {} }, 1),
  ];

  const { status, stdout } = corpus(rows);
  expect([status, stdout]).toEqual([0, expect.stringContaining('ado-events: 6 files, 3 read, 3 refused for a reason')]);
  expect(stdout).toContain('it has no pipeline');
  expect(corpus([of({ value: [whole, approval] }, 2)]).status).toBe(1);
});
