import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { BLOCK_GROUPS } from '../../services/domain/contract.ts';
import { createFolderPolicy } from '../../services/policy/folder-policy.ts';
import { loadBackstage } from '../../services/policy/load-backstage.ts';
import { loadCatalog } from '../../services/policy/load-catalog.ts';
import { loadDirectory } from '../../services/policy/load-directory.ts';
import { composeKnownExploited } from '../../services/policy/load-known-exploited.ts';
import { loadProvenance } from '../../services/policy/load-provenance.ts';
import { loadRoutes } from '../../services/policy/load-routes.ts';
import { SIGSTORE } from './read-attestations.ts';
import { CONTRACT, contractFrom, load } from './written-contract.ts';

const sample = contractFrom(readFileSync('manifest/policy/contract.yaml', 'utf8'));

test('the sample contract blocks only within the four groups, and uses each', () => {
  const blocks = sample.controls.flatMap(({ decisions }) => decisions.filter(({ then }) => then === 'block'));

  expect(new Set(blocks.map(({ group }) => group))).toEqual(new Set(BLOCK_GROUPS));
  expect(blocks.length).toBeLessThanOrEqual(sample.limits.maxBlockRules);
});

test('each warning of the sample says why, until when, and how it escalates', () => {
  const warnings = sample.controls.flatMap(({ decisions }) => decisions.filter(({ then }) => then === 'warn'));

  for (const { because, dueDays, decideBy, escalate } of warnings) {
    expect([because, dueDays, decideBy]).not.toContain(undefined);
    expect(escalate).not.toHaveLength(0);
  }
});

test('the sample requires evidence of secrets and code in production, of nothing else', () => {
  const required = sample.controls.filter(({ evidence }) => evidence.required.length > 0);

  expect(required.map(({ name, evidence }) => [name, evidence.required])).toEqual([
    ['secret-scanning', ['production']],
    ['sast', ['production']],
  ]);
});

test('the sample reviews each exception before it ends', () => {
  for (const { expiry } of sample.controls) expect(expiry.reviewEveryDays).toBeLessThanOrEqual(expiry.maxDays);
});

test('the samples load without a problem and route both services', async () => {
  const policy = createFolderPolicy({ dir: 'manifest/policy', clock: { now: () => '2026-11-23T08:00:00.000Z' } });

  const { contract, catalog, routes, problems } = await policy.current();

  expect(problems).toEqual([]);
  expect(contract?.controls).toHaveLength(12);
  expect([...catalog.services.keys()]).toEqual(['payments-api', 'orders-api']);
  expect(routes.map(({ match, levels }) => [match.service, levels])).toEqual([
    ['payments-api', [{ quorum: 1, from: ['group:payments-leads'] }]],
    ['orders-api', [{ quorum: 1, from: ['group:orders-leads'] }]],
    [undefined, [{ quorum: 1, from: ['group:release-managers'] }]],
  ]);
});

const examples = [...readFileSync('docs/contract.md', 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
  ([, text = '']) => text,
);

test.each(examples.map((text) => [text.split('\n', 1)[0], text]))(
  'the example %j of the reference loads',
  (_, text = '') => {
    expect(problemsOfExample(text)).toEqual([]);
  },
);

function trustIn(text: string) {
  const root = { file: 'trusted-root.json', text: JSON.stringify(SIGSTORE.trustedRoot) };
  const { problems } = loadProvenance([{ file: 'provenance.yaml', text }, root]);
  return { kind: problems.length === 0 ? ('loaded' as const) : ('broken' as const), problems };
}

function problemsOfExample(text: string): readonly string[] {
  const example = parse(text);
  const source = { file: 'example.yaml', text };
  const loaders = {
    ApprovalRoutes: () => loadRoutes(source, () => true),
    Catalog: () => loadCatalog(source),
    Directory: () => loadDirectory(source),
    Provenance: () => trustIn(text),
  };
  if (example.kind === 'KnownExploited') return composeKnownExploited([source], new Map()).problems;
  if (example.kind === 'Component')
    return loadBackstage(source).flatMap((one) => ('problems' in one ? one.problems : []));
  const loader = loaders[example.kind as keyof typeof loaders] ?? (() => load(stringify(overlaid(example))));
  const loaded = loader();
  return 'problems' in loaded ? loaded.problems : [];
}

/** A fragment of a contract or of one control, laid over a whole one. */
function overlaid(example: Record<string, unknown>) {
  const contract = parse(CONTRACT);
  const parts = [...Object.keys(contract.controls.sast), 'overrides', 'acceptSuppressions'];
  if (!Object.keys(example).some((key) => parts.includes(key))) return { ...contract, ...example };
  if (example['owner'] === 'group:devsecops') return { ...contract, ...example };
  return { ...contract, controls: { sast: { ...contract.controls.sast, ...example } } };
}

/** Every key that the loaders take, as they themselves list them when they meet one that they do not know. */
test('the reference shows each key that the loaders take', () => {
  const shown = new Set(examples.flatMap((text) => keysIn(parse(text))));
  const listed = [
    CONTRACT.replaceAll(/\{ (?!tier)/g, '{ zzz: 1, '),
    'zzz: 1',
    `${CONTRACT}digest: { zzz: 1 }\nreviews: { zzz: 1 }\nlimits: { zzz: 1 }\n`,
    CONTRACT.replace('then: warn', 'then: warn\n        zzz: 1\n        escalate: [{ zzz: 1, after: { zzz: 1 } }]'),
    CONTRACT.replace('tier: production', 'zzz: 1, onBlock: { zzz: 1 }'),
    CONTRACT.replace('calendar:', 'calendar:\n  zzz: 1').replace('  sast:', '  sast:\n    zzz: 1'),
  ].flatMap((text) => allowedIn(load(text)));
  const routes =
    'routes: [{ zzz: 1, match: { zzz: 1 }, levels: [{ zzz: 1 }], post: { zzz: 1 }, comment: { zzz: 1 }, freezes: [{ zzz: 1 }] }]';
  const catalog = 'services: { a: { zzz: 1, environments: { prod: { zzz: 1 } } } }';
  const others = [
    loadRoutes({ file: 'f', text: routes }, () => true),
    loadCatalog({ file: 'f', text: catalog }),
    loadDirectory({ file: 'f', text: 'zzz: 1\npeople: [{ zzz: 1 }]' }),
    trustIn('zzz: 1\nidentities: [{ zzz: 1 }]'),
  ].flatMap(allowedIn);

  expect(listed.length + others.length).toBeGreaterThan(100);
  expect([...new Set([...listed, ...others])].filter((key) => !shown.has(key))).toEqual([]);
});

function allowedIn(loaded: { kind: string; problems?: readonly string[] }): string[] {
  return (loaded.problems ?? [])
    .filter((problem) => problem.includes('zzz: is not a key here'))
    .flatMap((problem) => problem.split('allowed: ')[1]?.split(', ') ?? []);
}

function keysIn(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(keysIn);
  if (value === null || typeof value !== 'object') return [];
  return Object.entries(value).flatMap(([key, inner]) => [key, ...keysIn(inner)]);
}
