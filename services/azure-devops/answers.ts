import { z } from 'zod';
import type { OutsideIdentity } from '../domain/person.ts';
import type { Run } from '../domain/run.ts';
import { isCommit, isGuid } from './paths.ts';

/**
 * Azure DevOps' answers as they come over REST: enumerations by name and times as text, where the client package's own
 * types have numbers and dates. Only what is used is read; more is ignored. Names for people may be left out: what
 * proves something may not.
 */

const text = z.string().nullish();
const number = z.number().int().nonnegative();
const guid = z.string().refine(isGuid);
const lowerGuid = guid.transform((id) => id.toLowerCase());
/** Azure DevOps writes instants with up to seven digits of a second. */
const instant = z
  .string()
  .refine((written) => !Number.isNaN(Date.parse(written)))
  .transform((written) => new Date(written).toISOString());

const identityAnswer = z.object({ id: text, descriptor: text, uniqueName: text, displayName: text });

/** With what it may leave out filled in: a name by its id, the rest by nothing, which no catalog names. */
export const buildAnswer = z
  .object({
    id: number,
    buildNumber: text,
    sourceBranch: text,
    sourceVersion: z.string().refine(isCommit),
    reason: text,
    definition: z.object({ id: number, name: text }),
    project: z.object({ id: guid, name: text }),
    repository: z.object({ id: text, name: text, type: text }).nullish(),
    requestedFor: identityAnswer.nullish(),
    requestedBy: identityAnswer.nullish(),
    lastChangedBy: identityAnswer.nullish(),
    orchestrationPlan: z.object({ planId: text }).nullish(),
    triggeredByBuild: z.object({ id: number, project: z.object({ id: guid }).nullish() }).nullish(),
    triggerInfo: z.record(z.string(), z.unknown()).nullish(),
    _links: z
      .object({ web: z.object({ href: z.string() }) })
      .optional()
      .catch(undefined),
  })
  .transform(({ definition, project, repository, ...build }) => ({
    ...build,
    buildNumber: build.buildNumber || String(build.id),
    sourceBranch: build.sourceBranch ?? '',
    definition: { id: definition.id, name: definition.name || String(definition.id) },
    project: { id: project.id, name: project.name || project.id },
    repository: {
      id: repository?.id ?? '',
      name: repository?.name || (repository?.id ?? ''),
      type: repository?.type ?? '',
    },
  }));
export type BuildAnswer = z.infer<typeof buildAnswer>;

export const buildsAnswer = z.object({
  value: z.array(z.object({ id: number, buildNumber: z.string(), definition: z.object({ id: number }) })),
});

export const changesAnswer = z.object({
  value: z.array(z.object({ id: z.string(), author: identityAnswer.nullish(), pusher: text })),
});
export type ChangeAnswer = z.infer<typeof changesAnswer>['value'][number];

const signature = z.object({ name: text, email: text }).nullish();
export const commitAnswer = z.object({ author: signature, committer: signature });

export const repositoryAnswer = z.object({ name: z.string() });

/** By its id alone, in whatever project. */
export const placedRepositoryAnswer = z.object({ project: z.object({ id: guid }), defaultBranch: text });

/** Of its default branch the full name; absent while the repository is empty. */
export const namedRepositoryAnswer = z.object({ id: lowerGuid, defaultBranch: text });

const objectId = z
  .string()
  .regex(/^[0-9a-f]{40}$/i)
  .transform((id) => id.toLowerCase());

export const refsAnswer = z.object({ value: z.array(z.object({ name: z.string(), objectId })) });

export const itemsAnswer = z.object({
  value: z.array(
    z.object({
      path: z.string(),
      objectId,
      gitObjectType: z.string(),
      isSymLink: z.boolean().nullish(),
    }),
  ),
});
export type ItemAnswer = z.infer<typeof itemsAnswer>['value'][number];

/** Policies are kept unread: each type has settings of its own. */
export const branchPoliciesAnswer = z.object({ value: z.array(z.unknown()) });

export const reviewersPolicy = z.object({
  isEnabled: z.boolean(),
  isBlocking: z.boolean(),
  isDeleted: z.boolean().nullish(),
  type: z.object({ id: z.string() }),
  settings: z.object({
    minimumApproverCount: number,
    creatorVoteCounts: z.boolean().nullish(),
    scope: z.array(z.object({ repositoryId: text, refName: text, matchKind: text })),
  }),
});
export type ReviewersPolicy = z.infer<typeof reviewersPolicy>;

export const projectsAnswer = z.object({ value: z.array(z.object({ id: guid, name: text })) });

export const definitionsAnswer = z.object({
  value: z.array(
    z.object({ id: number, name: z.string(), repository: z.object({ id: text, name: text, type: text }).nullish() }),
  ),
});

export const fileAnswer = z.object({ content: z.string() });

/** Resources are kept unread, so that one odd resource does not hide the others. */
export const pipelineRunAnswer = z.object({
  id: number.nullish(),
  resources: z
    .object({
      repositories: z.record(z.string(), z.unknown()).nullish(),
      pipelines: z.record(z.string(), z.unknown()).nullish(),
    })
    .nullish(),
});
export type PipelineRunAnswer = z.infer<typeof pipelineRunAnswer>;

export const repositoryResource = z.object({
  repository: z.object({ id: text, name: text, fullName: text, type: text }).nullish(),
  refName: text,
  version: z.string().refine(isCommit),
});
export type RepositoryResource = z.infer<typeof repositoryResource>;

export const pipelineResource = z.object({
  pipeline: z.object({ id: number, url: text }),
  version: z.string().min(1),
});
export type PipelineResource = z.infer<typeof pipelineResource>;

export const planAnswer = z.object({
  planId: text,
  owner: z.object({ id: z.number() }).nullish(),
});

const recordAnswer = z.object({
  id: text,
  type: text,
  attempt: z.number().int().nullish(),
  state: text,
  result: text,
});
export type RecordAnswer = z.infer<typeof recordAnswer>;
export const timelineAnswer = z.object({ records: z.array(recordAnswer) });

const buildRecordAnswer = recordAnswer.extend({
  parentId: text,
  name: text,
  identifier: text,
  startTime: instant.nullish(),
  finishTime: instant.nullish(),
  previousAttempts: z.array(z.object({ attempt: number.nullish(), timelineId: text, recordId: text })).nullish(),
});
export type BuildRecordAnswer = z.infer<typeof buildRecordAnswer>;
export const buildTimelineAnswer = z.object({ records: z.array(buildRecordAnswer) });

const stepAnswer = z.object({
  assignedApprover: identityAnswer.nullish(),
  actualApprover: identityAnswer.nullish(),
  status: z.unknown().optional(),
  comment: text,
});

export const approvalAnswer = z.object({
  id: lowerGuid,
  status: z.unknown().optional(),
  createdOn: instant,
  steps: z.array(stepAnswer).nullish(),
  minRequiredApprovers: number.nullish(),
  blockedApprovers: z.array(identityAnswer).nullish(),
  permissions: z.unknown().optional(),
  pipeline: z.object({ owner: z.object({ id: number }) }),
  _links: z.object({ self: z.object({ href: z.string() }).nullish() }).nullish(),
});
export type ApprovalAnswer = z.infer<typeof approvalAnswer>;

/** Approvals are kept unread, so that one odd approval does not hide the others. */
export const approvalsAnswer = z.object({ value: z.array(z.unknown()) });

const resourceAnswer = z.object({ type: text, id: text, name: text });
export type ResourceAnswer = z.infer<typeof resourceAnswer>;
export const checkSuiteAnswer = z.object({
  id: lowerGuid,
  checkRuns: z
    .array(z.object({ id: text, checkConfigurationRef: z.object({ resource: resourceAnswer.nullish() }).nullish() }))
    .nullish(),
  resources: z.array(resourceAnswer).nullish(),
});
export type CheckSuiteAnswer = z.infer<typeof checkSuiteAnswer>;

export const environmentAnswer = z.object({ id: number, name: z.string().min(1) });
export const environmentsAnswer = z.object({ value: z.array(environmentAnswer) });
export const deploymentRecordsAnswer = z.object({
  value: z.array(z.object({ definition: z.object({ id: number }).nullish() })),
});

const reference = z.object({ id: number, name: text });
/** One that names no run or pipeline is not one of a pipeline. */
export const deploymentRecordAnswer = z.object({
  id: number,
  definition: reference,
  owner: reference,
  stageName: text,
  stageAttempt: number.nullish(),
  queueTime: instant.nullish(),
  startTime: instant.nullish(),
  finishTime: instant.nullish(),
  result: text,
});
/** Kept unread, so that one odd record does not hide the others. */
export const anyRecordsAnswer = z.object({ value: z.array(z.unknown()) });

export const subscriptionsAnswer = z.object({
  value: z.array(
    z.object({
      id: guid,
      eventType: z.string(),
      status: z.unknown().optional(),
      /** Documented as a byte in a string. */
      probationRetries: z.coerce.number().int().nonnegative().nullish().catch(undefined),
      publisherInputs: z.record(z.string(), text).nullish(),
      consumerInputs: z.record(z.string(), text).nullish(),
    }),
  ),
});

export const logAnswer = z.object({ id: number });

/** An absent or empty part of an identity is left out. */
export function outsideIdentity(answer: z.infer<typeof identityAnswer> | null | undefined): OutsideIdentity {
  return {
    ...(answer?.id ? { id: answer.id } : {}),
    ...(answer?.descriptor ? { descriptor: answer.descriptor } : {}),
    ...(answer?.uniqueName ? { uniqueName: answer.uniqueName } : {}),
    ...(answer?.displayName ? { name: answer.displayName } : {}),
  };
}

export function runOf(organization: string, build: BuildAnswer): Run {
  return {
    organization,
    projectId: build.project.id.toLowerCase(),
    project: build.project.name,
    id: build.id,
    name: build.buildNumber,
    url: pageOf(organization, build),
    pipeline: build.definition,
    repository: build.repository,
    branch: build.sourceBranch,
    commit: build.sourceVersion.toLowerCase(),
    reason: build.reason ?? 'none',
    requestedFor: outsideIdentity(build.requestedFor),
    requestedBy: outsideIdentity(build.requestedBy),
    ...(build.lastChangedBy ? { changedBy: outsideIdentity(build.lastChangedBy) } : {}),
  };
}

/** A link shown to people stays on the organization's own origin. */
function pageOf(organization: string, build: BuildAnswer): string {
  const href = build._links?.web.href ?? '';
  if (URL.canParse(href) && new URL(href).origin === new URL(organization).origin) return href;
  return `${organization}/${build.project.id.toLowerCase()}/_build/results?buildId=${build.id}`;
}
export type CommitAnswer = z.infer<typeof commitAnswer>;
