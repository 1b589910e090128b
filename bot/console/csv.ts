/** A spreadsheet takes what begins so for a formula, or skips the blank before it. */
const FORMULA = /^\s*[=+\-@＝＋－＠]|^[\t\r\n]/;

/** One record as in RFC 4180, without its end of line; no cell is ever a formula. */
export function csvRecord(cells: readonly string[]): string {
  return cells.map(cell).join(',');
}

function cell(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) || harmless !== harmless.trim() ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}
