import { toolOf } from '../domain/tools.ts';
import type { ReportRefusal } from '../ports/report-reader.ts';
import { BomComponents } from './cyclonedx-components.ts';
import { productsIn, readVulnerability, type WrittenVulnerability } from './cyclonedx-vulnerability.ts';
import { type FormatSink, LIST, notA, objectWith, type ReportFormat, readElements, WHOLE } from './element-format.ts';
import { describeScan, type Found, FoundReport, type FoundScan } from './found-report.ts';
import type { JsonPath, Outline } from './json-outline.ts';
import { listOf, member, objectOf, textOf } from './json-value.ts';
import { timeIn, VexStatements } from './vex-statements.ts';

const DOCUMENT: Outline = objectWith({
  vulnerabilities: LIST,
  components: LIST,
  metadata: objectWith({ component: WHOLE, tools: WHOLE }),
});

/** Those that have vulnerabilities. */
const VERSIONS: readonly unknown[] = ['1.4', '1.5', '1.6', '1.7'];

/** CycloneDX JSON with vulnerabilities: findings of a scanner, or what somebody says of each (VEX). */
export const CYCLONEDX: ReportFormat = {
  name: 'cyclonedx',
  title: 'CycloneDX JSON',
  recognises: (head) => head.value('bomFormat') === 'CycloneDX',
  read: (body) => readElements(body, DOCUMENT, new CycloneDxSink()),
};

/** Packages and versions of all vulnerabilities together: they are kept until every component is known. */
const MOST_PLACES = 200_000;

class CycloneDxSink implements FormatSink {
  readonly report = new FoundReport('cyclonedx');
  readonly #statements = new VexStatements(this.report);
  readonly #root = new Map<string, unknown>();
  readonly #components = new BomComponents();
  readonly #vulnerabilities: WrittenVulnerability[] = [];
  #places = 0;

  opened(): undefined {}
  closed(): undefined {}

  value(path: JsonPath, value: unknown): ReportRefusal | undefined {
    const [key, place] = path;
    if (key === 'vulnerabilities' || key === 'components') return this.#readEntry(path, key, value);
    if (path.length === 1) this.#root.set(String(key), value);
    if (key === 'metadata' && path.length === 2) this.#root.set(`metadata.${place}`, value);
    if (key === 'metadata' && place === 'component') this.#components.add(value);
    return undefined;
  }

  finish(): ReportRefusal | undefined {
    const version = this.#root.get('specVersion');
    if (this.#vulnerabilities.length === 0)
      return {
        refused: 'no-scan',
        detail:
          'This CycloneDX BOM is an inventory, no findings: it lists no vulnerabilities, and does not say that anybody looked for some. Send the report of the scan of it.',
      };
    if (!VERSIONS.includes(version))
      return {
        refused: 'unsupported-version',
        detail: `specVersion is none of ${VERSIONS.join(', ')}, whose vulnerabilities are read. Have the tool write one of these.`,
      };
    // Where somebody has said something of each, nobody has found anything.
    const isVex = this.#vulnerabilities.every(({ analysis }) => analysis !== undefined);
    if (isVex) this.#tellStatements();
    else this.#addFindings();
    this.#state();
    return this.report.refusal;
  }

  settle(): Promise<ReportRefusal | undefined> {
    return this.#statements.settle();
  }

  #readEntry(path: JsonPath, key: string, value: unknown): ReportRefusal | undefined {
    if (path.length === 1) return value === null ? undefined : notA('list', path);
    if (objectOf(value) === undefined) return notA('object', path);
    if (key === 'components') {
      this.#components.add(value);
      return this.#components.isTooMuch ? tooMany('components') : undefined;
    }
    this.report.results++;
    const read = readVulnerability(value);
    if (read.analysis === undefined && member(member(value, 'analysis'), 'state') !== undefined)
      this.report.problem('its state is none of CycloneDX: taken as if nobody had said anything');
    this.#vulnerabilities.push(read);
    this.#places += read.affects.reduce((sum, { versions }) => sum + 1 + versions.length, 0);
    return this.#places > MOST_PLACES ? tooMany('packages that are affected') : undefined;
  }

  #tellStatements(): void {
    for (const _ of this.#vulnerabilities)
      this.report.problem('a statement of VEX, which proves nothing clean: no finding');
  }

  #state(): void {
    const at = timeIn(this.#root.get('metadata.timestamp'));
    if (this.#vulnerabilities.every(({ analysis }) => analysis === undefined)) return;
    for (const one of this.#vulnerabilities) this.#stateOf(one);
    this.#statements.finish({ id: this.#root.get('serialNumber'), version: this.#root.get('version'), at });
  }

  #stateOf({ ids, affects, analysis }: WrittenVulnerability): void {
    if (analysis === undefined) return;
    const { status, at, why } = analysis;
    const places = affects.map((one) => {
      const { purl, isRange = false } = this.#components.packageOf(one.ref) ?? {};
      return {
        ref: one.ref,
        purl,
        versions: isRange && one.versions.length === 0 ? [{ version: undefined, status: undefined }] : one.versions,
      };
    });
    const { products, isCut } = productsIn(places, status);
    if (isCut)
      this.report.problem('names a range of versions, which is not read: what it denies of them changes nothing');
    // What a version says of itself stands before what is said of all.
    for (const [own, all] of Map.groupBy(products, (one) => one.status))
      this.#statements.add({ ids, products: all, status: own, at, why });
    if (products.length === 0 && !isCut) this.#statements.add({ ids, products: [], status, at, why });
  }

  #addFindings(): void {
    const scan = this.#scan();
    for (const one of this.#vulnerabilities) {
      const places = one.affects.length === 0 ? [undefined] : one.affects;
      for (const place of places) this.report.add(scan, this.#found(one, place?.ref));
      if (places.length > 1) this.report.problem('affects several packages, each of which is a finding');
    }
  }

  #scan(): FoundScan {
    const tools = toolsIn(this.#root.get('metadata.tools'));
    const known = tools.find(({ name }) => toolOf(name).known) ?? tools[0];
    const scan = this.report.scan(known === undefined ? 'cyclonedx' : toolOf(known.name).family);
    describeScan(scan, known?.version, this.#root.get('metadata.timestamp'));
    scan.categories.add('dependency');
    if (member(this.#root.get('metadata.component'), 'type') === 'container') scan.categories.add('container');
    return scan;
  }

  #found(written: WrittenVulnerability, ref: string | undefined): Found {
    const { ids, ratings, message, recommendation, isFixable, analysis } = written;
    const component = ref === undefined ? undefined : this.#components.packageOf(ref);
    const [id] = ids;
    const { name = ref, version } = component ?? {};
    const named = [name, version].filter((part) => part !== undefined);
    const severity = ratings ?? this.report.severity(undefined);
    return {
      category: component?.isOfSystem === true ? 'container' : 'dependency',
      rule: id,
      severity,
      message: `${named.join(' ') || 'A package'}: ${message ?? id ?? 'a vulnerability'}`,
      help: recommendation,
      suppressed: analysis?.status === 'not-affected' || analysis?.status === 'fixed',
      exploitability: analysis?.status === 'affected' ? 'exploitable' : undefined,
      fixAvailable: isFixable,
      vulnerability: { ids, package: name === undefined ? undefined : named.join('@'), purl: component?.purl },
      identity: { message: name ?? '' },
    };
  }
}

function tooMany(what: string): ReportRefusal {
  return { refused: 'too-many-findings', detail: `The document has too many ${what}. Split it into several.` };
}

/** A list (1.4), or components and services (1.5 and later). */
function toolsIn(tools: unknown): { readonly name: string; readonly version: string | undefined }[] {
  return [...listOf(tools), ...listOf(member(tools, 'components'))].flatMap((tool) => {
    const name = textOf(member(tool, 'name'));
    return name === undefined ? [] : [{ name, version: textOf(member(tool, 'version')) }];
  });
}
