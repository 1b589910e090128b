import type { Calendar } from '../services/domain/contract.ts';
import type { Nudge, NudgeRecord, NudgeRules } from '../services/domain/nudge.ts';
import { noNudges } from '../services/domain/nudge-record.ts';

/** A Tuesday, 10:00 in Berlin. */
export const TUESDAY = '2026-11-24T09:00:00.000Z';
export const ADELE = 'user:c2e34489-8d8a-4e19-9539-ef98ff5aee4e';

export function someRules(over: Partial<Calendar> & Partial<Omit<NudgeRules, 'calendar'>> = {}): NudgeRules {
  const { quiet = [1080, 480], capPerDay = 6, ...calendar } = over;
  const berlin = { timezone: 'Europe/Berlin', workingDays: [1, 2, 3, 4, 5], workingMinutes: [540, 1050] as const };
  return { calendar: { ...berlin, holidays: [], ...calendar }, quiet, capPerDay };
}

export function aNudge(over: Partial<Nudge> = {}): Nudge {
  const { id = 'gatea1', about = `request ${id}`, ...rest } = over;
  return {
    kind: 'approval',
    about,
    slot: 'time 1',
    id,
    services: ['payments-api'],
    environment: 'prod',
    name: '20261123.4',
    ...rest,
  };
}

export function aNudgeRecord(over: Partial<NudgeRecord> = {}): NudgeRecord {
  return { ...noNudges(ADELE), ...over };
}
