import { confirmCard } from '../../cards/confirm-card.ts';
import { groupCard } from '../../cards/group-card.ts';
import { reminderCard } from '../../cards/reminder-card.ts';
import type { Gate } from '../../services/domain/gate.ts';
import { aDecision, aGate, aJudgement, anApprovedGate, aWarning, BOB } from '../builders.ts';

const REGIONS = ['eu-west', 'eu-north', 'us-east', 'us-west', 'asia'];

/** Stages of one run, each for a region. */
export function regions(count = REGIONS.length, over: (index: number) => Partial<Gate> = () => ({})): Gate[] {
  return Array.from({ length: count }, (_, n) => {
    const region = REGIONS[n] ?? `region-${n}`;
    return aGate({ id: idOf(n), environment: `prod-${region}`, stage: `Deploy ${region}`, ...over(n) });
  });
}

const LETTERS = 'abcdefghijklmnopqrstuvwxyz';

function idOf(n: number): string {
  return `abcdefghijklmn${LETTERS[Math.floor(n / LETTERS.length)]}${LETTERS[n % LETTERS.length]}`;
}

export function groupSamples() {
  const warned = aJudgement({ warns: [aWarning()], counts: { block: 0, warn: 3, monitor: 0 } });
  const five = regions(5, (n) => (n === 2 ? { judgement: warned } : {}));
  const [first, second, ...others] = five;
  const { decision, votes, toldAt } = anApprovedGate();
  const approved = { state: 'approved', votes, ...(decision === undefined ? {} : { decision }) } as const;
  const told = toldAt === undefined ? {} : { toldAt };
  const rejected = { state: 'rejected', decision: aDecision({ verdict: 'reject', comment: 'Not there.' }) } as const;
  const mixed = regions(5, (n) => ({ ...(n === 3 ? rejected : approved), ...told }));
  const partly = [...regions(2, () => approved), ...others];
  const typed = { unknown: ['aaaaaaaaaaaaaaaa'], verdict: 'approve', comment: '' } as const;
  return [
    { name: 'group-pending', card: groupCard(five, { oid: BOB.oid }) },
    { name: 'group-partly-decided', card: groupCard(partly, { oid: BOB.oid }) },
    { name: 'group-refused', card: groupCard(five, { oid: BOB.oid }, ['prod-asia: nothing was recorded.']) },
    { name: 'group-done', card: groupCard(mixed) },
    { name: 'group-many', card: groupCard(regions(30), { oid: BOB.oid }) },
    { name: 'confirm-several', card: confirmCard({ ...typed, gates: partly }, { oid: BOB.oid }) },
    ...(first === undefined || second === undefined
      ? []
      : [{ name: 'reminder-group', card: reminderCard(first, 'reminder', { besides: [second, ...others] }) }]),
  ];
}
