/** An identity that programs sign in with. */
export interface ServicePrincipal {
  /** Object id, lower case: what role assignments name. */
  readonly principalId: string;
  readonly name?: string;
}

/** Who stands behind application ids, as far as the bot may know. */
export interface ServicePrincipals {
  /** By application id, lower case; who is not found is missing. Rejects with DirectoryUnavailableError or AssetsUnavailableError. */
  find(clientIds: readonly string[]): Promise<ReadonlyMap<string, ServicePrincipal>>;
}
