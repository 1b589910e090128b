const SLASH = '/';

/** Without the slashes at its end, in linear time: `/\/+$/` takes the square of their number where something follows them. */
export function withoutEndSlashes(text: string): string {
  let end = text.length;
  while (text.charAt(end - 1) === SLASH) end--;
  return text.slice(0, end);
}
