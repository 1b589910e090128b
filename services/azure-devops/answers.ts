import { z } from 'zod';
import type { OutsideIdentity } from '../domain/person.ts';
import type { Run } from '../domain/run.ts';
import { isCommit, isGuid } from './paths.ts';

/**
 * Azure DevOps' answers as they come over REST: enumerations by name and times as text, where the client package's own
 * types have numbers and dates. Only what is used is read; more is ignored.
 */

const text = z.string().nullish();
const number = z.number().int().nonnegative();
const guid = z.string().refine(isGuid);

const identityAnswer = z.object({ id: text, descriptor: text, uniqueName: text, displayName: text });

export const buildAnswer = z.object({
  id: number,
  buildNumber: z.string(),
  sourceBranch: z.string(),
  sourceVersion: z.string().refine(isCommit),
  reason: z.string().nullish(),
  definition: z.object({ id: number, name: z.string() }),
  project: z.object({ id: guid, name: z.string() }),
  repository: z.object({ id: z.string(), name: text, type: z.string() }),
  requestedFor: identityAnswer.nullish(),
  requestedBy: identityAnswer.nullish(),
  orchestrationPlan: z.object({ planId: z.string() }).nullish(),
  triggeredByBuild: z.object({ id: number, project: z.object({ id: guid }).nullish() }).nullish(),
  triggerInfo: z.record(z.string(), z.unknown()).nullish(),
  _links: z
    .object({ web: z.object({ href: z.string() }) })
    .optional()
    .catch(undefined),
});
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

export const projectsAnswer = z.object({ value: z.array(z.object({ id: guid })) });

/** Resources are kept unread, so that one odd resource does not hide the others. */
export const pipelineRunAnswer = z.object({
  resources: z.object({
    repositories: z.record(z.string(), z.unknown()).nullish(),
    pipelines: z.record(z.string(), z.unknown()).nullish(),
  }),
});

export const repositoryResource = z.object({
  repository: z.object({ id: text, name: text, fullName: text }).nullish(),
  version: z.string().refine(isCommit),
});
export type RepositoryResource = z.infer<typeof repositoryResource>;

export const pipelineResource = z.object({
  pipeline: z.object({ id: number, url: text }),
  version: z.string().min(1),
});
export type PipelineResource = z.infer<typeof pipelineResource>;

export const planAnswer = z.object({
  planId: z.string(),
  owner: z.object({ id: z.number() }).nullish(),
});

const recordAnswer = z.object({
  id: z.string(),
  type: text,
  attempt: z.number().int().nullish(),
  state: text,
  result: text,
});
export type RecordAnswer = z.infer<typeof recordAnswer>;
export const timelineAnswer = z.object({ records: z.array(recordAnswer) });

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
    repository: {
      id: build.repository.id,
      name: build.repository.name ?? build.repository.id,
      type: build.repository.type,
    },
    branch: build.sourceBranch,
    commit: build.sourceVersion.toLowerCase(),
    reason: build.reason ?? 'none',
    requestedFor: outsideIdentity(build.requestedFor),
    requestedBy: outsideIdentity(build.requestedBy),
  };
}

/** A link shown to people stays on the organization's own origin. */
function pageOf(organization: string, build: BuildAnswer): string {
  const href = build._links?.web.href ?? '';
  if (URL.canParse(href) && new URL(href).origin === new URL(organization).origin) return href;
  return `${organization}/${build.project.id.toLowerCase()}/_build/results?buildId=${build.id}`;
}
export type CommitAnswer = z.infer<typeof commitAnswer>;
