import { nudgeCard } from '../../cards/nudge-card.ts';
import { reminderCard } from '../../cards/reminder-card.ts';
import { sha256Base32 } from '../../services/domain/checksum.ts';
import type { Nudge } from '../../services/domain/nudge.ts';
import { aGate } from '../builders.ts';
import { aNudge } from '../nudges.ts';
import type { CardSample } from './samples.ts';

const CLOSES = '2026-11-24T16:30:00.000Z';
const CONTROL = { services: ['payments-api'], environment: 'prod', name: 'secret-scanning' };

/** Of every kind one, and deployments for the rest. */
export function someNudges(count: number): Nudge[] {
  const others = Array.from({ length: count - 4 }, (_, n) =>
    aNudge({ id: sha256Base32(String(n)).slice(0, 16), name: `20261123.${n + 1}`, deadline: CLOSES }),
  );
  return [
    ...others,
    aNudge({
      kind: 'exception',
      id: 'EX-12',
      about: 'exception EX-12',
      ...CONTROL,
      deadline: '2026-11-26T00:00:00.000Z',
    }),
    aNudge({
      kind: 'review',
      id: 'EX-7',
      about: 'exception EX-7',
      ...CONTROL,
      suspendedAt: '2026-11-27T08:00:00.000Z',
    }),
    aNudge({ kind: 'ending', id: 'EX-9', about: 'exception EX-9', ...CONTROL, deadline: '2026-12-01T00:00:00.000Z' }),
    { kind: 'trends', about: 'trends 2026-11-23', slot: 'remind', id: '2026-11-23', services: [] },
  ];
}

/** The lists of what people are told of again. */
export function nudgeSamples(): CardSample[] {
  const nudges = someNudges(7);
  return [
    { name: 'nudges-some', card: nudgeCard({ nudges, settled: 0 }, 'Europe/Berlin') },
    { name: 'nudges-settled', card: nudgeCard({ nudges: nudges.slice(0, 1), settled: 6 }) },
    { name: 'nudges-urgent', card: nudgeCard({ nudges: nudges.slice(0, 1), settled: 0, isUrgent: true }) },
    { name: 'nudges-many', card: nudgeCard({ nudges: someNudges(499), settled: 1 }) },
    { name: 'nudges-done', card: nudgeCard({ nudges: [], settled: 3 }) },
    { name: 'nudges-continued', card: nudgeCard({ nudges: [], settled: 0, isContinued: true }) },
    { name: 'reminder-urgent', card: reminderCard(aGate({ state: 'asked' }), 'reminder', { isUrgent: true }) },
  ];
}
