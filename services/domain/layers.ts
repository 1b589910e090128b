import type { Gate } from './gate.ts';
import { exceptionsUsed, type JudgedGroup } from './judgement.ts';

/**
 * What every entry about a judged gate connects: the delivery it is part of, the services with what the catalog says of
 * them, controls and findings with those who own them at that moment, whom the route asks and who has approved, and what all of it was bound to. Ids and codes only.
 */
export function layersOf(gate: Gate) {
  const { run, judgement, ask, votes } = gate;
  return {
    revision: gate.revision,
    subject: gate.subjectChecksum ?? null,
    run: { project: run.projectId, pipeline: run.pipeline.id, id: run.id },
    stage: gate.stage,
    attempt: gate.attempt,
    environment: gate.environment,
    services: [...gate.services],
    context: (judgement?.context ?? []).map((one) => ({ ...one })),
    contract: judgement?.contract === undefined ? null : { ...judgement.contract },
    controls: (judgement?.signals ?? []).map(({ service, control, owner, state, why, asOf }) => ({
      service,
      control,
      owner,
      state,
      why,
      asOf,
    })),
    findings: [...(judgement?.blocks ?? []), ...(judgement?.warns ?? [])].map(findingOf),
    exceptions: judgement === undefined ? [] : exceptionsUsed(judgement),
    levels: (ask?.levels ?? []).map(({ route, quorum, from, escalatedTo }, index) => ({
      route,
      quorum,
      from: [...from],
      escalatedTo,
      approvals: votes.filter(({ levels }) => levels.includes(index)).map((one) => one.by.oid),
    })),
  };
}

function findingOf({ service, control, decision, owner, count, exceptionId }: JudgedGroup) {
  return { service, control, decision, owner, count, exceptionId };
}
