import { onTestFinished } from 'vitest';
import { createEntraIdentity, createPatIdentity } from '../../services/azure-devops/identity.ts';
import { createPlatform } from '../../services/azure-devops/platform.ts';
import { createPlatformSetUp } from '../../services/azure-devops/platform-set-up.ts';
import type { Catalog, Service } from '../../services/domain/catalog.ts';
import type { Contract, EnvironmentPolicy } from '../../services/domain/contract.ts';
import type { Section } from '../../services/domain/platform.ts';
import { PLATFORM_RULES } from '../../services/domain/platform-rule-table.ts';
import { platformFindings } from '../../services/domain/platform-rules.ts';
import type { SetUpWish } from '../../services/domain/set-up.ts';
import type { PlatformSetUp } from '../../services/ports/platform-set-up.ts';
import { createSetUps, type SetUpAim, type SetUpReport } from '../../services/set-ups.ts';
import { type AzureDevOpsSimulator, startAzureDevOps } from './azure-devops.ts';
import type { SimulatedProject } from './azure-devops-model.ts';

export const BOT = 'https://bot.contoso.example';
export const ADDRESSES = {
  baseUrl: BOT,
  checksUrl: `${BOT}/api/azure-devops/checks`,
  hooksUrl: `${BOT}/api/azure-devops/events`,
};
/** Made at run time, so that nothing here looks like a secret. */
export const CHECK_KEY = ['check', 'key', 'of', 'a', 'test'].join('-');
export const HOOK_PASSWORD = ['hook', 'password', 'of', 'a', 'test'].join('-');
const NOW = '2026-11-24T09:00:00.000Z';

/** `az login` was not done. */
const NOBODY = createEntraIdentity({ getToken: () => Promise.reject(new Error('CredentialUnavailableError')) });

export function aService(name: string, environments: readonly string[], over: Partial<Service> = {}): Service {
  return {
    ...{ name, owner: `group:${name}-owners`, repositories: [name], pipelines: [name], paths: [] },
    environments: new Map(environments.map((one) => [one, { resourceGroups: [] }])),
    ...over,
  } as Service;
}

export function catalogOf(...services: readonly Service[]): Catalog {
  return { broken: new Map(), services: new Map(services.map((one) => [one.name, one])) };
}

/** Of environments and what is said of each; nothing else of a contract is looked at. */
export function contractOf(environments: Readonly<Record<string, Partial<EnvironmentPolicy>>>): Contract {
  const policies = Object.entries(environments).map(([name, over]): [string, EnvironmentPolicy] => [
    name,
    { name, tier: 'production', approval: 'required', blockWaitMinutes: 60, ...over },
  ]);
  return { environments: new Map(policies) } as unknown as Contract;
}

export interface SetUpScene {
  readonly simulator: AzureDevOpsSimulator;
  readonly catalog: Catalog;
  readonly contract: Contract;
  /** Seconds that were waited, in order. */
  readonly waited: number[];
  run(aim?: Partial<SetUpAim>, over?: Partial<SetUpWish>): Promise<SetUpReport>;
  remove(aim?: Partial<SetUpAim>): Promise<SetUpReport>;
  /** Calls that change something, since the last look. */
  writes(): readonly string[];
}

/** Of each project its environments; each has one service of its name in lower case, with a pipeline and these environments. */
export async function setUpScene(
  projects: Readonly<Record<string, readonly string[]>>,
  over: {
    readonly contract?: Contract;
    readonly catalog?: (own: readonly Service[]) => Catalog;
    readonly through?: (platform: PlatformSetUp) => PlatformSetUp;
    readonly secrets?: object;
    readonly isSignedIn?: false;
  } = {},
): Promise<SetUpScene & { readonly projects: ReadonlyMap<string, SimulatedProject> }> {
  const simulator = await startAzureDevOps();
  onTestFinished(() => simulator.close());
  const made = new Map<string, SimulatedProject>();
  for (const [name, environments] of Object.entries(projects)) {
    const project = name === simulator.project.name ? simulator.project : simulator.addProject(name);
    made.set(name, project);
    simulator.addPipeline({ name: name.toLowerCase(), project });
    simulator.addPipeline({ name: `other-of-${name}`, project });
    for (const one of environments) simulator.addEnvironment(one, project);
  }
  const names = Object.values(projects).flat();
  const contract = over.contract ?? contractOf(Object.fromEntries(names.map((name) => [name, {}])));
  const own = Object.entries(projects).map(([name, environments]) => aService(name.toLowerCase(), environments));
  const catalog = over.catalog?.(own) ?? catalogOf(...own);
  const waited: number[] = [];
  const organizations = [simulator.organizationUrl()];
  const platform = createPlatformSetUp({
    ...{ organizations, identity: over.isSignedIn === false ? NOBODY : createPatIdentity(simulator.pat) },
    ...{ addresses: ADDRESSES, callMs: 2_000 },
    secrets: over.secrets ?? { checkKey: CHECK_KEY, hookPassword: HOOK_PASSWORD },
    connection: { sleep: async () => undefined },
  });
  const setUp = createSetUps({
    ...{ platform: over.through?.(platform) ?? platform, organizations },
    wait: async (seconds) => void waited.push(seconds),
  });
  let before = 0;
  return {
    ...{ simulator, catalog, contract, waited, projects: made },
    run: (aim, wish) =>
      setUp({
        apply: true,
        wish: { catalog, contract, now: NOW, observeOnly: false, hasKey: true, hasPassword: true, ...wish },
        ...aim,
      }),
    remove: (aim) => setUp({ apply: true, ...aim }),
    writes: () => {
      const made = simulator.requests.slice(before);
      before = simulator.requests.length;
      const isLook = ({ method, path }: { readonly method: string; readonly path: string }) =>
        method === 'GET' || path.includes('queryconfigurations');
      return made.filter((one) => !isLook(one)).map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`);
    },
  };
}

/** How many results there are of each step; those that were written, and those that were not. */
export function counted({ results }: SetUpReport): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { step, isDone, kind } of results) {
    const key = `${step}${isDone ? 'd' : ''} ${kind}`;
    counts[key] = (counts[key] ?? 0) + 1;
  }
  return counts;
}

/** What of the platform breaks which rule, as the bot's own posture sees it. */
export async function brokenRules({ simulator, catalog, contract }: SetUpScene): Promise<string[]> {
  const organization = simulator.organizationUrl();
  const source = createPlatform({
    ...{ organizations: [organization], identity: createPatIdentity(simulator.pat), callMs: 2_000 },
    ...ADDRESSES,
    connection: { sleep: async () => undefined },
  });
  let sections: readonly Section[] = [];
  for (const kinds of [['project'], ['environments', 'connections', 'hooks']]) {
    const { targets } = await source.targets(organization, catalog, sections);
    const setting = { catalog, contract };
    for (const target of targets.filter(({ kind }) => kinds.includes(kind))) {
      const part = await source.read(organization, { target, sections, setting, calls: 1_000, isHinted: true });
      const known = { at: NOW, facts: part.facts };
      sections = [...sections, { ...target, known } as unknown as Section];
    }
  }
  const platform = { organization, sections };
  const found = platformFindings(PLATFORM_RULES, platform, { catalog, contract, now: NOW });
  return [...new Set(found.map(({ finding }) => finding.rule))].sort();
}
