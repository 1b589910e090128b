import { fileURLToPath } from 'node:url';
import type { ActiveException } from '../../services/domain/active-exception.ts';
import { type Contract, type DecisionClass, pathGlobsOf } from '../../services/domain/contract.ts';
import type { Category, Exploitability, Severity, Timing } from '../../services/domain/finding.ts';
import { judge } from '../../services/domain/judge.ts';
import type { JudgedGroup, Judgement } from '../../services/domain/judgement.ts';
import { createFolderPolicy } from '../../services/policy/folder-policy.ts';
import { aScanHead } from '../scans.ts';
import { aGroup, aJudgedService, anInput } from './judge-input.ts';

// The contract that is delivered, and what it says about one finding.
export const SAMPLE_NOW = '2026-11-24T09:00:00.000Z';
const SAMPLES = fileURLToPath(new URL('../../manifest/policy', import.meta.url));

const policy = createFolderPolicy({ dir: SAMPLES, clock: { now: () => SAMPLE_NOW } });

export async function sampleContract(): Promise<Contract> {
  const { contract } = await policy.current();
  if (contract === undefined) throw new Error('manifest/policy/contract.yaml cannot be loaded');
  return contract;
}

export interface Reported {
  readonly severity?: Severity;
  readonly rule?: string;
  readonly timing?: Timing;
  readonly exploitability?: Exploitability;
  readonly fixAvailable?: boolean;
}

/** Without a tool, by the usual one of its category. */
export type ByTool = Reported & { readonly tool?: string };

const TOOLS: Partial<Record<Category, string>> = {
  secret: 'gitleaks',
  sast: 'semgrep',
  dependency: 'trivy',
  iac: 'checkov',
};

interface Circumstances {
  readonly now?: string;
  readonly exceptions?: readonly ActiveException[];
}

/** Of one finding in payments-api, by default a severe one of the build. */
export function judgeOne(
  contract: Contract,
  name: string,
  category: Category,
  reported: ByTool,
  { now = SAMPLE_NOW, exceptions = [] }: Circumstances = {},
): Judgement {
  const environment = contract.environments.get(name);
  if (environment === undefined) throw new Error(`the sample contract has no environment ${name}`);
  const { timing = 'build', tool = TOOLS[category] ?? 'a-tool', ...finding } = reported;
  const head = aScanHead({
    category,
    tool,
    timing,
    scannedAt: now,
    knownGlobs: pathGlobsOf(contract),
    groups: [aGroup({ severity: 'high', rule: 'some-rule', ...finding })],
  });
  const services = [aJudgedService({ heads: [head], exceptions })];
  return judge(anInput({ contract, environment, services, now, arrivedAt: now }));
}

/** Of the one finding; a monitored one is counted and not shown. */
export function outcome({ blocks, warns, counts }: Judgement): { decision: DecisionClass } & Partial<JudgedGroup> {
  const [group] = [...blocks, ...warns];
  if (group === undefined && counts.monitor !== 1) throw new Error('the finding was not judged');
  return group ?? { decision: 'monitor' };
}
