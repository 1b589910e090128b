import { orgsOf } from '../../bot/reading.ts';
import type { DigestMark } from '../../services/ports/digest-store.ts';
import type { StoredException } from '../../services/ports/exception-store.ts';
import type { GateStore } from '../../services/ports/gate-store.ts';
import { createAzureTable } from '../../services/tables/azure-table.ts';
import { createDigestStore } from '../../services/tables/digest-store.ts';
import { createDueIndex } from '../../services/tables/due-index.ts';
import { createExceptionStore } from '../../services/tables/exception-store.ts';
import { createGateStore } from '../../services/tables/gate-store.ts';
import { component, key } from '../../services/tables/keys.ts';
import { TENANT } from '../builders.ts';

/** What the store of a process world holds, read past the proxy. */
export interface ProcessReader {
  readonly gates: GateStore;
  /** Every exception that was ever asked for, with its evidence. */
  exceptions(): Promise<readonly StoredException[]>;
  digestMarks(): Promise<readonly DigestMark[]>;
  /** As if nobody had been told yet. */
  forgetDigests(): Promise<void>;
}

export function createProcessReader(connectionString: string, organization: string): ProcessReader {
  const table = createAzureTable({ connection: { connectionString }, prefix: 'countersign', budgetMs: 60_000 });
  const clock = { now: () => new Date().toISOString() };
  const due = createDueIndex({ table, clock });
  const random = { bytes: () => new Uint8Array() };
  const orgs = orgsOf({ tenant: TENANT, organizations: [organization] });
  const exceptions = createExceptionStore({ table, due, clock, random, tenant: TENANT, orgs });
  const { digestMarks } = createDigestStore({ table, tenant: TENANT });
  const marks = key(component(TENANT), 'digest');
  return {
    gates: createGateStore({ table, due, clock, random, orgs, instance: 'reader' }),
    exceptions: async () => {
      const found: StoredException[] = [];
      // They are counted from 1; what a process that died had left of its fifty numbers is never used.
      for (let n = 1, missing = 0; missing < MOST_MISSING; n += 1) {
        const one = await exceptions.locate(`EX-${n}`);
        missing = one === undefined ? missing + 1 : 0;
        if (one !== undefined) found.push(one);
      }
      return found;
    },
    digestMarks: async () => (await digestMarks.all()).map(({ mark }) => mark),
    forgetDigests: async () => {
      for (const { row } of await table.list('roll', marks)) await table.remove('roll', marks, row);
    },
  };
}

const MOST_MISSING = 60;
