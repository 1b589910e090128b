import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import { lintContract } from '../bot/console/lint-contract.ts';
import type { Change } from '../services/domain/calibration-change.ts';
import { ruleText } from '../services/domain/rule-text.ts';
import type { ContractPast } from '../services/domain/soak.ts';
import { readWrittenPolicy } from '../services/policy/written-policy.ts';
import { daysAgo } from './calibrations.ts';
import { policyFolder } from './fakes/policy-folder.ts';
import { NOW } from './unit/judge-input.ts';
import { sampleContract } from './unit/sample-contract.ts';

const TODAY = NOW.slice(0, 10);
export const SAMPLE = await sampleContract();
const PAST: ContractPast = {
  kind: 'known',
  versions: [{ since: daysAgo(60), commit: 'abc', contract: SAMPLE }],
  broken: [],
};

/** What `contract lint` says of the sample once the change is pasted where it says. */
export async function lintedWith(control: string, change: Change | undefined) {
  const folder = await policyFolder();
  const file = join(folder, 'contract.yaml');
  await writeFile(file, pasted(await readFile(file, 'utf8'), control, change));
  const policy = await readWrittenPolicy(folder, { today: TODAY });
  const { lines, exitCode } = await lintContract(policy, { past: async () => PAST }, TODAY);
  const loaded = policy.snapshot.contract?.controls.find(({ name }) => name === control);
  return {
    exitCode,
    // The sample trusts nobody to build: that is for whoever installs it, and no change of a rule mends it.
    remarks: lines.filter((line) => line.startsWith('contract.yaml') && !line.endsWith('(no-trust)')),
    rules: (loaded?.decisions ?? []).map(ruleText),
  };
}

function pasted(text: string, control: string, change: Change | undefined): string {
  if (change === undefined) throw new Error(`no change is said of ${control}`);
  const node = parseDocument(text).getIn(['controls', control, 'decisions', change.index], true);
  const [from = 0, to = 0] = (node as { readonly range?: readonly number[] }).range ?? [];
  const start = text.lastIndexOf('- ', from);
  const indent = ' '.repeat(start - text.lastIndexOf('\n', start) - 1);
  const old = text.slice(start, to).trimEnd();
  return `${text.slice(0, start)}${change.after.join(`\n${indent}`)}${text.slice(start + old.length)}`;
}
