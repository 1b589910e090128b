import { TableClient, TableServiceClient } from '@azure/data-tables';
import { startAzurite } from './azurite.ts';
import { beforeTables, createFaultProxy } from './fault-proxy.ts';

export interface WatchedTables {
  readonly connectionString: string;
  /** `host:port` of the emulator behind the proxy. */
  readonly address: string;
  /** HTTP requests so far, but for those that the scheduler makes on its own. */
  readonly calls: number;
  /** True: every connection is cut off before anything is done. */
  down: boolean;
  /** Milliseconds that its clock is ahead of ours; may be negative. */
  ahead: number;
  /** Every row with its etag as text, but hints of what is due: those promise nothing. Not counted, never down. */
  rows(): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** What the scheduler writes on its own, whatever anybody sends: hints, cursors, its lease, what is open. */
const HOUSEKEEPING = /countersign(?:due|sys|open)\b/;
/** What it reads besides: who is still to be told of something, and in which zones they are. */
const READ_ANYWAY = /countersign(?:roll|conv)\b/;

/** Azurite behind a proxy that counts, and that can stop answering. */
export async function startWatchedTables(): Promise<WatchedTables> {
  const azurite = await startAzurite();
  const state = { calls: 0, down: false, ahead: 0 };
  const proxy = createFaultProxy({
    fate: ({ url }) => {
      if (!HOUSEKEEPING.test(url) && !READ_ANYWAY.test(url)) state.calls += 1;
      return state.down ? 'drop' : undefined;
    },
    date: () => (state.ahead === 0 ? undefined : new Date(Date.now() + state.ahead)),
  });
  const { connectionString, address } = await beforeTables(proxy, azurite.connectionString);
  return Object.assign(state, {
    connectionString,
    address,
    rows: () => rowsOf(azurite.connectionString),
    close: async () => {
      await proxy.close();
      await azurite.close();
    },
  });
}

async function rowsOf(connectionString: string): Promise<readonly string[]> {
  const options = { allowInsecureConnection: true };
  const rows: string[] = [];
  for await (const { name = '' } of TableServiceClient.fromConnectionString(connectionString, options).listTables()) {
    if (HOUSEKEEPING.test(name)) continue;
    for await (const row of TableClient.fromConnectionString(connectionString, name, options).listEntities()) {
      rows.push(`${name} ${JSON.stringify(row)}`);
    }
  }
  return rows.sort();
}
