import type { ReportHead } from './report-head.ts';

interface OtherFormat {
  readonly title: string;
  /** One of these suffices; each names paths that must all be there, `path=value` for what must stand there. */
  readonly signs?: readonly (readonly string[])[];
  /** Of what is no JSON. */
  readonly start?: RegExp;
  /** A sentence without its full stop: what to do, where it is not to have the tool write SARIF. */
  readonly instead?: string;
}

const POLICY_STATES = 'Send the policy states: policyStates/latest/queryResults';

/** Where the type in ARM of an entry stands: of a page, a bare list, or one alone. */
export const ARM_PLACES = ['value[].type', '[].type', 'data[].type', 'type'];

function typed(type: string): readonly (readonly string[])[] {
  return ARM_PLACES.map((path) => [`${path}=${type}`]);
}

/** Formats of known tools that are not read: their files are refused by name. */
const OTHERS: readonly OtherFormat[] = [
  {
    title: 'Semgrep JSON',
    signs: [
      ['results[].check_id', 'results[].extra'],
      ['results', 'paths.scanned'],
    ],
  },
  { title: 'Bandit JSON', signs: [['results[].test_id'], ['results', 'metrics', 'generated_at']] },
  { title: 'ESLint JSON', signs: [['[].filePath', '[].messages']] },
  {
    title: 'ZAP JSON',
    signs: [
      ['@programName', 'site'],
      ['@version', 'site'],
    ],
  },
  {
    title: 'Dependency-Check JSON',
    signs: [
      ['reportSchema', 'dependencies'],
      ['reportSchema', 'scanInfo'],
    ],
  },
  { title: 'Black Duck JSON', signs: [['items[].componentName'], ['_meta', 'totalCount', 'items']] },
  { title: 'gosec JSON', signs: [['Issues', 'Stats']] },
  { title: 'Brakeman JSON', signs: [['scan_info', 'warnings']] },
  { title: 'tfsec JSON', signs: [['results[].rule_provider'], ['results[].rule_id', 'results[].location']] },
  { title: 'Terrascan JSON', signs: [['results.violations'], ['results.scan_summary']] },
  {
    title: 'KICS JSON',
    signs: [
      ['queries', 'files_scanned'],
      ['queries', 'severity_counters'],
    ],
  },
  { title: 'Kubescape JSON', signs: [['summaryDetails', 'results'], ['summaryDetails.controls']] },
  { title: 'Snyk IaC JSON', signs: [['infrastructureAsCodeIssues'], ['[].infrastructureAsCodeIssues']] },
  { title: 'detect-secrets JSON', signs: [['plugins_used', 'results']] },
  { title: 'ggshield JSON', signs: [['scans', 'total_incidents'], ['entities_with_incidents']] },
  {
    title: 'Nosey Parker JSON',
    signs: [
      ['rule_name', 'matches'],
      ['[].rule_name', '[].matches'],
    ],
  },
  { title: 'TruffleHog 2 JSON', signs: [['stringsFound', 'commitHash']] },
  { title: 'pip-audit JSON', signs: [['dependencies[].vulns'], ['dependencies', 'fixes']] },
  {
    title: 'yarn audit JSON',
    signs: [['type=auditAdvisory'], ['type=auditSummary'], ['type=auditAction'], ['children.Vulnerable Versions']],
  },
  { title: 'Prowler JSON', signs: [['[].status_code', '[].finding_info'], ['[].StatusExtended']] },
  {
    title: 'Wiz CLI JSON',
    signs: [['result.ruleMatches'], ['scanOriginResource'], ['result.osPackages', 'result.libraries']],
  },
  { title: 'govulncheck JSON', signs: [['config.scanner_name', 'config.protocol_version']] },
  { title: 'Dockle JSON', signs: [['summary.fatal', 'details']] },
  { title: 'Prisma Cloud (twistcli) JSON', signs: [['results[].complianceDistribution'], ['consoleURL', 'results']] },
  { title: 'Nuclei JSON', signs: [['template-id', 'matched-at'], ['[].template-id']] },
  { title: 'SonarQube issues JSON', signs: [['issues', 'paging'], ['issues[].effort']] },
  { title: 'hadolint or ShellCheck JSON', signs: [['[].code', '[].level', '[].file'], ['comments[].code']] },
  { title: 'Veracode JSON', signs: [['scan_id', 'findings', 'modules']] },
  { title: 'Clair JSON', signs: [['manifest_hash', 'vulnerabilities']] },
  { title: 'Anchore JSON', signs: [['imageDigest', 'vulnerabilities']] },
  { title: 'Docker Scout or GitLab JSON', signs: [['scan.scanner', 'vulnerabilities']] },
  { title: 'CycloneDX XML', start: /^<(?:\?xml[^>]*>\s*<)?bom\b/ },
  { title: 'SPDX', signs: [['spdxVersion'], ['SPDXID']] },
  { title: 'OpenVEX of another namespace', signs: [['@context', 'statements']] },
  { title: 'CSAF', signs: [['document.csaf_version'], ['document.category=csaf_vex']] },
  { title: 'provenance of Google Cloud Build', signs: [['provenance_summary']] },
  {
    title: 'a scan for vulnerabilities as an in-toto statement',
    signs: [
      ['_type', 'predicateType=https://in-toto.io/attestation/vulns/v0.1'],
      ['_type', 'predicate.scanner'],
    ],
  },
  {
    title: 'what cosign verify prints',
    signs: [['[].critical.identity', '[].critical.image']],
    instead: 'Nothing in it is signed. Send the Sigstore bundle of the attestation of the build',
  },
  {
    title: 'an answer of Log Analytics in columns and rows',
    signs: [['tables[].columns', 'tables[].rows']],
    instead: 'Send its rows as a list of objects, as "az monitor log-analytics query" writes them',
  },
  { title: 'an in-toto statement that is no SLSA provenance', signs: [['_type', 'predicateType']] },
  {
    title: 'a list of GitHub code scanning alerts',
    signs: [['[].most_recent_instance'], ['most_recent_instance'], ['[].rule.security_severity_level']],
  },
  {
    title: 'a list of Dependabot alerts',
    signs: [['[].security_advisory'], ['security_advisory'], ['[].security_vulnerability']],
  },
  { title: 'a list of GitHub secret scanning alerts', signs: [['[].secret_type'], ['secret_type', 'locations_url']] },
  {
    title: 'a list of exemptions of Azure Policy',
    signs: [
      ...typed('Microsoft.Authorization/policyExemptions'),
      ...['value[].properties.', '[].', 'properties.', '', 'exemptions[].'].map((at) => [`${at}exemptionCategory`]),
    ],
    start: /^"?(?:name|displayName)"?,.{0,200}exemptionCategory/i,
    instead: 'Bring them in with "countersign exceptions import FILE"',
  },
  {
    title: 'a summary of policy states',
    signs: [
      ['value[].results.nonCompliantResources'],
      ['value[].policyAssignments', 'value[].results'],
      ['policyAssignments', 'results.nonCompliantResources'],
    ],
    instead: POLICY_STATES,
  },
  {
    title: 'a list of remediations of Azure Policy',
    signs: [
      ...typed('Microsoft.PolicyInsights/remediations'),
      ['value[].properties.resourceDiscoveryMode'],
      ['value[].remediatedResourceId'],
    ],
    instead: POLICY_STATES,
  },
  {
    title: 'a list of attestations, what somebody says of a policy',
    signs: typed('Microsoft.PolicyInsights/attestations'),
    instead: POLICY_STATES,
  },
  {
    title: 'what Azure Policy says beforehand, or tracks',
    signs: [['fieldRestrictions'], ['contentEvaluationResult'], ['value[].trackedResourceId']],
    instead: POLICY_STATES,
  },
  {
    title: 'a list of policy definitions or assignments',
    signs: ['policyDefinitions', 'policySetDefinitions', 'policyAssignments'].flatMap((name) =>
      typed(`Microsoft.Authorization/${name}`),
    ),
    instead: POLICY_STATES,
  },
  {
    title: 'metadata of assessments',
    signs: typed('Microsoft.Security/assessmentMetadata'),
    instead: 'It names no resource. Send the assessments, with $expand=metadata for their severity',
  },
  {
    title: 'a list of SQL scans or baselines',
    signs: [
      ...typed('Microsoft.Security/sqlVulnerabilityAssessments/scans'),
      ...typed('Microsoft.Security/sqlVulnerabilityAssessments/baselineRules'),
      ['value[].properties.totalFailedRulesCount'],
    ],
    instead: 'Send the results of a scan: scans/latest/scanResults',
  },
  {
    title: 'a list of suppression rules of Defender',
    signs: typed('Microsoft.Security/alertsSuppressionRules'),
    instead: 'Send the alerts',
  },
  {
    title: 'the CSV export of Defender',
    start: /^"?(?:exportedTimestamp|subscriptionId|assessmentKey)"?,/i,
    instead: 'Send the assessments as JSON of the REST API, with $expand=metadata',
  },
  {
    title: 'the handshake of an Event Grid subscription',
    signs: ['[].eventType', 'eventType'].map((path) => [`${path}=Microsoft.EventGrid.SubscriptionValidationEvent`]),
    instead: 'Have the subscription deliver to an address that answers it',
  },
  {
    title: 'a list of the actions that Azure DevOps audits, without any entry',
    signs: [['value[].actionId', 'value[].area']],
  },
  { title: 'the Nessus format', start: /^<(?:\?xml[^>]*>\s*<)?NessusClientData|^"?Plugin ID"?,/ },
  { title: 'ZAP XML', start: /^<(?:\?xml[^>]*>\s*<)?OWASPZAPReport/ },
  { title: 'Dependency-Check XML', start: /^<(?:\?xml[^>]*>\s*<)?analysis\b/ },
  { title: 'SpotBugs XML', start: /^<(?:\?xml[^>]*>\s*<)?BugCollection/ },
  { title: 'Checkstyle XML', start: /^<(?:\?xml[^>]*>\s*<)?checkstyle/ },
  { title: 'Burp XML', start: /^<(?:\?xml[^>]*>\s*(?:<!DOCTYPE[^[>]*\[[^\]]*\]>\s*)?<)?issues\s+burpVersion/ },
  { title: 'JUnit XML', start: /^<(?:\?xml[^>]*>\s*<)?testsuites?\b/ },
  { title: 'XML', start: /^<\?xml/ },
  { title: 'a web page', start: /^<(?:!doctype )?html/i },
  { title: 'a ZIP archive', start: /^PK\p{Cc}\p{Cc}/u },
];

/** Undefined: nobody knows it. */
export function otherFormatOf(head: ReportHead): Pick<OtherFormat, 'title' | 'instead'> | undefined {
  return OTHERS.find(({ signs = [], start }) => {
    return start?.test(head.start) === true || signs.some((all) => all.every((sign) => stands(head, sign)));
  });
}

/** Names in ARM come in any case. */
function stands(head: ReportHead, sign: string): boolean {
  const [path = '', value] = sign.split('=');
  if (value === undefined) return head.has(path);
  return String(head.value(path)).toLowerCase() === value.toLowerCase();
}
