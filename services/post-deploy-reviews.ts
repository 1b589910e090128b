import type { Place } from './domain/asset.ts';
import { isInAzure } from './domain/catalog.ts';
import type { AfterRelease } from './domain/drift.ts';
import { type Finding, SEVERITIES } from './domain/finding.ts';
import type { FindingEvent } from './domain/finding-event.ts';
import type { Gate } from './domain/gate.ts';
import { plusMinutes } from './domain/instant.ts';
import { judgedPlatform } from './domain/platform-judgement.ts';
import { besidesWords, reviewedFindings, unknownSince } from './domain/platform-review.ts';
import { PLATFORM_SOURCE } from './domain/platform-rules.ts';
import {
  approversOf,
  type LookedSince,
  looksAgainAt,
  NOT_ASKED_YET,
  type PostDeployReview,
  type SeenAfter,
  TELLING_MINUTES,
  verdictOf,
} from './domain/post-deploy.ts';
import { type Posture, pulledAt } from './domain/posture.ts';
import { releaseOf } from './domain/release.ts';
import type { BaselineStore, StoredPostDeploy } from './ports/baseline-store.ts';
import type { Clock } from './ports/clock.ts';
import type { Directory } from './ports/directory.ts';
import type { DueIndex } from './ports/due-index.ts';
import type { GateStore } from './ports/gate-store.ts';
import { type Conversations, lossIn, type Notifier, nameOf } from './ports/notifier.ts';
import type { PlaceStates } from './ports/place-states.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';
import type { PostureStore } from './ports/posture-store.ts';
import { reachableOwners } from './ports/scope-owners.ts';
import type { ScopeKey, ScopeStore } from './ports/scope-store.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Pick<Directory, 'membersOf'>;
  readonly conversations: Pick<Conversations, 'find' | 'forget'>;
  readonly notifier: Pick<Notifier, 'tell'>;
  readonly due: Pick<DueIndex, 'remind'>;
  readonly gates: Pick<GateStore, 'read'>;
  readonly scopes: Pick<ScopeStore, 'eventsSince'>;
  readonly postures: Pick<PostureStore, 'read'>;
  readonly baselines: Pick<BaselineStore, 'review' | 'putReview'>;
  /** Sources of postures that are looked at, such as `azure-policy`. */
  readonly sources: readonly string[];
  /** Drift as it is now, and what appeared since; undefined: nothing is compared with a baseline there. */
  readonly driftSince: (organization: string, place: Place, since: LookedSince) => Promise<SeenAfter | undefined>;
  readonly states: Pick<PlaceStates, 'sections' | 'reviewOf'>;
  /** Has a source looked at again soon, for a deployment to a place since then (ISO-8601 UTC). */
  readonly refresh: (source: string, organization: string, released: Released) => Promise<void>;
  readonly failed: (place: Place, error: unknown) => void;
}

/** A place, and since when it is to be looked at. */
interface Released {
  readonly place: Place;
  readonly since: string;
}

interface Look {
  readonly gate: Gate;
  readonly scope: ScopeKey;
  readonly release: AfterRelease;
}

/** Each approved deployment to production is looked at once, some time after it was let through. Restarts lose none: a hint brings it back. */
export function createPostDeployReviews(needs: Needs) {
  return {
    /** Rejects when it must be tried again. */
    lookAt: async ({ org, id }: { readonly org: string; readonly id: string }): Promise<void> => {
      const gate = (await needs.gates.read(org, id))?.gate;
      const released = gate === undefined ? undefined : releaseOf(gate);
      if (gate === undefined || released === undefined) return;
      const { requestId, runName, at } = released;
      const release = { requestId, runName, at, approvedBy: approversOf(gate) };
      for (const service of gate.services)
        await lookAt(needs, { gate, release, scope: { org, service, environment: gate.environment } });
    },
  };
}

async function lookAt(needs: Needs, look: Look): Promise<void> {
  const { scope, release, gate } = look;
  const now = needs.clock.now();
  const before = await needs.baselines.review(scope, release.requestId);
  if (before?.review.state === 'done') return;
  const tellingUntil = before === undefined ? '' : plusMinutes(before.review.at, TELLING_MINUTES);
  // Another process tells of it at this moment, or died there.
  if (before?.review.state === 'telling' && now < tellingUntil) return again(needs, gate, tellingUntil);
  const looks = (before?.review.looks ?? 0) + 1;
  const since = { released: release.at, asked: before?.review.askedAt ?? NOT_ASKED_YET };
  const sources = await sourcesOf(needs, look, since);
  const { service, environment } = scope;
  const seen: PostDeployReview = {
    release,
    service,
    environment,
    askedAt: before?.review.askedAt ?? now,
    at: now,
    sources,
    state: 'waits',
    looks,
    messages: [],
  };
  const againAt = looksAgainAt(seen, now);
  if (againAt === undefined) return settle(needs, look, seen, before);
  for (const { source, unknown } of sources)
    if (unknown !== undefined)
      await needs.refresh(source, gate.door.organization, { place: { service, environment }, since: since.asked });
  await needs.baselines.putReview(scope, seen, before);
  await again(needs, gate, againAt);
}

function again({ due }: Needs, { org, id }: Gate, at: string): Promise<void> {
  return due.remind({ kind: 'post-deploy', org, id }, at);
}

type Events = ReadonlyMap<string, readonly FindingEvent[]>;

/** What each source says as of after the deployment; events tell what is new of what it says now. */
async function sourcesOf(needs: Needs, { scope, gate }: Look, since: LookedSince): Promise<SeenAfter[]> {
  const { service, environment } = scope;
  const { organization } = gate.door;
  const policy = await needs.policy.current();
  const [{ events }, drifted, ...postures] = await Promise.all([
    needs.scopes.eventsSince(scope, since.released),
    needs.driftSince(organization, { service, environment }, since),
    ...needs.sources.map(async (source) => ({ source, ...(await needs.postures.read({ scope, source })) })),
  ]);
  const look = { ...since, scope, policy, events };
  const seen = postures.map(({ source, posture }) =>
    source === PLATFORM_SOURCE ? seenOfPlatform(needs, organization, look, posture) : seenIn(source, look, posture),
  );
  return [...(await Promise.all(seen)), ...(drifted === undefined ? [] : [drifted])];
}

interface Since extends LookedSince {
  readonly scope: ScopeKey;
  readonly policy: PolicySnapshot;
  readonly events: Events;
}

function seenIn(source: string, { scope, released, policy, events }: Since, posture: Posture): SeenAfter {
  const findings = [...posture.words.values()].flatMap(({ finding }) => finding ?? []);
  const found = foundOf(findings.filter((finding) => isNewSince(finding, events, released) === true));
  const known = policy.catalog.services.get(scope.service)?.environments.get(scope.environment);
  // Of what is nowhere in Azure no list would ever show all.
  if (posture.needs.length === 0 && known !== undefined && !isInAzure(known))
    return { source, found, besides: NOWHERE };
  const unknown = unknownIn(posture, released);
  return { source, found, ...(unknown === undefined ? {} : { unknown }) };
}

const NOWHERE = 'the catalog names nothing of Azure for this environment';

/** Undefined: nothing has become of it since. What was found at the very moment of the deployment was there before it. */
function isNewSince({ fingerprint }: Finding, events: Events, since: string): boolean | undefined {
  const last = events.get(fingerprint)?.at(-1);
  return last === undefined ? undefined : last.kind !== 'gone' && last.at > since;
}

function foundOf(findings: readonly Finding[]): SeenAfter['found'] {
  return findings
    .map(({ fingerprint, rule, severity, message }) => ({ fingerprint, rule, severity, message }))
    .sort((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

function unknownIn(posture: Posture, since: string): string | undefined {
  const at = pulledAt(posture);
  if (posture.needs.length === 0) return 'the catalog names no subscription that would show all of it';
  if (at === undefined) return 'it was never read whole';
  return at < since
    ? `it was last read whole before the deployment, at ${at.slice(0, 16).replace('T', ' ')} UTC`
    : undefined;
}

/**
 * Judged by what its sections say now, each as old as it is: what stands as its posture may have been stored before they were read again. What
 * is in that and has no event since was there before the deployment.
 */
async function seenOfPlatform(
  { clock, states }: Needs,
  organization: string,
  { scope, released, asked, policy: { catalog, contract }, events }: Since,
  { words }: Posture,
): Promise<SeenAfter> {
  const source = PLATFORM_SOURCE;
  if (contract === undefined) return { source, found: [], unknown: 'there is no contract to judge it by' };
  const { service, environment } = scope;
  const place = { service, environment };
  const sections = await states.sections(organization);
  const review = states.reviewOf(organization, sections, place, catalog);
  const { findings } = judgedPlatform({ organization, sections }, { catalog, contract }, clock.now());
  const isNew = (finding: Finding) =>
    isNewSince(finding, events, released) ?? words.get(finding.fingerprint)?.finding === undefined;
  const [unknown, besides] = [unknownSince(review, asked), besidesWords(review)];
  return {
    source,
    found: foundOf(reviewedFindings(findings, place).filter(isNew)),
    ...(unknown === undefined ? {} : { unknown }),
    ...(besides === undefined ? {} : { besides }),
  };
}

/** Silent when clean; else its owners are told first, and that they were is recorded after. */
async function settle(
  needs: Needs,
  look: Look,
  seen: PostDeployReview,
  before: StoredPostDeploy | undefined,
): Promise<void> {
  const { scope, gate } = look;
  const verdict = verdictOf(seen);
  if (verdict === 'clean') return void (await end(needs, look, { ...seen, state: 'done' }, before));
  const claim = await needs.baselines.putReview(scope, { ...seen, state: 'telling' }, before);
  if (claim === undefined) return again(needs, gate, plusMinutes(needs.clock.now(), TELLING_MINUTES));
  const messages = await tell(needs, seen);
  await end(needs, look, { ...seen, state: 'done', messages }, claim);
}

async function end(
  needs: Needs,
  { scope }: Look,
  review: PostDeployReview,
  before: StoredPostDeploy | undefined,
): Promise<StoredPostDeploy | undefined> {
  const { release, sources, messages, at } = review;
  const data = {
    ...{ service: scope.service, environment: scope.environment, requestId: release.requestId },
    ...{ approvedBy: release.approvedBy.map(({ oid }) => oid), verdict: verdictOf(review) },
    sources: sources.map(({ source, found, unknown }) => ({
      ...{ source, isKnown: unknown === undefined, count: found.length },
      found: found.slice(0, MOST_NAMED).map(({ fingerprint }) => fingerprint),
    })),
    told: messages.map(({ recipient }) => recipient),
  };
  const texts = Object.fromEntries(
    sources.flatMap(({ source, unknown, besides }) => [
      ...(unknown === undefined ? [] : [[source, unknown]]),
      ...(besides === undefined ? [] : [[`${source} besides`, besides]]),
    ]),
  );
  const evidence = { kind: 'post-deploy-reviewed', actor: { kind: 'countersign' } as const, data, texts };
  const op = `post-deploy ${release.requestId}`;
  // Of two at once one records it.
  return needs.baselines.putReview(scope, review, before, { evidence, op, at });
}

const MOST_NAMED = 100;

async function tell(needs: Needs, review: PostDeployReview): Promise<PostDeployReview['messages']> {
  const owners = await reachableOwners(needs, review.service, await needs.policy.current());
  const sent = [];
  for (const { audience, to } of owners) {
    const answer = await needs.notifier.tell(to, { postDeploy: review, audience });
    const loss = lossIn(answer);
    if (loss !== undefined) await needs.conversations.forget(audience, loss);
    if (answer.kind === 'failed') needs.failed(review, answer.code);
    // The hint stays, and the claim is taken over once it is old.
    if (answer.kind === 'unavailable' && sent.length === 0) throw new Error('Teams takes no message now');
    if (answer.kind === 'sent')
      sent.push({ recipient: nameOf(audience), conversation: to.id, activityId: answer.activityId });
  }
  return sent;
}
