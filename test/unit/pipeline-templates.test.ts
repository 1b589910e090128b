import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';

const FOLDER = new URL('../../manifest/pipelines/', import.meta.url);
const textOf = (name: string) => readFile(new URL(name, FOLDER), 'utf8');
const templateOf = async (name: string) => parse(await textOf(name)) as Template;

interface Template {
  readonly parameters: readonly { readonly name: string; readonly default?: unknown }[];
  readonly steps: readonly Readonly<Record<string, unknown>>[];
}

/** Every task of a template, also within its conditions. */
function tasksOf(steps: readonly Readonly<Record<string, unknown>>[]): Readonly<Record<string, unknown>>[] {
  return steps.flatMap((step) => {
    const nested = Object.entries(step).filter(([name]) => name.startsWith('${{'));
    if (nested.length === 0) return [step];
    return nested.flatMap(([, within]) => tasksOf(within as Readonly<Record<string, unknown>>[]));
  });
}

const scriptOf = ({ inputs }: Readonly<Record<string, unknown>>) => {
  const { inlineScript, script } = inputs as Readonly<Record<string, string>>;
  return inlineScript ?? script ?? '';
};

const TEMPLATES = ['verify-decision.yml', 'report-findings.yml', 'lint-policy.yml'];

test.each(TEMPLATES)('%s uses every parameter, and none that it does not have', async (name) => {
  const { parameters } = await templateOf(name);
  const used = [...(await textOf(name)).matchAll(/parameters\.(\w+)/g)].map(([, parameter]) => parameter);
  expect([...new Set(used)].sort()).toEqual(parameters.map((parameter) => parameter.name).sort());
});

test.each(TEMPLATES)(
  'no parameter and no secret of %s becomes part of a script: it would be read as code',
  async (name) => {
    const scripts = tasksOf((await templateOf(name)).steps)
      .filter(({ inputs }) => inputs !== undefined)
      .map(scriptOf)
      .filter((script) => script !== '');
    expect(scripts.length).toBeGreaterThan(0);
    for (const script of scripts) {
      expect(script).not.toContain('${{');
      expect(script).not.toMatch(/\$\((?!az |node )/);
      expect(script.startsWith('set -euo pipefail\n')).toBe(true);
    }
  },
);

test('a report is sent by the same script with a connection and with a secret variable', async () => {
  const tasks = tasksOf((await templateOf('report-findings.yml')).steps);
  expect(tasks.map(({ task }) => task)).toEqual(['AzureCLI@2', 'Bash@3']);
  const [connected, variable] = tasks.map(scriptOf);
  expect(connected).toBe(variable);
});

/** Runs a script as the agent does, with programs in place of `az` and `curl`; gives back what `curl` was told. */
async function toldToCurl(script: string, env: Readonly<Record<string, string>>): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-steps-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const programs = { az: "echo 'token-of-the-connection'", curl: `printf '%s\\n' "$@" > '${folder}/told'` };
  for (const [name, body] of Object.entries(programs)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${body}\n`);
    await chmod(join(folder, name), 0o755);
  }
  const PATH = [folder, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter);
  await new Promise<void>((resolve, reject) => {
    execFile('/bin/bash', ['-c', script], { env: { PATH, ...env } }, (failure) =>
      failure ? reject(failure) : resolve(),
    );
  });
  return (await readFile(join(folder, 'told'), 'utf8')).trimEnd().split('\n');
}

test.each([
  ['the connection', {}, 'token-of-the-connection'],
  ['the secret variable', { COUNTERSIGN_TOKEN: 'token-of-the-variable' }, 'token-of-the-variable'],
])('a report goes out with the token of %s, and every name as what it is', async (_what, secret, token) => {
  const [task] = tasksOf((await templateOf('report-findings.yml')).steps);
  const told = await toldToCurl(scriptOf(task ?? {}), {
    API_AUDIENCE: 'api://countersign',
    COUNTERSIGN_URL: 'https://countersign.contoso.com',
    SERVICE: 'payments & "orders" $(id)',
    REPORT: 'a report.sarif',
    REPORT_ENVIRONMENT: '',
    BRANCH: 'refs/heads/a#b',
    TIMING: 'pre-deploy',
    FORMAT: 'azure-policy',
    CATEGORY: '',
    ARTIFACT: `sha256:${'a'.repeat(64)}`,
    BUILD_SOURCEVERSION: 'c'.repeat(40),
    BUILD_BUILDID: '7',
    ...secret,
  });
  const url = new URL(told.at(-1) ?? '');
  expect([url.origin, url.pathname]).toEqual(['https://countersign.contoso.com', '/api/findings']);
  expect(Object.fromEntries(url.searchParams)).toEqual({
    service: 'payments & "orders" $(id)',
    commit: 'c'.repeat(40),
    runId: '7',
    branch: 'refs/heads/a#b',
    timing: 'pre-deploy',
    format: 'azure-policy',
    artifact: `sha256:${'a'.repeat(64)}`,
  });
  expect(told).toContain(`Authorization: Bearer ${token}`);
  expect(told).toContain('@a report.sarif');
  expect(told).toContain('--fail-with-body');
});

test('the check sends what operations.md says, and what the hook asks for', async () => {
  const { headers, body } = JSON.parse(await textOf('check.json')) as Readonly<
    Record<'headers' | 'body', Readonly<Record<string, string>>>
  >;
  const page = await readFile(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  for (const [name, value] of Object.entries(headers)) expect(page).toContain(`"${name}": "${value}"`);
  for (const [name, value] of Object.entries(body)) expect(page).toContain(`"${name}": "${value}"`);
  const hook = await readFile(new URL('../../bot/hooks/check-delivery.ts', import.meta.url), 'utf8');
  for (const name of Object.keys(headers).slice(2)) expect(hook).toContain(`  ${name}: `);
});
