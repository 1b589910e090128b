import type { VexStatus } from '../domain/vex.ts';
import type { ReportRefusal } from '../ports/report-reader.ts';
import {
  type FormatSink,
  LIST,
  malformed,
  notA,
  objectWith,
  type ReportFormat,
  readElements,
} from './element-format.ts';
import { FoundReport } from './found-report.ts';
import type { JsonPath, Outline } from './json-outline.ts';
import { listOf, member, objectOf, textOf } from './json-value.ts';
import { timeIn, VexStatements } from './vex-statements.ts';

const STATEMENTS = { statements: LIST };
/** The document, or an in-toto statement with it as predicate. */
const DOCUMENT: Outline = objectWith({ ...STATEMENTS, predicate: objectWith(STATEMENTS) });
const NAMESPACE = 'https://openvex.dev/ns';
const ALIASES = 20;

/** OpenVEX: statements, no scan. */
export const OPENVEX: ReportFormat = {
  name: 'openvex',
  title: 'OpenVEX',
  recognises: (head) =>
    (isOpenVex(head.value('@context')) && head.has('statements')) ||
    (isOpenVex(head.value('predicateType')) && head.has('predicate.statements')),
  read: (body) => readElements(body, DOCUMENT, new OpenVexSink()),
};

function isOpenVex(namespace: unknown): boolean {
  return namespace === NAMESPACE || String(namespace).startsWith(`${NAMESPACE}/`);
}

const STATUSES: ReadonlyMap<unknown, VexStatus> = new Map([
  ['affected', 'affected'],
  ['under_investigation', 'under-investigation'],
  ['fixed', 'fixed'],
  ['not_affected', 'not-affected'],
]);

class OpenVexSink implements FormatSink {
  readonly report = new FoundReport('openvex');
  readonly #statements = new VexStatements(this.report);
  readonly #root = new Map<string, unknown>();
  #hasStatements = false;

  opened(path: JsonPath): undefined {
    const inner = within(path);
    if (inner.length === 1 && inner[0] === 'statements') this.#hasStatements = true;
  }

  closed(): undefined {}

  value(path: JsonPath, value: unknown): ReportRefusal | undefined {
    const inner = within(path);
    if (inner[0] !== 'statements') {
      if (inner.length === 1) this.#root.set(String(inner[0]), value);
      return undefined;
    }
    if (inner.length === 1) return notA('list', path);
    if (objectOf(value) === undefined) return notA('object', path);
    this.report.results++;
    this.report.problem('a statement of VEX, which proves nothing clean: no finding');
    this.#state(value);
    return undefined;
  }

  settle(): Promise<ReportRefusal | undefined> {
    return this.#statements.settle();
  }

  finish(): ReportRefusal | undefined {
    if (!this.#hasStatements) return malformed('There is no list of statements');
    if (this.report.results === 0)
      return { refused: 'no-scan', detail: 'The document says nothing: it has no statements. Send one that has some.' };
    const at = timeIn(this.#root.get('last_updated'), this.#root.get('timestamp'));
    this.#statements.finish({ id: this.#root.get('@id'), version: this.#root.get('version'), at });
    return undefined;
  }

  #state(value: unknown): void {
    const status = STATUSES.get(member(value, 'status'));
    const [justification, impact, action] = ['justification', 'impact_statement', 'action_statement'].map((key) =>
      textOf(member(value, key)),
    );
    if (status === undefined) {
      this.report.problem('its status is none of OpenVEX: it changes nothing');
      return;
    }
    const isUnexplained = status === 'not-affected' && justification === undefined && impact === undefined;
    if (isUnexplained)
      this.report.problem('not affected without a justification or impact statement: it changes nothing');
    this.#statements.add({
      ids: idsOf(member(value, 'vulnerability')),
      products: productsOf(value).map((purl) => ({ purl })),
      status: isUnexplained ? 'under-investigation' : status,
      at: timeIn(member(value, 'last_updated'), member(value, 'timestamp')),
      why: status === 'affected' ? [action] : [justification, impact],
    });
  }
}

function within(path: JsonPath): JsonPath {
  return path[0] === 'predicate' ? path.slice(1) : path;
}

/** A name, or the address of a page that ends in one. */
function idsOf(vulnerability: unknown): string[] {
  const aliases = listOf(member(vulnerability, 'aliases')).slice(0, ALIASES);
  const named = [vulnerability, member(vulnerability, 'name'), ...aliases, member(vulnerability, '@id')];
  return named.flatMap((name) => textOf(name)?.split('/').at(-1) ?? []);
}

/** Of a product that names what is in it, what is meant is that. */
function productsOf(value: unknown): string[] {
  const products = listOf(member(value, 'products'));
  const parts = [value, ...products].flatMap((one) => listOf(member(one, 'subcomponents')));
  const whole = products.filter((one) => listOf(member(one, 'subcomponents')).length === 0);
  const isOfAll = listOf(member(value, 'subcomponents')).length > 0;
  return [...parts, ...(isOfAll ? [] : whole)].flatMap((one) => purlOf(one) ?? []);
}

function purlOf(product: unknown): string | undefined {
  const named = textOf(member(member(product, 'identifiers'), 'purl')) ?? textOf(member(product, '@id'));
  const written = named ?? textOf(product);
  return written?.startsWith('pkg:') === true ? written : undefined;
}
