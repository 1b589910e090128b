import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
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

test.each(['verify-decision.yml', 'report-findings.yml'])(
  '%s uses every parameter, and none that it does not have',
  async (name) => {
    const { parameters } = await templateOf(name);
    const used = [...(await textOf(name)).matchAll(/parameters\.(\w+)/g)].map(([, parameter]) => parameter);
    expect([...new Set(used)].sort()).toEqual(parameters.map((parameter) => parameter.name).sort());
  },
);

test.each(['verify-decision.yml', 'report-findings.yml'])(
  'no parameter and no secret of %s becomes part of a script: it would be read as code',
  async (name) => {
    const scripts = tasksOf((await templateOf(name)).steps)
      .filter(({ inputs }) => inputs !== undefined)
      .map(scriptOf);
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
