import { fileURLToPath } from 'node:url';
import { createAzureTable } from '../../services/tables/azure-table.ts';
import { ORGANIZATION, TENANT } from '../builders.ts';
import { fill } from '../fakes/counted-tables.ts';
import { CHECK_KEY } from '../fakes/countersign.ts';
import type { StoredRow } from '../fakes/in-memory-table.ts';
import { type Child, startChild } from './children.ts';

/** Before the name of each table. */
export const PREFIX = 'bench';
const POLICY = fileURLToPath(new URL('../../manifest/policy', import.meta.url));

/** Azurite in a process of its own, with these rows. */
export async function startStore(rows: readonly StoredRow[]): Promise<{ azurite: Child; connectionString: string }> {
  const azurite = await startChild('child-azurite.ts');
  const connectionString = await azurite.ask<string>('connectionString');
  const table = createAzureTable({ connection: { connectionString }, prefix: PREFIX, budgetMs: 20_000 });
  await table.prepare();
  await fill(table, rows);
  return { azurite, connectionString };
}

/** The settings of a local process on this store, with the sample policy. */
export function productSettings(connectionString: string, settings: Readonly<Record<string, string>> = {}) {
  return {
    COUNTERSIGN_LOCAL: 'true',
    PORT: '0',
    BOT_TENANT_ID: TENANT,
    TABLES_CONNECTION_STRING: connectionString,
    TABLES_PREFIX: PREFIX,
    AZURE_DEVOPS_ORGS: ORGANIZATION,
    AZURE_DEVOPS_TOKEN: 'not a secret',
    CHECK_SECRETS: CHECK_KEY,
    POLICY_DIR: POLICY,
    DIRECTORY_FILE: `${POLICY}/directory.yaml`,
    TOKEN_KEY: Buffer.alloc(32, 7).toString('base64'),
    ...settings,
  };
}

/** The product in a process of its own; once asked to `hold` it tells nothing of what it records. */
export function startProduct(connectionString: string, settings: Readonly<Record<string, string>>): Promise<Child> {
  return startChild('child-product.ts', [JSON.stringify(productSettings(connectionString, settings))]);
}
