import type { ActivityPlace, LoggedEntry } from './domain/activity.ts';
import { orgOf } from './domain/gate.ts';
import { plusMinutes } from './domain/instant.ts';
import type { Run } from './domain/run.ts';
import type { Deployments } from './ports/deployments.ts';
import { type GateStore, gatesOfRun } from './ports/gate-store.ts';
import type { OffPathStore } from './ports/off-path-store.ts';
import { SourceRefusedError } from './ports/signal-source.ts';

interface Needs {
  readonly tenant: string;
  readonly gates: Pick<GateStore, 'ofRun' | 'read'>;
  readonly offPaths: Pick<OffPathStore, 'since'>;
  /** Absent: runs cannot be looked up. */
  readonly deployments?: Pick<Deployments, 'runNamed'>;
}

/** A stage is deployed soon after its checks were passed by. */
const NEAR_MINUTES = 2_880;

/**
 * What is known here of a stage whose checks were bypassed, as an audit log names it. `told`: its gate, or its deployment, tells of it; else
 * where it belongs, as far as its gate says. Rejects with SourceUnavailableError or StoreUnavailableError.
 */
export function createPassedStages(needs: Needs) {
  return async (organization: string, entry: LoggedEntry): Promise<'told' | ActivityPlace | undefined> => {
    const run = await runOf(needs, organization, entry);
    if (run === undefined) return undefined;
    const { stage } = entry.about;
    const isStage = (name: string) => stage === undefined || name.toLowerCase() === stage.toLowerCase();
    const gates = (await gatesOfRun(needs.gates, orgOf(needs.tenant, run.organization), run.id)).filter((gate) =>
      isStage(gate.stage),
    );
    if (gates.some(({ state }) => state !== 'approved' && state !== 'passed')) return 'told';
    const raised = await needs.offPaths.since(plusMinutes(entry.at, -NEAR_MINUTES));
    const isRaised = raised.some((action) => isRun(action.run, run) && isStage(action.run?.stage ?? ''));
    const [gate] = gates;
    if (isRaised) return 'told';
    return gate && { services: gate.services, environment: gate.environment };
  };
}

function isRun(one: { readonly organization: string; readonly id: number } | undefined, run: Run): boolean {
  return one?.id === run.id && one.organization === run.organization;
}

async function runOf({ deployments }: Needs, organization: string, { about }: LoggedEntry): Promise<Run | undefined> {
  const { pipeline, run, projectId, project = '' } = about;
  if (pipeline === undefined || run === undefined || (projectId ?? project) === '') return undefined;
  try {
    return await deployments?.runNamed(organization, projectId ?? project, pipeline, run);
  } catch (error) {
    // Whether anybody knows of it cannot be found out: then it is told.
    if (error instanceof SourceRefusedError) return undefined;
    throw error;
  }
}
