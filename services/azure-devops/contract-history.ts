import { AzureDevOpsRefusedError } from '../ports/azure-devops.ts';
import type { ContractHistory, ContractVersion } from '../ports/contract-history.ts';
import { fileCommitsAnswer } from './answers.ts';
import { fileCommitsPath } from './paths.ts';
import { inParts, type PolicyItems, type PolicyRepository } from './policy-items.ts';
import { orNone, type Read } from './read.ts';

const CONTRACT = 'contract.yaml';
const MOST_COMMITS = 200;

interface Needs {
  readonly repository: PolicyRepository;
  readonly items: PolicyItems;
  /** The version that a contract.yaml says it is. */
  readonly versionOf: (text: string) => number | undefined;
  /** With the bot's own account; throws where it has none. */
  readonly read: () => Read;
}

/** By the pushes of a branch: what a commit says of its own time is its author's word. */
export function createContractHistory(needs: Needs): ContractHistory {
  return {
    async earlier() {
      try {
        return { kind: 'known', versions: await versionsOf(needs) };
      } catch (error) {
        return { kind: 'unknown', why: error instanceof Error ? error.message : 'unknown fault' };
      }
    },
  };
}

async function versionsOf({ repository, items, versionOf, read }: Needs): Promise<readonly ContractVersion[]> {
  const { project, name, ref, folder } = repository;
  const path = fileCommitsPath(project, name, ref, `${folder}/${CONTRACT}`, MOST_COMMITS);
  const { value } = await read()(path, fileCommitsAnswer);
  const versions = await inParts(value.value, async ({ commitId, push }) => {
    if (!push) throw new AzureDevOpsRefusedError(`when commit ${commitId} was pushed is not told`, 200);
    const file = await orNone(() => items.fileAt(commitId, CONTRACT));
    const version = file !== undefined && 'text' in file ? versionOf(file.text) : undefined;
    if (version === undefined || file === undefined || !('text' in file)) return [];
    return [{ version, since: push.date, commit: commitId, text: file.text }];
  });
  return versions.flat();
}
