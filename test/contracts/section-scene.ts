import { onTestFinished } from 'vitest';
import { createConnection } from '../../services/azure-devops/connection.ts';
import { createPatIdentity } from '../../services/azure-devops/identity.ts';
import { createPlatformRead, type SectionReader } from '../../services/azure-devops/platform-read.ts';
import type { PlatformFacts, Section, SectionKind } from '../../services/domain/platform.ts';
import type { SectionPart, SectionRead } from '../../services/ports/platform-source.ts';
import { type AzureDevOpsSimulator, startAzureDevOps } from '../fakes/azure-devops.ts';

export type Part<K extends SectionKind> = SectionPart<K> & { readonly calls: number };
export type ReadPart<K extends SectionKind> = (over?: Partial<SectionRead<K>>) => Promise<Part<K>>;

export async function startPlatform(): Promise<AzureDevOpsSimulator> {
  const simulator = await startAzureDevOps();
  onTestFinished(() => simulator.close());
  return simulator;
}

/** One part of a section of the first project, as the bot's own account; by default all of it. */
export function partsOf<K extends SectionKind>(
  simulator: AzureDevOpsSimulator,
  kind: K,
  reader: SectionReader<K>,
  sections: readonly Section[] = [],
): ReadPart<K> {
  const connection = createConnection({ callMs: 2_000, sleep: async () => undefined });
  const target = { kind, target: simulator.project.id, name: simulator.project.name };
  return (over = {}) => {
    const read = createPlatformRead(
      connection,
      simulator.organizationUrl(),
      createPatIdentity(simulator.pat),
      () => false,
    );
    return reader(read, { target, sections, calls: 1_000, isHinted: false, ...over });
  };
}

/** All parts of so many calls each, the state between them as text. */
export async function inParts<K extends SectionKind>(
  read: (over: { readonly calls: number; readonly next?: string }) => Promise<Part<K>>,
  calls: number,
): Promise<{
  readonly facts: PlatformFacts[K];
  readonly parts: number;
  readonly most: number;
  readonly states: string[];
}> {
  const states: string[] = [];
  let most = 0;
  for (let parts = 1; ; parts += 1) {
    const next = states.at(-1);
    const part = await read({ calls, ...(next === undefined ? {} : { next }) });
    most = Math.max(most, part.calls);
    if (part.next === undefined) return { facts: part.facts, parts, most, states };
    states.push(part.next);
  }
}
