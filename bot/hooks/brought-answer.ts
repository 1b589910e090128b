import { exceptionRefusalText } from '../../cards/exception-words.ts';
import type { Brought } from '../../services/exception-imports.ts';

/** What became of an entry of a file, as the API says it. */
export function broughtAnswer(became: Brought, viewer: { readonly oid: string }) {
  switch (became.kind) {
    case 'unmanaged':
      return { became: became.kind, missing: became.missing };
    case 'ended':
      return { became: became.kind, until: became.until };
    case 'unmatched':
      return { became: became.kind, reason: became.why };
    case 'requested':
      return { became: became.kind, exceptionIds: became.ids };
    case 'refused':
      return {
        became: became.kind,
        code: became.why.code === 'stranger' ? became.why.refusal : became.why.code,
        detail: exceptionRefusalText(became.why, viewer),
      };
    case 'later':
      return { became: became.kind };
  }
}
