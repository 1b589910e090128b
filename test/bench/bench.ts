import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { calls } from './calls.ts';
import { catalogs } from './catalogs.ts';
import { checks } from './checks.ts';
import { clicks } from './clicks.ts';
import { decisions } from './decisions.ts';
import { digests } from './digests.ts';
import { evidence } from './evidence.ts';
import { exceptions } from './exceptions.ts';
import { imports } from './imports.ts';
import { judging } from './judge.ts';
import type { Line } from './line.ts';
import { platform } from './platform.ts';
import { routes } from './routes.ts';
import { sarif } from './sarif.ts';
import { start } from './start.ts';
import { withFigures } from './written-figures.ts';

/**
 * `npm run bench [-- [--write] NAME …]`: figures as one JSON line each; with `--write` also into docs/performance.md, each
 * group as it is measured. Figures are no tests: a missed bar ends with 0 too.
 */
const GROUPS: Readonly<Record<string, () => Promise<readonly Line[]>>> = {
  clicks,
  decisions,
  checks,
  start,
  sarif,
  calls,
  routes,
  judge: judging,
  imports,
  catalogs,
  exceptions,
  digests,
  platform,
  evidence,
};

const { values, positionals: wanted } = parseArgs({
  options: { write: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const unknown = wanted.filter((name) => !Object.hasOwn(GROUPS, name));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; there are ${Object.keys(GROUPS).join(', ')}`);
  process.exit(2);
}
for (const [name, group] of Object.entries(GROUPS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const figures = await group();
  for (const figure of figures) console.log(JSON.stringify(figure));
  if (values.write) await write(name, figures);
}
process.exit(0);

async function write(name: string, figures: readonly Line[]): Promise<void> {
  const page = new URL('../../docs/performance.md', import.meta.url);
  const machine = `${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? 'an unknown kind'}, load ${loadavg()[0]?.toFixed(1)}, Node ${process.version}`;
  const measured = { date: new Date().toISOString().slice(0, 10), machine };
  await writeFile(page, withFigures(await readFile(page, 'utf8'), name, figures, measured));
}
