import * as z from 'zod';
import { SourceRefusedError, SourceUnavailableError } from '../ports/signal-source.ts';
import {
  type Answer,
  type ArmCall,
  codeIn,
  createResourceManager,
  type ResourceManagerOptions,
  retryAfterOf,
} from './resource-manager.ts';

const page = z.looseObject({
  value: z.array(z.unknown()),
  '@odata.context': z.string().nullish(),
  nextLink: z.string().nullish(),
  '@odata.nextLink': z.string().nullish(),
});
export type ArmPage = z.output<typeof page>;

/** Lists of Azure Resource Manager, page by page. Rejects with SourceUnavailableError or SourceRefusedError. */
export interface ArmPages {
  readonly origin: string;
  /** `what`: of which entries, for its errors. `none`: Azure's code where it refuses because there are none. */
  read(call: ArmCall, what: string, none?: string): Promise<ArmPage>;
  /** The next page, if it is at no other host and within the place (the beginning of a path, lower case). Throws SourceRefusedError. */
  linked(link: string, place: string): URL;
}

/** `role`: without which Azure refuses. Throws when `options.url` is no origin that may be called. */
export function createArmPages(options: ResourceManagerOptions, role: string): ArmPages {
  const fault = (why: string, cause: unknown) => new SourceUnavailableError(`Azure ${why}`, { cause });
  const { origin, request } = createResourceManager(options, fault);
  return {
    origin,
    async read(call, what, none) {
      const answer = await request(call);
      if (answer.status === 200) return shaped(answer, what);
      if (none !== undefined && answer.status === 400 && codeIn(answer) === none) return { value: [] };
      throw refusal(answer, what, role);
    },
    linked(link, place) {
      const url = URL.parse(link);
      const isOurs = url?.origin === origin && url.username === '' && url.password === '';
      if (url === null || !isOurs || !url.pathname.toLowerCase().startsWith(place))
        throw new SourceRefusedError('Azure names a next page that is not of this subscription; it is not followed');
      return url;
    },
  };
}

function shaped({ body }: Answer, what: string): ArmPage {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw undocumented(what, cause);
  }
  const { data } = page.safeParse(value);
  if (data === undefined) throw undocumented(what);
  return data;
}

function undocumented(what: string, cause?: unknown): SourceRefusedError {
  const said = `Azure answered for ${what} with something else than documented`;
  return new SourceRefusedError(said, cause === undefined ? {} : { cause });
}

/** What a page holds. Throws SourceRefusedError, for one odd entry may be the one that matters. */
export function entriesOf<T>({ value }: ArmPage, entry: z.ZodType<T>, what: string): T[] {
  const { data } = z.array(entry).safeParse(value);
  if (data === undefined) throw undocumented(what);
  return data;
}

function refusal(answer: Answer, what: string, role: string): Error {
  const { status, headers } = answer;
  const code = codeIn(answer);
  const said = `Azure answered ${status}${code === undefined ? '' : ` ${code}`} for ${what}`;
  if (status === 408 || status === 429 || status >= 500) {
    const retryAfter = retryAfterOf(headers);
    return new SourceUnavailableError(said, retryAfter === undefined ? {} : { retryAfter });
  }
  const hint = status === 401 || status === 403 ? `: give the identity of the bot the role ${role} there` : '';
  return new SourceRefusedError(`${said}${hint}`);
}
