import { digestCard } from '../../cards/digest-card.ts';
import { digestFor } from '../../services/domain/digest.ts';
import { decisionsOf } from '../../services/domain/judge.ts';
import { warningsIn } from '../../services/domain/warning.ts';
import { ORG } from '../builders.ts';
import { aBasis, aReader, aState } from '../digests.ts';
import { type CountedTable, countedInAzurite, countedInMemory } from '../fakes/counted-tables.ts';
import { CONTRACT_OF_OWNERS, groupsOf, manyOwners } from '../fakes/many-owners.ts';
import { aScanHead } from '../scans.ts';
import { aJudgedService, anInput } from '../unit/judge-input.ts';
import { type Line, line } from './line.ts';

const NOW = '2026-11-24T09:00:00.000Z';
const GENERATED = { owners: 500, each: 2_000, from: 'rows' } as const;
const IMPORTED = { owners: 50, each: 200, from: 'imports' } as const;
const WORDS = { rows: 'generated', imports: 'imported' } as const;

/**
 * One digest of 50,000 findings, and whole runs: 500 owners of a service each, with 1,000,000 generated findings, and 50
 * with 10,000 that were imported, in memory and on Azurite in this process.
 */
export async function digests(): Promise<readonly Line[]> {
  const lines = [oneDigest(50_000)];
  for (const many of [IMPORTED, GENERATED])
    for (const [where, counted] of [
      ['in memory', countedInMemory([])],
      ['on Azurite', await countedInAzurite([])],
    ] as const) {
      lines.push(...(await wholeRun(where, counted, many)));
      await counted.close();
    }
  return lines;
}

function oneDigest(findings: number): Line {
  const services = [
    aJudgedService({ heads: [aScanHead({ category: 'sast', tool: 'semgrep', groups: groupsOf(0, findings) })] }),
  ];
  const build = () => {
    const input = anInput({ contract: CONTRACT_OF_OWNERS, services, now: NOW, arrivedAt: NOW });
    const warnings = warningsIn(ORG, [{ environment: 'prod', groups: decisionsOf(input), pasts: new Map() }]);
    return digestCard(digestFor(aReader(), warnings, aBasis({ at: NOW }), aState()));
  };
  build();
  const begun = process.cpuUsage();
  build();
  return line(`digest of ${findings} findings: judged, told apart, as a card`, 'ms of CPU', since(begun));
}

function since(begun: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1_000;
}

async function wholeRun(
  where: string,
  { table, made }: CountedTable,
  many: Parameters<typeof manyOwners>[1],
): Promise<Line[]> {
  const { owners, each, from } = many;
  const { run, sent, environments } = await manyOwners(table, many);
  made();
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  await run();
  const [took, busy] = [(performance.now() - begun) / 1_000, since(cpu) / 1_000];
  const told = sent.reduce((sum, { counts }) => sum + counts.new, 0);
  if (told !== owners * each) throw new Error(`${told} of ${owners * each} findings were told`);
  const calls = made().length / owners;
  await run();
  const what = `digests of ${owners} owners over ${owners * each} ${WORDS[from]} findings, ${environments} environments, ${where}`;
  return [
    line(what, 's', took, undefined, { bar: 'at most 60 s', met: took <= 60 }),
    line(`${what}: of it CPU`, 's of CPU', busy),
    line(`${what}: storage calls for each`, 'calls', calls, undefined, { bar: 'at most 3', met: calls <= 3 }),
    line(`${what}: looking again while none is due`, 'calls', made().length),
  ];
}
