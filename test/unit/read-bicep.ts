import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Language, type Node, Parser } from 'web-tree-sitter';

const require = createRequire(import.meta.url);

/** What a program computes: its source, and of a call the function and its arguments. */
export class Expression {
  readonly source: string;
  readonly called: string | undefined;
  readonly arguments: readonly Value[];

  constructor(source: string, called?: string, given: readonly Value[] = []) {
    this.source = source;
    this.called = called;
    this.arguments = given;
  }
}

export type Value = string | number | boolean | null | Expression | readonly Value[] | Members;
export interface Members {
  readonly [name: string]: Value;
}

type Kind = 'resource' | 'module' | 'parameter' | 'output' | 'variable';

/** A resource, module, parameter, output or variable. */
export interface Declaration {
  readonly kind: Kind;
  readonly symbol: string;
  /** Of a resource with its version, of a module its file. */
  readonly type: string;
  readonly existing: boolean;
  /** Source of what must hold for it to be made; absent: it always is. */
  readonly condition?: string;
  readonly decorators: readonly Expression[];
  /** Of a resource or module its body; else the value, or undefined where there is none. */
  readonly value: Value | undefined;
}

export interface Bicep {
  readonly declarations: readonly Declaration[];
  readonly calls: readonly string[];
  /** Names that are used and that nothing in the file declares. */
  readonly undeclared: readonly string[];
  readonly unused: readonly string[];
  /** What the grammar does not take, with its line. */
  readonly errors: readonly string[];
}

const KINDS: ReadonlyMap<string, Kind> = new Map([
  ['resource_declaration', 'resource'],
  ['module_declaration', 'module'],
  ['parameter_declaration', 'parameter'],
  ['output_declaration', 'output'],
  ['variable_declaration', 'variable'],
]);

/** Reads programs in Bicep by its grammar for tree-sitter. */
export async function createBicepReader(): Promise<(source: string) => Bicep> {
  await Parser.init();
  const wasm = readFileSync(require.resolve('tree-sitter-bicep/tree-sitter-bicep.wasm'));
  const parser = new Parser().setLanguage(await Language.load(wasm));
  return (source) => {
    const tree = parser.parse(source);
    if (tree === null) throw new Error('the parser gave no tree');
    return readTree(tree.rootNode);
  };
}

function readTree(root: Node): Bicep {
  const nodes = [...walk(root)];
  const declarations = nodes.flatMap((node) => {
    const kind = node.isNamed ? KINDS.get(node.type) : undefined;
    return kind === undefined ? [] : [declaration(node, kind)];
  });
  const used = nodes.filter(isUse).map(({ text }) => text);
  const declared = new Set([...declarations.map(({ symbol }) => symbol), ...nodes.flatMap(localNames)]);
  return {
    declarations,
    calls: nodes.filter(({ type }) => type === 'call_expression').map(functionOf),
    undeclared: used.filter((name) => !declared.has(name)),
    unused: declarations
      .filter(({ kind }) => kind === 'parameter' || kind === 'variable')
      .map(({ symbol }) => symbol)
      .filter((symbol) => !used.includes(symbol)),
    errors: nodes
      .filter((node) => node.isError || node.isMissing)
      .map(({ type, isMissing, startPosition }) => `${startPosition.row + 1}: ${isMissing ? 'missing ' : ''}${type}`),
  };
}

function* walk(node: Node): Generator<Node> {
  yield node;
  for (const child of node.children) yield* walk(child);
}

function functionOf(call: Node): string {
  return call.childForFieldName('function')?.text ?? '';
}

/** Names of a loop's item and of a lambda's parameters. */
function localNames(node: Node): readonly string[] {
  if (node.type === 'for_statement') return [node.childForFieldName('initializer')?.text ?? ''];
  if (node.type !== 'lambda_expression') return [];
  return node.namedChildren.filter(({ type }) => type === 'identifier').map(({ text }) => text);
}

/** Whether this is the use of a name, not its declaration, a key, a function or a type. */
function isUse(node: Node): boolean {
  const { parent } = node;
  if (node.type !== 'identifier' || !node.isNamed || node.isMissing || parent === null) return false;
  if (['type', 'metadata_declaration', 'lambda_expression'].includes(parent.type)) return false;
  const isFirst = parent.firstNamedChild?.id === node.id;
  if (KINDS.has(parent.type) || ['object_property', 'for_statement', 'call_expression'].includes(parent.type))
    return !isFirst;
  return parent.childForFieldName('resource')?.id !== node.id;
}

function declaration(node: Node, kind: Kind): Declaration {
  const [symbol, ...rest] = node.namedChildren;
  const [typed, last] = kind === 'variable' ? [undefined, rest.at(-1)] : [rest[0], rest[1]];
  const before = node.previousNamedSibling;
  return {
    kind,
    symbol: symbol?.text ?? '',
    type: typed?.text.replaceAll("'", '') ?? '',
    existing: node.children.some(({ type }) => type === 'existing'),
    ...conditionOf(last),
    decorators:
      before?.type === 'decorators' ? before.namedChildren.flatMap((one) => one.namedChildren.map(expression)) : [],
    value: last === undefined ? undefined : toValue(last),
  };
}

function conditionOf(body: Node | undefined): { readonly condition?: string } {
  const condition = body?.type === 'if_statement' ? body.firstNamedChild?.text : undefined;
  return condition === undefined ? {} : { condition };
}

function toValue(node: Node): Value {
  switch (node.type) {
    case 'object':
      return Object.fromEntries(node.namedChildren.filter(isMember).map(member));
    case 'array':
      return node.namedChildren.filter(({ type }) => type !== 'comment').map(toValue);
    case 'string':
      return node.namedChildren.some(({ type }) => type === 'interpolation') ? expression(node) : textOf(node);
    case 'number':
      return Number(node.text);
    case 'boolean':
      return node.text === 'true';
    case 'null':
      return null;
    // Of `if (…) {…}` and `for … in …: {…}` the body.
    case 'if_statement':
    case 'for_statement':
      return node.lastNamedChild === null ? null : toValue(node.lastNamedChild);
    default:
      return expression(node);
  }
}

function isMember({ type, firstNamedChild }: Node): boolean {
  return type === 'object_property' && firstNamedChild?.type !== 'resource_declaration';
}

function member(property: Node): readonly [string, Value] {
  const [name, value] = property.namedChildren;
  return [name?.text.replaceAll("'", '') ?? '', value === undefined ? null : toValue(value)];
}

function textOf(string: Node): string {
  return string.namedChildren.map(({ text }) => text).join('');
}

function expression(node: Node): Expression {
  if (node.type !== 'call_expression') return new Expression(node.text);
  const given = node.childForFieldName('arguments')?.namedChildren ?? [];
  return new Expression(node.text, functionOf(node), given.map(toValue));
}
