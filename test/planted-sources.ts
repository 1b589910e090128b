/** A small source that is written into a folder of its own, and what the linter must say about it. */
export interface Planted {
  readonly file: string;
  readonly code: string;
  /** The rule that flags it, without its group; absent: no rule may. */
  readonly rule?: string;
}

const importing = (...from: readonly string[]) =>
  from.map((what, n) => `import { x${n} } from '${what}';\nexport const y${n} = x${n};\n`).join('');
const lines = (count: number) => `${'// A line.\n'.repeat(count - 1)}export const last = 1;\n`;
const longFunction = (count: number) =>
  `export function long(): number {\n  let n = 0;\n${'  n += 1;\n'.repeat(count - 4)}  return n;\n}\n`;

const restricted = (folder: string, name: string, ...imports: readonly string[]): Planted[] =>
  imports.map((what, n) => ({ file: `${folder}/${name}-${n}.ts`, code: importing(what), rule: 'noRestrictedImports' }));
const allowed = (folder: string, name: string, ...imports: readonly string[]): Planted[] =>
  imports.map((what, n) => ({ file: `${folder}/${name}-${n}.ts`, code: importing(what) }));

const ADAPTERS = [
  'tables/keys.ts',
  'azure-devops/paths.ts',
  'azure-resources/resource-graph.ts',
  'policy/scalars.ts',
  'directory/file-directory.ts',
  'vault/aes-vault.ts',
  'signals/readers.ts',
  'provenance/sigstore-verifier.ts',
];
const TEAMS_SDKS = [
  'botbuilder',
  'botbuilder-core',
  'botframework-connector',
  'botframework-schema',
  '@microsoft/teams-ai',
  '@microsoft/agents-hosting',
];

export const BAD: readonly Planted[] = [
  ...restricted(
    'services/domain',
    'impure',
    'node:fs',
    'node:crypto',
    'zod',
    'luxon',
    '../ports/clock.ts',
    '../gates.ts',
    '../tables/keys.ts',
    '../../cards/text.ts',
    '../../bot/problem.ts',
    './deeper/x.ts',
  ),
  { file: 'services/domain/checksum.ts', code: importing('node:fs'), rule: 'noRestrictedImports' },
  { file: 'services/domain/calendar.ts', code: importing('node:crypto'), rule: 'noRestrictedImports' },
  ...restricted(
    'services',
    'knowing',
    './gates.ts',
    './tables/keys.ts',
    './azure-devops/paths.ts',
    './signals/readers.ts',
    '../cards/text.ts',
    '../bot/core.ts',
    'node:fs',
    'zod',
    '@azure/data-tables',
  ),
  ...restricted(
    'services/ports',
    'knowing',
    '../gates.ts',
    '../tables/keys.ts',
    'zod',
    'node:fs',
    '@azure/data-tables',
  ),
  ...restricted('services/signals', 'knowing', '../findings.ts', '../tables/keys.ts', 'node:fs', 'node:http', 'zod'),
  ...restricted('services/policy', 'knowing', '../gates.ts', '../tables/keys.ts', '@azure/identity', 'node:http'),
  ...restricted(
    'services/provenance',
    'knowing',
    '../gates.ts',
    '../signals/readers.ts',
    '../policy/scalars.ts',
    'node:http',
    'node:fs',
    '@sigstore/tuf',
  ),
  ...restricted(
    'services/tables',
    'knowing',
    '../gates.ts',
    '../azure-devops/paths.ts',
    '../vault/aes-vault.ts',
    'azure-devops-node-api',
    'botbuilder',
    'botbuilder-core',
    'express',
  ),
  ...restricted(
    'services/azure-devops',
    'knowing',
    '../gates.ts',
    '../tables/keys.ts',
    '@azure/data-tables',
    'botbuilder',
    'botbuilder-core',
    'express',
  ),
  ...restricted(
    'services/directory',
    'knowing',
    '../gates.ts',
    '../tables/keys.ts',
    '../policy/scalars.ts',
    'botbuilder',
    'botbuilder-core',
  ),
  ...['vault', 'azure-resources'].flatMap((adapter) =>
    restricted(`services/${adapter}`, 'knowing', '../gates.ts', '../tables/keys.ts', 'botbuilder'),
  ),
  ...restricted(
    'cards',
    'knowing',
    'botbuilder',
    'botbuilder-core',
    '@microsoft/teams-ai',
    'node:fs',
    '../services/gates.ts',
    '../services/ports/clock.ts',
    '../services/tables/keys.ts',
    '../bot/answer.ts',
  ),
  ...['console', 'handlers', 'hooks'].flatMap((folder) => [
    ...restricted(`bot/${folder}`, 'adapter', ...ADAPTERS.map((adapter) => `../../services/${adapter}`)),
    ...restricted(
      `bot/${folder}`,
      'edge',
      ...TEAMS_SDKS,
      '../teams/guard.ts',
      '../config.ts',
      '../app.ts',
      '@azure/identity',
      'azure-devops-node-api',
    ),
  ]),
  ...restricted('bot', 'adapter', ...ADAPTERS.map((adapter) => `../services/${adapter}`)),
  ...restricted('bot', 'sdk', ...TEAMS_SDKS, '@azure/identity', '@azure/data-tables', 'azure-devops-node-api'),
  ...restricted(
    'bot/teams',
    'knowing',
    ...ADAPTERS.map((adapter) => `../../services/${adapter}`),
    '../handlers/help.ts',
    '../hooks/check.ts',
    '../app.ts',
    '../config.ts',
    '@azure/data-tables',
    'azure-devops-node-api',
  ),
  ...['services/gates-env.ts', 'cards/env.ts', 'bot/env.ts', 'bot/hooks/env.ts', 'bot/teams/env.ts'].map((file) => ({
    file,
    code: 'export const port = process.env;\n',
    rule: 'noProcessEnv',
  })),
  ...['services/domain/console.ts', 'bot/console.ts'].map((file) => ({
    file,
    code: "console.log('hello');\n",
    rule: 'noConsole',
  })),
  { file: 'services/domain/default.ts', code: 'export default function x() {}\n', rule: 'noDefaultExport' },
  { file: 'services/domain/enum.ts', code: 'export enum State {\n  Open,\n}\n', rule: 'noEnum' },
  { file: 'services/domain/barrel.ts', code: "export * from './enum.ts';\n", rule: 'noBarrelFile' },
  { file: 'services/domain/any.ts', code: 'export const value: any = 1;\n', rule: 'noExplicitAny' },
  { file: 'services/domain/camelCase.ts', code: 'export const value = 1;\n', rule: 'useFilenamingConvention' },
  { file: 'services/domain/long-file.ts', code: lines(301), rule: 'noExcessiveLinesPerFile' },
  { file: 'test/long-file.ts', code: lines(301), rule: 'noExcessiveLinesPerFile' },
  { file: 'services/domain/long-function.ts', code: longFunction(43), rule: 'noExcessiveLinesPerFunction' },
  {
    file: 'services/domain/branches.ts',
    code: `export function f(n: number): number {\n${'  if (n > 1 && n < 9) return n;\n'.repeat(7)}  return 0;\n}\n`,
    rule: 'noExcessiveCognitiveComplexity',
  },
  {
    file: 'services/domain/circle-a.ts',
    code: "import { b } from './circle-b.ts';\nexport const a = () => b;\n",
    rule: 'noImportCycles',
  },
  {
    file: 'services/domain/circle-b.ts',
    code: "import { a } from './circle-a.ts';\nexport const b = () => a;\n",
    rule: 'noImportCycles',
  },
  {
    file: 'bot/floating.ts',
    code: 'async function later(): Promise<void> {}\nexport function now(): void {\n  later();\n}\n',
    rule: 'noFloatingPromises',
  },
];

export const GOOD: readonly Planted[] = [
  ...allowed('services/domain', 'pure', './gate.ts', './finding.ts'),
  { file: 'services/domain/checksum.ts', code: importing('node:crypto', './gate.ts') },
  { file: 'services/domain/calendar.ts', code: importing('luxon', './contract.ts') },
  { file: 'services/domain/three-hundred-lines.ts', code: lines(300) },
  { file: 'services/domain/forty-lines-within.ts', code: longFunction(42) },
  ...allowed('services', 'use-case', './domain/gate.ts', './ports/clock.ts'),
  ...allowed('services/ports', 'port', './clock.ts', '../domain/gate.ts'),
  ...allowed('services/signals', 'reader', './sarif.ts', '../domain/finding.ts', '../ports/report-reader.ts'),
  ...allowed('services/signals', 'bytes', 'node:zlib', 'node:stream', 'node:string_decoder'),
  ...allowed('services/policy', 'loader', './scalars.ts', '../domain/route.ts', '../ports/policy.ts', 'zod', 'yaml'),
  ...allowed(
    'services/policy',
    'files',
    'node:fs',
    'node:fs/promises',
    'node:path',
    'node:crypto',
    'node:child_process',
  ),
  ...allowed('services/vault', 'signing', 'jose'),
  ...['tables', 'azure-devops', 'azure-resources', 'directory', 'vault'].flatMap((adapter) =>
    allowed(
      `services/${adapter}`,
      'adapter',
      './own.ts',
      '../domain/gate.ts',
      '../ports/clock.ts',
      '@azure/identity',
      'zod',
      'node:crypto',
    ),
  ),
  ...allowed('services/tables', 'own', '@azure/data-tables'),
  ...allowed('services/azure-devops', 'own', 'azure-devops-node-api', 'azure-devops-node-api/interfaces/x.js'),
  ...allowed('services/telemetry', 'own', '@opentelemetry/api', '../ports/telemetry.ts'),
  ...allowed('services/provenance', 'own', '@sigstore/verify', '@sigstore/bundle', '../ports/clock.ts'),
  ...allowed('services/directory', 'own', 'yaml', 'node:fs/promises'),
  ...allowed('cards', 'card', './text.ts', '../services/domain/gate.ts', 'zod', 'adaptivecards'),
  ...allowed('bot/handlers', 'handler', '../../cards/text.ts', '../../services/approvals.ts', '../answer.ts', 'zod'),
  ...allowed('bot/hooks', 'hook', '../../services/gates.ts', '../problem.ts', 'express', 'zod'),
  ...allowed('bot/teams', 'edge', 'botbuilder', 'botbuilder-core', '@microsoft/teams-ai', '../actions.ts'),
  ...allowed('bot/teams', 'port', '../../services/ports/notifier.ts', '../../cards/text.ts'),
  ...allowed('bot', 'root', 'express', 'pino', 'jose', 'node:http', '../services/ports/clock.ts'),
  { file: 'bot/app.ts', code: importing('../services/tables/keys.ts') },
  { file: 'bot/config.ts', code: 'export const port = process.env;\n' },
  { file: 'test/printing.ts', code: "console.log('hello');\n" },
  { file: 'vitest.config.ts', code: 'export default {};\n' },
];
