import { type Catalog, type Origin, servicesOf, speaksFor } from './domain/catalog.ts';
import { requesterTexts } from './domain/exclusion.ts';
import { type CheckIds, type Gate, latestClose, orgOf, requestIdOf, tupleOf } from './domain/gate.ts';
import type { Run } from './domain/run.ts';
import type { AzureDevOps } from './ports/azure-devops.ts';
import type { Clock } from './ports/clock.ts';
import type { GateStore } from './ports/gate-store.ts';
import type { Policy } from './ports/policy.ts';
import type { Vault } from './ports/vault.ts';

/** One delivery of a check, authenticated and parsed; everything in it but the ids is still unproven. */
export interface Delivery {
  readonly check: CheckIds;
  readonly jobToken: string;
  readonly runId: number;
  readonly stage: string;
  readonly environment: string;
  readonly service?: string;
  readonly artifact?: string;
}

export type Receipt =
  | { readonly kind: 'accepted'; readonly org: string; readonly requestId: string; readonly isJudged: boolean }
  | { readonly kind: 'unproven'; readonly why: string }
  | { readonly kind: 'finished' }
  | { readonly kind: 'invalid'; readonly code: 'service-mismatch' | 'unknown-environment'; readonly detail: string };

interface Needs {
  readonly tenant: string;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly azureDevOps: AzureDevOps;
  readonly gates: GateStore;
  readonly vault: Vault;
}

export type Deliveries = ReturnType<typeof createDeliveries>;

export function createDeliveries(needs: Needs) {
  return {
    /** Proves, then stores as `received`; the judgement follows from the outbox. Rejects when nothing could be learnt or stored. */
    receive: (delivery: Delivery): Promise<Receipt> => receive(needs, delivery),
  };
}

async function receive(needs: Needs, delivery: Delivery): Promise<Receipt> {
  const proof = await needs.azureDevOps.prove(delivery.check, delivery.runId, delivery.jobToken);
  if (proof.kind === 'unproven') return proof;
  const org = orgOf(needs.tenant, delivery.check.organization);
  const id = requestIdOf(org, delivery.check, proof.attempt);
  if (proof.completed) return (await knownReceipt(needs, org, id)) ?? { kind: 'finished' };
  const { contract, catalog } = await needs.policy.current();
  if (contract !== undefined && !contract.environments.has(delivery.environment)) {
    const names = [...contract.environments.keys()].join(', ');
    const detail = `"${delivery.environment}" is none of ${names}`;
    return (await knownReceipt(needs, org, id)) ?? { kind: 'invalid', code: 'unknown-environment', detail };
  }
  const services = servicesFor(delivery, proof.run, catalog);
  if (typeof services === 'string') {
    return (await knownReceipt(needs, org, id)) ?? { kind: 'invalid', code: 'service-mismatch', detail: services };
  }
  const gate = receivedGate(delivery, org, id, proof.attempt, proof.run, services, needs.clock.now());
  return store(needs, gate, delivery.jobToken);
}

/** A known request is answered with its id whatever its state, and whatever has changed since in policy or Azure DevOps. */
async function knownReceipt(needs: Needs, org: string, requestId: string): Promise<Receipt | undefined> {
  const known = await needs.gates.read(org, requestId);
  return known === undefined ? undefined : { kind: 'accepted', org, requestId, isJudged: isJudged(known.gate) };
}

/** The services that this run may speak for, or what is wrong (contract.md: a run may only speak for its own service). */
function servicesFor(delivery: Delivery, run: Run, catalog: Catalog): string[] | string {
  const origin: Origin = { repository: run.repository.name, pipeline: run.pipeline.name };
  // Nothing could be loaded: the gate is taken and closed by its judgement, where people see why.
  if (catalog.services.size === 0 && catalog.broken.size === 0) return [delivery.service ?? run.pipeline.name];
  const where = `pipeline "${origin.pipeline}" or repository "${origin.repository}"`;
  if (delivery.service === undefined) {
    const found = servicesOf(catalog, origin);
    return found.length > 0 ? found : `the catalog ties no service to ${where}: name one, or add it to the catalog`;
  }
  // A service whose own file is broken stays closed by its judgement, where people see why.
  if (catalog.broken.has(delivery.service)) return [delivery.service];
  const service = catalog.services.get(delivery.service);
  if (service !== undefined && speaksFor(service, origin)) return [service.name];
  return `the catalog does not tie "${delivery.service}" to ${where}`;
}

function receivedGate(
  delivery: Delivery,
  org: string,
  id: string,
  attempt: number,
  run: Run,
  services: readonly string[],
  now: string,
): Gate {
  return {
    id,
    org,
    door: { kind: 'check', ...delivery.check },
    votes: [],
    attempt,
    run,
    stage: delivery.stage,
    environment: delivery.environment,
    services,
    ...(delivery.artifact === undefined ? {} : { artifact: delivery.artifact }),
    state: 'received',
    revision: 1,
    receivedAt: now,
    closesAt: latestClose(now),
    observed: false,
  };
}

async function store(needs: Needs, gate: Gate, jobToken: string): Promise<Receipt> {
  const committed = await needs.gates.create({
    op: `receive ${gate.id} ${gate.receivedAt}`,
    gate,
    token: await needs.vault.seal(jobToken, gate.id),
    evidence: {
      kind: 'check-received',
      actor: { kind: 'pipeline', name: gate.run.pipeline.name },
      data: {
        tuple: [...tupleOf(gate.org, gate.door, gate.attempt)],
        run: gate.run.id,
        definition: gate.run.pipeline.id,
        commit: gate.run.commit,
        stage: gate.stage,
        environment: gate.environment,
        services: [...gate.services],
      },
      texts: requesterTexts(gate.run),
    },
    outbox: ['judge', 'index'],
    at: gate.receivedAt,
  });
  const tuple = ({ org, door, attempt }: Gate) => JSON.stringify(tupleOf(org, door, attempt));
  if (tuple(committed.stored.gate) !== tuple(gate))
    throw new Error(`request ${gate.id} is already that of another check: ids collide`);
  return { kind: 'accepted', org: gate.org, requestId: gate.id, isJudged: isJudged(committed.stored.gate) };
}

/** A request that was stored and forgotten is judged when its check is delivered again. */
function isJudged({ state }: Gate): boolean {
  return state !== 'received';
}
