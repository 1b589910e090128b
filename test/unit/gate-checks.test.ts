import { expect, test } from 'vitest';
import { approvalCard } from '../../cards/approval-card.ts';
import { plusMinutes } from '../../services/domain/instant.ts';
import { aGate, aJudgement, aSignal } from '../builders.ts';
import { textById } from '../cards/read.ts';

test('of what is so whatever is deployed the gate says how old the oldest was when it was judged', () => {
  const signals = [
    aSignal({ control: 'azure-policy', category: 'policy', asOf: plusMinutes(aJudgement().at, -40) }),
    aSignal({ control: 'defender', category: 'runtime', asOf: plusMinutes(aJudgement().at, -2_900) }),
  ];
  const gate = textById(approvalCard(aGate({ judgement: aJudgement({ signals }) })), 'gate');

  expect(gate).toContain('✓ Azure Policy pass: azure-policy reported 40 minutes earlier');
  expect(gate).toContain('✓ Defender pass: defender reported 2 days earlier');
});
