import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { listLicences } from './licences.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const [BOM, LIST] = ['out/sbom.cdx.json', 'out/licences.csv'];

/** `npm run sbom`: what the product is delivered with, and its licences. Exit code 1 when one may not be delivered. */
async function main(): Promise<number> {
  const options = ['sbom', '--sbom-format', 'cyclonedx', '--omit', 'dev'];
  const { stdout } = await promisify(execFile)('npm', options, { cwd: ROOT, maxBuffer: 64 * 1024 * 1024 });
  const { csv, problems } = listLicences(JSON.parse(stdout));
  await mkdir(new URL('../out', import.meta.url), { recursive: true });
  await writeFile(new URL(`../${BOM}`, import.meta.url), stdout);
  await writeFile(new URL(`../${LIST}`, import.meta.url), csv);
  process.stdout.write(`${BOM} and ${LIST}: ${csv.split('\n').length - 2} packages\n`);
  if (problems.length === 0) return 0;
  process.stderr.write(`${['Licences that are not allowed (manifest/licences.ts):', ...problems].join('\n  ')}\n`);
  return 1;
}

process.exitCode = await main();
