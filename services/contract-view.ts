import { type ContractView, viewOf } from './domain/contract-view.ts';
import type { PersonActor } from './domain/person.ts';
import type { Refusal } from './domain/refusal.ts';
import type { Clock } from './ports/clock.ts';
import type { Policy } from './ports/policy.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  /** Why this person may read nothing, or undefined. */
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
}

export type ViewContract = ReturnType<typeof createContractView>;

/** The contract in force, for the people of the directory. */
export function createContractView({ clock, policy, strangerBecause }: Needs) {
  return async (by: PersonActor): Promise<ContractView | Refusal> => {
    const stranger = await strangerBecause(by);
    if (stranger !== undefined) return stranger;
    const { contract, commit, readAt, knownExploited, problems } = await policy.current();
    const at = clock.now();
    const view = contract && viewOf(contract, commit, at);
    return {
      at,
      ...(view === undefined ? {} : { contract: view }),
      ...(readAt === undefined ? {} : { readAt }),
      ...(knownExploited === undefined ? {} : { knownExploited: knownExploited.lists }),
      problems,
    };
  };
}
