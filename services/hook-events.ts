import { orgOf } from './domain/gate.ts';
import type { HookEvent } from './domain/hook-event.ts';
import { plusSeconds } from './domain/instant.ts';
import type { NativeApprovalRef } from './domain/native-approval.ts';
import type { SectionKey } from './domain/platform.ts';
import { AzureDevOpsRefusedError, AzureDevOpsUnavailableError } from './ports/azure-devops.ts';
import type { Clock } from './ports/clock.ts';
import type { DueIndex } from './ports/due-index.ts';
import type { GateStore } from './ports/gate-store.ts';

/** What a look at an approval found. */
interface Seen {
  readonly kind: 'created' | 'known' | 'passed-over';
  readonly org?: string;
  readonly id?: string;
  readonly why?: string;
  readonly again?: true;
}

interface Needs {
  readonly tenant: string;
  readonly organizations: readonly string[];
  readonly clock: Clock;
  readonly due: DueIndex;
  readonly gates: GateStore;
  /** What alerts there are in this organization may have changed. Rejects with StoreUnavailableError. */
  readonly alertsChanged: (organization: string) => Promise<void>;
  /** Something of a delivery platform may have changed. Rejects with StoreUnavailableError. */
  readonly platformChanged: (organization: string, section: SectionKey, thing?: string) => Promise<void>;
  /** The checks of something may have changed: what was done is looked for at once. */
  readonly checksChanged: () => void;
  readonly noticed: (ref: NativeApprovalRef) => Promise<Seen>;
  /** Carries out what is to be done for a request. */
  readonly carryOn: (org: string, id: string) => Promise<void>;
  /** Ends a request for which Azure DevOps does not wait any more. */
  readonly endIfCompleted: (org: string, id: string) => Promise<void>;
  /** Goes on after the caller was answered; what fails is found again by a hint or by reconciling. */
  readonly later: (work: Promise<void>) => void;
  readonly passedOver: (ref: NativeApprovalRef, why: string, isFault: boolean) => void;
}

const AGAIN_SECONDS = 60;
const LONGEST_WAIT_SECONDS = 600;

/** Service hooks are hints: what they name is read again, and nothing else of them is believed. */
export function createHookEvents(needs: Needs) {
  const look = oneAtATime((ref) => lookAt(needs, ref));
  return {
    /** Resolves once the hint cannot be lost any more. Rejects with StoreUnavailableError: it must be sent again. */
    received: (event: HookEvent): Promise<void> => received(needs, look, event),
    /** The hint itself. Rejects with StoreUnavailableError. */
    lookAt: (ref: NativeApprovalRef): Promise<void> => lookAt(needs, ref),
  };
}

/** An organization that the delivery does not name is each of ours: GUIDs and answers tell which one was meant. */
async function received(needs: Needs, look: Look, event: HookEvent): Promise<void> {
  if (event.kind === 'other') return;
  if (event.kind === 'check') return needs.checksChanged();
  const named = event.organization === undefined ? needs.organizations : [event.organization];
  for (const organization of named) {
    if (event.kind === 'alert') await needs.alertsChanged(organization);
    else if (event.kind === 'platform') await changed(needs, organization, event);
    else if (event.kind === 'approval') await hintAt(needs, look, { organization, ...idsOf(event) });
    else await runChanged(needs, orgOf(needs.tenant, organization), event.runId);
  }
}

async function changed(
  needs: Needs,
  organization: string,
  { projectId, sections, thing }: HookEvent & { readonly kind: 'platform' },
): Promise<void> {
  if (sections.includes('environments')) needs.checksChanged();
  for (const kind of sections) await needs.platformChanged(organization, { kind, target: projectId }, thing);
}

function idsOf({ projectId, approvalId }: HookEvent & { readonly kind: 'approval' }) {
  return { projectId, id: approvalId };
}

async function hintAt(needs: Needs, look: Look, ref: NativeApprovalRef): Promise<void> {
  await needs.due.remind({ kind: 'approval', ref }, plusSeconds(needs.clock.now(), AGAIN_SECONDS));
  const begun = look(ref);
  if (begun !== undefined) needs.later(begun);
}

/** Undefined while a look at the same approval is under way, which then looks once more. */
type Look = (ref: NativeApprovalRef) => Promise<void> | undefined;

/** However many hints of one approval come in a burst: one look at a time, and one after the last of them. */
function oneAtATime(lookOnce: (ref: NativeApprovalRef) => Promise<void>): Look {
  const wantsMore = new Map<string, boolean>();
  const look = async (key: string, ref: NativeApprovalRef): Promise<void> => {
    try {
      do {
        wantsMore.set(key, false);
        await lookOnce(ref);
      } while (wantsMore.get(key) === true);
    } finally {
      wantsMore.delete(key);
    }
  };
  return (ref) => {
    const key = JSON.stringify([ref.organization, ref.projectId, ref.id]);
    if (!wantsMore.has(key)) return look(key, ref);
    wantsMore.set(key, true);
    return undefined;
  };
}

async function lookAt(needs: Needs, ref: NativeApprovalRef): Promise<void> {
  try {
    const seen = await needs.noticed(ref);
    if (seen.again === true) await lookAgain(needs, ref);
    else if (seen.kind === 'passed-over') needs.passedOver(ref, seen.why ?? '', false);
    const { kind, org, id } = seen;
    if (org === undefined || id === undefined) return;
    await (kind === 'created' ? needs.carryOn(org, id) : needs.endIfCompleted(org, id));
  } catch (error) {
    if (error instanceof AzureDevOpsUnavailableError) await lookAgain(needs, ref, error.retryAfter);
    else if (error instanceof AzureDevOpsRefusedError) needs.passedOver(ref, error.message, true);
    else throw error;
  }
}

async function lookAgain({ due, clock }: Needs, ref: NativeApprovalRef, afterSeconds = 0): Promise<void> {
  const wait = Math.max(AGAIN_SECONDS, Math.min(afterSeconds, LONGEST_WAIT_SECONDS));
  await due.remind({ kind: 'approval', ref }, plusSeconds(clock.now(), wait));
}

/** Of a run that waits here, or whose stages do. */
async function runChanged(needs: Needs, org: string, runId: number): Promise<void> {
  for (const id of await needs.gates.ofRun(org, runId)) {
    const gate = (await needs.gates.read(org, id))?.gate;
    if (gate === undefined || gate.stageResult !== undefined) continue;
    if (gate.toldAt === undefined) needs.later(needs.endIfCompleted(org, id));
    else {
      await needs.gates.enqueue({ org, id }, 'stage', needs.clock.now());
      needs.later(needs.carryOn(org, id));
    }
  }
}
