import { whoApprovesCard } from '../../cards/who-approves-card.ts';
import { CARLA, DAN } from '../builders.ts';
import { anAnswer, aRoute, someApprovers } from '../routes.ts';
import type { CardSample } from './samples.ts';

const own = aRoute({ source: 'routes.yaml:6', match: { service: 'payments-api', environment: 'prod' } });
const orders = aRoute({ source: 'routes.yaml:26', match: { service: 'orders-api', environment: 'prod' } });
const all = aRoute({ source: 'routes.yaml:34' });
const hotfix = aRoute({ source: 'routes.yaml:18', match: { pipeline: 'payments-hotfix', environment: 'prod' } });

/** The card of `who approves` in every state. */
export function whoApprovesSamples(): CardSample[] {
  const people = someApprovers({
    excluded: [{ oid: DAN.oid, name: DAN.name, why: 'guest' }],
    inactive: [{ group: 'release-managers', people: [{ oid: 'e', name: 'Eve Eriksen' }] }],
  });
  const told = {
    direct: people.eligible,
    unreachable: [{ oid: CARLA.oid, name: CARLA.name }],
    channel: { name: 'payments/approvals', isKnown: true },
  };
  const crowd = Array.from({ length: 500 }, (_, index) => ({ oid: `${index}`, name: `Approver Number ${index + 1}` }));
  const noRoute = { kind: 'no-route', detail: 'payments-api in prod' } as const;
  return [
    {
      name: 'who-approves',
      card: whoApprovesCard(anAnswer([own, orders, all], { levels: [people], told })),
    },
    { name: 'who-approves-by-run', card: whoApprovesCard(anAnswer([hotfix, orders, all])) },
    {
      name: 'who-approves-crowd',
      card: whoApprovesCard(
        anAnswer([all], { levels: [someApprovers({ eligible: crowd })], told: { direct: crowd.slice(0, 15) } }),
      ),
    },
    {
      name: 'who-approves-too-few',
      card: whoApprovesCard(
        anAnswer([own, all], {
          levels: [someApprovers({ eligible: [], empty: ['group:payments-leads'], from: ['group:payments-leads'] })],
          obstacle: { kind: 'too-few-approvers', detail: 'group:payments-leads: 0 of 1 may decide' },
          told: { direct: [], channel: { name: 'payments/approvals', isKnown: false } },
        }),
      ),
    },
    { name: 'who-approves-no-route', card: whoApprovesCard(anAnswer([orders], {}, { obstacle: noRoute })) },
    {
      name: 'who-approves-broken',
      card: whoApprovesCard(
        anAnswer(
          [],
          {},
          {
            obstacle: {
              kind: 'no-route',
              detail: 'routes/payments-api.yaml:3 match: is empty; allowed: service, team',
            },
            unreadable: 'routes/payments-api.yaml:3 match: is empty; allowed: service, team',
            problems: ['routes/payments-api.yaml:3 match: is empty; allowed: service, team'],
          },
        ),
      ),
    },
    {
      name: 'who-approves-levels',
      card: whoApprovesCard(
        anAnswer([own, all], {
          levels: [
            someApprovers(),
            someApprovers({ quorum: 2, inactiveUnknown: ['group:release-managers'], frozenUntil: '2027-01-03' }),
          ],
        }),
      ),
    },
    {
      name: 'who-approves-none',
      card: whoApprovesCard(anAnswer([], {}, { approval: 'none', environment: 'staging' })),
    },
    { name: 'who-approves-observed', card: whoApprovesCard(anAnswer([all], {}, { observeUntil: '2027-02-01' })) },
  ];
}
