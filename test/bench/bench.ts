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

/** `npm run bench [-- NAME …]`: figures as one JSON line each. Figures are no tests: a missed bar ends with 0 too. */
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

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(GROUPS, name));
if (unknown.length > 0) {
  console.error(`unknown: ${unknown.join(', ')}; there are ${Object.keys(GROUPS).join(', ')}`);
  process.exit(2);
}
for (const [name, group] of Object.entries(GROUPS)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  for (const figure of await group()) console.log(JSON.stringify(figure));
}
process.exit(0);
