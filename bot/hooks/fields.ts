import { z } from 'zod';

/** What a name from outside may be made of: a control character or half a surrogate pair is no text to store or show. */
const READABLE = /^[^\p{Cc}\p{Cs}]*$/u;

/** A text of 1 to `longest` characters. */
export function textField(longest: number) {
  return z.string().min(1).max(longest).regex(READABLE, 'must not contain control characters');
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
