import { z } from 'zod';
import type { HookEvent, UnreadableHook } from '../domain/hook-event.ts';
import type { SectionKind } from '../domain/platform.ts';
import { isGuid, sameId } from './paths.ts';

const text = z.string().nullish();
const runId = z.number().int().positive().nullish().catch(undefined);
const links = z
  .record(z.string(), z.object({ href: text }).nullish().catch(undefined))
  .nullish()
  .catch(undefined);
const linked = z
  .object({ _links: links, url: text, id: z.unknown().optional(), name: text })
  .nullish()
  .catch(undefined);
const container = z.object({ id: text, baseUrl: text }).nullish().catch(undefined);

/** What is read of a delivery (Service hooks, Events); samples leave out or null any part of `resource`. */
const delivery = z.object({
  id: z.string().min(1).max(100),
  eventType: z.string().min(1).max(200),
  publisherId: text.catch(undefined),
  message: z.object({ html: text }).nullish().catch(undefined),
  resource: z
    .object({
      projectId: text,
      approval: linked,
      run: linked,
      stage: linked,
      pipeline: linked,
      resource: z
        .object({ type: text, name: text, id: text.catch(undefined) })
        .nullish()
        .catch(undefined),
      stageName: text,
    })
    .nullish(),
  resourceContainers: z.object({ collection: container, account: container, project: container }).nullish(),
});
type Delivery = z.infer<typeof delivery>;
type Envelope = Pick<HookEvent, 'id' | 'eventType' | 'organization'>;

const APPROVAL = ['pending', 'completed'].map((what) => `ms.vss-pipelinechecks-events.approval-${what}`);
const CHECK = 'ms.vss-pipelinechecks-events.check-updated-event';
const STAGE = 'ms.vss-pipelines.stage-state-changed-event';
const RUN = 'ms.vss-pipelines.run-state-changed-event';

/** The ids of these events are not documented; they exist, and say that service connections were created or changed. */
const CONNECTION = /service-?(?:endpoint|connection)/i;

/** No delivery of Advanced Security is documented: whatever calls itself so is a reason to look. */
const ALERT = /advanced-?security|advsec|ghazdo|\balerts?\b/i;

const NO_GUID = '00000000-0000-0000-0000-000000000000';
const LONGEST_NAME = 256;

/** `organizations`: the configured URLs, the only ones that a delivery may name. Never throws. */
export function readHookEvent(body: unknown, organizations: readonly string[]): HookEvent | UnreadableHook {
  const parsed = delivery.safeParse(body);
  if (!parsed.success) return unreadable(`it has no ${parsed.error.issues[0]?.path.join('.') || 'id'} as documented`);
  const { id, eventType } = parsed.data;
  const addresses = addressesIn(parsed.data);
  const organization = organizationOf(addresses, organizations);
  const envelope = { id, eventType, ...(organization === undefined ? {} : { organization }) };
  if (APPROVAL.includes(eventType)) return approvalEvent(envelope, parsed.data, addresses);
  if (eventType === STAGE || eventType === RUN) return runEvent(envelope, parsed.data, addresses);
  const sections = changedBy(parsed.data);
  const projectId = sections.length === 0 ? undefined : projectOf(parsed.data, addresses);
  if (projectId !== undefined) return { ...envelope, kind: 'platform', projectId, sections, ...thingOf(parsed.data) };
  if (eventType === CHECK) return { ...envelope, kind: 'check' };
  return { ...envelope, kind: ALERT.test(`${eventType} ${parsed.data.publisherId ?? ''}`) ? 'alert' : 'other' };
}

/** Of an environment its number, by which it is read again alone. */
function thingOf({ resource }: Delivery): { readonly thing?: string } {
  const { type, id } = resource?.resource ?? {};
  return type?.toLowerCase() === 'environment' && id && /^\d{1,15}$/.test(id) ? { thing: id } : {};
}

/** A check guards what its resource says; of one that says nothing it may be either. */
function changedBy({ eventType, resource }: Delivery): SectionKind[] {
  if (eventType !== CHECK) return CONNECTION.test(eventType) ? ['connections'] : [];
  const type = resource?.resource?.type?.toLowerCase();
  if (type === undefined) return ['environments', 'connections'];
  if (type === 'endpoint') return ['connections'];
  return type === 'environment' ? ['environments'] : [];
}

function approvalEvent(envelope: Envelope, { resource, ...rest }: Delivery, addresses: readonly string[]) {
  const approvalId = resource?.approval?.id;
  if (typeof approvalId !== 'string' || !isId(approvalId)) return unreadable('it names no approval');
  const projectId = projectOf({ resource, ...rest }, addresses);
  if (projectId === undefined) return unreadable('it names no project');
  const guarded = resource?.resource;
  const environment = sameId(guarded?.type ?? undefined, 'environment') ? nameIn(guarded?.name) : undefined;
  return {
    ...envelope,
    kind: 'approval',
    projectId,
    approvalId: approvalId.toLowerCase(),
    ...(environment === undefined ? {} : { environment }),
  } as const;
}

function runEvent(envelope: Envelope, given: Delivery, addresses: readonly string[]): HookEvent | UnreadableHook {
  const id = runId.parse(given.resource?.run?.id) ?? runIn(addresses);
  if (id === undefined) return unreadable('it names no run');
  const projectId = projectOf(given, addresses);
  if (projectId === undefined) return unreadable('it names no project');
  if (envelope.eventType === RUN) return { ...envelope, kind: 'run', projectId, runId: id };
  const stage = nameIn(given.resource?.stage?.name ?? given.resource?.stageName);
  return { ...envelope, kind: 'stage', projectId, runId: id, ...(stage === undefined ? {} : { stage }) };
}

/** Every address in the delivery; texts for people are only looked through for links. */
function addressesIn({ message, resource, resourceContainers }: Delivery): readonly string[] {
  const parts = [resource?.approval, resource?.run, resource?.stage, resource?.pipeline];
  const given = [
    ...Object.values(resourceContainers ?? {}).map((part) => part?.baseUrl),
    ...parts.flatMap((part) => [part?.url, ...Object.values(part?._links ?? {}).map((link) => link?.href)]),
    ...(message?.html?.match(/https?:\/\/[^\s"'<>]+/g) ?? []),
  ];
  return given.filter((address) => typeof address === 'string' && URL.canParse(address)) as readonly string[];
}

/** Addresses that lie in two organizations say nothing. */
function organizationOf(addresses: readonly string[], organizations: readonly string[]): string | undefined {
  const named = organizations.filter((organization) =>
    addresses.some((address) => sameId(`${address}/`.slice(0, organization.length + 1), `${organization}/`)),
  );
  return named.length === 1 ? named[0] : undefined;
}

function projectOf({ resource, resourceContainers }: Delivery, addresses: readonly string[]): string | undefined {
  const inAddresses = addresses.map((address) => /\/([^/]+)\/_(?:apis|build|environments)\//i.exec(address)?.[1]);
  const ids = [resource?.projectId, resourceContainers?.project?.id, ...inAddresses];
  return ids.find((id) => typeof id === 'string' && isId(id))?.toLowerCase();
}

function runIn(addresses: readonly string[]): number | undefined {
  for (const address of addresses) {
    const [, id] = /(?:[?&]buildId=|\/runs\/|\/build\/builds\/)(\d{1,15})\b/i.exec(address) ?? [];
    if (id !== undefined) return Number(id);
  }
  return undefined;
}

function isId(value: string): boolean {
  return isGuid(value) && value !== NO_GUID;
}

function nameIn(name: string | null | undefined): string | undefined {
  return name && name.length <= LONGEST_NAME ? name : undefined;
}

function unreadable(why: string): UnreadableHook {
  return { kind: 'unreadable', why };
}
