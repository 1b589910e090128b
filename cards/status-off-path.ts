import type { DeliveryHealth, OpenOffPath } from '../services/domain/delivery-health.ts';
import { type CardElement, section, sectionHead, timed } from './card.ts';
import { nameOf } from './names.ts';
import { OFF_PATH_HEADS, placeWords } from './off-path-card.ts';
import { localTime } from './show-time.ts';
import { moreRow } from './who-approves-people.ts';

const ROWS_SHOWN = 8;

/** Nothing where nothing is known of: whether anybody looks is said elsewhere. */
export function offPathSection({ offPaths }: DeliveryHealth): CardElement[] {
  if (offPaths.length === 0) return [];
  return [
    section('off-path', [
      sectionHead('Done beside the release path: nobody has confirmed it'),
      ...offPaths.slice(0, ROWS_SHOWN).map(actionRow),
      ...moreRow(offPaths.length - ROWS_SHOWN, 'more: see GET /health'),
    ]),
  ];
}

function actionRow(action: OpenOffPath): CardElement {
  return timed(
    `! ${OFF_PATH_HEADS[action.kind]} · ${placeWords(action)} · ${localTime(action.at)} · "why ${nameOf(action.id)}"`,
  );
}
