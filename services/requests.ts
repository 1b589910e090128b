import { decisionClaims, supersedes } from './domain/decision-claims.ts';
import { type Gate, orgOf } from './domain/gate.ts';
import type { Clock } from './ports/clock.ts';
import type { GateStore } from './ports/gate-store.ts';
import type { Signer } from './ports/signer.ts';

/** Which requests of a run are meant. */
export interface RunFilter {
  /** Configured organization URL without a trailing slash. */
  readonly organization: string;
  readonly runId: number;
  readonly stage?: string;
  readonly environment?: string;
  readonly service?: string;
}

interface Needs {
  /** Entra tenant id. */
  readonly tenant: string;
  readonly clock: Clock;
  readonly gates: GateStore;
  readonly signer: Signer;
  /** Public address of this bot. */
  readonly issuer?: string;
}

export type Requests = ReturnType<typeof createRequests>;

/** What pipelines may read of requests; nothing here changes one. */
export function createRequests(needs: Needs) {
  return {
    find: async (requestId: string): Promise<Gate | undefined> => (await needs.gates.locate(requestId))?.gate,
    /** The requests of a run, the latest first. */
    ofRun: async (filter: RunFilter): Promise<readonly Gate[]> => {
      const org = orgOf(needs.tenant, filter.organization);
      return (await gatesOfRun(needs, org, filter.runId)).filter((gate) => isMeant(gate, filter));
    },
    /** A compact JWS of DecisionClaims; undefined when there is no such request. Rejects when it cannot be signed. */
    signedDecision: async (requestId: string): Promise<string | undefined> => {
      const stored = await needs.gates.locate(requestId);
      if (stored === undefined) return undefined;
      const { gate } = stored;
      const others = await gatesOfRun(needs, gate.org, gate.run.id);
      const superseded = others.some((other) => supersedes(other, gate));
      const { issuer } = needs;
      const said = { superseded, now: needs.clock.now(), ...(issuer === undefined ? {} : { issuer }) };
      return needs.signer.sign('countersign-decision+jwt', decisionClaims(gate, said));
    },
    jwks: (): ReturnType<Signer['jwks']> => needs.signer.jwks(),
  };
}

async function gatesOfRun({ gates }: Needs, org: string, runId: number): Promise<readonly Gate[]> {
  const ids = await gates.ofRun(org, runId);
  const found = await Promise.all(ids.map((id) => gates.read(org, id)));
  return found
    .flatMap((stored) => (stored === undefined ? [] : [stored.gate]))
    .sort((a, b) => (a.receivedAt < b.receivedAt ? 1 : -1));
}

function isMeant(gate: Gate, { stage, environment, service }: RunFilter): boolean {
  return (
    (stage === undefined || gate.stage === stage) &&
    (environment === undefined || gate.environment === environment) &&
    (service === undefined || gate.services.includes(service))
  );
}
