import * as z from 'zod';
import { type Complaint, type Path, readYaml, type Source, type YamlText } from './yaml-text.ts';

export type Loaded<T> =
  | { readonly kind: 'loaded'; readonly value: T }
  /** `data` is what the YAML says although its shape is wrong; undefined when it is no YAML. */
  | { readonly kind: 'broken'; readonly problems: readonly string[]; readonly data?: unknown };

/** What a file holds once its shape is right. */
interface Shaped<T> {
  readonly value: T;
  /** The values as written, before defaults. */
  readonly data: unknown;
  lineOf(path: Path): number;
}

/**
 * Reads, checks the shape, and then whatever else `alsoWrong` finds in the values as written. All problems at once, by
 * line, each as `file:line field.path: what is wrong; allowed: …`. Never throws.
 */
export function loadFile<T>(
  source: Source,
  schema: z.ZodType<T>,
  alsoWrong: (data: unknown) => readonly Complaint[] = () => [],
): Loaded<Shaped<T>> {
  return shapeOf(readYaml(source), schema, alsoWrong);
}

/** The same for one document of a file of several. */
export function shapeOf<T>(
  yaml: YamlText,
  schema: z.ZodType<T>,
  alsoWrong: (data: unknown) => readonly Complaint[] = () => [],
): Loaded<Shaped<T>> {
  if (yaml.problems.length > 0) return { kind: 'broken', problems: yaml.problems, data: yaml.data };
  const parsed = schema.safeParse(yaml.data, { error: wordsFor });
  const complaints = [...(parsed.error?.issues.flatMap(complaintsOf) ?? []), ...alsoWrong(yaml.data)];
  if (parsed.success && complaints.length === 0) {
    return { kind: 'loaded', value: { value: parsed.data, data: yaml.data, lineOf: yaml.lineOf } };
  }
  const problems = complaints
    .map((complaint) => ({ line: yaml.lineOf(complaint.path), text: yaml.say(complaint) }))
    .sort((a, b) => a.line - b.line);
  return { kind: 'broken', problems: [...new Set(problems.map(({ text }) => text))], data: yaml.data };
}

/** `is missing` or `is "…"`, then what is allowed. */
export function wrong(value: unknown, allowed: string): string {
  return `${value === undefined ? 'is missing' : `is ${shown(value)}`}; allowed: ${allowed}`;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value !== null && typeof value === 'object') return 'a mapping';
  return typeof value === 'string' ? JSON.stringify(value.slice(0, 80)) : String(value);
}

function complaintsOf(issue: z.core.$ZodIssue): Complaint[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ path: [...issue.path, key], message: issue.message }));
  }
  if (issue.code === 'invalid_key') {
    return [{ path: issue.path, message: issue.issues[0]?.message ?? issue.message }];
  }
  if (issue.code === 'invalid_union') {
    // The form that it has, though something in it is wrong.
    const meant = issue.errors.find((errors) => errors.every(({ path }) => path.length > 0)) ?? [];
    if (meant.length > 0) return meant.flatMap((one) => complaintsOf({ ...one, path: [...issue.path, ...one.path] }));
  }
  return [{ path: issue.path, message: issue.message }];
}

function wordsFor(issue: z.core.$ZodRawIssue): string {
  switch (issue.code) {
    case 'unrecognized_keys':
      return `is not a key here; allowed: ${keysOf(issue.inst)}`;
    case 'invalid_value':
      return wrong(issue.input, issue.values.map(String).join(', '));
    case 'invalid_type':
      return wrong(issue.input, typeWords(issue.expected, issue.inst));
    case 'too_small':
    case 'too_big':
      return `${tooMuch(issue.input)}; allowed: ${bound(issue)}`;
    default:
      return issue.message ?? wrong(issue.input, 'another value');
  }
}

function keysOf(schema: unknown): string {
  return schema instanceof z.ZodObject ? Object.keys(schema.shape).join(', ') : 'other keys';
}

function typeWords(expected: string, schema: unknown): string {
  if (schema instanceof z.ZodObject) return `a mapping with ${keysOf(schema)}`;
  const words: Readonly<Record<string, string>> = {
    string: 'text',
    number: 'a number',
    int: 'a whole number',
    boolean: 'true, false',
    array: 'a list',
    record: 'a mapping of names',
  };
  return words[expected] ?? expected;
}

function tooMuch(input: unknown): string {
  if (Array.isArray(input)) return `has ${input.length} entries`;
  return typeof input === 'string' ? `has ${input.length} characters` : `is ${String(input)}`;
}

function bound(issue: z.core.$ZodRawIssue<z.core.$ZodIssueTooSmall | z.core.$ZodIssueTooBig>): string {
  return issue.code === 'too_small' ? `at least ${issue.minimum}` : `at most ${issue.maximum}`;
}
