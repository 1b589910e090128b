import type { Pipelines } from '../ports/pipelines.ts';
import { createAccess } from './access.ts';
import { fileAnswer } from './answers.ts';
import { createConnection } from './connection.ts';
import type { BotIdentity } from './identity.ts';
import { filePath, isGuid } from './paths.ts';
import { orNone, type Read } from './read.ts';
import { readPipelines } from './read-pipelines.ts';

export interface PipelinesOptions {
  /** Organization URLs without a trailing slash; no other host is ever called. */
  readonly organizations: readonly string[];
  /** The bot's own account; without it everything is refused. */
  readonly identity?: BotIdentity;
}

const CALL_MS = 10_000;
/** Where GitHub looks for it, in its order. */
const CODEOWNERS = ['/.github/CODEOWNERS', '/CODEOWNERS', '/docs/CODEOWNERS'];

/** Needs "View builds" and "Read" of code, and the role Reader of environments. */
export function createPipelines({ organizations, identity }: PipelinesOptions): Pipelines {
  const access = createAccess(createConnection({ callMs: CALL_MS }), organizations, identity);
  return {
    list: async (organization, environments) => readPipelines(organization, environments, access.own(organization)),
    async codeowners({ organization, projectId, repository: { id, type } }) {
      if (type !== 'TfsGit' || !isGuid(id)) return undefined;
      const read = access.own(organization);
      for (const path of CODEOWNERS) {
        const text = await fileText(read, projectId, id, path);
        if (text !== undefined) return text;
      }
      return undefined;
    },
  };
}

async function fileText(read: Read, projectId: string, repositoryId: string, path: string) {
  const page = await orNone(() => read(filePath(projectId, repositoryId, path), fileAnswer));
  return page?.value.content;
}
