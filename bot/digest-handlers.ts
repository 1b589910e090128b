import type { ActionTable } from './actions.ts';
import type { Core } from './core.ts';
import type { DigestHandlers } from './digest-commands.ts';
import { createShowDigest } from './handlers/show-digest.ts';
import { createExplainWarning, createShowMoreWarnings } from './handlers/show-warnings.ts';
import { createSubscribe } from './handlers/subscribe.ts';

/** The buttons of a digest. */
export function digestActions({ digestViews }: Core): Pick<ActionTable, 'digest.show' | 'digest.more' | 'finding.why'> {
  return {
    'digest.show': createShowDigest(digestViews),
    'digest.more': createShowMoreWarnings(digestViews),
    'finding.why': createExplainWarning(digestViews),
  };
}

/** What can be typed about digests. */
export function digestWords({ digestViews, subscribing }: Core): DigestHandlers {
  return { digest: createShowDigest(digestViews), subscribe: createSubscribe(subscribing) };
}
