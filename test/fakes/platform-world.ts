import { onTestFinished } from 'vitest';
import { createEntraIdentity } from '../../services/azure-devops/identity.ts';
import { createPlatform } from '../../services/azure-devops/platform.ts';
import { orgOf } from '../../services/domain/gate.ts';
import type { SectionKind, SectionOf } from '../../services/domain/platform.ts';
import type { Table } from '../../services/ports/table.ts';
import { TENANT } from '../builders.ts';
import { type AzureDevOpsSimulator, startAzureDevOps } from './azure-devops.ts';
import { createCoreWorldOn } from './core-world.ts';

/** `platformSources`: besides Azure DevOps. */
type WorldOptions = NonNullable<Parameters<typeof createCoreWorldOn>[1]>;

const BOT = 'https://bot.contoso.example';

/** The same with payments-api, built in project Shop and deployed to prod. */
export async function setPlatformWorld(table: Table, options: WorldOptions = {}) {
  const simulator = await startAzureDevOps();
  onTestFinished(() => simulator.close());
  const pipeline = simulator.addPipeline({ name: 'payments-api' });
  const environment = simulator.addEnvironment('prod');
  const connection = simulator.addAddress('countersign', BOT);
  simulator.allowPipelines(environment, [pipeline]);
  return {
    ...platformWorldOn(table, simulator, options),
    guard: () => simulator.addOurCheck(environment, { connection, environment: 'prod', service: 'payments-api' }),
  };
}

/** The whole core with a simulated Azure DevOps. */
export function platformWorldOn(table: Table, simulator: AzureDevOpsSimulator, options: WorldOptions = {}) {
  const organization = simulator.organizationUrl();
  // A token of Entra: whoever signs in by a personal access token is told of it.
  const identity = createEntraIdentity({ getToken: async () => ({ token: simulator.pat, expiresOnTimestamp: 0 }) });
  const source = createPlatform({
    ...{ organizations: [organization], identity, callMs: 2_000, now: () => Date.parse(world.now) },
    ...{ checksUrl: `${BOT}/api/azure-devops/checks`, hooksUrl: `${BOT}/api/azure-devops/events` },
    connection: { sleep: async () => {} },
  });
  const world = createCoreWorldOn(table, {
    ...options,
    ...{ organization, platformSources: [source, ...(options.platformSources ?? [])] },
  });
  const org = orgOf(TENANT, organization);
  const headIn = async (environmentName = 'prod', service = 'payments-api') => {
    const scope = { org, service, environment: environmentName };
    const { heads } = await world.ports.scopes.view(scope, []);
    return heads.find(({ tool }) => tool === 'azure-devops');
  };
  const scan = async (core = world.core, rounds = 1) => {
    for (let n = 0; n < rounds; n += 1) {
      await core.reconcile();
      await core.idle();
      world.advance(5);
    }
  };
  return {
    ...{ simulator, world, organization, scan, headIn },
    /** What is known of a part of the platform. */
    section: async <K extends SectionKind>(kind: K) => {
      const all = await world.ports.platforms.all(organization);
      return all.find(({ section }) => section.kind === kind)?.section as SectionOf<K> | undefined;
    },
    /** Rules that are open there, each once. */
    openIn: async (environmentName = 'prod', service = 'payments-api') => {
      const head = await headIn(environmentName, service);
      return [...new Set(head?.groups.map(({ rule }) => rule))].sort();
    },
    /** Calls to the simulator since the last look. */
    calls: (() => {
      let before = 0;
      return (matching = /./) => {
        const made = simulator.requests.slice(before).filter(({ path }) => matching.test(path));
        before = simulator.requests.length;
        return made.length;
      };
    })(),
    /** What `status` says of a part of the platform. */
    statusOf: async (kind: SectionKind) =>
      (await world.core.status.deliveryHealth()).platform?.find((one) => one.kind === kind),
  };
}
