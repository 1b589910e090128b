import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  type Pair,
  type ParsedNode,
  parseAllDocuments,
  parseDocument,
  visit,
  type YAMLError,
  type YAMLMap,
} from 'yaml';

/** A policy file as it was read. */
export interface Source {
  /** Relative to the policy folder; begins every message. */
  readonly file: string;
  readonly text: string;
}

export type Path = readonly PropertyKey[];

/** One thing that is wrong at one place of a document. */
export interface Complaint {
  readonly path: Path;
  readonly message: string;
}

export interface YamlText {
  /** Plain JSON values; of a text that is no sound YAML undefined, or what of it could be read all the same. */
  readonly data: unknown;
  /** `file:line yaml: …`, when the text is no sound YAML. */
  readonly problems: readonly string[];
  /** 1-based line of the deepest node on the path that exists. */
  lineOf(path: Path): number;
  /** `file:line field.path: message`. */
  say(complaint: Complaint): string;
}

const MAX_CHARACTERS = 4 * 1024 * 1024;
const MAX_ALIASES = 50;

const OPTIONS = {
  prettyErrors: false,
  stringKeys: true,
  schema: 'core',
  merge: false,
  resolveKnownTags: false,
  logLevel: 'error',
} as const;

/**
 * Reads one YAML 1.2 document (core schema: dates stay text) strictly: one document, each key once, text keys only, no
 * own tags, no merge keys, bounded aliases. Never throws; what is wrong is in `problems`.
 */
export function readYaml(source: Source): YamlText {
  const [text = unreadable([])] = readAll(source, (lineCounter) => [
    parseDocument(source.text, { ...OPTIONS, lineCounter }),
  ]);
  return text;
}

/** The same for a file of several documents, each with its own problems; empty ones are left out. */
export function readYamlDocuments(source: Source): readonly YamlText[] {
  const parse = (lineCounter: LineCounter) => [
    ...parseAllDocuments<ParsedNode>(source.text, { ...OPTIONS, lineCounter }),
  ];
  return readAll(source, parse).filter(({ data, problems }) => data !== null || problems.length > 0);
}

function readAll({ file, text }: Source, parse: (lines: LineCounter) => readonly Document.Parsed[]) {
  const lines = new LineCounter();
  const lineAt = (offset: number) => Math.max(1, lines.linePos(offset).line);
  const problem = (offset: number, message: string) => `${file}:${lineAt(offset)} yaml: ${message}`;
  if (text.length > MAX_CHARACTERS) return [unreadable([`${file}:1 yaml: is too large; allowed: up to 4 MiB`])];
  try {
    return parse(lines).map((doc) => examined(file, doc, lineAt, problem));
  } catch (error) {
    return [unreadable([problem(0, faultMessage(error))])];
  }
}

function examined(
  file: string,
  doc: Document.Parsed,
  lineAt: (offset: number) => number,
  problem: (offset: number, message: string) => string,
): YamlText {
  const data = valuesOf(doc);
  const problems = [
    ...[...doc.errors, ...doc.warnings].map((error) => problem(error.pos[0], syntaxMessage(error))),
    ...dangerousKeys(doc).map((offset) => problem(offset, 'the key __proto__ is never taken; allowed: another name')),
    ...deadAliases(doc).map(({ name, offset }) =>
      problem(offset, `*${name} has no anchor before it; allowed: the name of an anchor above`),
    ),
  ];
  if (problems.length > 0) return unreadable(problems, data instanceof Error ? undefined : data);
  if (data instanceof Error) return unreadable([problem(doc.range[0], faultMessage(data))]);
  return sound(file, doc, data, lineAt);
}

function valuesOf(doc: Document.Parsed): unknown {
  try {
    return doc.toJS({ maxAliasCount: MAX_ALIASES });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function unreadable(problems: readonly string[], data?: unknown): YamlText {
  return { data, problems, lineOf: () => 1, say: ({ message }) => message };
}

function sound(file: string, doc: Document.Parsed, data: unknown, lineAt: (offset: number) => number): YamlText {
  const pairOf = pairFinder();
  return {
    data,
    problems: [],
    lineOf: (path) => lineAt(locate(doc, path, pairOf).offset),
    say({ path, message }) {
      const { offset, field } = locate(doc, path, pairOf);
      return `${file}:${lineAt(offset)} ${field === '' ? 'file' : field}: ${message}`;
    },
  };
}

function syntaxMessage(error: YAMLError): string {
  if (error.code === 'DUPLICATE_KEY') return 'a key stands twice in one mapping; allowed: each key once';
  if (error.code === 'MULTIPLE_DOCS') return 'a second document begins here; allowed: one document in a file';
  if (error.code === 'NON_STRING_KEY') return 'a key is a list or mapping; allowed: text';
  if (error.code === 'TAG_RESOLVE_FAILED') return 'has a tag; allowed: plain values without !tags';
  return `${error.message}; allowed: YAML 1.2`;
}

function faultMessage(error: unknown): string {
  if (error instanceof RangeError) return 'is nested too deeply; allowed: a few levels';
  if (error instanceof ReferenceError) return `aliases expand too far; allowed: up to ${MAX_ALIASES} repetitions`;
  return `${error instanceof Error ? error.message : String(error)}; allowed: YAML 1.2`;
}

/** Libraries drop this key in silence: what stands under it would be missing without a word. */
function dangerousKeys(doc: Document.Parsed): number[] {
  const offsets: number[] = [];
  visit(doc, {
    Pair(_, { key }) {
      if (isScalar(key) && key.value === '__proto__') offsets.push(key.range?.[0] ?? 0);
    },
  });
  return offsets;
}

function deadAliases(doc: Document.Parsed) {
  const dead: { readonly name: string; readonly offset: number }[] = [];
  visit(doc, {
    Alias(_, alias) {
      if (alias.resolve(doc) === undefined) dead.push({ name: alias.source, offset: alias.range?.[0] ?? 0 });
    },
  });
  return dead;
}

type Place = { offset: number; field: string; node: ParsedNode | null | undefined };

type PairOf = (map: YAMLMap.Parsed, key: PropertyKey) => Pair<ParsedNode, ParsedNode | null> | undefined;

/** Goes through the keys of each mapping once, however many of them are looked for: a catalog has thousands. */
function pairFinder(): PairOf {
  const known = new Map<YAMLMap.Parsed, Map<PropertyKey, Pair<ParsedNode, ParsedNode | null>>>();
  return (map, key) => {
    const pairs =
      known.get(map) ??
      new Map(map.items.flatMap((pair) => (isScalar(pair.key) ? [[String(pair.key.value), pair]] : [])));
    known.set(map, pairs);
    return pairs.get(key);
  };
}

function locate(doc: Document.Parsed, path: Path, pairOf: PairOf): Place {
  let place: Place = { offset: doc.contents?.range[0] ?? 0, field: '', node: doc.contents };
  for (const key of path) place = inside(doc, place, key, pairOf);
  return place;
}

/** A step into something that is not there keeps the line of what should have held it. */
function inside(doc: Document.Parsed, { offset, field, node }: Place, key: PropertyKey, pairOf: PairOf): Place {
  const at = isAlias(node) ? (node.resolve(doc) as ParsedNode | undefined) : node;
  if (isSeq(at)) {
    const item = at.items[Number(key)] as ParsedNode | undefined;
    return { offset: item?.range[0] ?? offset, field: `${field}[${String(key)}]`, node: item };
  }
  // A lone value is read as a list of one: its index is not the author's.
  if (typeof key === 'number') return { offset, field, node };
  const named = `${field === '' ? '' : `${field}.`}${nameOf(key)}`;
  const pair = isMap(at) ? pairOf(at as YAMLMap.Parsed, key) : undefined;
  if (pair === undefined) return { offset, field: named, node: undefined };
  return {
    offset: pair.key.range[0],
    field: named,
    node: pair.value,
  };
}

function nameOf(key: PropertyKey): string {
  const name = String(key);
  return /^[\w*./-]{1,80}$/.test(name) ? name : JSON.stringify(name.slice(0, 80));
}
