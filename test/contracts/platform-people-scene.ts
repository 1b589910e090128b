import { onTestFinished } from 'vitest';
import { createConnection } from '../../services/azure-devops/connection.ts';
import { type BotIdentity, createPatIdentity } from '../../services/azure-devops/identity.ts';
import { createPlatformRead, type SectionReader } from '../../services/azure-devops/platform-read.ts';
import type {
  EnvironmentFact,
  PlatformFacts,
  PlatformIdentity,
  Section,
  SectionKind,
} from '../../services/domain/platform.ts';
import type { SectionRead } from '../../services/ports/platform-source.ts';
import { type AzureDevOpsSimulator, startAzureDevOps } from '../fakes/azure-devops.ts';
import type { PlatformSubject } from '../fakes/platform-people.ts';

export const NOW = Date.parse('2026-11-28T09:00:00Z');

export interface PeopleScene {
  readonly simulator: AzureDevOpsSimulator;
  readonly project: { readonly id: string; readonly name: string };
  readonly identity: BotIdentity;
  /** Reads one section to its end, in parts of so many calls. */
  read<K extends SectionKind>(
    reader: SectionReader<K>,
    kind: K,
    over?: Partial<SectionRead<K>>,
  ): Promise<{ readonly facts: PlatformFacts[K]; readonly calls: readonly number[] }>;
  /** One part alone. */
  part<K extends SectionKind>(
    reader: SectionReader<K>,
    kind: K,
    over?: Partial<SectionRead<K>>,
  ): Promise<{ readonly facts: PlatformFacts[K]; readonly next?: string; readonly calls: number }>;
}

export async function peopleScene(): Promise<PeopleScene> {
  const simulator = await startAzureDevOps();
  onTestFinished(() => simulator.close());
  const { id, name } = simulator.project;
  const project = { id: id.toLowerCase(), name };
  const identity = createPatIdentity(simulator.pat);
  const connection = createConnection({ callMs: 5_000, sleep: async () => {} });
  const part: PeopleScene['part'] = (reader, kind, over = {}) => {
    const read = createPlatformRead(connection, simulator.organizationUrl(), identity, () => false);
    const target = kind === 'reach' ? project.id : '-';
    return reader(read, {
      target: { kind, target, name },
      sections: [],
      calls: 1_000,
      isHinted: false,
      ...over,
    });
  };
  return {
    simulator,
    project,
    identity,
    part,
    async read(reader, kind, over = {}) {
      const calls: number[] = [];
      let next = over.next;
      for (;;) {
        const found = await part(reader, kind, { ...over, ...(next === undefined ? {} : { next }) });
        calls.push(found.calls);
        if (found.next === undefined) return { facts: found.facts, calls };
        next = found.next;
      }
    },
  };
}

/** An environment whose approval names these. */
export function anEnvironment(id: number, name: string, approvers: readonly PlatformSubject[] = []): EnvironmentFact {
  const named = approvers.map(
    (one): PlatformIdentity => ({
      id: one.id.toLowerCase(),
      name: one.kind === 'group' ? one.principalName : one.displayName,
      kind: one.kind === 'group' ? 'group' : 'person',
    }),
  );
  const approval = { approvers: named, minApprovers: 1, requesterMayApprove: false };
  const check = {
    id: '1',
    kind: 'approval',
    name: 'Approval',
    isDisabled: false,
    timeoutMinutes: 60,
    approval,
  } as const;
  return { id: String(id), name, checks: approvers.length === 0 ? [] : [check], openToAll: false, pipelines: [] };
}

export function environmentsOf(project: { readonly id: string }, ...facts: readonly EnvironmentFact[]): Section {
  return { kind: 'environments', target: project.id, name: 'Shop', known: { at: '2026-11-28T08:00:00.000Z', facts } };
}

/** That these reach something. */
export function reachOf(project: { readonly id: string }, ...subjects: readonly PlatformSubject[]): Section {
  const members = subjects.map(({ originId, displayName: name }) => ({ id: originId, name, kind: 'person' as const }));
  const facts = [{ role: 'approver', subject: 'project', name: 'Approvers', members, through: [], more: 0 }] as const;
  return { kind: 'reach', target: project.id, name: 'Shop', known: { at: '2026-11-28T08:00:00.000Z', facts } };
}
