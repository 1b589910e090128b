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
import { countOf, listOf, member, objectOf, textOf } from './json-value.ts';

const CHECKS = ['failed_checks', 'skipped_checks', 'passed_checks', 'unknown_checks'];
const FRAMEWORK: Outline = objectWith({
  results: objectWith(Object.fromEntries([...CHECKS, 'parsing_errors'].map((name) => [name, LIST]))),
});
const DOCUMENT: Outline = { ...FRAMEWORK, each: FRAMEWORK };

/** What Checkov writes when no framework found anything to check. */
const NOTHING_RAN = ['passed', 'failed', 'skipped', 'parsing_errors'];

/** Checkov's own JSON: of one framework, a list of several, or the bare summary of none. */
export const CHECKOV: ReportFormat = {
  name: 'checkov',
  title: 'Checkov JSON',
  recognises: (head) =>
    (head.has('check_type') && head.has('results')) ||
    (head.has('[].check_type') && head.has('[].results')) ||
    NOTHING_RAN.every((key) => head.has(key)),
  read: (body) => readElements(body, DOCUMENT, new CheckovSink()),
};

class CheckovSink implements FormatSink {
  readonly report = new FoundReport('checkov');
  readonly #scan = this.report.scan('checkov');
  readonly #summary = new Map<string, number>();
  #framework = new CheckovFramework();
  #frameworks = 0;
  #isList = false;

  opened(path: JsonPath, kind: 'list' | 'object'): undefined {
    if (path.length === 0) this.#isList = kind === 'list';
    if (path.length === 0 || typeof path.at(-1) === 'number') this.#framework = new CheckovFramework();
    if (path.at(-1) === 'failed_checks') this.#framework.hasResults = true;
  }

  value(path: JsonPath, value: unknown): ReportRefusal | undefined {
    const inner = typeof path[0] === 'number' ? path.slice(1) : path;
    const [key, list] = inner;
    if (key === undefined) return notA('object', path);
    if (inner.length === 1) return this.#readMember(path, key, value);
    if (key === 'summary' && list === 'checkov_version') describeScan(this.#scan, value);
    if (key === 'summary') this.#framework.counts.set(String(list), countOf(value) ?? 0);
    return key === 'results' ? this.#readResult(path, inner, value) : undefined;
  }

  closed(path: JsonPath): ReportRefusal | undefined {
    if (path.length === 0 ? this.#isList : path.length > 1 || !this.#isList) return undefined;
    const { type, hasResults, found } = this.#framework;
    if (!hasResults && type === '' && !this.#isList) return undefined;
    if (!hasResults) return malformed(`There is no list of failed_checks of ${named(type)}`);
    this.#frameworks++;
    const category = CATEGORIES.get(type) ?? 'iac';
    this.#scan.categories.add(category);
    for (const one of found) this.report.add(this.#scan, { ...one, category });
    this.#compare(this.#framework);
    return undefined;
  }

  finish(): ReportRefusal | undefined {
    return this.#frameworks === 0 ? this.#finishEmpty() : undefined;
  }

  /** What Checkov counts itself must be there. */
  #compare({ type, failed, unparsed, counts }: CheckovFramework): void {
    const errors = Math.max(unparsed, counts.get('parsing_errors') ?? 0);
    if (errors > 0) this.report.incomplete(this.#scan, `Checkov could not read ${errors} files of ${named(type)}`);
    const counted = counts.get('failed') ?? 0;
    if (counted <= failed) return;
    const what = `Checkov counts ${counted} failed checks of ${named(type)} and lists ${failed}`;
    this.report.incomplete(this.#scan, what);
  }

  #finishEmpty(): ReportRefusal | undefined {
    if (!NOTHING_RAN.every((key) => this.#summary.has(key))) return malformed('There are no results of any framework');
    const counted = NOTHING_RAN.some((key) => this.#summary.get(key) !== 0);
    if (counted) return malformed('The summary counts checks, and there are no results');
    this.#scan.categories.add('iac');
    this.report.remark(
      'Checkov found nothing to check: if there is infrastructure as code, it looked in another folder',
    );
    return undefined;
  }

  #readMember(path: JsonPath, key: string | number, value: unknown): ReportRefusal | undefined {
    if (key === 'results') return notA('object', path);
    if (key === 'check_type') this.#framework.type = textOf(value) ?? '';
    if (key === 'checkov_version') describeScan(this.#scan, value);
    const count = countOf(value);
    if (count !== undefined) this.#summary.set(String(key), count);
    return undefined;
  }

  #readResult(path: JsonPath, inner: JsonPath, value: unknown): ReportRefusal | undefined {
    const list = String(inner[1]);
    if (list === 'parsing_errors') {
      if (inner.length === 3) this.#framework.unparsed++;
      return undefined;
    }
    if (!CHECKS.includes(list)) return undefined;
    if (inner.length === 2) return notA('list', path);
    if (objectOf(value) === undefined) return notA('object', path);
    this.report.results++;
    this.#keep(list, value);
    return undefined;
  }

  #keep(list: string, value: unknown): void {
    if (list === 'failed_checks') this.#framework.failed++;
    if (list === 'passed_checks') this.report.problem('a check that passed: no finding');
    else if (list === 'unknown_checks') this.report.problem('a check without an outcome: skipped');
    else this.#framework.found.push(check(value, list === 'skipped_checks', this.report));
  }
}

class CheckovFramework {
  type = '';
  hasResults = false;
  failed = 0;
  unparsed = 0;
  readonly found: Omit<Found, 'category'>[] = [];
  readonly counts = new Map<string, number>();
}

/** Of `check_type`; every other is infrastructure as code. */
const CATEGORIES: ReadonlyMap<string, Category> = new Map([
  ['secrets', 'secret'],
  ['sca_package', 'dependency'],
  ['sca_image', 'dependency'],
  ['sast', 'sast'],
]);

function named(type: string): string {
  return /^[a-z0-9_]{1,40}$/i.test(type) ? type : 'a framework';
}

/** The code block stays out: it may hold a secret. A skip is a comment in the code: a suppression by its author. */
function check(value: unknown, suppressed: boolean, report: FoundReport): Omit<Found, 'category'> {
  const text = (key: string) => textOf(member(value, key));
  const details = member(value, 'vulnerability_details');
  const detail = (key: string) => textOf(member(details, key));
  const id = detail('id');
  const name = text('check_name') ?? text('check_id') ?? '';
  const [subject, version] = [detail('package_name'), detail('package_version')];
  const resource = text('resource') ?? '';
  return {
    rule: text('check_id'),
    severity: report.severity(member(value, 'severity')),
    message: resource === '' ? name : `${name} (${resource})`,
    path: text('repo_file_path') ?? text('file_path'),
    line: countOf(listOf(member(value, 'file_line_range'))[0]) || undefined,
    help: text('guideline'),
    suppressed,
    identity: { message: `${resource} ${subject ?? ''}` },
    ...(id === undefined
      ? {}
      : {
          fixAvailable: /^fixed/i.test(detail('status') ?? '') || /^v?\d/.test(detail('lowest_fixed_version') ?? ''),
          vulnerability: {
            ids: [id],
            package:
              subject === undefined ? undefined : [subject, version].filter((one) => one !== undefined).join('@'),
          },
        }),
  };
}
