import type { Clock } from '../ports/clock.ts';
import type { Policy } from '../ports/policy.ts';
import { type PolicySource, PolicySourceError } from '../ports/policy-source.ts';
import { codeOf, readPolicyFolder, stampOf } from './policy-folder.ts';
import { createSourcedPolicy } from './sourced-policy.ts';

/** Policy from a folder (`POLICY_DIR`): contract.yaml, catalog.yaml or catalog/*.yaml, routes.yaml or routes/*.yaml. */
export function createFolderPolicy({
  dir,
  ...needs
}: {
  readonly dir: string;
  readonly clock: Clock;
  /** Called whenever the folder could be read. */
  readonly answered?: () => void;
}): Policy {
  return createSourcedPolicy({ source: folderSource(dir), ...needs });
}

function folderSource(dir: string): PolicySource {
  const unreadable = (cause: unknown): never => {
    const message = `${dir}:1 folder: cannot be read (${codeOf(cause)}); allowed: a readable folder (POLICY_DIR)`;
    throw new PolicySourceError(message, { cause });
  };
  return {
    stamp: () => stampOf(dir).catch(unreadable),
    read: async () => ({ files: await readPolicyFolder(dir).catch(unreadable) }),
  };
}
