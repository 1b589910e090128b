import { z } from 'zod';
import { MOST_NAMED } from '../../services/domain/exception-request.ts';
import { textField } from './fields.ts';

const fingerprint = z.string().regex(/^[0-9a-f]{32}$/, 'must be 32 hexadecimal characters');
// What is missing or too long gets the sentence of the chat and not a schema error.
const term = z.string().max(20_000).exactOptional();

const SAYS_WHAT = ['fingerprint', 'fingerprints', 'requestId', 'baseline', 'renews'] as const;

/** What `POST /api/exceptions` takes. */
export const EXCEPTION_BODY = z
  .strictObject({
    service: textField(200),
    environment: textField(200),
    control: textField(200).exactOptional(),
    fingerprint: fingerprint.exactOptional(),
    fingerprints: z.array(fingerprint).min(1).max(MOST_NAMED, `has more than ${MOST_NAMED}`).exactOptional(),
    requestId: textField(200).exactOptional(),
    baseline: z.boolean().exactOptional(),
    ...{ owner: term, reasonClass: term, reason: term, until: term, reviewEvery: term, mitigation: term, ticket: term },
    renews: z
      .string()
      .regex(/^EX-[1-9][0-9]{0,9}$/, 'must be EX- and a number')
      .exactOptional(),
    import: z
      .string()
      .regex(/^[a-z2-7]{16}$/, 'must be the 16 characters that "exceptions unmanaged" shows')
      .exactOptional(),
  })
  .refine(({ renews, fingerprint: one, fingerprints: all }) => renews === undefined || (one ?? all) === undefined, {
    path: ['renews'],
    message: 'is for the findings of that exception: leave fingerprint and fingerprints out',
  })
  .refine(({ import: id, ...said }) => id === undefined || !SAYS_WHAT.some((name) => said[name] !== undefined), {
    path: ['import'],
    message: `is for what that lets pass: leave ${SAYS_WHAT.join(', ')} out`,
  });

/** The core reads of each part what it knows; `owner` is a word of the terms here, and never a person whom Teams names. */
export function wishIn({
  fingerprint: one,
  fingerprints = [],
  baseline = false,
  import: imported,
  ...fields
}: z.infer<typeof EXCEPTION_BODY>) {
  const { owner: _, ...place } = fields;
  const prints = one === undefined ? fingerprints : [one, ...fingerprints];
  return {
    ...{ ...place, isBaseline: baseline, terms: fields },
    ...(prints.length === 0 ? {} : { fingerprints: prints }),
    ...(imported === undefined ? {} : { imported }),
  };
}
