import { servicesOf } from './domain/catalog.ts';
import type { Contract } from './domain/contract.ts';
import { requesterTexts } from './domain/exclusion.ts';
import { type Gate, latestClose, orgOf, requestIdOf, tupleOf } from './domain/gate.ts';
import type { NativeApproval, NativeApprovalRef } from './domain/native-approval.ts';
import type { AzureDevOps } from './ports/azure-devops.ts';
import type { Clock } from './ports/clock.ts';
import type { GateStore } from './ports/gate-store.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';

/** What became of an approval that somebody told us of. */
export type Noticed =
  | { readonly kind: 'created' | 'known'; readonly org: string; readonly id: string }
  /** No request is made of it; `again`: Azure DevOps may say more in a minute. */
  | { readonly kind: 'passed-over'; readonly why: string; readonly again?: true };

interface Needs {
  readonly tenant: string;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly azureDevOps: AzureDevOps;
  readonly gates: GateStore;
  /** Nobody can decide from here as themselves, nor does the bot for them. */
  readonly linkOnly: boolean;
}

/** The run's timeline may name an approval some moments after it was raised. */
const SETTLING_MS = 600_000;
const BOT = { kind: 'bot' } as const;

/** Approvals that Azure DevOps itself asks for: who told us of one is believed nothing but that it is worth a look. */
export function createNativeApprovals(needs: Needs) {
  return {
    /** Rejects with AzureDevOpsUnavailable-, AzureDevOpsRefused- or StoreUnavailableError. Any order, any number of times. */
    noticed: (ref: NativeApprovalRef): Promise<Noticed> => noticed(needs, ref, false),
    /** As `noticed`, for what nobody told us of: only what the contract has an environment for. */
    found: (ref: NativeApprovalRef): Promise<Noticed> => noticed(needs, ref, true),
  };
}

async function noticed(needs: Needs, ref: NativeApprovalRef, mustBeOurs: boolean): Promise<Noticed> {
  const org = orgOf(needs.tenant, ref.organization);
  const id = requestIdOf(org, ref, 0);
  if ((await needs.gates.read(org, id)) !== undefined) return { kind: 'known', org, id };
  const approval = await needs.azureDevOps.approval(ref, BOT);
  if (approval === undefined) return passedOver('Azure DevOps has no such approval, or does not show it to the bot');
  if (approval.status !== 'pending') return passedOver(`it is ${approval.status}`);
  const { stage } = approval;
  if (stage === undefined) return unnamed(needs, approval, "the run's timeline does not name it");
  if (approval.environment === undefined) return unnamed(needs, approval, 'it guards no environment that can be read');
  const policy = await needs.policy.current();
  const { environment, isKnown } = environmentIn(policy.contract, approval.environment);
  if (mustBeOurs && !isKnown) return passedOver(`the contract has no environment "${environment}"`);
  const services = servicesFor(approval, policy);
  if (services.length === 0) return passedOver(`the catalog ties no service to "${approval.run.pipeline.name}"`);
  const now = needs.clock.now();
  return store(needs, {
    id,
    org,
    door: { kind: 'approval', ...ref },
    votes: [],
    attempt: stage.attempt,
    run: approval.run,
    stage: stage.name,
    environment,
    services,
    state: 'received',
    revision: 1,
    receivedAt: now,
    closesAt: latestClose(now),
    observed: false,
    ...(needs.linkOnly ? { linkOnly: true as const } : {}),
  });
}

function passedOver(why: string): Noticed {
  return { kind: 'passed-over', why };
}

function unnamed({ clock }: Needs, { createdOn }: NativeApproval, why: string): Noticed {
  const isYoung = Date.parse(clock.now()) - Date.parse(createdOn) < SETTLING_MS;
  return { kind: 'passed-over', why, ...(isYoung ? { again: true as const } : {}) };
}

/** By the contract's spelling: Azure DevOps does not mind the case of a name. */
function environmentIn(contract: Contract | undefined, name: string) {
  const names = [...(contract?.environments.keys() ?? [])];
  const known = names.find((one) => one.toLowerCase() === name.toLowerCase());
  return { environment: known ?? name, isKnown: known !== undefined };
}

/** The definition itself says whose run it is; nobody can name another service here. */
function servicesFor({ run }: NativeApproval, { catalog }: PolicySnapshot): string[] {
  // Nothing could be loaded: the gate is taken and closed by its judgement, where people see why.
  if (catalog.services.size === 0 && catalog.broken.size === 0) return [run.pipeline.name];
  return servicesOf(catalog, { repository: run.repository.name, pipeline: run.pipeline.name });
}

async function store({ gates }: Needs, gate: Gate): Promise<Noticed> {
  const committed = await gates.create({
    op: `notice ${gate.id} ${gate.receivedAt}`,
    gate,
    evidence: {
      kind: 'approval-noticed',
      actor: { kind: 'pipeline', name: gate.run.pipeline.name },
      data: {
        tuple: [...tupleOf(gate.org, gate.door, gate.attempt)],
        run: gate.run.id,
        definition: gate.run.pipeline.id,
        commit: gate.run.commit,
        stage: gate.stage,
        attempt: gate.attempt,
        environment: gate.environment,
        services: [...gate.services],
      },
      texts: requesterTexts(gate.run),
    },
    outbox: ['judge', 'index'],
    at: gate.receivedAt,
  });
  return { kind: committed.kind === 'committed' ? 'created' : 'known', org: gate.org, id: gate.id };
}
