import { digestCard } from '../../cards/digest-card.ts';
import { findingListCard } from '../../cards/finding-list-card.ts';
import { gateCard } from '../../cards/gate-card.ts';
import { whoApprovesCard } from '../../cards/who-approves-card.ts';
import { digestFor } from '../../services/domain/digest.ts';
import { tooFew } from '../../services/domain/exclusion.ts';
import { minuteOf } from '../../services/domain/finding-history.ts';
import {
  ANN,
  aBlockedGate,
  aGate,
  aJudgedGroup,
  aJudgement,
  aLevel,
  anAsk,
  aRunSources,
  aWarning,
  BOB,
  CARLA,
} from '../builders.ts';
import { aBasis, aReader, aState, aWarningFound } from '../digests.ts';
import { anAnswer, aRoute, someApprovers } from '../routes.ts';
import { NOW } from '../unit/judge-input.ts';
import { aList, aListedGroup } from './listed-groups.ts';
import type { CardSample } from './samples.ts';

const SERVICES = 43;
const EACH = 10_000;

/** The most that is found anywhere, and the fewest people: each card of them has to be as good to read. */
export function sizeSamples(): CardSample[] {
  return [...hugeSamples(), ...smallSamples()];
}

/** 430,000 findings. */
function hugeSamples(): CardSample[] {
  const OLD = minuteOf('2026-11-01T09:30:00.000Z');
  const perService = <T>(of: (n: number) => T) => Array.from({ length: SERVICES }, (_, n) => of(n));
  const warnings = perService((n) =>
    aWarningFound({
      service: `service-${n + 1}`,
      seen: Array.from({ length: EACH }, () => (n === 0 ? minuteOf(NOW) - 1_440 : OLD)),
      count: EACH,
      ...(n % 3 === 1 ? { dueAt: '2026-11-20T09:00:00.000Z' } : {}),
    }),
  );
  const everything = aReader({ standsFor: new Map([['group:payments-owners', 'all']]) });
  const listed = perService((n) => aListedGroup({ service: `service-${n + 1}`, count: EACH }));
  const blocks = [aJudgedGroup({ count: 12_000 }), ...perService((n) => aJudgedGroup({ rule: `rule-${n}` }))];
  const warns = [aWarning({ count: 12_000 }), ...perService((n) => aWarning({ rule: `rule-${n}`, count: 100 }))];
  const counts = { block: 0, warn: 16_300, monitor: 413_700 };
  return [
    { name: 'huge-digest', card: digestCard(digestFor(everything, warnings, aBasis(), aState())) },
    { name: 'huge-findings', card: findingListCard(aList(listed), { oid: ANN.oid }) },
    { name: 'huge-approval', card: gateCard(aGate({ judgement: aJudgement({ warns, counts }) }), { oid: BOB.oid }) },
    {
      name: 'huge-blocked',
      card: gateCard(aBlockedGate({ judgement: aJudgement({ blocks, counts: { ...counts, block: 12_043 } }) })),
    },
  ];
}

/** Three people, of whom Ann owns the service and the contract, writes most of it and approves. */
function smallSamples(): CardSample[] {
  const small = { environment: 'production', services: ['shop'] } as const;
  const isAnns = aRunSources({ authors: [{ uniqueName: ANN.upn, name: ANN.name }] });
  const everybody = ['group:everybody'] as const;
  const anns = `user:${ANN.oid}` as const;
  const level = aLevel({
    from: [...everybody],
    eligible: [
      { oid: BOB.oid, name: BOB.name },
      { oid: CARLA.oid, name: CARLA.name },
    ],
    excluded: [{ oid: ANN.oid, name: ANN.name, why: 'requester' }],
  });
  const alone = { ...level, eligible: [], from: ['group:owners'] as const };
  const warnings = [aWarningFound({ service: 'shop', owner: anns, lead: anns, rule: 'weak-random' })];
  return [
    {
      name: 'small-approval',
      card: gateCard(aGate({ ...small, sources: isAnns, ask: anAsk({ levels: [level] }) }), { oid: BOB.oid }),
    },
    {
      name: 'small-nobody-left',
      card: gateCard(
        aBlockedGate({
          ...small,
          sources: isAnns,
          judgement: aJudgement({
            verdict: 'block',
            obstacles: [{ kind: 'too-few-approvers', detail: tooFew(alone), tell: anns }],
          }),
        }),
      ),
    },
    {
      name: 'small-who-approves',
      card: whoApprovesCard(
        anAnswer([aRoute()], {
          levels: [someApprovers({ from: ['group:owners'], eligible: [{ oid: ANN.oid, name: ANN.name }] })],
        }),
      ),
    },
    {
      name: 'small-digest',
      card: digestCard(digestFor(aReader({ standsFor: new Map([[anns, 'all']]) }), warnings, aBasis(), aState())),
    },
  ];
}
