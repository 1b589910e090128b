import { percent } from '../services/domain/calibration-figures.ts';
import { PERIOD_DAYS } from '../services/domain/exception-passes.ts';
import type { Gate } from '../services/domain/gate.ts';
import type { ErodedControl } from '../services/domain/judgement.ts';
import { type CardElement, row } from './card.ts';
import { counted, nameOf, plural, principalName } from './names.ts';

const SHOWN = 3;

/** That a block means little, and who can change that; each control once. */
export function erodedRows(gates: readonly Gate[]): CardElement[] {
  const all = gates.flatMap(({ judgement }) => judgement?.eroded ?? []);
  const distinct = [...new Map(all.map((one) => [one.control, one])).values()];
  const more = distinct.length - SHOWN;
  return [
    ...distinct.slice(0, SHOWN).map((one) => row(`○ ${erodedWords(one)}`)),
    ...(more > 0 ? [row(`and ${more} more eroded ${plural(more, 'control')}`, { isSubtle: true })] : []),
  ];
}

function erodedWords({ control, owner, share, periods }: ErodedControl): string {
  const long = `for ${counted(periods, 'period')} of ${PERIOD_DAYS} days now`;
  const name = nameOf(control);
  return `Exceptions let at least ${percent(share)} of what ${name} blocks pass, ${long}: its block means little. ${principalName(owner)} can change the control.`;
}
