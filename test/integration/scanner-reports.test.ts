import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Answer, answerOf, type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { API_KEY } from '../fakes/countersign.ts';

let scene: CheckScene;
let number = 0;
/** Each test has a commit of its own, so that none sees another's scans. */
let commit: string;
beforeAll(async () => {
  scene = await setCheckScene();
});
afterAll(() => scene.close());
beforeEach(() => {
  number += 1;
  commit = number.toString(16).padStart(40, 'c');
});

async function submit(body: string, query: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const search = new URLSearchParams({ service: 'payments-api', commit, ...query });
  return answerOf(
    await fetch(`${scene.url}/api/findings?${search}`, { method: 'POST', headers: { 'X-Api-Key': API_KEY }, body }),
  );
}

const scanner = (name: string) => readFile(new URL(`../fixtures/scanners/${name}`, import.meta.url), 'utf8');

test.each([
  ['trivy-v2.json', 'trivy', 6, 5],
  ['grype.json', 'grype', 4, 3],
  ['snyk.json', 'snyk-open-source', 5, 3],
  ['npm-audit.json', 'npm-audit', 3, 3],
  ['osv-scanner.json', 'osv-scanner', 3, 2],
  ['checkov.json', 'checkov', 4, 3],
  ['gitleaks.json', 'gitleaks', 2, 2],
  ['trufflehog.json', 'trufflehog', 2, 2],
])('%s is taken in its own format, with what was skipped', async (name, tool, results, findings) => {
  const answer = await submit(await scanner(name));
  expect(answer).toMatchObject({ status: 200, json: { tool, results, findings, new: findings } });
});

test('an empty list is a clean scan of the tool that is named, and of none when none is', async () => {
  expect(await submit('[]')).toMatchObject({ status: 422, json: { reason: 'unknown-format' } });
  expect(await submit('[]', { format: 'gitleaks' })).toMatchObject({
    status: 200,
    json: { tool: 'gitleaks', results: 0 },
  });
});

test('a report of another format than the one named is refused, and nothing of it is stored', async () => {
  const before = await scene.rows();
  const answer = await submit(await scanner('grype.json'), { format: 'trivy' });
  expect(answer).toMatchObject({ status: 422, json: { detail: expect.stringContaining('format=grype') } });
  expect(await scene.rows()).toEqual(before);
});

test('no secret that a scanner found is in what is stored or answered', async () => {
  for (const name of ['gitleaks.json', 'gitleaks-7.json', 'trufflehog.json', 'trivy-v2.json', 'checkov.json']) {
    const answer = await submit(await scanner(name));
    expect(answer.status).toBe(200);
    expect(JSON.stringify([answer.json, await scene.rows()])).not.toMatch(/canary/);
  }
});
