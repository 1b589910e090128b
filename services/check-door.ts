import { checkOf } from './domain/gate.ts';
import type { AzureDevOps } from './ports/azure-devops.ts';
import type { Answering } from './ports/doors.ts';
import type { StoredGate } from './ports/gate-store.ts';
import { openJobToken, type Vault } from './ports/vault.ts';

interface Needs {
  readonly azureDevOps: AzureDevOps;
  readonly vault: Vault;
}

/** The first door: our own check, answered under the token of its job. */
export function createCheckDoor({ azureDevOps, vault }: Needs): Answering {
  async function key(stored: StoredGate) {
    const [check, token] = [checkOf(stored.gate), await openJobToken(vault, stored)];
    if (check === undefined || token === undefined)
      throw new TypeError(`request ${stored.gate.id} is no check of ours`);
    return { check, token };
  }
  return {
    state: async (stored) => {
      const { check, token } = await key(stored);
      return azureDevOps.checkState(check, token);
    },
    tell: async (stored, verdict) => {
      const { check, token } = await key(stored);
      await azureDevOps.complete(check, verdict, token);
      return undefined;
    },
    permission: async () => 'granted',
  };
}
