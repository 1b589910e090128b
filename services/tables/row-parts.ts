/** Characters of JSON in one row: half of what a row may hold in UTF-16. */
const PART_LENGTH = 250_000;

/** In their order, as many in each part as one row takes; nothing is no part. */
export function splitBySize<T>(items: readonly T[]): T[][] {
  const parts: T[][] = [];
  let length = PART_LENGTH;
  for (const item of items) {
    const size = JSON.stringify(item).length;
    if (length + size > PART_LENGTH) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)?.push(item);
    length += size;
  }
  return parts;
}
