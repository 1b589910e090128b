import type { z } from 'zod';
import type { SectionKind } from '../domain/platform.ts';
import { AzureDevOpsRefusedError } from '../ports/azure-devops.ts';
import type { SectionPart, SectionRead } from '../ports/platform-source.ts';
import type { Connection, Page } from './connection.ts';
import { type Host, hostOf } from './hosts.ts';
import type { BotIdentity } from './identity.ts';
import type { Read } from './read.ts';

/** What a reader of the platform asks with, as the bot's own account: one call each. Rejects as Connection does. */
export interface PlatformRead extends Read {
  /** The same at another address of the organization; refused where it has none. */
  at(host: Host): Read;
  /** A question that is too long for an address; absent `host`: of the organization itself. */
  post<T>(path: string, body: unknown, schema: z.ZodType<T>, host?: Host): Promise<Page<T>>;
  /** Calls made so far, those that failed too. */
  calls(): number;
  /** The organization has asked to be left alone: what is not read yet is left to a later part. */
  isSlowed(): boolean;
}

/** Reads a part of a section. Rejects with SourceUnavailableError or SourceRefusedError, see platform-faults.ts. */
export type SectionReader<K extends SectionKind> = (
  read: PlatformRead,
  section: SectionRead<K>,
) => Promise<SectionPart<K> & { readonly calls: number }>;

export function createPlatformRead(
  connection: Connection,
  organization: string,
  identity: BotIdentity | undefined,
  isSlowed: () => boolean,
): PlatformRead {
  let calls = 0;
  const ask = async <T>(base: string, path: string, schema: z.ZodType<T>, body?: unknown): Promise<Page<T>> => {
    if (identity === undefined)
      throw new AzureDevOpsRefusedError('the bot has no account of its own in Azure DevOps to ask with', 401);
    calls += 1;
    const authorization = await identity.authorization();
    const asked = { organization: base, authorization, path };
    return body === undefined
      ? connection.read({ ...asked, method: 'GET' }, schema)
      : connection.read({ ...asked, method: 'POST', body: JSON.stringify(body) }, schema);
  };
  const read: Read = (path, schema) => ask(organization, path, schema);
  const baseOf = (host: Host): string => {
    const base = hostOf(organization, host);
    if (base === undefined) throw new AzureDevOpsRefusedError(`${organization} has no ${host}`, 404);
    return base;
  };
  return Object.assign(read, {
    at: (host: Host): Read => {
      const base = baseOf(host);
      return (path, schema) => ask(base, path, schema);
    },
    post: async <T>(path: string, body: unknown, schema: z.ZodType<T>, host?: Host) =>
      ask(host === undefined ? organization : baseOf(host), path, schema, body),
    calls: () => calls,
    isSlowed,
  });
}

/** What has been read so far, as it is kept between parts: plain JSON. */
interface State {
  readonly isDone?: boolean;
}

/**
 * Goes on where an earlier part ended, one call a step, until all is read or the calls of this part are made. `next` holds all that was read
 * so far; absent: it is done.
 */
export async function readSteps<S extends State>(
  read: PlatformRead,
  { next, calls }: Pick<SectionRead<SectionKind>, 'next' | 'calls'>,
  first: S,
  step: (state: S) => Promise<S>,
): Promise<{ readonly state: S; readonly calls: number; readonly next?: string }> {
  let state = next === undefined ? first : (JSON.parse(next) as S);
  while (state.isDone !== true && read.calls() < calls && !read.isSlowed()) state = await step(state);
  return { state, calls: read.calls(), ...(state.isDone === true ? {} : { next: JSON.stringify(state) }) };
}
