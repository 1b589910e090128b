import { driftCard, driftNewsCard } from '../../cards/drift-card.ts';
import { postDeployCard } from '../../cards/post-deploy-card.ts';
import { type Baseline, withAccepted } from '../../services/domain/baseline.ts';
import { type Drift, driftAfter, NO_DRIFT } from '../../services/domain/drift.ts';
import { type DriftView, driftView } from '../../services/domain/drift-view.ts';
import { stateOf } from '../../services/domain/place-state.ts';
import type { Section } from '../../services/domain/platform.ts';
import { platformIndex } from '../../services/domain/platform-index.ts';
import type { PostDeployReview } from '../../services/domain/post-deploy.ts';
import { ANN, BOB, ORG, ORGANIZATION, TENANT } from '../builders.ts';
import {
  aBranch,
  aCheckFact,
  aConnection,
  anEnvironment,
  anIdentity,
  aReach,
  aRole,
  type PlatformFixture,
  platformSections,
  SUBSCRIPTION,
  withUnknown,
} from '../drift-platforms.ts';
import { catalogOf } from '../unit/platform-catalog.ts';
import type { CardSample } from './samples.ts';

const PLACE = { service: 'payments-api', environment: 'prod' };
const RELEASE = {
  ...{ requestId: 'abcdefghij234567', runName: '20261124.7', at: '2026-11-24T07:30:00.000Z' },
  approvedBy: [{ oid: ANN.oid, name: ANN.name }],
};
const NOW = '2026-11-24T09:30:00.000Z';
const ZONE = 'Europe/Berlin';
const SITE = {
  id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-payments-prod/providers/Microsoft.Web/sites/payments`,
  type: 'microsoft.web/sites',
};

/** The cards of `drift` and of the look after a deployment. */
export function driftSamples(): CardSample[] {
  const shown = (view: DriftView, note = {}) => driftCard(view, { oid: ANN.oid, zone: ZONE }, note);
  const drifted = aDriftView();
  return [
    { name: 'drift-baseline', card: shown(aDriftView({}), { isTaken: true }) },
    { name: 'drift-none', card: shown(aDriftView({})) },
    { name: 'drift-changed', card: shown(aDriftView({ environments: [anEnvironment({ checks: [disabled()] })] })) },
    {
      name: 'drift-news',
      card: driftNewsCard(
        { drifted: aDriftView({ environments: [anEnvironment({ checks: [] })] }), topic: 'open' },
        ZONE,
      ),
    },
    { name: 'drift-removed', card: shown(aDriftView({ environments: [anEnvironment({ checks: [] })] })) },
    { name: 'drift-added', card: shown(aDriftView({ reach: [grown()] })) },
    { name: 'drift-policies', card: shown(aDriftView({ branches: [weakBranch()] })) },
    {
      name: 'drift-connections',
      card: shown(aDriftView({ connections: [open()], roles: [aRole({ role: 'Owner' })] })),
    },
    { name: 'drift-resources', card: shown(aDriftView({}, 'false')) },
    { name: 'drift-all', card: shown(manyKinds()) },
    { name: 'drift-unknown', card: shown(unreadView()) },
    {
      name: 'drift-accepted',
      card: shown(acceptedView(), { accepted: { count: 1, until: '2027-05-23T09:30:00.000Z' } }),
    },
    { name: 'drift-refused', card: shown(drifted, { refused: { code: 'not-an-approver', approvers: [BOB.name] } }) },
    { name: 'post-deploy-found', card: postDeployCard(aPostDeployReview(), ZONE) },
    {
      name: 'post-deploy-unknown',
      card: postDeployCard(
        aPostDeployReview({ sources: aPostDeployReview().sources.map((one) => ({ ...one, found: [] })) }),
        ZONE,
      ),
    },
  ];
}

const disabled = () => aCheckFact({ isDisabled: true });
const grown = () =>
  aReach({
    members: [anIdentity('Ann Lee'), anIdentity('Ann'), anIdentity('Bob')],
    through: ['Payments leads', 'Contractors'],
  });
const weakBranch = () =>
  aBranch({ policies: [{ id: '7', kind: 'minimum-reviewers', isBlocking: false, reviewers: 1, resetsOnPush: false }] });
const open = () => aConnection({ openToAll: true, pipelines: [], credential: 'secret' });

function stateFrom(sections: readonly Section[], httpsOnly = 'true') {
  const found = [{ ...SITE, values: { 'properties.httpsOnly': httpsOnly } }];
  const resources = { types: [SITE.type], at: NOW, found };
  return stateOf(platformIndex({ organization: ORGANIZATION, sections }, catalogOf()), PLACE, {
    resources,
    wanted: new Set(),
  });
}

export function aBaseline(): Baseline {
  return { ...stateFrom(platformSections()), taken: RELEASE, accepted: [], ops: [] };
}

function viewOf(baseline: Baseline, drift: Drift): DriftView {
  return driftView({ organization: ORGANIZATION, org: ORG, ...PLACE, acceptedDays: 180 }, baseline, drift, NOW);
}

/** Of payments-api in prod, once the platform says this. */
export function aDriftView(
  over: Partial<PlatformFixture> = { environments: [anEnvironment({ checks: [disabled()] })] },
  httpsOnly?: string,
): DriftView {
  const baseline = aBaseline();
  const state = stateFrom(platformSections(over, NOW), httpsOnly);
  return viewOf(baseline, driftAfter(NO_DRIFT, { baseline, state, release: RELEASE, now: NOW }));
}

function manyKinds(): DriftView {
  return aDriftView(
    {
      environments: [
        anEnvironment({
          checks: [disabled(), aCheckFact({ id: '12', kind: 'approval', name: 'Leads' })],
          openToAll: true,
        }),
      ],
      branches: [weakBranch()],
      connections: [open()],
      reach: [grown()],
      roles: [aRole(), aRole({ role: 'Owner', scope: `/subscriptions/${SUBSCRIPTION}` })],
    },
    'false',
  );
}

function unreadView(): DriftView {
  const baseline = aBaseline();
  const why = 'the account of the bot needs "View" on the environments of payments';
  const state = stateFrom(withUnknown(platformSections({}, NOW), 'environments', why));
  return viewOf(baseline, driftAfter(NO_DRIFT, { baseline, state, now: NOW }));
}

function acceptedView(): DriftView {
  const { drift } = aDriftView();
  const by = { kind: 'person', tenant: TENANT, oid: BOB.oid, name: BOB.name } as const;
  const changes = drift.items.map(({ key, after }) => ({ key, ...(after === undefined ? {} : { entry: after }) }));
  const until = '2027-05-23T09:30:00.000Z';
  const baseline = withAccepted(aBaseline(), changes, { by, at: NOW, until, op: 'op' });
  const state = stateFrom(platformSections({ environments: [anEnvironment({ checks: [disabled()] })] }, NOW));
  return viewOf(baseline, driftAfter(drift, { baseline, state, now: NOW }));
}

export function aPostDeployReview(over: Partial<PostDeployReview> = {}): PostDeployReview {
  return {
    ...{ release: RELEASE, ...PLACE, at: NOW, state: 'done', looks: 1, messages: [] },
    sources: [
      {
        source: 'azure-policy',
        found: [
          {
            fingerprint: 'a'.repeat(32),
            rule: 'storage-accounts-should-restrict-network-access',
            severity: 'high',
            message: 'Storage accounts should restrict network access: paymentsdata takes traffic from all networks',
          },
        ],
      },
      {
        source: 'defender',
        found: [],
        unknown: 'it was last read whole before the deployment, at 2026-11-24 07:01 UTC',
      },
      { source: 'azure-devops-platform', found: [] },
      {
        source: 'drift',
        found: [
          {
            fingerprint: 'b'.repeat(32),
            rule: 'check-changed',
            severity: 'high',
            message: 'Check "Countersign" of environment "prod": is disabled, which nobody has approved',
          },
        ],
      },
    ],
    ...over,
  };
}
