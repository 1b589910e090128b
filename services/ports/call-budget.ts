import { plusSeconds } from '../domain/instant.ts';
import type { Clock } from './clock.ts';

const WINDOW_MS = 300_000;
/**
 * Calls to one organization in five minutes. Azure DevOps lets an identity use 200 units in that time, of which a plain read takes less than one:
 * what goes on by itself takes less than half, and gates, sweeps and hooks have the rest.
 */
const CALLS = 80;

/** What reads an organization by itself shares this, in one process. */
export interface CallBudget {
  /** Calls that may be made now; 0 while it asks to be left alone. */
  left(organization: string): number;
  /** `retryAfter`: seconds for which it asks to be left alone. */
  spend(organization: string, calls: number, retryAfter?: number): void;
}

/** `most`: calls in five minutes. */
export function createCallBudget({ now }: Clock, most = CALLS): CallBudget {
  const used = new Map<string, { readonly window: number; readonly calls: number }>();
  const leftAlone = new Map<string, string>();
  const windowNow = () => Math.floor(Date.parse(now()) / WINDOW_MS);
  const usedBy = (organization: string) => {
    const last = used.get(organization);
    return last?.window === windowNow() ? last.calls : 0;
  };
  return {
    left: (organization) =>
      (leftAlone.get(organization) ?? '') > now() ? 0 : Math.max(0, most - usedBy(organization)),
    spend: (organization, calls, retryAfter) => {
      used.set(organization, { window: windowNow(), calls: usedBy(organization) + calls });
      if (retryAfter !== undefined) leftAlone.set(organization, plusSeconds(now(), retryAfter));
    },
  };
}
