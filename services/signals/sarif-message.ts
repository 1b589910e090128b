import { clamp, head, listOf, member, objectOf, textOf } from './json-value.ts';

/** A message as a result carries it; the text of an id stands in the rule or the tool (SARIF 2.1.0, 3.11). */
export type WrittenMessage = string | { readonly id: string; readonly arguments: readonly string[] };

const MESSAGE_LIMIT = 300;
/** Longer texts are cut here before anything is done with them. */
const MESSAGE_READ = 2_000;
const ARGUMENTS = 20;

/** A given text has its placeholders filled. */
export function readMessage(value: unknown): WrittenMessage {
  const message = objectOf(value) ?? {};
  const text = textOf(message['text']) ?? textOf(message['markdown']);
  const written = listOf(message['arguments']);
  if (text !== undefined && written.length === 0) return head(text, MESSAGE_READ);
  const args = written
    .slice(0, ARGUMENTS)
    .map((argument) => (typeof argument === 'string' ? head(argument, MESSAGE_READ) : ''));
  if (text !== undefined) return fillPlaceholders(text, args);
  const id = textOf(message['id']);
  return id === undefined ? '' : { id: head(id, 200), arguments: args };
}

/** As a finding shows it: links reduced to their text, at most 300 characters. */
export function shownMessage(text: string): string {
  return clamp(withoutLinks(text), MESSAGE_LIMIT);
}

/** For keeping until the rules are known. */
export function compactMessage(message: WrittenMessage): WrittenMessage {
  if (typeof message === 'string') return shownMessage(message);
  return { id: message.id, arguments: message.arguments.map((argument) => clamp(argument, MESSAGE_LIMIT)) };
}

/** Message strings by id, as rules and tools declare them. Undefined when there are none. */
export function readMessageStrings(value: unknown): ReadonlyMap<string, string> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const strings = new Map<string, string>();
  for (const [id, entry] of Object.entries(value).slice(0, MESSAGE_STRINGS)) {
    const text = textOf(member(entry, 'text'));
    if (text !== undefined) strings.set(head(id, 200), head(text, TEMPLATE_READ));
  }
  return strings.size === 0 ? undefined : strings;
}

const MESSAGE_STRINGS = 50;
const TEMPLATE_READ = 1_000;

/** Placeholders `{0}` by the arguments, `{{` and `}}` as braces (3.11.5). One without an argument stays as it is. */
export function fillPlaceholders(template: string, args: readonly string[]): string {
  const filled = template.slice(0, MESSAGE_READ).replace(/\{\{|\}\}|\{(\d{1,3})\}/g, (written, position?: string) => {
    if (position === undefined) return written.charAt(0);
    return args[Number(position)] ?? written;
  });
  return filled.slice(0, MESSAGE_READ);
}

/** `[text](target)` becomes its text (3.11.6); `\[`, `\]` and `\\` inside it lose the backslash. */
export function withoutLinks(message: string): string {
  if (!message.includes('](')) return message;
  return message.replace(/(\\?)\[((?:[^[\]\\]|\\.)*)\]\([^()\s]*\)/g, (written, backslash: string, text: string) =>
    backslash === '' ? text.replace(/\\([[\]\\])/g, '$1') : written,
  );
}

/**
 * Trivy and Grype say in words whether a fixed version exists: `Fixed Version: 1.0.1`, or nothing after it. Undefined:
 * they do not say.
 */
export function saysFixAvailable(text: string): boolean | undefined {
  const said = text.includes('Fix') ? /^Fix(?:ed)? Version:[ \t]{0,5}(\S?)/m.exec(text) : null;
  return said === null ? undefined : said[1] !== '';
}

const MASK = '***';
const SNIPPET_READ = 500;

/**
 * The message without what the snippet may give away: a secret scanner's snippet is the secret itself or the line with
 * it. Masked are the whole snippet and those of its words that look like a value (8 characters or more, with a digit,
 * or more than 20). Undefined when nothing had to be masked.
 */
export function withoutSecret(message: WrittenMessage, snippet: string): WrittenMessage | undefined {
  const secrets = secretsIn(snippet);
  const mask = (text: string) => secrets.reduce((masked, secret) => masked.replaceAll(secret, MASK), text);
  if (typeof message === 'string') {
    const masked = mask(message);
    return masked === message ? undefined : masked;
  }
  const args = message.arguments.map(mask);
  return args.every((argument, at) => argument === message.arguments[at]) ? undefined : { ...message, arguments: args };
}

function secretsIn(snippet: string): string[] {
  const words = snippet.slice(0, SNIPPET_READ).match(/[^\s"'`=:,;(){}[\]<>]{8,}/g) ?? [];
  const values = words.filter((word) => word.length > 20 || /\d/.test(word));
  return [snippet.trim(), ...values].filter((secret) => secret.length >= 4);
}
