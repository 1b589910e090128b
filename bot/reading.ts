import { createApprovers } from '../services/approvers.ts';
import { createCalibrations } from '../services/calibrations.ts';
import { createContractView } from '../services/contract-view.ts';
import { orgOf } from '../services/domain/gate.ts';
import { createEvidenceExports } from '../services/evidence-exports.ts';
import { createViewEvidence } from '../services/evidence-views.ts';
import { createFindingLists } from '../services/finding-lists.ts';
import { createFindingView } from '../services/finding-view.ts';
import { createPolicyTrials } from '../services/policy-trials.ts';
import { findingPast } from '../services/ports/finding-past.ts';
import type { ScopeKey } from '../services/ports/scope-store.ts';
import { createRequests } from '../services/requests.ts';
import { createShowScope } from '../services/scope-overviews.ts';
import { createScopePostures } from '../services/scope-postures.ts';
import { createStatus } from '../services/status.ts';
import { createViews } from '../services/views.ts';
import type { CoreSettings, Ports } from './core.ts';

/** What changes nothing. */
export function readersOf(ports: Ports, settings: CoreSettings, hooks: Parameters<typeof createStatus>[0]['hooks']) {
  const views = createViews({ ...ports, ...settings });
  const { strangerBecause } = views;
  const orgs = orgsOf(settings);
  // Approvals of Azure DevOps' own reach us by service hooks alone.
  const asks = settings.native?.hooksUrl === undefined ? 'check' : 'either';
  const findingLists = createFindingLists({ ...ports, orgs, strangerBecause });
  return {
    views,
    approvers: createApprovers({ ...ports, ...settings, strangerBecause }),
    trials: createPolicyTrials(ports),
    viewContract: createContractView({ ...ports, strangerBecause }),
    calibrations: createCalibrations({ ...ports, ...settings, strangerBecause }),
    findingHistory: (scope: ScopeKey, print: string) => findingPast(ports.scopes, scope, print),
    findingLists,
    viewFinding: createFindingView({ ...ports, orgs, strangerBecause }),
    showScope: createShowScope({ ...ports, orgs, listFindings: findingLists.list, openGates: views.open }),
    scopePostures: createScopePostures({ ...ports, ...settings, asks, strangerBecause }),
    status: createStatus({ ...ports, ...settings, hooks }),
    requests: createRequests({ ...ports, ...settings }),
    evidenceRecords: ports.evidenceRecords,
    viewEvidence: createViewEvidence({ ...ports, strangerBecause }),
    evidenceExports: createEvidenceExports({ ...ports, ...settings }),
  };
}

/** Short ids of the organizations, in their order. */
export function orgsOf(settings: Pick<CoreSettings, 'tenant' | 'organizations'>): string[] {
  return settings.organizations.map((organization) => orgOf(settings.tenant, organization));
}
