import { armKey } from '../domain/asset.ts';
import type { Category, Exploitability } from '../domain/finding.ts';
import { isArmId, scopeOf, timeIn } from './azure-ids.ts';
import { field, propertiesOf, textIn, textsIn } from './azure-page.ts';
import { strictestOf } from './defender-alert.ts';
import type { Found, FoundReport } from './found-report.ts';
import { type JsonObject, listOf, objectOf } from './json-value.ts';
import type { State } from './latest-states.ts';
import { packageUrl } from './package-url.ts';

/** `nameless`: it lacks what tells it from others. */
export type Read = State | 'nameless';

type Unrated = Omit<Found, 'severity'>;

/** A recommendation about one resource. Its severity stands in its metadata, which only `$expand=metadata` and exports have. */
export function assessmentState(entry: JsonObject, report: FoundReport): Read {
  const own = propertiesOf(entry);
  const metadata = field(own, 'metadata');
  const [id, name] = [textIn(entry, 'id'), textIn(entry, 'name')?.toLowerCase()];
  const asset = resourceOf(own, id);
  if (name === undefined || asset === undefined) return 'nameless';
  const elsewhere = textIn(field(own, 'resourceDetails'), 'vmuuid', 'sourceComputerId', 'machineName') ?? '';
  const state = rated(field(own, 'status'), textsIn(metadata, 'severity'), report, {
    // What Azure Policy evaluates; as one of its states the same is in the same category.
    category: 'policy',
    rule: name,
    message: textIn(own, 'displayName') ?? textIn(metadata, 'displayName') ?? name,
    path: armKey(asset),
    help: textIn(metadata, 'remediationDescription', 'description'),
    policyDefinition: textIn(metadata, 'policyDefinitionId'),
    asset,
    at: timeIn(field(own, 'status'), 'statusChangeDate', 'firstEvaluationDate'),
    identity: { message: elsewhere.toLowerCase() },
  });
  return { ...state, of: armKey(id ?? '') };
}

/** A vulnerability or a broken rule within an assessment; it has a severity when it is healthy too. */
export function subAssessmentState(entry: JsonObject, report: FoundReport): Read {
  const own = propertiesOf(entry);
  const [id, name] = [textIn(entry, 'id'), textIn(entry, 'name')];
  const more = field(own, 'additionalData');
  const software = field(more, 'softwareDetails');
  const image = textIn(field(more, 'artifactDetails'), 'repositoryName') ?? textIn(more, 'repositoryName');
  // The id of an image has its digest in it.
  const asset = (image === undefined ? undefined : scopeOf(id)) ?? resourceOf(own, id);
  const rule = textIn(own, 'id') ?? name;
  if (rule === undefined || asset === undefined) return 'nameless';
  const named = textIn(software, 'packageName') ?? textIn(more, 'softwareName');
  const title = textIn(own, 'displayName') ?? rule;
  const state = rated(field(own, 'status'), textsIn(field(own, 'status'), 'severity'), report, {
    category: categoryOf(textIn(more, 'assessedResourceType'), textIn(software, 'category')),
    rule,
    message: [title, ...[named, image].filter((part) => part !== undefined)].join(', '),
    path: armKey(asset),
    help: textIn(own, 'remediation'),
    exploitability: exploitabilityOf(field(field(more, 'vulnerabilityDetails'), 'exploitabilityAssessment')),
    fixAvailable: fixOf(more, software),
    vulnerability: vulnerabilityOf(rule, more),
    asset,
    at: timeIn(own, 'timeGenerated'),
    // Neither version nor digest: another image of the repository is the same finding.
    identity: { message: [/\/assessments\/([^/]+)/i.exec(id ?? '')?.[1], image, named].join('\n').toLowerCase() },
  });
  return { ...state, of: armKey(id ?? name ?? '') };
}

/** A result of one rule of a SQL vulnerability assessment. What a baseline lets pass is suppressed. */
export function sqlState(entry: JsonObject, report: FoundReport): Read {
  const own = propertiesOf(entry);
  const metadata = field(own, 'ruleMetadata');
  const asset = scopeOf(textIn(entry, 'id'));
  const rule = textIn(own, 'ruleId') ?? textIn(metadata, 'ruleId') ?? textIn(entry, 'name');
  const status = textIn(own, 'status')?.toLowerCase();
  if (rule === undefined || asset === undefined) return 'nameless';
  const isOpen = status === 'finding';
  const outcome = status === 'nonfinding' ? { cleared: 'no finding of its rule' } : { unknown: UNKNOWN };
  return {
    ...(isOpen ? {} : outcome),
    found: {
      category: 'policy',
      rule,
      severity: isOpen ? strictestOf(textsIn(metadata, 'severity'), report) : 'medium',
      message: textIn(metadata, 'title') ?? rule,
      path: armKey(asset),
      help: textIn(field(own, 'remediation'), 'description'),
      suppressed: textIn(field(own, 'baselineAdjustedResult'), 'status')?.toLowerCase() === 'nonfinding',
      asset,
      identity: { message: '' },
    },
  };
}

/** A vulnerability of a machine, of Defender for Endpoint. It lists what is vulnerable and nothing else. */
export function machineState(entry: JsonObject, report: FoundReport): Read {
  const text = (name: string) => textIn(entry, name);
  const [cve, machine, vendor, product, version] = [
    'cveId',
    'machineId',
    'productVendor',
    'productName',
    'productVersion',
  ].map(text);
  if (cve === undefined || machine === undefined) return 'nameless';
  const named = [vendor, product].filter((part) => part !== undefined).join(' ');
  return {
    of: text('id') ?? '',
    found: {
      category: 'runtime',
      rule: cve,
      severity: strictestOf(textsIn(entry, 'severity'), report),
      message: `${named || 'A product'} ${version ?? ''}: ${cve}`,
      path: `machines/${machine}`,
      fixAvailable: text('fixingKbId') === undefined ? undefined : true,
      vulnerability: { ids: [cve], package: named === '' ? undefined : [named, version].join('@') },
      identity: { message: named.toLowerCase() },
    },
  };
}

const UNKNOWN = 'the status says neither yes nor no';

function rated(status: unknown, words: readonly string[], report: FoundReport, found: Unrated): State {
  const codes = textsIn(status, 'code').map((code) => code.toLowerCase());
  if (codes.includes('unhealthy')) return { found: { ...found, severity: strictestOf(words, report) } };
  const isKnown = codes.length > 0 && codes.every((code) => code === 'healthy' || code === 'notapplicable');
  const outcome = isKnown ? { cleared: whyNot(codes, textIn(status, 'cause') ?? '') } : { unknown: UNKNOWN };
  return { ...outcome, found: { ...found, severity: 'medium' } };
}

function whyNot(codes: readonly string[], cause: string): string {
  if (codes.every((code) => code === 'healthy')) return 'healthy';
  return /^[a-z]{1,20}$/i.test(cause) ? `not applicable (${cause})` : 'not applicable';
}

/** What was assessed: an image or a machine elsewhere has no ARM id of its own. */
function resourceOf(own: unknown, id: string | undefined): string | undefined {
  const details = field(own, 'resourceDetails');
  return [...textsIn(details, 'id', 'resourceId').map((one) => scopeOf(one) ?? one), scopeOf(id)].find(isArmId);
}

/** Images are scanned elsewhere too, machines by nobody else; a rule of a database is a policy. */
function categoryOf(assessed: string | undefined, packages: string | undefined): Category {
  if (/container|image/i.test(assessed ?? ''))
    return packages?.toLowerCase() === 'language' ? 'dependency' : 'container';
  return /sql/i.test(assessed ?? '') ? 'policy' : 'runtime';
}

function exploitabilityOf(assessed: unknown): Exploitability | undefined {
  if (field(assessed, 'isInExploitKit') === true) return 'known-exploited';
  return field(assessed, 'exploitStepsVerified') === true ? 'exploitable' : undefined;
}

const FIXES: ReadonlyMap<string, boolean> = new Map([
  ['fixavailable', true],
  ['nofixavailable', false],
  ['wontfix', false],
]);

function fixOf(more: unknown, software: unknown): boolean | undefined {
  const patchable = field(more, 'patchable');
  if (textIn(software, 'fixedVersion') !== undefined) return true;
  return FIXES.get(textIn(software, 'fixStatus')?.toLowerCase() ?? '') ?? (patchable === true ? true : undefined);
}

const CVE = /^CVE-\d{4}-\d{4,19}$/i;

function vulnerabilityOf(rule: string, more: unknown): Found['vulnerability'] {
  const listed = listOf(field(more, 'cve')).map((one) => textIn(one, 'title'));
  const all = [rule, textIn(field(more, 'vulnerabilityDetails'), 'cveId'), ...listed];
  const ids = all.filter((id) => id !== undefined && CVE.test(id)) as string[];
  if (ids.length === 0) return undefined;
  const software = objectOf(field(more, 'softwareDetails')) ?? more;
  const [name, version] = [
    textIn(software, 'packageName', 'softwareName'),
    textIn(software, 'version', 'softwareVersion'),
  ];
  return {
    ids,
    package: name === undefined ? undefined : [name, version].filter((part) => part !== undefined).join('@'),
    purl: purlOf(software, name, version),
  };
}

/** Languages as Defender calls them, and the package managers that other tools name. */
const ECOSYSTEMS: ReadonlyMap<string, string> = new Map([
  ['python', 'pypi'],
  ['node', 'npm'],
  ['javascript', 'npm'],
  ['java', 'maven'],
  ['go', 'golang'],
  ['.net', 'nuget'],
  ['rust', 'cargo'],
  ['ruby', 'gem'],
  ['php', 'composer'],
]);

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/^(?:debian|ubuntu)/i, 'deb'],
  [/^alpine/i, 'apk'],
  [/^(?:red_?hat|rhel|centos|fedora|mariner|azure_?linux|oracle|amazon|suse|sles|rocky|alma)/i, 'rpm'],
];

function purlOf(software: unknown, name: string | undefined, version: string | undefined): string | undefined {
  const language = ECOSYSTEMS.get(textIn(software, 'language')?.toLowerCase() ?? '');
  if (language !== undefined) return packageUrl(language, name, version);
  const system = textIn(field(software, 'osDetails'), 'osVersion', 'osName') ?? '';
  const type = SYSTEMS.find(([pattern]) => pattern.test(system))?.[1];
  if (type === undefined || textIn(software, 'category')?.toLowerCase() !== 'os' || name === undefined)
    return undefined;
  if (!`${name} ${version}`.isWellFormed()) return undefined;
  return `pkg:${type}/${encodeURIComponent(name)}${version === undefined ? '' : `@${encodeURIComponent(version)}`}`;
}
