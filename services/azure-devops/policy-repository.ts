import type { Clock } from '../ports/clock.ts';
import type { PolicyReading, PolicySource } from '../ports/policy-source.ts';
import { createAccess } from './access.ts';
import { namedRepositoryAnswer, refsAnswer } from './answers.ts';
import { isProtected } from './branch-protection.ts';
import { createConnection } from './connection.ts';
import type { BotIdentity } from './identity.ts';
import { namedRepositoryPath, refsPath } from './paths.ts';
import { createPolicyItems, type PolicyRepository } from './policy-items.ts';
import { PolicyRefusedError, toSourceError } from './policy-source-error.ts';
import type { Read } from './read.ts';

export interface PolicyRepositoryOptions {
  readonly repository: PolicyRepository;
  /** The bot's own account; without it nothing can be read. */
  readonly identity?: BotIdentity;
  readonly clock: Clock;
  /** Milliseconds for any one call, default 10,000. */
  readonly callMs?: number;
}

/** Somebody may take the protection away while nothing is pushed. */
const PROTECTION_LASTS_MS = 600_000;

interface Reading extends PolicyReading {
  readonly commit: string;
  readonly protectedAtMs: number;
}

/** Policy files of a protected branch in Azure Repos (`POLICY_REPO`), all of one commit. */
export function createPolicyRepository({ repository, identity, clock, callMs }: PolicyRepositoryOptions): PolicySource {
  const { organization, project, name, ref } = repository;
  const connection = createConnection({ callMs: callMs ?? 10_000 });
  const access = createAccess(connection, [organization], identity);
  const items = createPolicyItems(repository, connection, access);
  const read = () => access.own(organization);
  let last: Reading | undefined;

  async function readingOf(commit: string): Promise<Reading> {
    const nowMs = Date.parse(clock.now());
    const known = last?.commit === commit ? last : undefined;
    if (known !== undefined && Math.abs(nowMs - known.protectedAtMs) < PROTECTION_LASTS_MS) return known;
    await assertProtected(repository, read());
    const files = known?.files ?? (await items.filesOf(commit));
    last = { files, commit, protectedAtMs: nowMs };
    return last;
  }

  async function explained<T>(asked: () => Promise<T>): Promise<T> {
    try {
      return await asked();
    } catch (error) {
      throw toSourceError(`${organization}/${project}/_git/${name}:1 ${ref}`, error);
    }
  }

  return {
    stamp: () => explained(async () => headOf(repository, read())),
    read: (stamp) => explained(() => readingOf(stamp)),
  };
}

async function headOf({ project, name, ref }: PolicyRepository, read: Read): Promise<string> {
  const { value } = await read(refsPath(project, name, ref), refsAnswer);
  const head = value.value.find((one) => one.name === ref);
  if (head === undefined) throw new PolicyRefusedError('there is no such branch', 'one that exists (POLICY_REF)');
  return head.objectId;
}

async function assertProtected({ project, name, ref }: PolicyRepository, read: Read): Promise<void> {
  const { value } = await read(namedRepositoryPath(project, name), namedRepositoryAnswer);
  const branch = { project, repositoryId: value.id, ref, defaultRef: value.defaultBranch ?? undefined };
  if ((await isProtected(branch, read)) === true) return;
  throw new PolicyRefusedError(
    'the branch is not protected',
    'a branch policy "Require a minimum number of reviewers", on and required, with one who is not the author',
  );
}
