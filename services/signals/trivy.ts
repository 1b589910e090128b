import type { ReportRefusal } from '../ports/report-reader.ts';
import { type FormatSink, malformed, notA, objectWith, type ReportFormat, readElements } from './element-format.ts';
import { describeScan, FoundReport } from './found-report.ts';
import type { JsonPath, Outline } from './json-outline.ts';
import { textOf } from './json-value.ts';
import { TRIVY_RESULT, TrivyResult } from './trivy-result.ts';

const RESULTS: Outline = { each: TRIVY_RESULT };
/** Of a cluster: what was scanned together, each with results of its own. */
const RESOURCES: Outline = { each: objectWith({ Results: RESULTS }) };
const RESOURCE_LISTS = ['Resources', 'Vulnerabilities', 'Misconfigurations', 'Findings'];
const DOCUMENT: Outline = {
  ...RESULTS,
  ...objectWith({ Results: RESULTS, ...Object.fromEntries(RESOURCE_LISTS.map((name) => [name, RESOURCES])) }),
};

/** Trivy's own JSON: a list (version 1), an object (`SchemaVersion` 2), or that of a cluster. */
export const TRIVY: ReportFormat = {
  name: 'trivy',
  title: 'Trivy JSON',
  recognises: (head) =>
    (head.has('SchemaVersion') && ['Results', 'ArtifactName', 'ArtifactType'].some((key) => head.has(key))) ||
    (head.has('ClusterName') && ['SchemaVersion', ...RESOURCE_LISTS].some((key) => head.has(key))) ||
    (head.has('[].Target') && ['Vulnerabilities', 'Type', 'Class'].some((key) => head.has(`[].${key}`))),
  read: (body) => readElements(body, DOCUMENT, new TrivySink()),
};

class TrivySink implements FormatSink {
  readonly report = new FoundReport('trivy');
  readonly #scan = this.report.scan('trivy');
  readonly #root = new Map<string, unknown>();
  /** Namespace, kind and name of the resource that is read. */
  readonly #resource = new Map<string, string>();
  #result: TrivyResult | undefined;
  #isList = false;

  opened(path: JsonPath, kind: 'list' | 'object'): undefined {
    if (path.length === 0) this.#isList = kind === 'list';
    if (path.length === 1) this.#root.set(String(path[0]), kind);
    const depth = resultDepth(path);
    if (depth === path.length) this.#result = new TrivyResult([...this.#resource.values()].join('/'));
    if (depth === undefined && path.length === 2) this.#resource.clear();
  }

  value(path: JsonPath, value: unknown): ReportRefusal | undefined {
    const depth = resultDepth(path);
    if (depth === path.length) return notA('object', path);
    if (depth !== undefined) return this.#result?.read(path, depth, value, this.report);
    if (path.length === 1) return this.#readMember(path, value);
    if (RESOURCE_LISTS.includes(String(path[0]))) return this.#readResource(path, value);
    if (path[0] === 'Trivy' && path[1] === 'Version') describeScan(this.#scan, value);
    return undefined;
  }

  closed(path: JsonPath): undefined {
    if (this.#result === undefined || resultDepth(path) !== path.length) return;
    this.#result.finish(this.report, this.#scan);
    this.#result = undefined;
  }

  finish(): ReportRefusal | undefined {
    const version = this.#root.get('SchemaVersion');
    const isCluster = this.#root.has('ClusterName');
    if (!this.#isList && !isCluster && version === undefined) return malformed('SchemaVersion is missing');
    if (version !== undefined && version !== 2 && !isCluster)
      return {
        refused: 'unsupported-version',
        detail: 'SchemaVersion is not 2, the only one of Trivy JSON that is read. Have Trivy write SARIF 2.1.0.',
      };
    describeScan(this.#scan, undefined, this.#root.get('CreatedAt'));
    this.#attest(isCluster || this.#root.get('ArtifactType') === 'container_image');
    return undefined;
  }

  /** Trivy does not say what it was asked to look for: it is what it looked at, else what such a subject is scanned for. */
  #attest(isImage: boolean): void {
    const { categories } = this.#scan;
    const isSilent = categories.size === 0;
    const hasPackages = categories.has('container') || categories.has('dependency');
    if (isSilent || (isImage && hasPackages)) categories.add('dependency');
    if ((isSilent && this.#isList) || (isImage && (isSilent || hasPackages))) categories.add('container');
  }

  #readMember(path: JsonPath, value: unknown): ReportRefusal | undefined {
    const key = String(path[0]);
    if ((key === 'Results' || RESOURCE_LISTS.includes(key)) && value !== null) return notA('list', path);
    this.#root.set(key, value);
    return undefined;
  }

  #readResource(path: JsonPath, value: unknown): ReportRefusal | undefined {
    if (path.length === 2) return notA('object', path);
    if (path.length !== 3) return undefined;
    const key = String(path[2]);
    if (key === 'Results' && value !== null) return notA('list', path);
    const text = textOf(value);
    if (text === undefined) return undefined;
    if (['Namespace', 'Kind', 'Name'].includes(key)) this.#resource.set(key, text);
    if (key === 'Error') this.report.incomplete(this.#scan, 'Trivy could not scan a resource of the cluster');
    return undefined;
  }
}

/** How deep the result lies that this path is of, or in. */
function resultDepth(path: JsonPath): number | undefined {
  if (typeof path[0] === 'number') return 1;
  if (path[0] === 'Results' && path.length >= 2) return 2;
  return RESOURCE_LISTS.includes(String(path[0])) && path[2] === 'Results' && path.length >= 4 ? 4 : undefined;
}
