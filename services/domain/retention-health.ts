/** How far what ended long ago is archived. */
export interface RetentionHealth {
  /** `off`: there is nowhere to archive it, and nothing is ever deleted. `held`: it is archived and stays. */
  readonly state: 'off' | 'on' | 'held' | 'failing';
  /** So long after its last change a request stays. */
  readonly days: number;
  /** UTC day: all before it is archived, and deleted unless it is held. */
  readonly before?: string;
  /** Name of the last archive. */
  readonly last?: string;
  readonly failure?: { readonly since: string; readonly why: string };
}

interface Known {
  readonly days: number;
  readonly legalHold: boolean;
  readonly isConfigured: boolean;
}

export function retentionHealth(
  { day, last, failure }: Pick<RetentionHealth, 'last' | 'failure'> & { readonly day?: string },
  { days, legalHold, isConfigured }: Known,
): RetentionHealth {
  const state = !isConfigured ? 'off' : failure !== undefined ? 'failing' : legalHold ? 'held' : 'on';
  return {
    state,
    days,
    ...(day === undefined ? {} : { before: day }),
    ...(last === undefined ? {} : { last }),
    ...(failure === undefined ? {} : { failure }),
  };
}
