import type { Place } from './domain/asset.ts';
import { type Baseline, type TakenAt, takenAt, withAccepted } from './domain/baseline.ts';
import { canonicalJson } from './domain/canonical.ts';
import { sha256 } from './domain/checksum.ts';
import type { Contract } from './domain/contract.ts';
import type { DriftItem } from './domain/drift.ts';
import { type DriftRefusal, refusalToAccept } from './domain/drift-refusal.ts';
import { type DriftView, driftView } from './domain/drift-view.ts';
import { type Gate, orgOf } from './domain/gate.ts';
import { plusMinutes } from './domain/instant.ts';
import type { PersonActor } from './domain/person.ts';
import { isProduction } from './domain/platform-places.ts';
import { approversOf } from './domain/post-deploy.ts';
import { isOverreach, type Refusal } from './domain/refusal.ts';
import { releaseOf } from './domain/release.ts';
import type { WhoApproves } from './domain/who-approves.ts';
import type { BaselineStore, StoredBaseline } from './ports/baseline-store.ts';
import type { Clock } from './ports/clock.ts';
import { DirectoryUnavailableError } from './ports/directory.ts';
import type { DueIndex } from './ports/due-index.ts';
import type { PlaceStates } from './ports/place-states.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';
import type { RefusedWords } from './ports/refused-words.ts';
import type { ScopeKey } from './ports/scope-store.ts';
import { StoreUnavailableError } from './ports/table.ts';

interface Needs {
  readonly tenant: string;
  readonly organizations: readonly string[];
  readonly clock: Clock;
  readonly policy: Policy;
  readonly states: PlaceStates;
  readonly baselines: Pick<BaselineStore, 'read' | 'putBaseline'>;
  readonly due: Pick<DueIndex, 'remind'>;
  /** Who could approve a deployment there now. Rejects with DirectoryUnavailableError. */
  readonly whoApproves: (place: Place) => Promise<WhoApproves | undefined>;
  /** Compares a place with its baseline, and shows what differs. */
  readonly compare: (organization: string, place: Place, options: { readonly isFresh: boolean }) => Promise<void>;
  readonly refusedWords: RefusedWords;
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
  /** Goes on after the person was answered. */
  readonly later: (work: Promise<void>) => void;
}

/** What somebody takes into a baseline. */
export interface AcceptWord {
  /** Short id of the organization. */
  readonly org: string;
  readonly service: string;
  readonly environment: string;
  /** Of the drift that they were shown. */
  readonly revision: number;
  /** Fingerprints; absent: all of it, where it is one change. */
  readonly only?: readonly string[];
  readonly by: PersonActor;
  /** Stable over replays of the same click. */
  readonly op: string;
}

export type DriftAccepted =
  | { readonly kind: 'accepted'; readonly view: DriftView; readonly count: number; readonly until?: string }
  | { readonly kind: 'refused'; readonly why: DriftRefusal; readonly view?: DriftView };

export type Baselines = ReturnType<typeof createBaselines>;

/** How often something else may be recorded first before we give up. */
const TRIES = 5;

/** What owners approved: taken at approved deployments, changed by approvers, and by nothing else. */
export function createBaselines(needs: Needs) {
  return {
    /**
     * After a deployment was let through: takes the baseline of its production environment where there is none, or a part of it, compares, and
     * has it looked at once more later. The same deployment again changes nothing. Rejects when it must be tried again.
     */
    released: (gate: Gate): Promise<void> => released(needs, gate),
    /** Rejects when the store does not answer. */
    accept: async (word: AcceptWord): Promise<DriftAccepted> => {
      const answer = await accepted(needs, word);
      if (answer.kind === 'refused' && isTold(answer.why)) await noteRefused(needs, word, answer.why);
      return answer;
    },
  };
}

async function accepted(needs: Needs, word: AcceptWord): Promise<DriftAccepted> {
  const stranger = await needs.strangerBecause(word.by);
  if (stranger !== undefined) return { kind: 'refused', why: { code: 'stranger', refusal: stranger } };
  try {
    return await accept(needs, word);
  } catch (error) {
    if (!(error instanceof DirectoryUnavailableError)) throw error;
    return { kind: 'refused', why: { code: 'stranger', refusal: 'cannot-verify-now' } };
  }
}

/** Of somebody who may not; what merely needs another click is not. */
function isTold(why: DriftRefusal): boolean {
  return why.code === 'not-an-approver' || (why.code === 'stranger' && isOverreach(why.refusal));
}

function noteRefused(needs: Needs, word: AcceptWord, why: DriftRefusal): Promise<void> {
  const { org, service, environment, revision, by, op } = word;
  const refusal = why.code === 'stranger' ? why.refusal : why.code;
  const about = `drift ${org} ${service} ${environment}`;
  const at = needs.clock.now();
  const what = 'accept-drift';
  return needs.refusedWords.note({ about, what, refusal, services: [service], environment, revision, by, op, at });
}

async function released(needs: Needs, gate: Gate): Promise<void> {
  const release = releaseOf(gate);
  const policy = await needs.policy.current();
  const { contract } = policy;
  if (release === undefined || contract === undefined || !isProduction(gate.environment, { contract })) return;
  const isApproved = gate.state === 'approved';
  if (isApproved && contract.reviews.postDeployMinutes !== undefined) {
    const at = plusMinutes(release.at, contract.reviews.postDeployMinutes);
    await needs.due.remind({ kind: 'post-deploy', org: gate.org, id: gate.id }, at);
  }
  const { requestId, runName, at } = release;
  const taken: TakenAt = { requestId, runName, at, approvedBy: approversOf(gate) };
  for (const service of gate.services) {
    const place = { service, environment: gate.environment };
    const { organization } = gate.door;
    if (!needs.states.isWatched(await needs.states.sections(organization), place, policy.catalog)) continue;
    if (isApproved) await take(needs, organization, place, policy, taken);
    await needs.compare(organization, place, { isFresh: true });
  }
}

async function take(
  needs: Needs,
  organization: string,
  place: Place,
  { catalog }: PolicySnapshot,
  taken: TakenAt,
): Promise<void> {
  const scope: ScopeKey = { org: orgOf(needs.tenant, organization), ...place };
  const op = `baseline ${taken.requestId}`;
  for (let n = 0; n < TRIES; n += 1) {
    const stored = await needs.baselines.read(scope);
    const sections = await needs.states.sections(organization);
    const wanted = new Set(stored.baseline?.entries.map(({ key }) => key));
    const state = await needs.states.of(organization, sections, place, { catalog, wanted, isFresh: true });
    const baseline = takenAt(stored.baseline, state, taken, op);
    if (baseline === undefined || stored.baseline?.ops.includes(op) === true) return;
    const evidence = {
      kind: 'baseline-taken',
      actor: { kind: 'countersign' } as const,
      data: {
        ...place,
        ...{ requestId: taken.requestId, approvedBy: taken.approvedBy.map(({ oid }) => oid) },
        ...{
          parts: baseline.parts.map(({ prefix, at: asOf }) => [prefix, asOf ?? null]),
          checksum: checksumOf(baseline),
        },
      },
    };
    const put = await needs.baselines.putBaseline(stored, { baseline, evidence, op, at: needs.clock.now() });
    if (put !== undefined) return;
  }
  throw new StoreUnavailableError(`the baseline of ${place.service} was changed by others again and again`);
}

/** Of what it says, not of when it was read. */
function checksumOf({ entries }: Pick<Baseline, 'entries'>): string {
  return sha256(canonicalJson(entries.map(({ key, values }) => [key, { ...values }])));
}

async function accept(needs: Needs, word: AcceptWord): Promise<DriftAccepted> {
  const { contract } = await needs.policy.current();
  const organization = needs.organizations.find((one) => orgOf(needs.tenant, one) === word.org);
  if (contract === undefined) return { kind: 'refused', why: { code: 'no-contract' } };
  const { org, service, environment } = word;
  if (organization === undefined) return { kind: 'refused', why: { code: 'no-baseline' } };
  for (let n = 0; n < TRIES; n += 1) {
    const stored = await needs.baselines.read({ org, service, environment });
    const answer = await acceptIn(needs, { ...word, organization, contract }, stored);
    if (answer !== undefined) return answer;
  }
  return { kind: 'refused', why: { code: 'not-recorded' } };
}

/** Undefined: somebody else changed it first. */
async function acceptIn(
  needs: Needs,
  word: AcceptWord & { readonly organization: string; readonly contract: Contract },
  stored: StoredBaseline,
): Promise<DriftAccepted | undefined> {
  const { organization, contract, org, service, environment, by, op } = word;
  const { baseline, drift } = stored;
  if (baseline === undefined || drift === undefined) return { kind: 'refused', why: { code: 'no-baseline' } };
  const now = needs.clock.now();
  const { baselineDays: days } = contract.reviews;
  const where = { organization, org, service, environment, ...(days === undefined ? {} : { acceptedDays: days }) };
  const viewOf = (next: Baseline) => driftView(where, next, drift.drift, now);
  const chosen = chosenFrom(drift.drift.items, word.only);
  const until = days === undefined ? {} : { until: plusMinutes(now, days * 1_440) };
  // The same click again: its answer was lost.
  if (baseline.ops.includes(op)) return { kind: 'accepted', view: viewOf(baseline), count: chosen.length, ...until };
  const approvers = await needs.whoApproves({ service, environment });
  const why = refusalToAccept({ ...word, drift: drift.drift, chosen }, approvers);
  if (why !== undefined) return { kind: 'refused', why, view: viewOf(baseline) };
  const changes = chosen.map(({ key, after }) => ({ key, ...(after === undefined ? {} : { entry: after }) }));
  const next = withAccepted(baseline, changes, { by, at: now, ...until, op });
  const evidence = {
    kind: 'drift-accepted',
    actor: by,
    data: {
      ...{ service, environment, revision: word.revision, until: until.until ?? null },
      accepted: chosen.map(acceptedData),
      checksum: checksumOf(next),
    },
  };
  const put = await needs.baselines.putBaseline(stored, { baseline: next, evidence, op, at: now });
  if (put === undefined) return undefined;
  needs.later(needs.compare(organization, { service, environment }, { isFresh: false }));
  return { kind: 'accepted', view: viewOf(next), count: chosen.length, ...until };
}

function acceptedData({ key, kind, fingerprint, release, before, after }: DriftItem) {
  const values = (entry: DriftItem['after']) => (entry === undefined ? null : { ...entry.values });
  return { key, kind, fingerprint, release: release?.requestId ?? null, before: values(before), after: values(after) };
}

/** Of one change nobody has to choose. */
function chosenFrom(items: readonly DriftItem[], only: readonly string[] | undefined): DriftItem[] {
  if (items.length === 1 && (only === undefined || only.length === 0)) return [...items];
  return items.filter(({ fingerprint }) => only?.includes(fingerprint));
}
