import type { Change } from './domain/calibration-change.ts';
import type { Contract, Control } from './domain/contract.ts';
import type { PersonActor } from './domain/person.ts';
import type { Refusal } from './domain/refusal.ts';
import { ownedWarning } from './domain/trend-change.ts';
import type { Clock } from './ports/clock.ts';
import type { Policy } from './ports/policy.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  /** Why this person may read nothing, or undefined. */
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
}

/** A control of which something is only counted, and the change that would give it an owner and a date. */
export interface Promotion {
  readonly kind: 'change';
  readonly control: Control;
  readonly change: Change;
  readonly contractVersion: number;
}

export type Promoted =
  | Promotion
  | { readonly kind: 'no-contract'; readonly problems: readonly string[] }
  | { readonly kind: 'unknown-control'; readonly known: readonly string[] }
  /** Nothing of it is only counted, or what is merely informs. */
  | { readonly kind: 'nothing-to-promote'; readonly control: string };

export type TrendPromotions = ReturnType<typeof createTrendPromotions>;

/** Words the change of the contract that makes a warning of what is only counted. Nothing is changed here. */
export function createTrendPromotions({ clock, policy, strangerBecause }: Needs) {
  return async (by: PersonActor, name: string): Promise<Promoted | Refusal> => {
    const stranger = await strangerBecause(by);
    if (stranger !== undefined) return stranger;
    const { contract, problems } = await policy.current();
    if (contract === undefined) return { kind: 'no-contract', problems };
    const control = contract.controls.find((one) => one.name === name);
    return control === undefined ? unknown(contract) : promoted(contract, control, clock.now());
  };
}

function unknown({ controls }: Contract): Promoted {
  return { kind: 'unknown-control', known: controls.map(({ name }) => name) };
}

function promoted(contract: Contract, control: Control, now: string): Promoted {
  const change = ownedWarning(contract, control, now);
  if (change === undefined) return { kind: 'nothing-to-promote', control: control.name };
  return { kind: 'change', control, change, contractVersion: contract.version };
}
