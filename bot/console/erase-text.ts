import type { EvidenceRecords, TextErased } from '../../services/ports/evidence-records.ts';
import type { Outcome } from './outcome.ts';

/** `evidence erase ID --field NAME`: no when nothing was erased. `at`: ISO-8601 UTC of now. */
export async function eraseText(
  evidence: Pick<EvidenceRecords, 'eraseText'>,
  id: string,
  field: string,
  at: string,
): Promise<Outcome> {
  const done = await evidence.eraseText(id, field, at);
  if (done.kind !== 'erased')
    return { exitCode: 1, lines: [], remarks: [`Nothing was erased: ${whyNot(done, id, field)}`] };
  const { seqs } = done;
  return {
    exitCode: 0,
    lines: [`erased: ${field} of ${seqs.length === 1 ? 'entry' : 'entries'} ${seqs.join(', ')} of ${id}`],
    remarks: ['Exports that were made before, cards and the record itself may still have it: docs/evidence.md.'],
  };
}

function whyNot(done: Exclude<TextErased, { kind: 'erased' }>, id: string, field: string): string {
  if (done.kind === 'unknown-id') return `no request, exception or action has the id ${id}.`;
  if (done.kind === 'broken')
    return `the chain of ${id} is broken at entry ${done.seq}; it is left as it is. Look at it first.`;
  if (done.kind === 'not-recorded') return 'others changed it at the same moment. Try again.';
  const there = done.fields.length === 0 ? 'it has no texts' : `there are ${done.fields.join(', ')}`;
  return `no entry of ${id} has a text ${field}; ${there}.`;
}
