import type { Category } from '../domain/finding.ts';
import type { ReportRefusal } from '../ports/report-reader.ts';
import { LIST, notA, objectWith } from './element-format.ts';
import type { Found, FoundReport, FoundScan } from './found-report.ts';
import type { JsonPath, Outline } from './json-outline.ts';
import { clamp, countOf, listOf, member, objectOf, textOf } from './json-value.ts';

const TEXT_LIMIT = 300;
const LISTS = ['Vulnerabilities', 'Misconfigurations', 'Secrets', 'ExperimentalModifiedFindings', 'Licenses'];

export const TRIVY_RESULT: Outline = objectWith(Object.fromEntries([...LISTS, 'Packages'].map((name) => [name, LIST])));

const CLASSES: ReadonlyMap<string, Category> = new Map([
  ['os-pkgs', 'container'],
  ['lang-pkgs', 'dependency'],
  ['config', 'iac'],
  ['secret', 'secret'],
]);

const SYSTEMS: ReadonlySet<string> = new Set([
  ...['alpine', 'debian', 'ubuntu', 'redhat', 'centos', 'rocky', 'alma', 'fedora', 'amazon', 'oracle', 'photon'],
  ...['suse linux enterprise server', 'opensuse.leap', 'cbl-mariner', 'azurelinux', 'wolfi', 'chainguard'],
]);
/** `image:tag (alpine 3.19.1)`: packages of a system. */
const SYSTEM_TARGET = /^(.*) \([a-z][a-z0-9. -]{1,40}\)$/i;

/** Without what only the end of its result tells: the category of a package, and the place of what names none itself. */
type Entry = Omit<Found, 'severity' | 'category'> & { readonly category?: Category };

const ENTRIES: Readonly<Record<string, (written: unknown) => Entry>> = {
  Vulnerabilities: vulnerability,
  Misconfigurations: misconfiguration,
  Secrets: secret,
  vulnerability,
  misconfiguration,
  secret,
};

/** One of `Results`: a file, the packages of an image's system … */
export class TrivyResult {
  /** Of a cluster: where the image or file belongs. */
  readonly #resource: string;
  readonly #entries: (Entry & Pick<Found, 'severity'>)[] = [];
  #target = '';
  #class = '';
  #type = '';

  constructor(resource: string) {
    this.#resource = resource;
  }

  /** `depth` is the length of this result's own path. */
  read(path: JsonPath, depth: number, value: unknown, report: FoundReport): ReportRefusal | undefined {
    const key = String(path[depth]);
    if (path.length === depth + 1) return this.#readMember(path, key, value);
    if (!LISTS.includes(key) || path.length !== depth + 2) return undefined;
    if (objectOf(value) === undefined) return notA('object', path);
    report.results++;
    if (key === 'Licenses') report.problem('a licence, which is no finding: skipped');
    else if (key === 'ExperimentalModifiedFindings') this.#keepModified(value, report);
    else this.#keep(key, value, report, false);
    return undefined;
  }

  finish(report: FoundReport, scan: FoundScan): void {
    const looked = CLASSES.get(this.#class) ?? (this.#class === '' ? this.#packages() : undefined);
    if (looked !== undefined) scan.categories.add(looked);
    const category = this.#packages();
    const place = this.#place();
    for (const entry of this.#entries) report.add(scan, { category, ...entry, path: entry.path ?? place });
  }

  #readMember(path: JsonPath, key: string, value: unknown): ReportRefusal | undefined {
    if (LISTS.includes(key) && value !== null) return notA('list', path);
    if (key === 'Target') this.#target = textOf(value) ?? '';
    if (key === 'Class') this.#class = textOf(value) ?? '';
    if (key === 'Type') this.#type = textOf(value) ?? '';
    return undefined;
  }

  #keep(kind: string, written: unknown, report: FoundReport, suppressed: boolean): void {
    const status = member(written, 'Status');
    const entry = ENTRIES[kind]?.(written);
    if (entry === undefined) return;
    if (status === 'PASS') {
      report.problem('a check that passed: no finding');
      return;
    }
    const severity = report.severity(member(written, 'Severity'));
    this.#entries.push({ ...entry, severity, suppressed: suppressed || status === 'EXCEPTION' });
  }

  // Suppressed by an ignore file or VEX beside the scan: its author is the pipeline's, so it is no exploitability.
  #keepModified(value: unknown, report: FoundReport): void {
    const kind = textOf(member(value, 'Type')) ?? 'vulnerability';
    const written = objectOf(member(value, 'Finding'));
    if (written === undefined || ENTRIES[kind] === undefined) report.problem('modified, and of no known type: skipped');
    else this.#keep(kind, written, report, true);
  }

  #packages(): Category {
    if (this.#class !== '') return this.#class === 'os-pkgs' ? 'container' : 'dependency';
    const type = this.#type.toLowerCase();
    if (type !== '') return SYSTEMS.has(type) ? 'container' : 'dependency';
    return SYSTEM_TARGET.test(this.#target) ? 'container' : 'dependency';
  }

  /** Without the image's tag or digest, which differ from build to build. */
  #place(): string {
    const image = SYSTEM_TARGET.exec(this.#target)?.[1];
    const target = image === undefined ? this.#target : image.replace(/@sha256:[0-9a-f]+$/, '').replace(/:[^/:]+$/, '');
    return [this.#resource, target].filter((part) => part !== '').join('/');
  }
}

function vulnerability(written: unknown): Entry {
  const text = (key: string) => textOf(member(written, key));
  const [id, name, version, fixed] = ['VulnerabilityID', 'PkgName', 'InstalledVersion', 'FixedVersion'].map(text);
  const vendorIds = listOf(member(written, 'VendorIDs')).flatMap((other) => textOf(other) ?? []);
  const what = [name, version].filter((part) => part !== undefined).join(' ');
  return {
    rule: id,
    message: clamp(`${what}: ${text('Title') ?? text('Description') ?? id ?? ''}`, TEXT_LIMIT),
    path: text('PkgPath'),
    help: fixed === undefined ? text('PrimaryURL') : `Fixed in ${fixed}.`,
    fixAvailable: fixed !== undefined || text('Status') === 'fixed',
    vulnerability: {
      ids: [...(id === undefined ? [] : [id]), ...vendorIds],
      package: name === undefined ? undefined : [name, version].filter((part) => part !== undefined).join('@'),
      purl: textOf(member(member(written, 'PkgIdentifier'), 'PURL')),
    },
    identity: { message: name ?? '' },
  };
}

function misconfiguration(written: unknown): Entry {
  const text = (key: string) => textOf(member(written, key));
  const cause = member(written, 'CauseMetadata');
  const message = text('Message') ?? text('Title') ?? '';
  return {
    category: 'iac',
    rule: text('ID') ?? text('AVDID'),
    message: clamp(message, TEXT_LIMIT),
    line: countOf(member(cause, 'StartLine')) || undefined,
    help: text('Resolution') ?? text('PrimaryURL'),
    identity: { message: clamp(`${textOf(member(cause, 'Resource')) ?? ''} ${message}`, 4 * TEXT_LIMIT) },
  };
}

/** The match stays out: Trivy masks the value, and not what stands beside it. */
function secret(written: unknown): Entry {
  const title = textOf(member(written, 'Title')) ?? textOf(member(written, 'RuleID')) ?? 'A secret';
  return {
    category: 'secret',
    rule: textOf(member(written, 'RuleID')),
    message: title,
    line: countOf(member(written, 'StartLine')) || undefined,
    identity: { snippet: textOf(member(written, 'Match')) ?? '', message: title },
  };
}
