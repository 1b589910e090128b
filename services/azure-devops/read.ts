import type { z } from 'zod';
import { AzureDevOpsRefusedError } from '../ports/azure-devops.ts';
import type { Connection, Page } from './connection.ts';
import type { BotIdentity } from './identity.ts';

/** Reads one path of one organization. Rejects as Connection does. `enough`: see firstAllowed. */
export type Read = <T>(path: string, schema: z.ZodType<T>, enough?: (value: T) => boolean) => Promise<Page<T>>;

export function createRead(
  connection: Connection,
  organization: string,
  authorization: string,
  deadline?: AbortSignal,
): Read {
  return (path, schema) =>
    connection.read(
      { organization, authorization, method: 'GET', path, ...(deadline === undefined ? {} : { deadline }) },
      schema,
    );
}

/** With the bot's own account. */
export function createOwnRead(connection: Connection, organization: string, identity: BotIdentity): Read {
  return async (path, schema) => createRead(connection, organization, await identity.authorization())(path, schema);
}

/**
 * A job's token sees its own project only: what it may not read is asked again with the bot's own account. A list shows
 * only what may be seen, so one that is not `enough` is asked again as well.
 */
export function firstAllowed(first: Read, second: Read | undefined): Read {
  return async (path, schema, enough) => {
    try {
      const page = await first(path, schema);
      if (second === undefined || enough === undefined || enough(page.value)) return page;
    } catch (error) {
      if (second === undefined || !(error instanceof AzureDevOpsRefusedError)) throw error;
    }
    return second(path, schema);
  };
}

/** A 404 means that there is none: every other refusal rejects. */
export async function orNone<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof AzureDevOpsRefusedError && error.status === 404) return undefined;
    throw error;
  }
}
