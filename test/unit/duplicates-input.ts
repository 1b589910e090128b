import { duplicateKeysOf } from '../../services/domain/duplicate-keys.ts';
import type { FindingGroup, ScanHead } from '../../services/domain/scan-head.ts';
import { aScanHead } from '../scans.ts';
import { aContract, aControl, aGroup, aJudgedService, anInput, aRule } from './judge-input.ts';

/** One vulnerable package, as tools know it. */
export interface Known {
  readonly ids?: readonly string[];
  readonly subject?: string;
  readonly version?: string;
}

export function keysOf({ ids = ['CVE-2026-0001'], subject = 'pkg:npm/left-pad', version }: Known = {}): string {
  return duplicateKeysOf({ ids, subject, ...(version === undefined ? {} : { version }) });
}

/** Of each of its fingerprints one problem, all the same unless said otherwise. */
export function aKeyedGroup(overrides: Partial<FindingGroup> = {}, known: readonly Known[] = []): FindingGroup {
  const group = aGroup({ rule: 'CVE-2026-0001', ...overrides });
  return { ...group, duplicateKeys: group.fingerprints.map((_, n) => keysOf(known[n] ?? known[0])) };
}

export function aDependencyScan(tool: string, groups: readonly FindingGroup[], over: Partial<ScanHead> = {}): ScanHead {
  return aScanHead({ category: 'dependency', tool, groups, ...over });
}

/** Critical and high ones block, and an exception may be granted for either; the rest warns. */
export const DEPENDENCIES = aControl({
  name: 'dependencies',
  signal: { category: 'dependency' },
  decisions: [
    // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
    aRule({ when: { severity: ['critical', 'high'] }, then: 'block' }),
    // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
    aRule({ when: { severity: ['medium'] }, then: 'warn' }),
    // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
    aRule({ then: 'monitor' }),
  ],
});

export function inputOf(heads: readonly ScanHead[], over: Partial<Parameters<typeof aJudgedService>[0]> = {}) {
  return anInput({ contract: aContract(DEPENDENCIES), services: [aJudgedService({ heads, ...over })] });
}
