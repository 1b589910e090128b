import type { Request } from 'express';
import { matchesOne } from '../authenticate.ts';

/** Whom senders that know no tokens call themselves. */
export const HOOK_USER = 'countersign';

/** By basic authentication with one of these passwords. */
export function isLetIn(request: Request, secrets: readonly string[]): boolean {
  const [, encoded = ''] = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(request.get('Authorization') ?? '') ?? [];
  const [user, password] = Buffer.from(encoded, 'base64').toString().split(/:(.*)/s);
  return matchesOne(password, secrets) && user === HOOK_USER;
}
