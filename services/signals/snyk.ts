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
import { type Found, FoundReport } from './found-report.ts';
import type { JsonPath, Outline } from './json-outline.ts';
import { clamp, listOf, member, objectOf, textOf } from './json-value.ts';
import { packageUrl } from './package-url.ts';

const PROJECT = {
  vulnerabilities: LIST,
  filtered: objectWith({ ignore: LIST, patch: LIST }),
  remediation: objectWith({ unresolved: LIST }),
};
const APPLICATION: Outline = objectWith(PROJECT);
const ANY_PROJECT: Outline = objectWith({ ...PROJECT, applications: { each: APPLICATION } });
const DOCUMENT: Outline = { ...ANY_PROJECT, each: ANY_PROJECT };

const TEXT_LIMIT = 300;

/** Snyk's own JSON of `snyk test` and `snyk container test`: one project, or a list of them. */
export const SNYK: ReportFormat = {
  name: 'snyk',
  title: 'Snyk JSON',
  recognises: (head) =>
    ['', '[].'].some(
      (at) =>
        (head.isList(`${at}vulnerabilities`) &&
          (head.has(`${at}vulnerabilities[].packageName`) || (head.has(`${at}ok`) && head.has(`${at}summary`)))) ||
        (head.value(`${at}ok`) === false && head.has(`${at}error`) && at !== ''),
    ),
  read: (body) => readElements(body, DOCUMENT, new SnykSink()),
};

/** A vulnerability by package and version, however many paths lead there. */
interface Kept extends Omit<Found, 'category'> {
  readonly isSystem: boolean;
}

class SnykProject {
  /** How deep it lies: 0 the whole, 1 an entry of the list, and two more for an application in an image. */
  readonly depth: number;
  readonly kept = new Map<string, Kept>();
  path: string | undefined;
  hasVulnerabilities = false;
  error = false;

  constructor(depth: number) {
    this.depth = depth;
  }
}

class SnykSink implements FormatSink {
  readonly report = new FoundReport('snyk');
  readonly #projects: SnykProject[] = [];
  #isImage = false;
  #scanned = 0;
  #failed = 0;

  opened(path: JsonPath, kind: 'list' | 'object'): undefined {
    const isProject = path.every((step) => typeof step === 'number' || step === 'applications');
    if (kind === 'object' && isProject) this.#projects.push(new SnykProject(path.length));
    const project = this.#projects.at(-1);
    if (project === undefined) return;
    if (path.length !== project.depth + 1) return;
    const key = path.at(-1);
    if (key === 'vulnerabilities') project.hasVulnerabilities = true;
    if (key === 'error') project.error = true;
    if (key === 'docker' || key === 'applications') this.#isImage = true;
  }

  value(path: JsonPath, value: unknown): ReportRefusal | undefined {
    const project = this.#projects.at(-1);
    if (project === undefined) return notA('object', path);
    const key = path[project.depth];
    const rest = path.length - project.depth;
    if (rest === 1) return this.#readMember(project, path, value);
    if (key === 'vulnerabilities') return this.#readVulnerability(project, path, value, false);
    if (key === 'filtered' && rest === 3) return this.#readVulnerability(project, path, value, true);
    return typeof path.at(-1) === 'number' && key === 'applications' ? notA('object', path) : undefined;
  }

  closed(path: JsonPath): ReportRefusal | undefined {
    const project = this.#projects.at(-1);
    if (project === undefined || path.length !== project.depth) return undefined;
    this.#projects.pop();
    if (project.error) this.#failed++;
    else if (project.hasVulnerabilities) this.#addProject(project);
    else
      return malformed(
        `${project.depth === 0 ? 'The report' : 'A project of the report'} has no list of vulnerabilities`,
      );
    return undefined;
  }

  finish(): ReportRefusal | undefined {
    if (this.#scanned === 0) {
      const what = this.#failed > 0 ? 'Snyk wrote an error instead of results' : 'The report has no project';
      return {
        refused: this.#failed > 0 ? 'scan-failed' : 'no-scan',
        detail: `${what}. Run the scan and send its report.`,
      };
    }
    const scan = this.report.scan(this.#family());
    if (this.#failed > 0) this.report.incomplete(scan, `Snyk could not test ${this.#failed} of the projects`);
    return undefined;
  }

  #readMember(project: SnykProject, path: JsonPath, value: unknown): ReportRefusal | undefined {
    const key = path.at(-1);
    if (key === 'vulnerabilities' || (key === 'applications' && value !== null)) return notA('list', path);
    if (key === 'error' && value !== null) project.error = true;
    if (key === 'displayTargetFile' || key === 'targetFile') project.path ??= textOf(value);
    return undefined;
  }

  #readVulnerability(
    project: SnykProject,
    path: JsonPath,
    value: unknown,
    suppressed: boolean,
  ): ReportRefusal | undefined {
    if (objectOf(value) === undefined) return notA('object', path);
    this.report.results++;
    if (member(value, 'type') === 'license') {
      this.report.problem('a licence, which is no finding: skipped');
      return undefined;
    }
    const key = ['id', 'packageName', 'version'].map((name) => String(member(value, name))).join('\n');
    const known = project.kept.get(key);
    if (known !== undefined) this.report.problem('the same vulnerability by another path: joined');
    if (known === undefined || (known.suppressed === true && !suppressed))
      project.kept.set(key, { ...vulnerability(value), severity: this.#severity(value), suppressed });
    return undefined;
  }

  #severity(value: unknown): Found['severity'] {
    return this.report.severity(member(value, 'severityWithCritical') ?? member(value, 'severity'));
  }

  // Whether it is an image stands behind the vulnerabilities, and an application in it comes to its end before it.
  #addProject(project: SnykProject): void {
    this.#scanned++;
    const scan = this.report.scan(this.#family());
    scan.categories.add(this.#isImage ? 'container' : 'dependency');
    for (const { isSystem, ...found } of project.kept.values()) {
      const category = isSystem ? 'container' : 'dependency';
      this.report.add(scan, { ...found, category, path: project.path });
    }
  }

  #family(): string {
    return this.#isImage ? 'snyk-container' : 'snyk-open-source';
  }
}

function vulnerability(value: unknown): Omit<Kept, 'severity'> {
  const text = (key: string) => textOf(member(value, key));
  const [id, name, version] = ['id', 'packageName', 'version'].map(text);
  const identifiers = member(value, 'identifiers');
  const others = ['CVE', 'GHSA'].flatMap((kind) =>
    listOf(member(identifiers, kind)).flatMap((one) => textOf(one) ?? []),
  );
  const fixedIn = listOf(member(value, 'fixedIn')).flatMap((fixed) => textOf(fixed) ?? []);
  const canBeMended = ['isUpgradable', 'isPatchable'].some((key) => member(value, key) === true);
  return {
    isSystem: member(value, 'language') === 'linux',
    rule: id,
    message: clamp(`${name ?? 'A package'} ${version ?? ''}: ${text('title') ?? id ?? ''}`, TEXT_LIMIT),
    help: fixedIn.length === 0 ? undefined : clamp(`Fixed in ${fixedIn.join(', ')}.`, TEXT_LIMIT),
    fixAvailable: canBeMended || fixedIn.length > 0 || text('nearestFixedInVersion') !== undefined,
    vulnerability: {
      ids: [...others, ...(id === undefined ? [] : [id])],
      package: name === undefined ? undefined : [name, version].filter((part) => part !== undefined).join('@'),
      purl: text('purl') ?? packageUrl(text('packageManager'), name, version),
    },
    identity: { message: name ?? '' },
  };
}
