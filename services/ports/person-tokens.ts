/** The service that keeps people's tokens does not answer: whether this person is signed in is not known. */
export class PersonTokensUnavailableError extends Error {
  override name = 'PersonTokensUnavailableError' as const;
}

export type PersonToken =
  /** A delegated token of this very person; to be used at once and kept nowhere. */
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'sign-in-needed' }
  /** Nobody can sign in here. */
  | { readonly kind: 'not-configured' };

/** What lets us act as a person: the tokens of those who signed in, kept by the Bot Framework and never by us. */
export interface PersonTokens {
  /**
   * Works in and outside a turn of this person, once they did anything in Teams. A token of somebody else is none.
   * Rejects with PersonTokensUnavailableError, or StoreUnavailableError.
   */
  tokenOf(person: { readonly tenant: string; readonly oid: string }): Promise<PersonToken>;
}
