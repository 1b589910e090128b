import type { PersonActor } from './domain/person.ts';
import type { Refusal } from './domain/refusal.ts';
import { type SeenEvidence, seenEvidence } from './domain/seen-evidence.ts';
import type { EvidenceRecords } from './ports/evidence-records.ts';

interface Needs {
  readonly evidenceRecords: Pick<EvidenceRecords, 'of'>;
  /** Why this person may read nothing here, or undefined. */
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
}

export type ViewEvidence = ReturnType<typeof createViewEvidence>;

/** What was recorded about a request, an exception or an action off the release path. Rejects when the store does not answer. */
export function createViewEvidence({ evidenceRecords, strangerBecause }: Needs) {
  return async (by: PersonActor, id: string): Promise<SeenEvidence | Refusal> => {
    const stranger = await strangerBecause(by);
    if (stranger !== undefined) return stranger;
    const entries = await evidenceRecords.of(id);
    return entries === undefined ? 'unknown-request' : seenEvidence(id, entries);
  };
}
