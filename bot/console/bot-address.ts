const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/** The address of a running bot, without a slash at its end. A token goes nowhere in the clear. */
export function botAddress(text: string): string {
  const url = URL.parse(text);
  const isLoopback = url?.protocol === 'http:' && LOOPBACK.includes(url.hostname);
  if (url === null || (url.protocol !== 'https:' && !isLoopback)) throw new Error('--url must be a https:// address');
  return url.href.replace(/\/+$/, '');
}
