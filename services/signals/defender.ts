import type { ReportRefusal } from '../ports/report-reader.ts';
import { type EntrySink, field, hasEntry, PageSink, pageOutline, pascal, propertiesOf, textIn } from './azure-page.ts';
import { alertState } from './defender-alert.ts';
import { assessmentState, machineState, type Read, sqlState, subAssessmentState } from './defender-assessment.ts';
import { malformed, type ReportFormat, readElements } from './element-format.ts';
import { FoundReport } from './found-report.ts';
import { type JsonObject, member, objectOf } from './json-value.ts';
import { LatestStates } from './latest-states.ts';
import type { ReportHead } from './report-head.ts';

const REST = ['id', 'name', 'type', 'properties', 'AssessmentEventDataEnrichment'];
const FLAT = [
  ...['alertType', 'alertName', 'alertDisplayName', 'systemAlertId', 'instanceId', 'compromisedEntity', 'description'],
  ...[
    'severity',
    'reportedSeverity',
    'alertSeverity',
    'resourceId',
    'status',
    'state',
    'remediationSteps',
    'resourceIdentifiers',
    'azureResourceId',
  ],
  ...['associatedResource', 'timeGeneratedUtc', 'timeGenerated', 'reportedTimeUtc', 'detectedTimeUtc', 'startTimeUtc'],
  ...['resourceDetails', 'displayName', 'additionalData', 'metadata', 'remediation', 'cveId', 'machineId'],
  ...['productName', 'productVendor', 'productVersion', 'fixingKbId', 'vendorName'],
];
const OUTLINE = pageOutline([...REST, ...FLAT, ...FLAT.map(pascal)]);

/** Microsoft Defender: alerts, assessments and their parts, SQL rules, vulnerabilities of machines. */
export const DEFENDER: ReportFormat = {
  name: 'defender',
  title: 'Microsoft Defender JSON',
  recognises: (head) => hasEntry((at) => isTyped(head, at) || isAlert(head, at) || isFlat(head, at)),
  read: (body) => readElements(body, OUTLINE, new PageSink(new Defender())),
};

const TYPE =
  /^microsoft\.security\/(?:locations\/)?(?:alerts|assessments|assessments\/subassessments)$|\/scanresults$/i;

function isTyped(head: ReportHead, at: string): boolean {
  if (at === '' && /AssetVulnerabilityDto\)$/i.test(String(head.value('@odata.context')))) return true;
  return TYPE.test(String(head.value(`${at}type`))) || head.has(`${at}properties.ruleMetadata`);
}

function isAlert(head: ReportHead, at: string): boolean {
  return ['', 'properties.'].some(
    (within) =>
      ['systemAlertId', 'SystemAlertId', 'reportedSeverity'].some((name) => head.has(`${at}${within}${name}`)) &&
      ['alertType', 'AlertType', 'alertName', 'AlertName'].some((name) => head.has(`${at}${within}${name}`)),
  );
}

function isFlat(head: ReportHead, at: string): boolean {
  const has = (name: string) => head.has(`${at}${name}`);
  return (has('cveId') && has('machineId')) || (has('resourceDetails') && has('status'));
}

const KINDS = {
  alert: alertState,
  assessment: assessmentState,
  part: subAssessmentState,
  sql: sqlState,
  machine: machineState,
} satisfies Readonly<Record<string, (entry: JsonObject, report: FoundReport) => Read>>;

class Defender implements EntrySink {
  readonly report = new FoundReport('defender');
  readonly #scan = this.report.scan('defender');
  readonly #states = new LatestStates(this.report);
  #entries = 0;
  #sent = 0;

  entry(entry: JsonObject, where: string): ReportRefusal | undefined {
    const kind = kindOf(entry);
    if (kind === undefined)
      return malformed(
        `${where} is no alert, assessment, sub-assessment, SQL scan result or vulnerability of a machine`,
      );
    const read = KINDS[kind](entry, this.report);
    if (read === 'nameless')
      return malformed(`${where} names no ${kind === 'alert' ? 'type of alert' : 'rule or resource'}`);
    this.#entries++;
    if (member(entry, 'AssessmentEventDataEnrichment') !== undefined || member(entry, 'SystemAlertId') !== undefined)
      this.#sent++;
    this.#states.add(read);
    return undefined;
  }

  finish(missing: string | undefined): undefined {
    if (this.#entries === 0) this.#scan.categories.add('runtime');
    this.#states.finish(this.#scan);
    if (missing !== undefined) this.report.incomplete(this.#scan, missing);
    if (this.#sent > 0) this.report.incomplete(this.#scan, 'What is sent on its way tells of what changed, not of all');
  }
}

function kindOf(entry: JsonObject): keyof typeof KINDS | undefined {
  const type = textIn(entry, 'type')?.toLowerCase() ?? '';
  const own = propertiesOf(entry);
  if (type.endsWith('/scanresults') || objectOf(field(own, 'ruleMetadata')) !== undefined) return 'sql';
  if (/\/subassessments(?:\/|$)/i.test(`${textIn(entry, 'id')} ${type}`)) return 'part';
  if (type.endsWith('/alerts') || textIn(own, 'alertType', 'alertName', 'systemAlertId') !== undefined) return 'alert';
  if (type.endsWith('/assessments') || objectOf(field(own, 'resourceDetails')) !== undefined) return 'assessment';
  return textIn(own, 'cveId') !== undefined && textIn(own, 'machineId') !== undefined ? 'machine' : undefined;
}
