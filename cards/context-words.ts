import type { Gate } from '../services/domain/gate.ts';
import type { ServiceContext } from '../services/domain/judgement.ts';
import { principalName } from './names.ts';
import { plain } from './text.ts';

const WORD_MAX = 30;

/** `payments-owners · lead payments-leads · criticality high`. */
export function contextWords({ owner, lead, criticality }: ServiceContext, gate?: Gate): string {
  return [
    principalName(owner, gate),
    ...(lead === undefined ? [] : [`lead ${principalName(lead, gate)}`]),
    ...(criticality === undefined ? [] : [`criticality ${plain(criticality, WORD_MAX)}`]),
  ].join(' · ');
}
