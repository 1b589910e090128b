import type { Category, Severity } from '../domain/finding.ts';
import type { ReportRefusal } from '../ports/report-reader.ts';
import { timeIn } from './azure-ids.ts';
import { type EntrySink, hasEntry, PageSink, pageOutline, textIn } from './azure-page.ts';
import { malformed, type ReportFormat, readElements } from './element-format.ts';
import { type Found, FoundReport } from './found-report.ts';
import { countOf, type JsonObject, listOf, member } from './json-value.ts';
import { LatestStates } from './latest-states.ts';
import { packageUrl } from './package-url.ts';
import { SEVERITY_WORDS } from './severity.ts';

const OUTLINE = pageOutline([
  ...['alertId', 'alertType', 'severity', 'state', 'title', 'tools', 'physicalLocations', 'logicalLocations'],
  ...['firstSeenDate', 'lastSeenDate', 'fixedDate', 'truncatedSecret', 'validityDetails'],
]);

/** Alerts of GitHub Advanced Security for Azure DevOps: words as its REST writes them, or numbers as its Node client does. */
export const ADVANCED_SECURITY: ReportFormat = {
  name: 'advanced-security',
  title: 'Advanced Security alerts',
  recognises: (head) => hasEntry((at) => ['alertId', 'alertType'].every((name) => head.has(`${at}${name}`))),
  read: (body) => readElements(body, OUTLINE, new PageSink(new Alerts())),
};

// By their numbers in azure-devops-node-api; severities are not in the order of danger, states are flags.
const TYPES = ['unknown', 'dependency', 'secret', 'code', 'license'];
const SEVERITIES = ['low', 'medium', 'high', 'critical', 'note', 'warning', 'error', 'undefined'];
const STATES = ['unknown', 'active', 'dismissed', '', 'fixed', '', '', '', 'autodismissed'];
const VALIDITIES = ['none', 'unknown', 'active', 'inactive'];

const CATEGORIES: ReadonlyMap<string, Category> = new Map([
  ['dependency', 'dependency'],
  ['secret', 'secret'],
  ['code', 'sast'],
]);

const WORDS: ReadonlyMap<string, Severity> = new Map([
  ...SEVERITY_WORDS,
  ['error', 'high'],
  ['warning', 'medium'],
  ['note', 'low'],
]);

class Alerts implements EntrySink {
  readonly report = new FoundReport('advanced-security');
  readonly #scan = this.report.scan('ghazdo');
  readonly #states = new LatestStates(this.report);
  #entries = 0;

  entry(entry: JsonObject, where: string): ReportRefusal | undefined {
    const id = member(entry, 'alertId');
    const type = wordOf(member(entry, 'alertType'), TYPES);
    if (typeof id !== 'number' && typeof id !== 'string') return malformed(`${where} has no alertId`);
    if (type === undefined) return malformed(`${where} has no alertType`);
    this.#entries++;
    if (type === 'license') this.report.problem('a licence, which is no finding: skipped');
    else this.#add(entry, String(id), type);
    return undefined;
  }

  finish(missing: string | undefined): undefined {
    // Secrets are looked for wherever it is on; code and dependencies only where a pipeline does.
    if (this.#entries === 0) this.#scan.categories.add('secret');
    this.#states.finish(this.#scan);
    if (missing !== undefined) this.report.incomplete(this.#scan, missing);
  }

  #add(entry: JsonObject, id: string, type: string): void {
    const state = wordOf(member(entry, 'state'), STATES) ?? '';
    const isFixed = state === 'fixed';
    const suppressed = state === 'dismissed' || state === 'autodismissed';
    const category = CATEGORIES.get(type);
    if (category === undefined)
      this.report.incomplete(this.#scan, 'An alert is of no known type, which is taken as one of code');
    if (!isFixed && !suppressed && state !== 'active') this.report.problem('its state is not known, taken as active');
    this.#states.add({
      ...(isFixed ? { cleared: 'fixed' } : {}),
      found: {
        ...alert(entry, id, type === 'secret'),
        category: category ?? 'sast',
        severity: isFixed ? 'medium' : this.#severity(entry),
        suppressed,
        at: isFixed ? timeIn(entry, 'fixedDate', 'lastSeenDate') : timeIn(entry, 'lastSeenDate', 'firstSeenDate'),
      },
    });
  }

  /** A secret that was tried and works is worse than any rule says. */
  #severity(entry: JsonObject): Severity {
    const validity = wordOf(member(member(entry, 'validityDetails'), 'validityStatus'), VALIDITIES);
    if (validity === 'active') return 'critical';
    const word = wordOf(member(entry, 'severity'), SEVERITIES);
    return this.report.severity(word === 'undefined' ? undefined : word, WORDS);
  }
}

/** A word in lower case; a number is the place in these words. */
function wordOf(written: unknown, words: readonly string[]): string | undefined {
  const word = typeof written === 'number' ? words[written] : typeof written === 'string' ? written.trim() : undefined;
  return word === undefined || word === '' ? undefined : word.toLowerCase();
}

/** Of a secret neither its end nor its fingerprints are read: how long it is, is not known. */
function alert(entry: JsonObject, id: string, isSecret: boolean): Omit<Found, 'severity' | 'category'> {
  const rule = member(listOf(member(listOf(member(entry, 'tools'))[0], 'rules'))[0], 'opaqueId');
  const more = listOf(member(listOf(member(entry, 'tools'))[0], 'rules'))[0];
  const [place] = listOf(member(entry, 'physicalLocations'));
  const line = countOf(member(member(place, 'region'), 'lineStart'));
  const description = textIn(more, 'description');
  return {
    rule: typeof rule === 'string' && rule !== '' ? rule : textIn(more, 'friendlyName'),
    message: titleOf(entry) ?? description ?? `Alert ${id}`,
    path: pathOf(place),
    line: line || undefined,
    ...(isSecret ? {} : { help: description, ...dependencyOf(entry, more, description) }),
    identity: { toolPrint: id, message: '' },
  };
}

/** Without what it may quote of the secret, whose end is written as `…abc123`. */
function titleOf(entry: JsonObject): string | undefined {
  const title = textIn(entry, 'title');
  const end = textIn(entry, 'truncatedSecret')?.replace(/^[….*]+/, '') ?? '';
  return end === '' ? title : title?.replaceAll(end, '…');
}

/** Where the file is in the repository; `filePath` of a dependency is that of the build agent. */
function pathOf(place: unknown): string | undefined {
  const url = URL.parse(textIn(member(place, 'versionControl'), 'itemUrl') ?? '');
  return url?.searchParams.get('path') || textIn(place, 'filePath');
}

const ID = /\b(?:CVE-\d{4}-\d{4,19}|GHSA(?:-[0-9a-z]{4}){3})\b/gi;

/** What is vulnerable, as its logical locations name it: `Npm express 4.17.1`. */
function dependencyOf(entry: JsonObject, rule: unknown, description: string | undefined): Partial<Found> {
  const more = member(rule, 'additionalProperties');
  const said = [textIn(more, 'cveId'), textIn(more, 'advisoryId'), ...listOf(member(more, 'identifiers'))];
  const ids = [...said, textIn(rule, 'opaqueId')?.replaceAll('_', ' ')].join(' ').slice(0, 2_000).match(ID) ?? [];
  if (ids.length === 0) return {};
  const locations = listOf(member(entry, 'logicalLocations'));
  // `rootDependency`, or 1, brings it in; the others are what is vulnerable.
  const found = locations.find((one) => !/^(?:rootDependency|1)$/i.test(String(member(one, 'kind')))) ?? locations[0];
  const parts = textIn(found, 'fullyQualifiedName')?.split(/\s+/) ?? [];
  const [ecosystem, version, name] = [parts[0], parts.at(-1), parts.slice(1, -1).join(':')];
  return {
    fixAvailable: /\bupgrade\b.{1,200}\bto \d/i.test(description?.slice(-2_000) ?? '') ? true : undefined,
    vulnerability: {
      ids,
      package: name === '' ? undefined : `${name}@${version}`,
      purl: name === '' ? undefined : packageUrl(ecosystem, name, version),
    },
  };
}
