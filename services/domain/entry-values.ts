import type { BranchFact, CheckFact, ConnectionFact, PlatformIdentity, RoleFact } from './platform.ts';

/** Nobody could tell: the fields are missing. */
export function openValues(openToAll: boolean | undefined, pipelines: readonly string[]): Record<string, string> {
  return openToAll === undefined ? {} : { openToAll: yesNo(openToAll), pipelines: listed(pipelines) };
}

export function checkValues({
  kind,
  isDisabled,
  timeoutMinutes,
  approval,
  branches,
  ours,
}: CheckFact): Record<string, string> {
  return {
    ...{ kind, isDisabled: yesNo(isDisabled), timeoutMinutes: String(timeoutMinutes), ours: yesNo(ours !== undefined) },
    ...(approval === undefined
      ? {}
      : {
          approvers: identities(approval.approvers),
          minApprovers: String(approval.minApprovers),
          requesterMayApprove: yesNo(approval.requesterMayApprove),
        }),
    ...(branches === undefined
      ? {}
      : { branches: listed(branches.allowed), mustBeProtected: yesNo(branches.mustBeProtected) }),
    ...(ours === undefined
      ? {}
      : { environment: ours.environment ?? '-', service: ours.service ?? '-', waits: yesNo(ours.waits) }),
  };
}

export function policyValues({
  kind,
  isBlocking,
  isDisabled,
  reviewers,
  authorCounts,
  resetsOnPush,
}: BranchFact['policies'][number]) {
  return {
    ...{ kind, isBlocking: yesNo(isBlocking), isDisabled: yesNo(isDisabled === true) },
    ...(reviewers === undefined ? {} : { reviewers: String(reviewers), authorCounts: yesNo(authorCounts === true) }),
    ...(resetsOnPush === undefined ? {} : { resetsOnPush: yesNo(resetsOnPush) }),
  };
}

export function connectionValues(fact: ConnectionFact): Record<string, string> {
  const { name, type, credential, isShared, isDisabled, openToAll, pipelines, scope, clientId, usedBy } = fact;
  return {
    ...{ name, type, credential, isShared: yesNo(isShared), isDisabled: yesNo(isDisabled) },
    ...openValues(openToAll, pipelines),
    ...(scope === undefined ? {} : { scope: scope.id.toLowerCase(), level: scope.level }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(usedBy === undefined ? {} : { usedBy: listed(usedBy) }),
  };
}

export function roleValues({ role, isStanding, principalKind }: RoleFact): Record<string, string> {
  return { role, isStanding: yesNo(isStanding), kind: principalKind };
}

function yesNo(value: boolean): string {
  return value ? 'yes' : 'no';
}

export function listed(names: readonly string[]): string {
  return names.toSorted().join('\n');
}

/** By id: a name may be anybody's. */
function identities(all: readonly PlatformIdentity[]): string {
  return listed(all.map(({ id }) => id));
}
