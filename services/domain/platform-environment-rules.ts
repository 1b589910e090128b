import type { Place } from './asset.ts';
import { type CheckFact, type EnvironmentFact, type Platform, sectionsOf, type Violation } from './platform.ts';
import { isProduction, type PlatformSetting, placesOfEnvironment, servicesIn } from './platform-places.ts';
import type { PlatformRule } from './platform-rules.ts';

/** What a production environment of the catalog should have in Azure DevOps. */

/** Two days: the job's token, by which Azure DevOps is answered, is dead by then, and what was known at the question is old. */
const TIMEOUT_MINUTES = 2_880;
/** They wait for no answer: what they ask is known at once, or is whether another run has ended. */
const UNANSWERED: readonly CheckFact['kind'][] = ['authorization', 'exclusive-lock', 'required-template'];

/** An environment of Azure DevOps that is production of some service. */
interface Guarded {
  readonly environment: EnvironmentFact;
  /** As people know it. */
  readonly name: string;
  readonly subject: string;
  readonly link: string;
  readonly places: readonly Place[];
  readonly services: readonly string[];
}

function guardedIn(platform: Platform, setting: PlatformSetting): Guarded[] {
  return sectionsOf(platform, 'environments').flatMap(({ target, name, known }) =>
    (known?.facts ?? []).flatMap((environment) => {
      const all = placesOfEnvironment(platform, target, environment.name, setting);
      const places = all.filter((place) => isProduction(place.environment, setting));
      if (places.length === 0) return [];
      const subject = `environment:${target}:${environment.id}`;
      const link = `${platform.organization}/${target}/_environments/${environment.id}`;
      const services = places.map(({ service }) => service);
      return [{ environment, name: `${environment.name} of project ${name}`, subject, link, places, services }];
    }),
  );
}

type Said = Pick<Violation, 'message' | 'help'> & { readonly of?: string };

/** A rule about one environment at a time: what it says of it, if anything. */
function ruleOf(
  id: string,
  severity: PlatformRule['severity'],
  say: (guarded: Guarded, setting: PlatformSetting) => readonly Said[],
): PlatformRule {
  return {
    id,
    severity,
    reads: ['environments', 'project'],
    violations: (platform, setting) =>
      guardedIn(platform, setting).flatMap((guarded) => {
        const { subject, link, places } = guarded;
        return say(guarded, setting).map(({ of, ...said }) => ({
          ...said,
          ...{ subject: of === undefined ? subject : `${subject}:${of}`, link, places },
        }));
      }),
  };
}

const ours = ({ environment }: Guarded) => environment.checks.filter((check) => check.ours !== undefined);
const working = (checks: readonly CheckFact[]) => checks.filter(({ isDisabled }) => !isDisabled);
const hasApproval = ({ environment }: Guarded) => working(environment.checks).some(({ kind }) => kind === 'approval');
/** Somebody may have hidden the address from us: then nobody can tell. */
const isHidden = ({ environment }: Guarded) => environment.checks.some((check) => check.isUnresolved === true);

const ADD = 'Add the check of manifest/pipelines/check.json to the environment (operations.md, "Connect a check").';
const EDIT = 'Change the check on the page of the environment, as manifest/pipelines/check.json has it.';

const withoutCheck = ruleOf('environment-without-check', 'high', (one) =>
  ours(one).length > 0 || isHidden(one) || hasApproval(one)
    ? []
    : [
        {
          message: `${one.name} has no check of Countersign and no approval: whatever deploys there asks nobody`,
          help: ADD,
        },
      ],
);

const approvalAlone = ruleOf('environment-with-approval-alone', 'medium', (one) =>
  ours(one).length > 0 || isHidden(one) || !hasApproval(one)
    ? []
    : [
        {
          message: `${one.name} has an approval and no check of Countersign: findings stop nothing that nobody looks up`,
          help: ADD,
        },
      ],
);

const checkDisabled = ruleOf('environment-check-disabled', 'high', (one) =>
  ours(one).length === 0 || working(ours(one)).length > 0
    ? []
    : [
        {
          message: `The check of Countersign on ${one.name} is disabled: whatever deploys there is not stopped`,
          help: 'Enable it.',
        },
      ],
);

const checkUnknown = ruleOf('environment-check-unknown', 'medium', (one) =>
  working(ours(one)).length > 0 || !isHidden(one)
    ? []
    : [
        {
          message: `Whether ${one.name} has a working check of Countersign nobody can tell: it has one whose address is not visible`,
          help: 'Give the bot the role Reader on the service connection that the check calls through.',
        },
      ],
);

const checkElsewhere = ruleOf('environment-check-elsewhere', 'high', (one) =>
  working(ours(one)).flatMap((check) => {
    const why = strayOf(check, one);
    return why === undefined
      ? []
      : [{ of: `check:${check.id}`, message: `The check of Countersign on ${one.name} ${why}`, help: EDIT }];
  }),
);

function strayOf({ ours: said }: CheckFact, { environment, services, places }: Guarded): string | undefined {
  if (said?.environment === undefined) return 'names no environment in its body';
  const isHere = places.some((place) => isSame(place.environment, said.environment ?? ''));
  if (!isHere) return `asks for ${said.environment}, which is judged in the place of ${environment.name}`;
  const { service } = said;
  if (service === undefined || services.includes(service)) return undefined;
  return `asks for ${service}, which the catalog does not have in this project's ${environment.name}`;
}

const checkNotWaiting = ruleOf('environment-check-not-waiting', 'high', (one) =>
  working(ours(one))
    .filter((check) => check.ours?.waits === false)
    .map(({ id }) => ({
      of: `check:${id}`,
      message: `The check of Countersign on ${one.name} does not wait for its answer: that it was received counts as a yes`,
      help: 'Set its completion event to Callback.',
    })),
);

const checkTimeout = ruleOf('environment-check-timeout', 'low', (one) =>
  working(one.environment.checks)
    .filter(({ kind, timeoutMinutes }) => timeoutMinutes >= TIMEOUT_MINUTES && !UNANSWERED.includes(kind))
    .map((check) => ({
      of: `check:${check.id}`,
      message: `${waits(check, one)} ${Math.floor(check.timeoutMinutes / 60)} hours: ${check.ours === undefined ? 'what was asked and looked at before may have changed when it goes on' : 'after 48 its token is dead and no decision reaches it'}`,
      help: 'Set its timeout to less than 48 hours, such as 2820 minutes.',
    })),
);

function waits({ ours: said, name, kind }: CheckFact, one: Guarded): string {
  return said === undefined
    ? `Check ${name} (${kind}) on ${one.name} waits up to`
    : `The check of Countersign on ${one.name} waits`;
}

const requesterApproves = ruleOf('environment-approval-by-requester', 'medium', (one) =>
  working(one.environment.checks)
    .filter(({ approval }) => approval?.requesterMayApprove === true)
    .map(({ id, name }) => ({
      of: `check:${id}`,
      message: `Whoever asks for a deployment to ${one.name} may approve it themselves: check ${name}`,
      help: 'Turn "Allow approvers to approve their own runs" off in the approval.',
    })),
);

const OPEN_HELP = 'Restrict the environment to the pipelines of the catalog (Security, Pipeline permissions).';

const openToAll = ruleOf('environment-open-to-all', 'medium', (one) =>
  one.environment.openToAll === true
    ? [{ message: `Every pipeline of its project may deploy to ${one.name}`, help: OPEN_HELP }]
    : [],
);

const useUnknown = ruleOf('environment-use-unknown', 'medium', (one) =>
  one.environment.openToAll === undefined
    ? [
        {
          message: `Which pipelines may deploy to ${one.name} nobody can tell`,
          help: 'Give the bot the role Reader of the environment and "View builds" in its project.',
        },
      ]
    : [],
);

/** Where the catalog names the pipelines of every service that is deployed there; by repositories alone nobody can tell. */
const foreignPipeline = ruleOf('environment-foreign-pipeline', 'medium', (one, { catalog }) => {
  const known = one.services.map((service) => catalog.services.get(service)?.pipelines ?? []);
  if (known.some((pipelines) => pipelines.length === 0)) return [];
  const own = new Set(known.flat().map((name) => name.toLowerCase()));
  return one.environment.pipelines
    .filter((name) => !own.has(name.toLowerCase()))
    .map((name) => ({
      of: `pipeline:${name.toLowerCase()}`,
      message: `Pipeline ${name} may deploy to ${one.name} and is no pipeline of ${one.services.join(', ')} in the catalog`,
      help: `${OPEN_HELP} Or add it to the catalog.`,
    }));
});

const environmentMissing: PlatformRule = {
  id: 'environment-missing',
  severity: 'medium',
  reads: ['environments', 'project'],
  violations: (platform, setting) =>
    placesWithout(platform, setting).map((place) => ({
      subject: `place:${place.service}:${place.environment}`,
      message: `No project of ${place.service} has an environment ${place.environment}: nothing that is deployed there can be checked`,
      help: 'Deploy by deployment jobs to an environment of this name, or name it in the catalog as Azure DevOps has it.',
      places: [place],
    })),
};

/** Production of services of which all projects are known, and none has it. */
function placesWithout(platform: Platform, setting: PlatformSetting): Place[] {
  const sections = sectionsOf(platform, 'environments');
  return [...setting.catalog.services.values()].flatMap(({ name: service, environments }) => {
    const projects = sectionsOf(platform, 'project').filter(({ target }) =>
      servicesIn(platform, target, setting.catalog).includes(service),
    );
    const own = projects.map(({ target }) => sections.find((one) => one.target === target)?.known?.facts);
    if (own.length === 0 || own.includes(undefined)) return [];
    const there = new Set(own.flatMap((facts) => facts ?? []).map(({ name }) => name.toLowerCase()));
    return [...environments.keys()]
      .filter((environment) => isProduction(environment, setting) && !there.has(environment.toLowerCase()))
      .map((environment) => ({ service, environment }));
  });
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

export const ENVIRONMENT_RULES: readonly PlatformRule[] = [
  withoutCheck,
  approvalAlone,
  checkDisabled,
  checkUnknown,
  checkElsewhere,
  checkNotWaiting,
  checkTimeout,
  requesterApproves,
  openToAll,
  useUnknown,
  foreignPipeline,
  environmentMissing,
];
