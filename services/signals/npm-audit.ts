import type { ReportRefusal } from '../ports/report-reader.ts';
import {
  type FormatSink,
  malformed,
  notA,
  objectWith,
  type ReportFormat,
  readElements,
  WHOLE,
} from './element-format.ts';
import { type Found, FoundReport } from './found-report.ts';
import type { JsonPath, Outline } from './json-outline.ts';
import { countOf, listOf, member, objectOf, textOf } from './json-value.ts';
import { packageUrl } from './package-url.ts';

const BY_NAME: Outline = { members: new Map(), rest: WHOLE };
const DOCUMENT: Outline = objectWith({ vulnerabilities: BY_NAME, advisories: BY_NAME });

/** npm's own JSON: `auditReportVersion` 2 by package (npm 7 and later), else by advisory (npm 6, pnpm). */
export const NPM_AUDIT: ReportFormat = {
  name: 'npm-audit',
  title: 'npm audit JSON',
  recognises: (head) =>
    head.has('auditReportVersion') ||
    (head.isObject('advisories') && ['actions', 'muted', 'metadata'].some((key) => head.has(key))),
  read: (body) => readElements(body, DOCUMENT, new NpmAuditSink()),
};

class NpmAuditSink implements FormatSink {
  readonly report = new FoundReport('npm-audit');
  readonly #scan = this.report.scan('npm-audit');
  /** Packages by what they are affected through; those with an advisory of their own need no other. */
  readonly #through = new Map<string, { readonly via: readonly string[]; readonly found: Found }>();
  readonly #explained = new Set<string>();
  readonly #lists = new Set<string>();
  #version: unknown;
  #packages = 0;
  #total: number | undefined;

  opened(path: JsonPath): undefined {
    if (path.length === 1) this.#lists.add(String(path[0]));
  }

  closed(): undefined {}

  value(path: JsonPath, value: unknown): ReportRefusal | undefined {
    const [key, name] = path;
    const isList = key === 'vulnerabilities' || key === 'advisories';
    if (path.length === 1 && isList) return notA('object', path);
    if (path.length === 1 && key === 'auditReportVersion') this.#version = value;
    if (key === 'metadata' && name === 'vulnerabilities') this.#total = countOf(member(value, 'total'));
    if (!isList || path.length !== 2) return undefined;
    if (objectOf(value) === undefined) return notA('object', path);
    this.report.results++;
    if (key === 'advisories') this.report.add(this.#scan, advisory(value, this.report));
    else this.#readPackage(String(name), value);
    return undefined;
  }

  finish(): ReportRefusal | undefined {
    const list = this.#version === undefined ? 'advisories' : 'vulnerabilities';
    if (this.#version !== undefined && this.#version !== 2)
      return {
        refused: 'unsupported-version',
        detail: 'auditReportVersion is not 2, the only one that is read. Use npm 7 or later.',
      };
    if (!this.#lists.has(list)) return malformed(`${list} is missing`);
    this.#explain();
    this.#scan.categories.add('dependency');
    if (this.#version === 2 && (this.#total ?? 0) > this.#packages)
      this.report.incomplete(this.#scan, `npm counts ${this.#total} vulnerable packages and lists ${this.#packages}`);
    return undefined;
  }

  #readPackage(name: string, value: unknown): void {
    this.#packages++;
    const causes = listOf(member(value, 'via'));
    const advisories = causes.filter((cause) => objectOf(cause) !== undefined);
    for (const cause of advisories) this.report.add(this.#scan, causeOf(name, value, cause, this.report));
    if (advisories.length > 0) this.#explained.add(name);
    else {
      const via = causes.flatMap((cause) => textOf(cause) ?? []);
      this.#through.set(name, { via, found: causeOf(name, value, undefined, this.report) });
    }
  }

  /** What is only affected through another package is told with that one; what nothing explains is told itself. */
  #explain(): void {
    for (let grew = true; grew; ) {
      grew = false;
      for (const [name, { via }] of this.#through) {
        if (!via.some((other) => this.#explained.has(other))) continue;
        this.#explained.add(name);
        this.#through.delete(name);
        this.report.problem('affected only through another package: told with that one');
        grew = true;
      }
    }
    for (const { found } of this.#through.values()) this.report.add(this.#scan, found);
  }
}

/** `affected` undefined: the package says only through which others it is affected. */
function causeOf(name: string, value: unknown, affected: unknown, report: FoundReport): Found {
  const fix = member(value, 'fixAvailable');
  const url = textOf(member(affected, 'url'));
  const source = member(affected, 'source');
  const ghsa = /GHSA(?:-[0-9a-z]{4}){3}/i.exec(url ?? '')?.[0];
  const rule = ghsa ?? (typeof source === 'number' ? `npm-${source}` : `npm-audit:${name}`);
  const mended = textOf(member(fix, 'name'));
  return {
    category: 'dependency',
    rule,
    severity: report.severity(member(affected, 'severity') ?? member(value, 'severity')),
    message: `${name} ${textOf(member(value, 'range')) ?? ''}: ${textOf(member(affected, 'title')) ?? 'vulnerable'}`,
    path: textOf(listOf(member(value, 'nodes'))[0]),
    help: mended === undefined ? url : `Fixed with ${mended} ${textOf(member(fix, 'version')) ?? ''}.`,
    fixAvailable: fix === undefined ? undefined : fix !== false,
    vulnerability: { ids: ghsa === undefined ? [] : [ghsa], package: name, purl: packageUrl('npm', name) },
    identity: { message: name },
  };
}

function advisory(value: unknown, report: FoundReport): Found {
  const text = (key: string) => textOf(member(value, key));
  const [url, name, patched] = [text('url'), text('module_name'), text('patched_versions')];
  const cves = listOf(member(value, 'cves')).flatMap((cve) => textOf(cve) ?? []);
  const ghsa = text('github_advisory_id') ?? /GHSA(?:-[0-9a-z]{4}){3}/i.exec(url ?? '')?.[0];
  const id = member(value, 'id');
  const version = textOf(member(listOf(member(value, 'findings'))[0], 'version'));
  return {
    category: 'dependency',
    rule: ghsa ?? (id === undefined ? undefined : `npm-${String(id)}`),
    severity: report.severity(member(value, 'severity')),
    message: `${name ?? 'A package'} ${version ?? ''}: ${text('title') ?? ''}`,
    help: text('recommendation') ?? url,
    // How the registry writes that there is none.
    fixAvailable: patched === undefined ? undefined : patched !== '<0.0.0',
    vulnerability: {
      ids: [...cves, ...(ghsa === undefined ? [] : [ghsa])],
      package: name === undefined ? undefined : [name, version].filter((part) => part !== undefined).join('@'),
      purl: packageUrl('npm', name, version),
    },
    identity: { message: name ?? '' },
  };
}
