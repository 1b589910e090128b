// Published here, so they protect nothing: everything that takes them listens on one machine alone.
export const DEMO_CHECK_KEY = 'demo-key-of-the-checks';
export const DEMO_API_KEY = 'demo-key-of-the-api';
export const DEMO_PAT = 'demo-token-of-the-bot';
/** 32 bytes in base64; the same at every start, so that kept job tokens can be opened again. */
export const DEMO_TOKEN_KEY = Buffer.alloc(32, 'demo').toString('base64');
