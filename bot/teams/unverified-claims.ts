import { type Fields, isFields } from './fields.ts';

/** Claims of a JSON Web Token that nobody has verified, good for refusing only; none when it is no such token. */
export function unverifiedClaimsOf(token: string): Fields {
  const payload = /^[\w-]+\.([\w-]+)\.[\w-]*$/.exec(token)?.[1];
  if (payload === undefined) return {};
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    return isFields(claims) ? claims : {};
  } catch {
    return {};
  }
}
