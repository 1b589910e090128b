import type { Request } from 'express';
import { type ZodType, z } from 'zod';
import { readJson } from '../body.ts';
import { bodyProblem, type Problem } from '../problem.ts';
import { readAs } from './refuse.ts';

const BODY_LIMIT = 64 * 1024;

const KEY = z.object({
  'Idempotency-Key': z
    .string()
    .regex(/^[!-~]{1,200}$/, 'must be 1 to 200 printable characters')
    .optional(),
});

interface Call<T> {
  readonly fields: T;
  /** Tells two calls of one person apart, or one call from its repetition. */
  readonly key?: string;
}

/** What a person sends, or the first thing that is wrong with it. */
export async function readCall<T>(
  request: Request,
  body: ZodType<T>,
  limit = BODY_LIMIT,
): Promise<Call<T> | { readonly problem: Problem }> {
  const header = readAs(KEY, { 'Idempotency-Key': request.get('Idempotency-Key') }, 'header');
  if ('problem' in header) return header;
  const read = await readJson(request, { limit, maxDepth: 4 });
  if (read.kind === 'refused') return { problem: bodyProblem(read) };
  const fields = readAs(body, read.value, 'field');
  if ('problem' in fields) return fields;
  const key = header.data['Idempotency-Key'];
  return { fields: fields.data, ...(key === undefined ? {} : { key }) };
}
