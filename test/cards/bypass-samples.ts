import { gateCard } from '../../cards/gate-card.ts';
import type { Bypass, Explanation } from '../../services/domain/bypass.ts';
import { ANN, aBlockedGate, aDecision, aGate, BOB, TENANT } from '../builders.ts';
import type { CardSample } from './samples.ts';

/** By Ann, who asked for it; the owners of payments are to confirm it. */
export function anExplainedBypass(overrides: Partial<Explanation> = {}): Bypass {
  return {
    explained: {
      by: { kind: 'person', tenant: TENANT, oid: ANN.oid, name: ANN.name },
      at: '2026-11-23T11:00:00.000Z',
      reason: 'The shop was down and nobody of the leads could be reached.',
      ticket: 'INC-4711',
      confirmers: ['group:payments-owners'],
      accounts: [ANN.oid, ANN.upn],
      ...overrides,
    },
  };
}

export function bypassSamples(): CardSample[] {
  const bypassed = aGate({ state: 'bypassed', completedElsewhere: 'succeeded', toldAt: '2026-11-23T10:31:01.000Z' });
  const past = aBlockedGate({ state: 'bypassed', completedElsewhere: 'succeeded', toldAt: '2026-11-23T10:31:01.000Z' });
  const explained = aGate({ ...bypassed, revision: 2, bypass: anExplainedBypass() });
  const { by } = aDecision();
  const confirmed = {
    ...explained,
    bypass: { ...anExplainedBypass(), confirmed: { by, at: '2026-11-23T12:00:00.000Z' } },
  };
  return [
    { name: 'bypass-unexplained', card: gateCard(bypassed) },
    { name: 'bypass-of-a-block', card: gateCard(past) },
    { name: 'bypass-refused', card: gateCard(bypassed, { oid: BOB.oid }, { refusal: 'may-not-explain' }) },
    { name: 'bypass-explained', card: gateCard(explained) },
    { name: 'bypass-confirmed', card: gateCard(confirmed) },
  ];
}
