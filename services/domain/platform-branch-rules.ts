import type { Place } from './asset.ts';
import { type BranchFact, type Platform, sectionsOf } from './platform.ts';
import { isProduction, type PlatformSetting } from './platform-places.ts';
import type { PlatformRule } from './platform-rules.ts';

/** What should guard the branches from which production is deployed. */

interface Deployed {
  readonly branch: BranchFact;
  readonly name: string;
  readonly subject: string;
  readonly link: string;
  readonly places: readonly Place[];
}

function deployedIn(platform: Platform, setting: PlatformSetting): Deployed[] {
  return sectionsOf(platform, 'branches').flatMap(({ target, known }) =>
    (known?.facts ?? []).flatMap((branch) => {
      const places = placesOf(branch, setting);
      if (places.length === 0) return [];
      const name = `${branch.ref.replace('refs/heads/', '')} of ${branch.repository}`;
      const subject = `branch:${branch.repositoryId}:${branch.ref}`;
      const link = `${platform.organization}/${target}/_settings/repositories?_a=policies&repo=${branch.repositoryId}`;
      return [{ branch, name, subject, link, places }];
    }),
  );
}

function placesOf({ repository }: BranchFact, setting: PlatformSetting): Place[] {
  return [...setting.catalog.services.values()]
    .filter(({ repositories }) => repositories.some((name) => name.toLowerCase() === repository.toLowerCase()))
    .flatMap(({ name: service, environments }) =>
      [...environments.keys()]
        .filter((environment) => isProduction(environment, setting))
        .map((environment) => ({ service, environment })),
    );
}

const HELP =
  'Set the branch policy "Require a minimum number of reviewers" on it: required, with one who is not the author, and "Reset all code reviewer votes" for new pushes.';

const withoutPolicies: PlatformRule = {
  id: 'branch-without-policies',
  severity: 'medium',
  reads: ['branches'],
  violations: (platform, setting) =>
    deployedIn(platform, setting)
      .filter(({ branch }) => branch.policies.length === 0)
      .map(({ branch: _, name, ...where }) => ({
        ...where,
        message: `${name} has no policy: whoever may push to it changes what goes to production`,
        help: HELP,
      })),
};

const weakPolicy: PlatformRule = {
  id: 'branch-policy-weak',
  severity: 'medium',
  reads: ['branches'],
  violations: (platform, setting) =>
    deployedIn(platform, setting).flatMap(({ branch, name, ...where }) => {
      const weakness = branch.policies.length === 0 ? undefined : weaknessOf(branch.policies);
      return weakness === undefined
        ? []
        : [{ ...where, message: `${name} is weakly guarded: ${weakness}`, help: HELP }];
    }),
};

/** Of several policies the strongest counts; undefined: it is strong. */
function weaknessOf(policies: BranchFact['policies']): string | undefined {
  const reviewing = policies.filter(({ kind }) => kind === 'minimum-reviewers');
  if (reviewing.length === 0) return 'no policy asks for a reviewer';
  const others = reviewing.filter(({ reviewers = 0 }) => reviewers > 0);
  if (others.length === 0) return 'nobody besides the author has to review';
  const blocking = others.filter(({ isBlocking }) => isBlocking);
  if (blocking.length === 0) return 'its policy asks for a reviewer, and does not block without one';
  if (blocking.some(({ resetsOnPush }) => resetsOnPush === true)) return undefined;
  return 'what is pushed after the review needs no new one';
}

export const BRANCH_RULES: readonly PlatformRule[] = [withoutPolicies, weakPolicy];
