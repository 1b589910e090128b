import { createApprovalDoor } from '../services/approval-door.ts';
import { createCheckDoor } from '../services/check-door.ts';
import type { HookEvent } from '../services/domain/hook-event.ts';
import { createHookEvents } from '../services/hook-events.ts';
import { createHookHealth } from '../services/hook-health.ts';
import { createNativeApprovals } from '../services/native-approvals.ts';
import { createNativeSweep } from '../services/native-sweep.ts';
import type { AzureDevOps } from '../services/ports/azure-devops.ts';
import type { Clock } from '../services/ports/clock.ts';
import type { Doors } from '../services/ports/doors.ts';
import type { DueIndex } from '../services/ports/due-index.ts';
import type { GateStore } from '../services/ports/gate-store.ts';
import type { PersonTokens } from '../services/ports/person-tokens.ts';
import type { Policy } from '../services/ports/policy.ts';
import type { Vault } from '../services/ports/vault.ts';
import type { Config } from './config.ts';
import { createLimit } from './limit.ts';

/** Approvals that Azure DevOps itself asks for. */
export interface NativeSettings {
  /** Decisions are sent as the bot. */
  readonly asService: boolean;
  /** People can sign in, so that decisions are sent as themselves. */
  readonly canSignIn: boolean;
  /** Where service hooks send to; absent: none are expected, and nobody looks for what they missed. */
  readonly hooksUrl?: string;
}

/** Where Azure DevOps sends service hooks. */
export const EVENTS = 'api/azure-devops/events';

/** Without secrets no service hook is let in, so none is expected. */
export function nativeOf({ azureDevOps, bot, hookSecrets, http }: Config): NativeSettings {
  const { publicUrl } = http;
  const hooked =
    hookSecrets.length === 0 || publicUrl === undefined ? {} : { hooksUrl: new URL(EVENTS, publicUrl).href };
  return { asService: azureDevOps.nativeAsService, canSignIn: bot.signInConnection !== undefined, ...hooked };
}

interface Ports {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly azureDevOps: AzureDevOps;
  readonly gates: GateStore;
  readonly due: DueIndex;
  readonly personTokens: PersonTokens;
  readonly vault: Vault;
}

interface Settings {
  readonly tenant: string;
  readonly organizations: readonly string[];
  readonly native?: NativeSettings;
  readonly log: {
    info?(data: object, message: string): void;
    warn(data: object, message: string): void;
  };
}

/** Where Azure DevOps waits for an answer. */
export function doorsOf(ports: Ports, { native }: Settings): Doors {
  const asService = native?.asService ?? false;
  return { check: createCheckDoor(ports), approval: createApprovalDoor({ ...ports, asService }) };
}

/** Service hooks come in bursts, and Azure DevOps counts every call. */
const LOOKED_AT_ONCE = 4;

interface Wired {
  readonly carryOn: (org: string, id: string) => Promise<void>;
  readonly endIfCompleted: (org: string, id: string) => Promise<void>;
  readonly later: (work: Promise<void>) => void;
  readonly alertsChanged: (organization: string) => Promise<void>;
  readonly platformChanged: Parameters<typeof createHookEvents>[0]['platformChanged'];
  readonly checksChanged: () => void;
}

/** Service hooks, what they missed, and how they are. */
export function createNative(ports: Ports, settings: Settings, wired: Wired) {
  const { tenant, organizations, native, log } = settings;
  const url = native?.hooksUrl;
  const linkOnly = native?.asService !== true && native?.canSignIn !== true;
  const looking = createLimit(LOOKED_AT_ONCE);
  const approvals = createNativeApprovals({ ...ports, tenant, linkOnly });
  const events = createHookEvents({
    ...ports,
    ...wired,
    tenant,
    organizations,
    noticed: (ref) => looking(() => approvals.noticed(ref)),
    endIfCompleted: (org, id) => looking(() => wired.endIfCompleted(org, id)),
    passedOver: ({ id: approvalId }, why, isFault) => {
      const say = isFault ? log.warn : log.info;
      say?.call(log, { approvalId, why }, 'native approval passed over');
    },
  });
  const health = createHookHealth({ ...ports, organizations, url });
  const sweep = createNativeSweep({
    ...ports,
    organizations,
    found: approvals.found,
    carryOn: wired.carryOn,
    failed: (organization, err) => log.warn({ organization, err }, 'native approvals not looked for'),
  });
  return {
    received: (event: HookEvent): Promise<void> => {
      health.received(event);
      return events.received(event);
    },
    lookAt: events.lookAt,
    health: health.current,
    sweep: url === undefined ? async () => {} : sweep,
  };
}
