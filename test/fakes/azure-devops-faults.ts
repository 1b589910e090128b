/** What goes wrong for the requests that `on` matches, tested against `METHOD /organization/path?query`. */
export interface Fault {
  readonly on: RegExp;
  /** How many requests it strikes; absent: all until it is removed. */
  readonly times?: number;
  /** Answers this instead of doing what was asked. */
  readonly status?: number;
  readonly body?: unknown;
  readonly contentType?: string;
  /** Alone it comes with the true answer, as Azure DevOps does before it slows a caller down. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Waits first. */
  readonly delayMs?: number;
  /** The connection ends before anything is done, after it is done, or in the middle of the answer. */
  readonly cut?: 'before' | 'after' | 'body';
}

export interface Faults {
  /** Returns how to end it. */
  add(fault: Fault): () => void;
  /** The first that applies, counted as used. */
  take(request: string): Fault | undefined;
  clear(): void;
}

/** What a bad or expired token is shown. */
export const SIGN_IN_PAGE = '<!DOCTYPE html><html><head><title>Azure DevOps Services | Sign In</title></head></html>';

export function signInPage(on: RegExp, status = 203): Fault {
  return { on, status, body: SIGN_IN_PAGE, contentType: 'text/html; charset=utf-8' };
}

export function throttled(on: RegExp, retryAfter: number): Fault {
  const message = 'TF400733: The request has been canceled: Request was blocked due to exceeding usage of resource.';
  return { on, status: 429, headers: { 'retry-after': String(retryAfter) }, body: { message } };
}

export function createFaults(): Faults {
  let active: { readonly fault: Fault; left: number }[] = [];
  return {
    add(fault) {
      const entry = { fault, left: fault.times ?? Number.POSITIVE_INFINITY };
      active.push(entry);
      return () => {
        active = active.filter((other) => other !== entry);
      };
    },
    take(request) {
      const entry = active.find(({ fault, left }) => left > 0 && fault.on.test(request));
      if (entry !== undefined) entry.left -= 1;
      return entry?.fault;
    },
    clear() {
      active = [];
    },
  };
}
