/** Where we are reached: by these, never by a name, something is known as ours. */
export interface SetUpAddresses {
  /** What the service connection leads to. */
  readonly baseUrl: string;
  /** Where we listen for checks, and for service hooks. */
  readonly checksUrl: string;
  readonly hooksUrl: string;
}

/** The description of what set-up has made, and by which it knows it again. */
export function markOf({ baseUrl }: Pick<SetUpAddresses, 'baseUrl'>): string {
  return `Made by countersign setup for ${baseUrl}`;
}
