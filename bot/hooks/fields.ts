import { z } from 'zod';

/** What a name from outside may be made of: a control character or half a surrogate pair is no text to store or show. */
const READABLE = /^[^\p{Cc}\p{Cs}]*$/u;

/** A text of 1 to `longest` characters that are not all blank. */
export function textField(longest: number) {
  return z.string().regex(/\S/, 'is empty').max(longest).regex(READABLE, 'must not contain control characters');
}

/** A full commit id, in lower case. */
export const commitField = z
  .string()
  .regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/i, 'must be a full commit id')
  .toLowerCase();

/** The checksum of an artifact, in lower case. */
export const checksumField = z
  .string()
  .regex(/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/i, 'must be a checksum: sha256:… or sha512:…')
  .toLowerCase();

/** A pipeline variable that is not set arrives as nothing, as blanks or as its own name, `$(name)`. */
const UNSET = /^\s*(?:\$\([^()]*\)\s*)?$/;

/** The body without those of the named fields that a pipeline left unset. */
export function withoutUnset(body: unknown, names: readonly string[]): unknown {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) return body;
  const isUnset = (name: string, value: unknown) =>
    names.includes(name) && typeof value === 'string' && UNSET.test(value);
  return Object.fromEntries(Object.entries(body).filter(([name, value]) => !isUnset(name, value)));
}

/** Build ids are 32-bit integers (Builds - Get, `buildId`). */
const LARGEST_RUN_ID = 2_147_483_647;
const wrongRunId = 'must be a build id: the number that $(Build.BuildId) stands for';

/** A build id as text, as `$(Build.BuildId)` arrives. */
export const runIdText = z
  .string()
  .regex(/^[1-9][0-9]{0,9}$/, wrongRunId)
  .transform(Number)
  .refine((id) => id <= LARGEST_RUN_ID, wrongRunId);

/** A build id as text or as a number. */
export const runIdField = z.union([z.int().positive().max(LARGEST_RUN_ID), runIdText], {
  error: ({ input }) => (input === undefined ? 'is missing' : wrongRunId),
});
