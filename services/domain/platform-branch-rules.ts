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
  'Set the branch policy "Require a minimum number of reviewers" on it: required, with one who is not the author ("Allow requestors to approve their own changes" off), and "Reset all code reviewer votes" for new pushes.';

type Policy = BranchFact['policies'][number];

function isOn({ isDisabled }: Policy): boolean {
  return isDisabled !== true;
}

const withoutPolicies: PlatformRule = {
  id: 'branch-without-policies',
  severity: 'medium',
  reads: ['branches'],
  violations: (platform, setting) =>
    deployedIn(platform, setting)
      .filter(({ branch }) => !branch.policies.some(isOn))
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
      const weakness = !branch.policies.some(isOn) ? undefined : weaknessOf(branch.policies);
      return weakness === undefined
        ? []
        : [{ ...where, message: `${name} is weakly guarded: ${weakness}`, help: HELP }];
    }),
};

/** Each asks for more than the one before; the first that no policy has is what is weak. */
const STRENGTHS: readonly (readonly [(policy: Policy) => boolean, string])[] = [
  [({ kind }) => kind === 'minimum-reviewers', 'no policy asks for a reviewer'],
  [isOn, 'its policy that asks for a reviewer is turned off'],
  [({ reviewers = 0 }) => reviewers > 0, 'nobody besides the author has to review'],
  [({ isBlocking }) => isBlocking, 'its policy asks for a reviewer, and does not block without one'],
  [({ authorCounts }) => authorCounts !== true, "the author's own vote counts as one of those that are asked for"],
  [({ resetsOnPush }) => resetsOnPush === true, 'what is pushed after the review needs no new one'],
];

/** Of several policies the strongest counts; undefined: it is strong. */
function weaknessOf(policies: BranchFact['policies']): string | undefined {
  let strong = policies;
  for (const [isSo, words] of STRENGTHS) {
    strong = strong.filter(isSo);
    if (strong.length === 0) return words;
  }
  return undefined;
}

export const BRANCH_RULES: readonly PlatformRule[] = [withoutPolicies, weakPolicy];
