import { onTestFinished } from 'vitest';
import { createPatIdentity } from '../../services/azure-devops/identity.ts';
import { createPolicyRepository } from '../../services/azure-devops/policy-repository.ts';
import { createSourcedPolicy } from '../../services/policy/sourced-policy.ts';
import type { Policy, PolicySnapshot } from '../../services/ports/policy.ts';
import type { PolicySource } from '../../services/ports/policy-source.ts';
import { type AzureDevOpsSimulator, startAzureDevOps } from '../fakes/azure-devops.ts';
import type { SimulatedGit, SimulatedPolicy } from '../fakes/azure-devops-git.ts';
import { CONTRACT } from '../unit/written-contract.ts';

export const CATALOG = 'kind: Catalog\nservices: { payments: { owner: "group:payments" } }\n';
export const ROUTES =
  'kind: ApprovalRoutes\nroutes:\n  - { match: { environment: prod }, levels: [{ from: ["group:leads"] }] }\n';
export const version = (number: number) => CONTRACT.replace('version: 7', `version: ${number}`);

/** A protected branch `main` with a whole policy, and the bot that reads it. */
export interface RepositoryScene {
  readonly simulator: AzureDevOpsSimulator;
  readonly git: SimulatedGit;
  readonly protection: SimulatedPolicy;
  /** Of the first push. */
  readonly commit: string;
  readonly source: PolicySource;
  readonly policy: Policy;
  /** The policy so many seconds later, by default when the source is looked at again. */
  readonly later: (seconds?: number) => Promise<PolicySnapshot>;
  /** Requests to this since the last time that this was asked. */
  readonly asked: (path: RegExp) => number;
}

export interface RepositorySceneOptions {
  readonly folder?: string;
  readonly ref?: string;
  readonly withoutIdentity?: boolean;
  readonly callMs?: number;
}

export async function setRepository(options: RepositorySceneOptions = {}): Promise<RepositoryScene> {
  const { folder = '', ref = 'refs/heads/main', callMs } = options;
  let now = Date.parse('2026-11-23T08:00:00.000Z');
  const clock = { now: () => new Date(now).toISOString() };
  const simulator = await startAzureDevOps({ now: () => now });
  onTestFinished(() => simulator.close());
  const git = simulator.addRepository('policy');
  const at = (file: string) => `${folder}/${file}`.slice(1);
  const commit = git.push({
    [at('contract.yaml')]: CONTRACT,
    [at('catalog.yaml')]: CATALOG,
    [at('routes.yaml')]: ROUTES,
    'README.md': 'not policy',
  });
  const protection = git.protect();
  const source = createPolicyRepository({
    repository: { organization: simulator.organizationUrl(), project: 'Shop', name: 'policy', ref, folder },
    ...(options.withoutIdentity ? {} : { identity: createPatIdentity(simulator.pat) }),
    clock,
    ...(callMs === undefined ? {} : { callMs }),
  });
  const policy = createSourcedPolicy({ source, clock });
  let seen = 0;
  return {
    simulator,
    git,
    protection,
    commit,
    source,
    policy,
    later(seconds = 11) {
      now += seconds * 1_000;
      return policy.current();
    },
    asked(path) {
      const since = simulator.requests.slice(seen);
      seen = simulator.requests.length;
      return since.filter((request) => path.test(request.path)).length;
    },
  };
}
