import { expect, test } from 'vitest';
import { createReportReader } from '../../services/signals/readers.ts';
import { findingsOf, logOf, readReport } from './read-sarif.ts';

const problem = { ruleId: 'R1', message: { text: 'A problem.' } };
const LOG = JSON.stringify(logOf({ results: [problem] }));

test.each([
  ['an empty body', ''],
  ['a comma too many', LOG.replace('"runs":[', '"runs":[,')],
  ['a missing colon', LOG.replace('"runs":', '"runs"')],
  ['brackets that do not match', LOG.replace('A problem."}', 'A problem."]')],
  ['something after the end', `${LOG}{}`],
  ['two logs', LOG + LOG],
  ['the key runs twice', LOG.replace('"runs":', '"runs":[],"runs":')],
  ['the key results twice', LOG.replace('"results":', '"results":[],"results":')],
  ['the key results twice, empty last', LOG.replace(']}]}', '],"results":[]}]}')],
  ['the key version twice', LOG.replace('"version"', '"version":"2.1.0","version"')],
  ['an escaped key', LOG.replace('"results"', '"res\\u0075lts"')],
  ['results that are no list', JSON.stringify(logOf({ results: {} }))],
  ['a result that is no object', JSON.stringify(logOf({ results: ['x'] }))],
  ['runs that are no list', JSON.stringify({ version: '2.1.0', runs: {} })],
  ['a run that is no object', JSON.stringify({ version: '2.1.0', runs: [1] })],
  ['a tool without a name', JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: {} }, results: [] }] })],
  ['no tool', JSON.stringify({ version: '2.1.0', runs: [{ results: [] }] })],
  ['a control character in a text', LOG.replace('A problem', 'A\u0001problem')],
])('%s is refused as malformed', async (_what, text) => {
  expect(await readReport(text)).toMatchObject({ refused: 'malformed' });
});

test('wherever a report is cut off it is refused, never read as a shorter one', async () => {
  for (let length = 0; length < LOG.length; length++) {
    expect(await readReport(LOG.slice(0, length)), `cut at ${length}`).toHaveProperty('refused');
  }
});

test('a refusal says where and quotes nothing of the report', async () => {
  const text = JSON.stringify(logOf({ results: [problem] })).replace('A problem."', 's3cr3t-value".');
  const refusal = await readReport(text);
  expect(refusal).toMatchObject({ refused: 'malformed', detail: expect.stringContaining('/runs/0/results/0') });
  expect(JSON.stringify(refusal)).not.toContain('s3cr3t');
});

test.each([
  ['alone', 1],
  ['among others that are parsed with it', 401],
])('a result may nest to level 64 of the report and no deeper, %s', async (_where, count) => {
  // The value of a result's member begins at level 6.
  const nested = (levels: number) => `${'['.repeat(levels - 5)}${']'.repeat(levels - 5)}`;
  const results = Array.from({ length: count }, (_, n) =>
    n === (count - 1) / 2 ? { ...problem, graphs: 0 } : problem,
  );
  const text = (levels: number) =>
    JSON.stringify(logOf({ results })).replace('"graphs":0', `"graphs":${nested(levels)}`);
  const read = (levels: number) => readReport(text(levels), {}, [1_000]);
  expect(await read(64)).toMatchObject({ results: count });
  expect(await read(65)).toMatchObject({ refused: 'too-deep' });
  expect(await read(100_000)).toMatchObject({ refused: 'too-deep' });
});

test('one entry larger than 8 MiB is refused, also after others; several that are larger together are read', async () => {
  const mebibytes = (size: number) => ({ ...problem, message: { text: 'x'.repeat(size * 1024 * 1024) } });
  expect(await readReport(logOf({ results: [mebibytes(8)] }))).toMatchObject({ refused: 'too-large' });
  const among = [problem, problem, mebibytes(8), problem, problem];
  expect(await readReport(logOf({ results: among }))).toMatchObject({ refused: 'too-large' });
  const together = [problem, problem, mebibytes(5), mebibytes(5), problem];
  expect(await readReport(logOf({ results: together }))).toMatchObject({ results: 5 });
});

test('an entry without end is refused before the body ends', async () => {
  let sent = 0;
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.from('{"version":"2.1.0","runs":[{"results":[{"a":"');
    for (; sent < 100; sent++) yield Buffer.alloc(1024 * 1024, 'x');
  }
  expect(await createReportReader().read(body(), {})).toMatchObject({ refused: 'too-large' });
  expect(sent).toBeLessThan(10);
});

test('a run with more than 1,000 members is refused', async () => {
  const members = Object.fromEntries(Array.from({ length: 1_001 }, (_, at) => [`m${at}`, 0]));
  expect(await readReport(logOf({ ...members, results: [] }))).toMatchObject({ refused: 'too-large' });
});

test('more than 500,000 findings are refused', async () => {
  const results = `[${Array(500_001).fill('{}').join(',')}]`;
  const text = JSON.stringify(logOf({ results: [] })).replace('"results":[]', `"results":${results}`);
  expect(await readReport(text)).toMatchObject({ refused: 'too-many-findings' });
});

test('results that are no problem do not count towards the limit of findings', async () => {
  const results = `[${Array(500_001).fill('{"kind":"pass"}').join(',')}]`;
  const text = JSON.stringify(logOf({ results: [] })).replace('"results":[]', `"results":${results}`);
  expect(await readReport(text)).toMatchObject({ results: 500_001, findings: [] });
});

test.each([
  [
    'rules',
    JSON.stringify(logOf({ results: [] }, { rules: [] })).replace(
      '"rules":[]',
      `"rules":[${Array(200_001).fill('{}').join(',')}]`,
    ),
  ],
  [
    'artifacts',
    JSON.stringify(logOf({ artifacts: [], results: [] })).replace(
      '"artifacts":[]',
      `"artifacts":[${Array(200_001).fill('{}').join(',')}]`,
    ),
  ],
  [
    'runs',
    JSON.stringify({ version: '2.1.0', runs: Array(1_001).fill({ tool: { driver: { name: 'x' } }, results: [] }) }),
  ],
])('a report with too many %s is refused', async (_what, text) => {
  expect(await readReport(text)).toMatchObject({ refused: 'too-large' });
});

test('keys named after a prototype are read as any other and change nothing', async () => {
  const text = LOG.replace('"ruleId"', '"__proto__":{"kind":"pass"},"constructor":{"x":1},"ruleId"');
  expect(await readReport(text)).toMatchObject({ findings: [{ rule: 'R1' }] });
  const ids = {
    ...problem,
    message: { id: 'constructor' },
    locations: [{ physicalLocation: { artifactLocation: { uri: 'a', uriBaseId: '__proto__' } } }],
  };
  expect(await findingsOf(logOf({ results: [ids] }))).toMatchObject([{ message: 'constructor', path: 'a' }]);
  expect(({} as Record<string, unknown>)['kind']).toBeUndefined();
});

test.each([
  ['UTF-8 with a byte order mark', Buffer.from(`\uFEFF${LOG}`)],
  ['UTF-16 LE with a byte order mark', Buffer.from(`\uFEFF${LOG}`, 'utf16le')],
  ['UTF-16 LE without one', Buffer.from(LOG, 'utf16le')],
  ['UTF-16 BE with a byte order mark', Buffer.from(`\uFEFF${LOG}`, 'utf16le').swap16()],
  ['UTF-16 BE without one', Buffer.from(LOG, 'utf16le').swap16()],
])('%s is read as the same report', async (_what, bytes) => {
  expect(await readReport(bytes)).toEqual(await readReport(LOG));
  expect(await readReport(bytes, {}, [1, 1, 1, 1, 1, 1])).toEqual(await readReport(LOG));
});

test('bytes that are not valid UTF-8 are refused', async () => {
  const bytes = Buffer.from(LOG.replace('A problem', 'A pr\u00f6blem'), 'latin1');
  expect(await readReport(bytes)).toMatchObject({ refused: 'malformed', detail: expect.stringContaining('UTF-8') });
});

test('when the body itself fails the reader rejects with that failure', async () => {
  const broken = new Error('cut off');
  async function* body(): AsyncGenerator<Uint8Array> {
    yield Buffer.from(LOG.slice(0, 40));
    throw broken;
  }
  await expect(createReportReader().read(body(), {})).rejects.toBe(broken);
});

test('the event loop gets its turn while a long report is read', async () => {
  let turns = 0;
  let reading = true;
  const turn = () => {
    turns++;
    if (reading) setImmediate(turn);
  };
  setImmediate(turn);
  await findingsOf(logOf({ results: Array(5_000).fill(problem) }));
  reading = false;
  expect(turns).toBeGreaterThan(10);
});
