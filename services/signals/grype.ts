import type { Category } from '../domain/finding.ts';
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
import { listOf, member, objectOf, textOf } from './json-value.ts';

const DOCUMENT: Outline = objectWith({ matches: LIST, ignoredMatches: LIST });

/** Package types of operating systems. */
const SYSTEM_TYPES: ReadonlySet<string> = new Set(['apk', 'deb', 'rpm', 'portage', 'alpm', 'msrc-kb', 'linux-kernel']);

/** Grype's own JSON. */
export const GRYPE: ReportFormat = {
  name: 'grype',
  title: 'Grype JSON',
  recognises: (head) =>
    head.has('matches') &&
    (head.value('descriptor.name') === 'grype' ||
      (head.has('matches[].vulnerability') && head.has('matches[].artifact'))),
  read: (body) => readElements(body, DOCUMENT, new GrypeSink()),
};

class GrypeSink implements FormatSink {
  readonly report = new FoundReport('grype');
  readonly #scan = this.report.scan('grype');
  readonly #described = new Map<string, unknown>();
  #hasMatches = false;

  opened(path: JsonPath): undefined {
    if (path.length === 1 && path[0] === 'matches') this.#hasMatches = true;
  }

  closed(): undefined {}

  value(path: JsonPath, value: unknown): ReportRefusal | undefined {
    const [key] = path;
    if (key === 'matches' || key === 'ignoredMatches') return this.#readMatch(path, value);
    if (key === 'descriptor' || key === 'source') this.#described.set(path.join('.'), value);
    return undefined;
  }

  finish(): ReportRefusal | undefined {
    if (!this.#hasMatches) return malformed('There is no list of matches');
    describeScan(this.#scan, this.#described.get('descriptor.version'), this.#described.get('descriptor.timestamp'));
    this.#scan.categories.add('dependency');
    const source = this.#described.get('source.type');
    if (source === 'image' || source === undefined) this.#scan.categories.add('container');
    return undefined;
  }

  #readMatch(path: JsonPath, value: unknown): ReportRefusal | undefined {
    const isIgnored = path[0] === 'ignoredMatches';
    if (path.length === 1) return isIgnored && value === null ? undefined : notA('list', path);
    if (objectOf(value) === undefined) return notA('object', path);
    this.report.results++;
    if (isIgnored && isIgnoredByGrype(value)) {
      this.report.problem('left out by Grype itself (kernel headers): skipped');
      return undefined;
    }
    const severity = this.report.severity(member(member(value, 'vulnerability'), 'severity'));
    this.report.add(this.#scan, { ...match(value), severity, suppressed: isIgnored });
    return undefined;
  }
}

/** Grype's own rules for kernel headers match a package through the one it was built from; nobody else's rules do. */
function isIgnoredByGrype(value: unknown): boolean {
  const rules = listOf(member(value, 'appliedIgnoreRules'));
  return rules.length > 0 && rules.every((rule) => member(rule, 'match-type') === 'exact-indirect-match');
}

function match(value: unknown): Omit<Found, 'severity'> {
  const vulnerability = member(value, 'vulnerability');
  const artifact = member(value, 'artifact');
  const id = textOf(member(vulnerability, 'id'));
  const [name, version] = [textOf(member(artifact, 'name')), textOf(member(artifact, 'version'))];
  const fix = member(vulnerability, 'fix');
  const fixedIn = listOf(member(fix, 'versions')).flatMap((fixed) => textOf(fixed) ?? []);
  const related = listOf(member(value, 'relatedVulnerabilities')).flatMap((other) => textOf(member(other, 'id')) ?? []);
  const isExploited = listOf(member(vulnerability, 'knownExploited')).length > 0;
  return {
    category: categoryOf(artifact),
    rule: id,
    message: `${name ?? 'A package'} ${version ?? ''}: ${textOf(member(vulnerability, 'description')) ?? id ?? ''}`,
    path: textOf(member(listOf(member(artifact, 'locations'))[0], 'path')),
    help: fixedIn.length === 0 ? textOf(member(vulnerability, 'dataSource')) : `Fixed in ${fixedIn.join(', ')}.`,
    exploitability: isExploited ? 'known-exploited' : undefined,
    // Some databases list the versions and leave the state open.
    fixAvailable: FIX_STATES.get(String(member(fix, 'state'))) ?? (fixedIn.length > 0 || undefined),
    vulnerability: {
      ids: [...(id === undefined ? [] : [id]), ...related],
      package: name === undefined ? undefined : [name, version].filter((part) => part !== undefined).join('@'),
      purl: textOf(member(artifact, 'purl')),
    },
    identity: { message: name ?? '' },
  };
}

const FIX_STATES: ReadonlyMap<string, boolean> = new Map([
  ['fixed', true],
  ['not-fixed', false],
  ['wont-fix', false],
]);

function categoryOf(artifact: unknown): Category {
  return SYSTEM_TYPES.has(String(member(artifact, 'type'))) ? 'container' : 'dependency';
}
