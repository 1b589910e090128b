import { expect, onTestFinished } from 'vitest';
import { createPatIdentity } from '../../services/azure-devops/identity.ts';
import { createPlatform } from '../../services/azure-devops/platform.ts';
import type { PlatformFacts, Section, SectionKind, SectionOf } from '../../services/domain/platform.ts';
import type { SectionRead } from '../../services/ports/platform-source.ts';
import { type AzureDevOpsSimulator, startAzureDevOps } from '../fakes/azure-devops.ts';
import { aPlatformSetting } from '../platform-facts.ts';

export const BOT = 'https://bot.contoso.example';
export const setting = aPlatformSetting({ 'payments-api': { defaultBranch: 'refs/heads/release' } });

interface Asked {
  readonly sections?: readonly Section[];
  readonly calls?: number;
  readonly isHinted?: boolean;
}

/** The reader of a simulated organization. */
export async function setPlatform() {
  const simulator = await startAzureDevOps();
  onTestFinished(() => simulator.close());
  const organization = simulator.organizationUrl();
  const platform = createPlatform({
    ...{ organizations: [organization], identity: createPatIdentity(simulator.pat) },
    ...{ checksUrl: `${BOT}/api/azure-devops/checks`, hooksUrl: `${BOT}/api/azure-devops/events` },
    connection: { sleep: async () => {} },
  });
  const targetOf = <K extends SectionKind>(kind: K) =>
    kind === 'hooks'
      ? { kind, target: '-', name: 'contoso' }
      : { kind, target: simulator.project.id, name: simulator.project.name };
  /** All of it, in as many parts as it takes. */
  async function read<K extends SectionKind>(
    kind: K,
    { sections = [], calls = 100, isHinted = true }: Asked = {},
    before?: SectionOf<K>['known'],
  ): Promise<{ readonly facts: PlatformFacts[K]; readonly parts: number; readonly calls: number }> {
    let next: string | undefined;
    for (let parts = 1, made = 0; ; parts += 1) {
      const part = await platform.read<K>(organization, {
        ...{ target: targetOf(kind), sections, calls, isHinted, setting },
        ...(before === undefined ? {} : { before }),
        ...(next === undefined ? {} : { next }),
      } as unknown as SectionRead<K>);
      expect(part.calls).toBeLessThanOrEqual(calls);
      made += part.calls;
      if (part.next === undefined) return { facts: part.facts, parts, calls: made };
      next = part.next;
    }
  }
  return { simulator, platform, organization, read };
}

/** An environment with a check of ours, behind a service connection that leads to us. */
export function guarded(simulator: AzureDevOpsSimulator, name = 'prod') {
  const environment = simulator.addEnvironment(name);
  const connection = simulator.addAddress('countersign', `${BOT}/`);
  const check = simulator.addOurCheck(environment, { connection, environment: name, service: 'payments-api' });
  return { environment, connection, check };
}
