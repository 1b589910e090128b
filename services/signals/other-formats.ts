import type { ReportHead } from './report-head.ts';

interface OtherFormat {
  readonly title: string;
  /** One of these suffices; each names paths that must all be there, `path=value` for what must stand there. */
  readonly signs?: readonly (readonly string[])[];
  /** Of what is no JSON. */
  readonly start?: RegExp;
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
  { title: 'yarn audit JSON', signs: [['type=auditAdvisory'], ['type=auditSummary'], ['type=auditAction']] },
  { title: 'Prowler JSON', signs: [['[].status_code', '[].finding_info'], ['[].StatusExtended']] },
  { title: 'Wiz CLI JSON', signs: [['result.ruleMatches'], ['scanOriginResource']] },
  { title: 'Prisma Cloud (twistcli) JSON', signs: [['results[].complianceDistribution'], ['consoleURL', 'results']] },
  { title: 'Nuclei JSON', signs: [['template-id', 'matched-at'], ['[].template-id']] },
  { title: 'SonarQube issues JSON', signs: [['issues', 'paging'], ['issues[].effort']] },
  { title: 'hadolint or ShellCheck JSON', signs: [['[].code', '[].level', '[].file'], ['comments[].code']] },
  { title: 'Veracode JSON', signs: [['scan_id', 'findings', 'modules']] },
  { title: 'Clair JSON', signs: [['manifest_hash', 'vulnerabilities']] },
  { title: 'Anchore JSON', signs: [['imageDigest', 'vulnerabilities']] },
  { title: 'Docker Scout or GitLab JSON', signs: [['scan.scanner', 'vulnerabilities']] },
  { title: 'CycloneDX', signs: [['bomFormat=CycloneDX']], start: /^<(?:\?xml[^>]*>\s*<)?bom\b/ },
  { title: 'SPDX', signs: [['spdxVersion'], ['SPDXID']] },
  { title: 'OpenVEX', signs: [['@context', 'statements']] },
  { title: 'provenance of Google Cloud Build', signs: [['provenance_summary']] },
  {
    title: 'a scan for vulnerabilities as an in-toto statement',
    signs: [
      ['_type', 'predicateType=https://in-toto.io/attestation/vulns/v0.1'],
      ['_type', 'predicate.scanner'],
    ],
  },
  { title: 'an in-toto statement that is no SLSA provenance', signs: [['_type', 'predicateType']] },
  {
    title: 'a page of a Microsoft REST API',
    signs: [['value[].id'], ['@odata.context'], ['[].rule.security_severity_level']],
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

/** The format's name in words, or undefined when nobody knows it. */
export function otherFormatOf(head: ReportHead): string | undefined {
  return OTHERS.find(({ signs = [], start }) => {
    return start?.test(head.start) === true || signs.some((all) => all.every((sign) => stands(head, sign)));
  })?.title;
}

function stands(head: ReportHead, sign: string): boolean {
  const [path = '', value] = sign.split('=');
  return value === undefined ? head.has(path) : head.value(path) === value;
}
