export interface TeamsApp {
  /** Of the organization's catalog, which is another than that of the manifest. */
  readonly id: string;
  readonly name: string;
}

/**
 * Apps of Teams, and who has them, with the account of whoever sets them up. Each method rejects with DirectoryUnavailableError, whose `status` tells a
 * refusal from no answer.
 */
export interface TeamsApps {
  /** In the organization's catalog, by the id in its manifest; undefined: it is not there, or not shown yet. */
  find(manifestId: string): Promise<TeamsApp | undefined>;
  /** Whether somebody (object id) has it, whoever installed it. */
  isInstalled(oid: string, app: string): Promise<boolean>;
  /** Rejects with 409 where they have it meanwhile. */
  install(oid: string, app: string): Promise<void>;
}
