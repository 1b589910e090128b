import { gateCard } from '../../cards/gate-card.ts';
import type { Gate } from '../../services/domain/gate.ts';
import { aBlockedGate, aGate, anApprovedGate, BOB } from '../builders.ts';
import type { CardSample } from './samples.ts';

/** An approval that Azure DevOps itself asks for. */
export function nativeSamples(): readonly CardSample[] {
  const sent = { kind: 'sent', as: 'person', missing: 1 } as const;
  const elsewhere = { completedElsewhere: 'approved', completedBy: ['Dan Dorn'], toldAt: '2026-11-23T10:31:01.000Z' };
  return [
    { name: 'native-asked', card: gateCard(native(aGate()), { oid: BOB.oid }) },
    { name: 'native-link-only', card: gateCard(native(aGate({ linkOnly: true })), { oid: BOB.oid }) },
    { name: 'native-approved', card: gateCard(native(anApprovedGate({ handover: sent }))) },
    { name: 'native-blocked', card: gateCard(native(aBlockedGate())) },
    { name: 'native-decided-there', card: gateCard(native(aGate({ state: 'abandoned', ...elsewhere }))) },
  ];
}

function native(gate: Gate): Gate {
  const { organization } = gate.door;
  return { ...gate, door: { kind: 'approval', organization, projectId: gate.run.projectId, id: 'approval' } };
}
