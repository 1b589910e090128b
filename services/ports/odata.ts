/** An OData string; half a surrogate pair, which no URL can hold, becomes a character that matches nothing. */
export function quoted(text: string): string {
  return `'${text.toWellFormed().replaceAll("'", "''")}'`;
}
