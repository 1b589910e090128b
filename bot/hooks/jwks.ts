import type { Request, Response } from 'express';
import type { Requests } from '../../services/requests.ts';

/** Short, so that a changed key is known soon. */
const CACHED = 'public, max-age=300';

/** `GET /.well-known/jwks.json`: for anybody, whatever else does not answer. */
export function createJwksHook({ jwks }: Pick<Requests, 'jwks'>) {
  return async (_request: Request, response: Response): Promise<void> => {
    const keys = await jwks();
    response.setHeader('Cache-Control', CACHED);
    response.json(keys);
  };
}
