import type { Gate } from '../services/domain/gate.ts';
import { type CardAction, type CardElement, row, section, sectionHead } from './card.ts';
import { openRunButton, present } from './gate-actions.ts';
import { deploymentOf } from './names.ts';
import { plain } from './text.ts';

const RUNS_SHOWN = 3;

/** Runs whose stage can be run again, with the way to the first of them. */
export function runRows(gates: readonly Gate[]): CardElement[] {
  if (gates.length === 0) return [];
  const more = gates.length - RUNS_SHOWN;
  return [
    section('gate', [
      sectionHead('Run again'),
      ...gates.slice(0, RUNS_SHOWN).map((gate) => row(deploymentOf(gate))),
      ...(more > 0 ? [row(`and ${more} more`, { isSubtle: true })] : []),
      { type: 'ActionSet', actions: present(runButtons(gates)) },
    ]),
  ];
}

const RUN_IN_TITLE = 40;

function runButtons(gates: readonly Gate[]): (CardAction | undefined)[] {
  const [only] = gates;
  if (gates.length === 1 && only !== undefined) return [openRunButton(only)];
  return gates.slice(0, RUNS_SHOWN).map((gate, index) => {
    const open = openRunButton(gate);
    return open === undefined
      ? undefined
      : { ...open, id: `open-run-${index + 1}`, title: `Open run ${plain(gate.run.name, RUN_IN_TITLE)}` };
  });
}
