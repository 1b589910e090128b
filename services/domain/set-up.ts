import type { Catalog } from './catalog.ts';
import type { CheckForm } from './check-form.ts';
import type { Contract } from './contract.ts';

/** What Countersign needs in a project of Azure DevOps, in the order in which it is made. */
export const SET_UP_KINDS = [
  'service-connection',
  'variable-group',
  'pipeline-permissions',
  'check',
  'hook-subscription',
] as const;
export type SetUpKind = (typeof SET_UP_KINDS)[number];

/** What is wanted, and by whose word. */
export interface SetUpWish {
  readonly catalog: Catalog;
  readonly contract: Contract;
  /** ISO-8601 UTC. */
  readonly now: string;
  /** Only where the contract does not enforce yet, so that nothing can be stopped. */
  readonly observeOnly: boolean;
  /** There is a key to give the checks, and a password for service hooks; without one these are not made anew. */
  readonly hasKey: boolean;
  readonly hasPassword: boolean;
}

/** A project, or one environment of it, without regard to case; absent: everything. */
export interface SetUpScope {
  readonly project: string;
  readonly environment?: string;
}

export interface FoundProject {
  readonly id: string;
  readonly name: string;
  /** Pipelines by their number. */
  readonly pipelines: ReadonlyMap<number, string>;
  readonly repositories: readonly string[];
  readonly environments: readonly FoundEnvironment[];
  /** Those that lead to our address. */
  readonly connections: readonly FoundConnection[];
  /** The variable group of our name. */
  readonly group?: FoundGroup;
  /** Subscriptions that send this project's events, whole, to our address. */
  readonly hooks: readonly FoundHook[];
  /** What could not be read, and the permission that is missing. */
  readonly unread: ReadonlyMap<SetUpKind, string>;
}

export interface FoundEnvironment {
  readonly id: number;
  readonly name: string;
  readonly checks: readonly FoundCheck[];
}

/** A check that calls somewhere; those of other kinds are nobody's business here. */
export interface FoundCheck {
  readonly id: string;
  /** By the address that it calls: ours, another's, or one that nobody may see. */
  readonly calls: 'us' | 'another' | 'unknown';
  /** Lower case; absent: it calls by none. */
  readonly connection?: string;
  readonly isDisabled: boolean;
  /** Absent: it is no Invoke REST API. */
  readonly form?: CheckForm;
}

export interface FoundConnection {
  /** Lower case. */
  readonly id: string;
  readonly name: string;
  readonly isDisabled: boolean;
  /** Its description says so. */
  readonly isOwn: boolean;
  /** Absent: nobody could tell. */
  readonly users?: { readonly all: boolean; readonly pipelines: readonly number[] };
}

export interface FoundGroup {
  readonly id: number;
  readonly hasKey: boolean;
  /** Its description says so, and nothing else is in it. */
  readonly isOwn: boolean;
}

export interface FoundHook {
  readonly id: string;
  readonly event: string;
  readonly status: string;
  /** It is of this project alone, not of the whole organization. */
  readonly isOfProject: boolean;
}

export const SET_UP_STEPS = ['create', 'change', 'remove', 'leave', 'cannot'] as const;
export type SetUpStep = (typeof SET_UP_STEPS)[number];

/** One thing, what is to be done about it, and why. */
export interface SetUpItem {
  readonly kind: SetUpKind;
  /** By name. */
  readonly project: string;
  /** What it is called within the project. */
  readonly name: string;
  readonly step: SetUpStep;
  readonly why: string;
  /** Absent where nothing is to be done, or not before something else is. */
  readonly change?: SetUpChange;
}

/** What is asked of Azure DevOps; never a secret. */
export type SetUpChange =
  | { readonly kind: 'service-connection' | 'variable-group' }
  | { readonly kind: 'pipeline-permissions'; readonly connection: string; readonly pipelines: readonly number[] }
  | {
      readonly kind: 'check';
      readonly environment: Pick<FoundEnvironment, 'id' | 'name'>;
      readonly connection: string;
      readonly form: CheckForm;
      /** Of the one that is changed; absent: a new one. */
      readonly id?: string;
    }
  | { readonly kind: 'hook-subscription'; readonly event: string; readonly id?: string }
  | { readonly kind: 'removal'; readonly of: Exclude<SetUpKind, 'pipeline-permissions'>; readonly id: string };

/** Where our connection, check and subscriptions are told of, as people see them. */
export const OWN_NAME = 'countersign';

/** Whether something of the project is meant at all. */
export function isProjectMeant(only: SetUpScope | undefined, project: string): boolean {
  return only === undefined || only.project.toLowerCase() === project.toLowerCase();
}

export function isEnvironmentMeant(only: SetUpScope | undefined, environment: string): boolean {
  return only?.environment === undefined || only.environment.toLowerCase() === environment.toLowerCase();
}
