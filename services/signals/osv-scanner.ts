import { SEVERITIES, type Severity } from '../domain/finding.ts';
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
import { describeScan, type Found, FoundReport } from './found-report.ts';
import type { JsonPath, Outline } from './json-outline.ts';
import { clamp, listOf, member, objectOf, textOf } from './json-value.ts';
import { packageUrl } from './package-url.ts';
import { SEVERITY_WORDS, severityOfScore } from './severity.ts';

const PACKAGE: Outline = objectWith({ vulnerabilities: LIST, groups: LIST });
const DOCUMENT: Outline = objectWith({ results: { each: objectWith({ packages: { each: PACKAGE } }) } });

/** OSV-Scanner's own JSON. */
export const OSV_SCANNER: ReportFormat = {
  name: 'osv-scanner',
  title: 'OSV-Scanner JSON',
  recognises: (head) =>
    (head.has('results[].packages') && head.has('results[].source')) ||
    (head.isList('results') && head.has('experimental_config')),
  read: (body) => readElements(body, DOCUMENT, new OsvScannerSink()),
};

/** Of one package: they are put together in one go. */
const MOST = 20_000;
const ALIASES = 100;

/** What is kept of one vulnerability of a package until the group that it belongs to is known. */
interface Vulnerable {
  readonly ids: readonly string[];
  readonly summary: string;
  readonly severity: Severity | undefined;
  readonly fixed: readonly string[];
  readonly isFixable: boolean | undefined;
  readonly purl: string | undefined;
}

interface Group {
  readonly ids: readonly string[];
  readonly severity: Severity | undefined;
}

class OsvScannerSink implements FormatSink {
  readonly report = new FoundReport('osv-scanner');
  readonly #scan = this.report.scan('osv-scanner');
  #hasResults = false;
  #source: string | undefined;
  #name: string | undefined;
  #version: string | undefined;
  #ecosystem: string | undefined;
  #vulnerable = new Map<string, Vulnerable>();
  #groups: Group[] = [];
  /** Names in all of them. */
  #grouped = new Set<string>();

  opened(path: JsonPath): undefined {
    if (path.length === 1 && path[0] === 'results') this.#hasResults = true;
    if (path[0] !== 'results') return;
    if (path.length === 2) this.#source = undefined;
    if (path.length !== 4) return;
    [this.#name, this.#version, this.#ecosystem] = [undefined, undefined, undefined];
    this.#vulnerable = new Map();
    this.#groups = [];
    this.#grouped = new Set();
  }

  value(path: JsonPath, value: unknown): ReportRefusal | undefined {
    if (path[0] !== 'results') return undefined;
    if (path.length === 1) return notA('list', path);
    if (path.length === 2) return notA('object', path);
    if (path[2] === 'packages') return this.#readPackage(path, value);
    if (path[2] === 'source' && path[3] === 'path') this.#source = textOf(value);
    return undefined;
  }

  closed(path: JsonPath): undefined {
    if (path[0] !== 'results' || path[2] !== 'packages' || path.length !== 4) return;
    for (const vulnerability of this.#vulnerable.values()) {
      const isGrouped = vulnerability.ids.some((id) => this.#grouped.has(id));
      if (!isGrouped) this.#group({ ids: vulnerability.ids.slice(0, 1), severity: undefined });
    }
    for (const group of this.#groups) this.report.add(this.#scan, this.#found(group));
    for (let n = this.#groups.length; n < this.#vulnerable.size; n++)
      this.report.problem('the same vulnerability under another name: joined');
  }

  finish(): ReportRefusal | undefined {
    if (!this.#hasResults) return malformed('There is no list of results');
    describeScan(this.#scan, undefined);
    this.#scan.categories.add('dependency');
    return undefined;
  }

  #readPackage(path: JsonPath, value: unknown): ReportRefusal | undefined {
    if (path.length === 3) return value === null ? undefined : notA('list', path);
    if (path.length === 4) return notA('object', path);
    if (path[4] === 'package' && path.length === 6) this.#readName(String(path[5]), textOf(value));
    return path[4] === 'vulnerabilities' || path[4] === 'groups' ? this.#readEntry(path, value) : undefined;
  }

  #readName(key: string, text: string | undefined): void {
    if (key === 'name') this.#name = text;
    if (key === 'version') this.#version = text;
    if (key === 'ecosystem') this.#ecosystem = text;
  }

  #readEntry(path: JsonPath, value: unknown): ReportRefusal | undefined {
    if (path.length === 5) return value === null ? undefined : notA('list', path);
    if (objectOf(value) === undefined) return notA('object', path);
    if ((path[4] === 'groups' ? this.#groups.length : this.#vulnerable.size) >= MOST) return tooMany();
    if (path[4] === 'groups') {
      const ids = new Set(listOf(member(value, 'ids')).flatMap((id) => textOf(id) ?? []));
      this.#group({ ids: [...ids], severity: severityOfScore(member(value, 'max_severity')) });
      return undefined;
    }
    this.report.results++;
    const read = vulnerable(value, this.#name);
    this.#vulnerable.set(read.ids[0] ?? `unnamed ${this.report.results}`, read);
    return undefined;
  }

  #group(group: Group): void {
    this.#groups.push(group);
    for (const id of group.ids) this.#grouped.add(id);
  }

  /** One finding for what several databases call by different names. */
  #found({ ids, severity }: Group): Found {
    const members = ids.flatMap((id) => this.#vulnerable.get(id) ?? []);
    const [id] = ids;
    const fixed = [...new Set(members.flatMap((one) => one.fixed))];
    const known = members.map((one) => one.isFixable).filter((isFixable) => isFixable !== undefined);
    const summary = members.find((one) => one.summary !== '')?.summary ?? id ?? '';
    const stated = SEVERITIES.find((rank) => rank === severity || members.some((one) => one.severity === rank));
    return {
      category: 'dependency',
      rule: id,
      severity: stated ?? this.report.severity(undefined),
      message: `${this.#name ?? 'A package'} ${this.#version ?? ''}: ${summary}`,
      path: this.#source,
      help: fixed.length === 0 ? undefined : `Fixed in ${fixed.slice(0, 10).join(', ')}.`,
      fixAvailable: known.length === 0 ? undefined : known.some((isFixable) => isFixable),
      vulnerability: {
        ids: [...ids, ...members.flatMap((one) => one.ids)],
        package: this.#name === undefined ? undefined : [this.#name, this.#version ?? ''].filter(Boolean).join('@'),
        purl:
          members.find((one) => one.purl !== undefined)?.purl ?? packageUrl(this.#ecosystem, this.#name, this.#version),
      },
      identity: { message: this.#name ?? '' },
    };
  }
}

function tooMany(): ReportRefusal {
  const detail = `One package has more than ${MOST} vulnerabilities. Narrow the scan or split the report.`;
  return { refused: 'too-many-findings', detail };
}

/** One record of the OSV schema, as far as it is about this package. */
function vulnerable(value: unknown, name: string | undefined): Vulnerable {
  const id = textOf(member(value, 'id'));
  const affected = listOf(member(value, 'affected')).filter((one) => {
    const other = textOf(member(member(one, 'package'), 'name'));
    return name === undefined || other === undefined || other === name;
  });
  const events = affected
    .flatMap((one) => listOf(member(one, 'ranges')))
    .flatMap((range) => listOf(member(range, 'events')));
  const fixed = events.flatMap((event) => textOf(member(event, 'fixed')) ?? []);
  const words = [value, ...affected].map((one) => textOf(member(member(one, 'database_specific'), 'severity')));
  const stated = words.flatMap((word) => SEVERITY_WORDS.get(word?.toLowerCase() ?? '') ?? []);
  return {
    ids: [
      ...(id === undefined ? [] : [id]),
      ...listOf(member(value, 'aliases'))
        .slice(0, ALIASES)
        .flatMap((other) => textOf(other) ?? []),
    ],
    summary: clamp(textOf(member(value, 'summary')) ?? textOf(member(value, 'details')) ?? '', 300),
    // A malicious package: the database rates none, and there is nothing worse.
    severity: id?.startsWith('MAL-') === true ? 'critical' : stated[0],
    fixed: fixed.slice(0, 10),
    isFixable: events.length === 0 ? undefined : fixed.length > 0,
    purl: affected.map((one) => textOf(member(member(one, 'package'), 'purl'))).find((purl) => purl !== undefined),
  };
}
