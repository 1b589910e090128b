import { requesterOf } from '../../cards/names.ts';
import { plain } from '../../cards/text.ts';
import type { Decision, Gate } from '../../services/domain/gate.ts';

const NAME_MAX = 60;

/** A request as `/api/requests` tells it: facts of the record, no comments and no texts of tools. */
export function requestState(gate: Gate) {
  const { run, decision, verdict, judgement } = gate;
  const self = `/api/requests/${gate.id}`;
  return {
    id: gate.id,
    state: gate.state,
    revision: gate.revision,
    organization: gate.door.organization,
    project: run.project,
    pipeline: run.pipeline.name,
    run: { id: run.id, name: run.name },
    stage: gate.stage,
    attempt: gate.attempt,
    environment: gate.environment,
    services: gate.services,
    requester: requesterOf(gate),
    counts: judgement?.counts ?? null,
    obstacles: (judgement?.obstacles ?? []).map(({ kind }) => kind),
    decisions: [
      ...gate.votes.map((vote) => decisionState({ ...vote, verdict: 'approve' })),
      ...(decision?.verdict === 'reject' ? [decisionState(decision)] : []),
    ],
    subjectChecksum: gate.subjectChecksum ?? null,
    receivedAt: gate.receivedAt,
    closesAt: gate.closesAt,
    verdict: verdict === undefined ? null : { result: verdict.result, reason: verdict.reason, at: verdict.sealedAt },
    toldAt: gate.toldAt ?? null,
    stageResult: gate.stageResult ?? null,
    links: { run: run.url, self, decision: `${self}/decision` },
  };
}

function decisionState({ verdict, by, covers, at }: Pick<Decision, 'verdict' | 'by' | 'covers' | 'at'>) {
  const person = ({ oid, name }: { readonly oid: string; readonly name: string }) => ({
    oid,
    name: plain(name, NAME_MAX),
  });
  return { verdict, by: person(by), ...(covers === undefined ? {} : { covers: person(covers) }), at };
}
