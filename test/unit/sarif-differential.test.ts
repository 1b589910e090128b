import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readReport } from './read-sarif.ts';

/** What both readers must agree on. */
interface Read {
  readonly results: number;
  readonly findings: readonly {
    readonly rule: string;
    readonly severity: string;
    readonly message: string;
    readonly path: string | undefined;
    readonly line: number | undefined;
    readonly suppressed: boolean;
  }[];
}

interface Region {
  startLine?: number;
}

interface Result {
  ruleId?: string;
  ruleIndex?: number;
  level?: string;
  kind?: string;
  baselineState?: string;
  message: { text?: string; id?: string; arguments?: string[] };
  locations?: {
    physicalLocation: { artifactLocation: { uri?: string; uriBaseId?: string; index?: number }; region?: Region };
  }[];
  suppressions?: { status?: string }[];
}

interface Rule {
  id: string;
  defaultConfiguration?: { level?: string };
  messageStrings?: Record<string, { text: string }>;
  properties?: Record<string, string>;
}

interface Run {
  tool: { driver: { name: string; rules?: Rule[] } };
  artifacts?: { location: { uri: string } }[];
  originalUriBaseIds?: Record<string, { uri?: string }>;
  results: Result[];
}

interface Log {
  runs: Run[];
}

const BY_LEVEL: Readonly<Record<string, string>> = { error: 'high', warning: 'medium', note: 'low', none: 'info' };

/** The whole text at once, as plainly as can be. */
function readNaively(text: string): Read {
  const { runs } = JSON.parse(text) as Log;
  return {
    results: runs.reduce((sum, run) => sum + run.results.length, 0),
    findings: runs.flatMap((run) => run.results.filter(isProblem).map((result) => readResult(run, result))),
  };
}

function isProblem({ kind, baselineState }: Result): boolean {
  return kind !== 'pass' && kind !== 'notApplicable' && baselineState !== 'absent';
}

function readResult(run: Run, result: Result): Read['findings'][number] {
  const rules = run.tool.driver.rules ?? [];
  const rule = rules[result.ruleIndex ?? -1] ?? rules.find(({ id }) => id === result.ruleId);
  const score = Number(rule?.properties?.['security-severity']);
  const band = score >= 9 ? 'critical' : score >= 7 ? 'high' : score >= 4 ? 'medium' : score > 0 ? 'low' : undefined;
  const level = result.level ?? rule?.defaultConfiguration?.level ?? 'warning';
  const physical = result.locations?.[0]?.physicalLocation;
  const { uri, uriBaseId, index } = physical?.artifactLocation ?? {};
  const base = uri === undefined ? undefined : run.originalUriBaseIds?.[uriBaseId ?? '']?.uri;
  const file = uri ?? run.artifacts?.[index ?? -1]?.location.uri;
  const template = rule?.messageStrings?.[result.message.id ?? '']?.text;
  const filled = template?.replace('{0}', result.message.arguments?.[0] ?? '{0}');
  return {
    rule: result.ruleId ?? rule?.id ?? 'unnamed',
    severity: result.kind === 'review' ? 'info' : (band ?? BY_LEVEL[level] ?? ''),
    message: result.message.text ?? filled ?? [result.message.id, ...(result.message.arguments ?? [])].join(' '),
    path: file === undefined ? undefined : `${base ?? ''}${file}`,
    line: physical?.region?.startLine,
    suppressed: result.suppressions?.length
      ? result.suppressions.every(({ status }) => (status ?? 'accepted') === 'accepted')
      : false,
  };
}

const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).map((text) => text.replace(/[{}[\]]/g, '-'));
const ids = fc.constantFrom('R0', 'R1', 'R2', 'elsewhere');
const levels = fc.constantFrom('error', 'warning', 'note', 'none');
const optional: { requiredKeys: [] } = { requiredKeys: [] };

const messages = fc.oneof(
  words.map((text) => ({ text })),
  fc.record({ id: fc.constantFrom('default', 'unknown'), arguments: fc.array(words, { minLength: 1, maxLength: 1 }) }),
);
const files = fc.oneof(
  fc.record(
    { uri: fc.constantFrom('a.c', 'lib/b.c'), uriBaseId: fc.constantFrom('SRC', 'NONE') },
    { requiredKeys: ['uri'] },
  ),
  fc.record({ index: fc.integer({ min: -1, max: 2 }) }),
);
const results = fc.record(
  {
    ruleId: ids,
    ruleIndex: fc.integer({ min: -1, max: 3 }),
    level: levels,
    kind: fc.constantFrom('fail', 'pass', 'notApplicable', 'review'),
    baselineState: fc.constantFrom('new', 'absent'),
    message: messages,
    locations: fc.array(
      fc.record({
        physicalLocation: fc.record({
          artifactLocation: files,
          region: fc.record({ startLine: fc.integer({ min: 1, max: 99 }) }),
        }),
      }),
      { maxLength: 2 },
    ),
    suppressions: fc.array(fc.record({ status: fc.constantFrom('accepted', 'rejected') }, optional), { maxLength: 2 }),
    properties: fc.dictionary(fc.constantFrom('results', 'runs', '__proto__', 'tags'), fc.jsonValue({ maxDepth: 3 })),
  },
  { requiredKeys: ['message'] },
);
const rules = fc.record(
  {
    id: ids,
    defaultConfiguration: fc.record({ level: levels }, optional),
    messageStrings: fc.constant({ default: { text: 'Found {0}.' } }),
    properties: fc.record({ 'security-severity': fc.constantFrom('9.1', '7.0', '5.5', '0.5', '0.0') }, optional),
  },
  { requiredKeys: ['id'] },
);
const drivers = fc.record(
  { name: fc.constantFrom('Example', 'CodeQL'), rules: fc.array(rules, { maxLength: 4 }) },
  { requiredKeys: ['name'] },
);
const runs = fc
  .record(
    {
      tool: fc.record({ driver: drivers }),
      artifacts: fc.array(fc.record({ location: fc.record({ uri: fc.constantFrom('c.c', 'd.c') }) }), { maxLength: 3 }),
      originalUriBaseIds: fc.constant({ SRC: { uri: 'src/' } }),
      properties: fc.jsonValue({ maxDepth: 3 }),
      results: fc.array(results, { maxLength: 6 }),
    },
    { requiredKeys: ['tool', 'results'] },
  )
  .chain((run) => fc.shuffledSubarray(Object.entries(run), { minLength: Object.keys(run).length }))
  .map((members) => Object.fromEntries(members));
const logs = fc.record({ version: fc.constant('2.1.0'), runs: fc.array(runs, { minLength: 1, maxLength: 3 }) });
const texts = fc
  .tuple(logs, fc.constantFrom(undefined, 1, '\t'))
  .map(([log, indent]) => JSON.stringify(log, null, indent));
const cuts = fc.array(fc.integer({ min: 1, max: 60 }), { maxLength: 300 });

async function readStreaming(text: string, at: readonly number[]): Promise<Read | 'refused'> {
  const report = await readReport(text, {}, at);
  if ('refused' in report) return 'refused';
  const findings = report.findings.map(({ rule, severity, message, path, line, suppressed }) => ({
    rule,
    severity,
    message,
    path,
    line,
    suppressed,
  }));
  return { results: report.results, findings };
}

test('the streaming reader finds what a reader of the whole text finds, wherever the bytes are cut', async () => {
  await fc.assert(
    fc.asyncProperty(texts, cuts, async (text, at) => {
      expect(await readStreaming(text, at)).toEqual(readNaively(text));
    }),
    { numRuns: 400 },
  );
});

test('a report with any one character changed is refused or read as the whole text says', async () => {
  const edits = fc.record({
    at: fc.nat(),
    remove: fc.nat({ max: 1 }),
    insert: fc.constantFrom('', '"', '{', '}', '[', ']', ',', ':', '\\', '0', ' '),
  });
  await fc.assert(
    fc.asyncProperty(texts, edits, cuts, async (text, { at, remove, insert }, pieces) => {
      const place = at % text.length;
      const changed = text.slice(0, place) + insert + text.slice(place + remove);
      const read = await readStreaming(changed, pieces);
      if (read !== 'refused')
        expect(JSON.parse(changed).runs.flatMap((run: Partial<Run>) => run.results ?? [])).toHaveLength(read.results);
    }),
    { numRuns: 1_500 },
  );
});
