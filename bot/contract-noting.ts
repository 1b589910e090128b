import { createContractNews } from '../services/contract-news.ts';
import type { Clock } from '../services/ports/clock.ts';
import type { ContractVersions } from '../services/ports/contract-versions.ts';
import type { Directory } from '../services/ports/directory.ts';
import type { Conversations, Notifier } from '../services/ports/notifier.ts';
import type { Policy } from '../services/ports/policy.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly contractVersions: ContractVersions;
  readonly conversations: Conversations;
  readonly notifier: Notifier;
  readonly log: { warn(data: object, message: string): void };
}

/** Which contract is in force is evidence, and its owners hear of another one. */
export function createContractNoting(needs: Needs): () => Promise<void> {
  const { run } = createContractNews({
    ...needs,
    failed: (who, why) => needs.log.warn({ who, err: why }, 'change of the contract not told yet'),
  });
  return () => run().catch((err: unknown) => needs.log.warn({ err }, 'contract in force not noted yet'));
}
