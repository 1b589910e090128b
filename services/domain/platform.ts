import type { Place } from './asset.ts';
import type { AuditingFact, PeopleFact, TokensFact } from './people-facts.ts';

/** Somebody or something that acts on a delivery platform, as the platform names it. */
export interface PlatformIdentity {
  /** Of Azure DevOps its descriptor or storage key, of Entra the object id; lower case. */
  readonly id: string;
  readonly name: string;
  readonly kind: 'person' | 'group' | 'service';
  /** Entra object id, lower case, where it is known. */
  readonly oid?: string;
}

/** Whether something may be used by every pipeline of its project; undefined: nobody could tell. */
export type OpenToAll = boolean | undefined;

/** Kinds of checks, told by type and definition id and never by what they are called (reference: Pipelines checks). */
export const CHECK_KINDS = [
  'approval',
  'branch-control',
  'business-hours',
  'invoke-rest',
  'invoke-function',
  'azure-monitor',
  'exclusive-lock',
  'required-template',
  'authorization',
  'other',
] as const;
export type CheckKind = (typeof CHECK_KINDS)[number];

export interface CheckFact {
  readonly id: string;
  readonly kind: CheckKind;
  /** As people see it. */
  readonly name: string;
  readonly isDisabled: boolean;
  readonly timeoutMinutes: number;
  /** Of an approval. */
  readonly approval?: {
    readonly approvers: readonly PlatformIdentity[];
    /** 0: all of them. */
    readonly minApprovers: number;
    readonly requesterMayApprove: boolean;
  };
  /** Of branch control: full names or patterns, and whether the branch must be protected. */
  readonly branches?: { readonly allowed: readonly string[]; readonly mustBeProtected: boolean };
  /** It calls the address at which we listen for checks; what its body says of environment and service. */
  readonly ours?: { readonly environment?: string; readonly service?: string; readonly waits: boolean };
  /** It calls an address that the bot may not see: whether it is ours nobody can tell. */
  readonly isUnresolved?: true;
}

export interface EnvironmentFact {
  /** Number of the environment within the organization. */
  readonly id: string;
  readonly name: string;
  readonly checks: readonly CheckFact[];
  readonly openToAll: OpenToAll;
  /** Pipelines that may use it, by name; empty where it is open to all. */
  readonly pipelines: readonly string[];
}

/** A branch from which production is deployed, and what guards it. */
export interface BranchFact {
  readonly repositoryId: string;
  readonly repository: string;
  /** Full name. */
  readonly ref: string;
  readonly policies: readonly {
    readonly id: string;
    /** By type id: `minimum-reviewers`, `build-validation`, `required-reviewers`, `status`, else the type's display name. */
    readonly kind: string;
    readonly isBlocking: boolean;
    /** It is there, and turned off. */
    readonly isDisabled?: true;
    /** Of minimum-reviewers: reviewers besides the author who have to agree, and whether a later push takes their word back. */
    readonly reviewers?: number;
    /** The author's own vote counts towards what is asked for. */
    readonly authorCounts?: true;
    readonly resetsOnPush?: boolean;
  }[];
}

export interface ConnectionFact {
  readonly id: string;
  readonly name: string;
  /** Such as `azurerm`. */
  readonly type: string;
  readonly credential:
    | 'federated'
    | 'secret'
    | 'certificate'
    | 'managed-identity'
    | 'password'
    | 'token'
    | 'none'
    | 'other';
  readonly isShared: boolean;
  /** Other projects that have it, by name and sorted; absent: none, or nobody said. */
  readonly sharedWith?: readonly string[];
  readonly isDisabled: boolean;
  /** Checks call this bot through it: whatever it holds lets nobody into production. */
  readonly leadsHere?: true;
  readonly openToAll: OpenToAll;
  /** Pipelines that may use it, by name; empty where it is open to all. */
  readonly pipelines: readonly string[];
  /** An approval of its own has to be given before a pipeline uses it, whichever that is; undefined: nobody could tell. */
  readonly hasApproval?: boolean;
  /** Of Azure: how far it was made to reach. */
  readonly scope?: {
    readonly level: 'management-group' | 'subscription' | 'resource-group' | 'workspace' | 'other';
    /** ARM id. */
    readonly id: string;
  };
  /** Application (client) id of its identity, lower case: the credential behind it. */
  readonly clientId?: string;
  /** Object id of its identity in Entra, lower case: what role assignments name. */
  readonly principalId?: string;
  /** ISO-8601 UTC of its last use; 'never': none is recorded; undefined: nobody could tell. */
  readonly lastUsed?: string;
  /** Pipelines of its recorded uses, by name and sorted. */
  readonly usedBy?: readonly string[];
  /** ISO-8601 UTC. */
  readonly createdAt?: string;
  readonly createdBy?: PlatformIdentity;
}

export interface VariableGroupFact {
  readonly id: string;
  readonly name: string;
  /** How many of its variables are secrets that lie in Azure DevOps itself; a group linked to a Key Vault has none. */
  readonly secretsHere: number;
  /** The Key Vault that it is linked to, by name. */
  readonly vault?: string;
  readonly openToAll: OpenToAll;
}

/** What a project is made of, as far as the catalog may name it. */
export interface ProjectFact {
  readonly pipelines: readonly string[];
  readonly repositories: readonly string[];
  /** Names of pipelines by their ids, as others refer to them. */
  readonly pipelineIds?: Readonly<Record<string, string>>;
}

/** A set of people that something can be done by, resolved through nested groups. */
export interface ReachFact {
  readonly role: 'administrator' | 'approver' | 'deployer' | 'permission-manager';
  /**
   * What is administered, approved or deployed to: `project`, the `organization` that it is in, or an environment, connection or repository by
   * its subject.
   */
  readonly subject: string;
  /** Such as `Administrators of Shop`, `Approvers of prod`. */
  readonly name: string;
  /** Everybody it comes down to, by id and sorted; names stand in the people section. */
  readonly members: readonly PlatformIdentity[];
  /** Groups on the way, by name: access through them is inherited. */
  readonly through: readonly string[];
  /** More than are listed. */
  readonly more: number;
  /** Groups that were given the role themselves. */
  readonly groups?: readonly PlatformIdentity[];
  /** Of `through`, those that stand in another group: whoever fills them gives the role without its being changed. */
  readonly nested?: readonly string[];
  /** Of whom nobody could tell who they are or who is in them, by name: unknown, never nobody. */
  readonly unresolved?: readonly string[];
}

export interface HookFact {
  readonly id: string;
  readonly event: string;
  readonly status: string;
  readonly createdBy?: PlatformIdentity;
  readonly isOurs: boolean;
  /** Id of the project whose events it sends; absent: of all of them, or nobody said. */
  readonly project?: string;
}

/** That an identity may do something in Azure. */
export interface RoleFact {
  readonly principalId: string;
  readonly principalName?: string;
  /** Application id of a service principal, where it is known. */
  readonly clientId?: string;
  readonly principalKind: 'person' | 'group' | 'service' | 'unknown';
  /** The group that it has the role by, where it is not its own. */
  readonly through?: string;
  /** Such as `Owner`, else the role's id. */
  readonly role: string;
  /** The most that the role allows: to give access to others, to change something, to look; absent: nobody could tell. */
  readonly may?: 'grant' | 'change' | 'read';
  /** ARM id of what it reaches; `/` is everything. */
  readonly scope: string;
  /** Eligible: it must be activated first. */
  readonly isStanding: boolean;
  /** The assignment has a condition, which may limit what the role allows; how far nobody reads here. */
  readonly hasCondition?: true;
}

/** What each kind of section says; a section is read whole or not at all. */
export interface PlatformFacts {
  /** Of a project. */
  readonly project: ProjectFact;
  readonly environments: readonly EnvironmentFact[];
  readonly branches: readonly BranchFact[];
  readonly connections: readonly ConnectionFact[];
  readonly 'variable-groups': readonly VariableGroupFact[];
  readonly reach: readonly ReachFact[];
  /** Of an organization. */
  readonly people: PeopleFact;
  readonly tokens: TokensFact;
  readonly auditing: AuditingFact;
  readonly hooks: readonly HookFact[];
  /** Of a subscription or management group. */
  readonly roles: readonly RoleFact[];
}
export type SectionKind = keyof PlatformFacts;

export const PROJECT_SECTIONS = [
  'project',
  'environments',
  'branches',
  'connections',
  'variable-groups',
  'reach',
] as const;
export const ORGANIZATION_SECTIONS = ['people', 'tokens', 'auditing', 'hooks'] as const;
export const SUBSCRIPTION_SECTIONS = ['roles'] as const;

/** Which part of a platform: of a project its id, of the organization itself `-`, of Azure a subscription's id. */
export interface SectionKey {
  readonly kind: SectionKind;
  readonly target: string;
}

/** What is known of one part of a platform. */
export type Section = {
  readonly [Kind in SectionKind]: {
    readonly kind: Kind;
    readonly target: string;
    /** As people know the project, organization or subscription. */
    readonly name: string;
    /** The last time that all of it was read. */
    readonly known?: { readonly at: string; readonly facts: PlatformFacts[Kind] };
    /** Why it cannot be read now, with the missing permission named; what is known is then as old as it says. */
    readonly unknown?: { readonly since: string; readonly why: string };
  };
}[SectionKind];

/** An organization's delivery platform, as far as it has been read. */
export interface Platform {
  /** Organization URL. */
  readonly organization: string;
  readonly sections: readonly Section[];
}

/** A rule of the platform that is broken somewhere, or of which nobody can tell. */
export interface Violation {
  /** What it is about, stable: `environment:{project id}:{id}`, `connection:{id}`, `user:{id}` … */
  readonly subject: string;
  readonly message: string;
  readonly help: string;
  /** Where it matters; empty: wherever the platform as a whole does. */
  readonly places: readonly Place[];
  /** Page of Azure DevOps or Azure on which it is mended. */
  readonly link?: string;
  /** ARM id, where it is about something in Azure. */
  readonly asset?: string;
}

/** The section of one kind. */
export type SectionOf<K extends SectionKind> = Extract<Section, { readonly kind: K }>;

/** The sections of a kind; those never read are among them. */
export function sectionsOf<K extends SectionKind>({ sections }: Platform, kind: K): readonly SectionOf<K>[] {
  return sections.filter((section): section is SectionOf<K> => section.kind === kind);
}
