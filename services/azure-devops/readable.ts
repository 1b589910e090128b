import type { z } from 'zod';
import { AzureDevOpsRefusedError } from '../ports/azure-devops.ts';
import type { Page } from './connection.ts';
import type { Read } from './read.ts';

/** Reads on where something is refused, and keeps in words what could not be read. */
export interface Readable {
  /** Undefined when refused; `what` is then among the problems. Rejects with AzureDevOpsUnavailableError. */
  page<T>(
    what: string,
    path: string,
    schema: z.ZodType<T>,
    enough?: (value: T) => boolean,
  ): Promise<Page<T> | undefined>;
  value<T>(what: string, path: string, schema: z.ZodType<T>): Promise<T | undefined>;
  /** As `value`, but a refusal is no problem: for what only makes an answer nicer to read. */
  extra<T>(path: string, schema: z.ZodType<T>): Promise<T | undefined>;
  /** As `extra`; `gone` when Azure DevOps says that there is no such thing (404). */
  look<T>(path: string, schema: z.ZodType<T>): Promise<T | 'gone' | undefined>;
  problem(what: string): void;
  /** Each once, in the order of reading. */
  problems(): readonly string[];
}

type Asked<T> = [path: string, schema: z.ZodType<T>, enough?: (value: T) => boolean];

export function createReadable(read: Read): Readable {
  const problems = new Set<string>();

  async function attempt<T>(...asked: Asked<T>): Promise<Page<T> | AzureDevOpsRefusedError> {
    try {
      return await read(...asked);
    } catch (error) {
      if (error instanceof AzureDevOpsRefusedError) return error;
      throw error;
    }
  }

  async function page<T>(what: string, ...asked: Asked<T>): Promise<Page<T> | undefined> {
    const answer = await attempt(...asked);
    if (!(answer instanceof AzureDevOpsRefusedError)) return answer;
    problems.add(`${what}: ${answer.message}`);
    return undefined;
  }

  return {
    page,
    value: async (what, path, schema) => (await page(what, path, schema))?.value,
    async extra(path, schema) {
      const answer = await attempt(path, schema);
      return answer instanceof AzureDevOpsRefusedError ? undefined : answer.value;
    },
    async look(path, schema) {
      const answer = await attempt(path, schema);
      if (!(answer instanceof AzureDevOpsRefusedError)) return answer.value;
      return answer.status === 404 ? 'gone' : undefined;
    },
    problem: (what) => void problems.add(what),
    problems: () => [...problems],
  };
}
