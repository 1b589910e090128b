import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { type Catalog, servicesOf } from '../../services/domain/catalog.ts';
import { createFolderPolicy } from '../../services/policy/folder-policy.ts';
import { type Line, line } from './line.ts';
import { quantile } from './load.ts';

const SERVICES = 10_000;
const RUNS = 500;
/** Files written at once. */
const BATCH = 200;

/** A catalog of 10,000 services, in one file and in a file each: loaded, beside YAML alone, and matched with runs. */
export async function catalogs(): Promise<readonly Line[]> {
  const entries = Array.from({ length: SERVICES }, (_, n) => entryOf(n));
  const one = await loaded([['catalog.yaml', fileOf(entries)]]);
  const each = await loaded(entries.map((entry, n) => [`catalog/${nameOf(n)}.yaml`, fileOf([entry])]));
  return [
    line(`catalog of ${SERVICES} services in one file, loaded`, 'ms', one.ms, one.beside),
    line(`catalog of ${SERVICES} services in a file each, loaded`, 'ms', each.ms, each.beside),
    ...matched(one.catalog),
  ];
}

type TextFile = readonly [file: string, text: string];

async function loaded(files: readonly TextFile[]) {
  const dir = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  try {
    await mkdir(join(dir, 'catalog'));
    for (let at = 0; at < files.length; at += BATCH)
      await Promise.all(files.slice(at, at + BATCH).map(([file, text]) => writeFile(join(dir, file), text)));
    const begun = performance.now();
    const { catalog } = await createFolderPolicy({ dir, clock: { now: () => new Date().toISOString() } }).current();
    const ms = performance.now() - begun;
    if (catalog.services.size !== SERVICES) throw new Error(`${catalog.services.size} services were loaded`);
    const parsing = performance.now();
    for (const [, text] of files) parse(text);
    return { ms, catalog, beside: { what: 'YAML of the same bytes', value: performance.now() - parsing } };
  } finally {
    await rm(dir, { recursive: true });
  }
}

/** Each by a pipeline of its own, then by a repository. */
function matched(catalog: Catalog): Line[] {
  const times = Array.from({ length: RUNS }, (_, run) => {
    const n = (run * 7_919) % SERVICES;
    const origin = { repository: `${nameOf(n)}-code`, pipeline: run % 2 === 0 ? `${nameOf(n)}-deploy` : 'shared' };
    const begun = performance.now();
    const found = servicesOf(catalog, origin);
    const ms = performance.now() - begun;
    if (found.join() !== nameOf(n)) throw new Error(`the run of ${nameOf(n)} was matched with ${found.join()}`);
    return ms;
  });
  const what = `the service of a run among ${SERVICES}`;
  return [line(`${what}, median`, 'ms', quantile(times, 0.5)), line(`${what}, p99`, 'ms', quantile(times, 0.99))];
}

const nameOf = (n: number) => `service-${n}`;

const fileOf = (entries: readonly string[]) => `kind: Catalog\nservices:\n${entries.join('')}`;

function entryOf(n: number): string {
  const name = nameOf(n);
  return `  ${name}:
    owner: "group:team-${n % 300}"
    lead: "group:leads-${n % 300}"
    criticality: ${['high', 'medium', 'low'][n % 3]}
    repositories: [${name}-code]
    pipelines: [${name}-build, ${name}-deploy]
    paths: { "infra/**": "group:platform" }
    environments:
      prod: { subscription: sub-${n % 50}, resourceGroups: [rg-${name}] }
`;
}
