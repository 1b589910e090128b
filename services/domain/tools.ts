import type { Category } from './finding.ts';

/** What the product knows of a scanner. */
export interface Tool {
  /** Lower case, words joined by `-`: `semgrep`, `snyk-code`. */
  readonly family: string;
  /** Categories that any report of the tool is evidence for; the first is that of a finding that says nothing. */
  readonly attests: readonly Category[];
  /** Further categories that count once such a rule or result appears. */
  readonly mayReport: readonly Category[];
  readonly known: boolean;
}

interface ToolRow {
  readonly family: string;
  /** Other driver names of the same tool, as `slug` writes them. */
  readonly names?: readonly string[];
  readonly attests: readonly [Category, ...Category[]];
  readonly mayReport?: readonly Category[];
}

/** The tool table of the gating contract ("Which control"). */
const TOOLS: readonly ToolRow[] = [
  { family: 'codeql', names: ['github-codeql'], attests: ['sast'] },
  {
    family: 'semgrep',
    names: ['semgrep-oss', 'semgrep-pro', 'semgrep-code', 'opengrep'],
    attests: ['sast'],
    mayReport: ['secret', 'dependency', 'iac'],
  },
  { family: 'eslint', attests: ['sast'] },
  { family: 'tslint', attests: ['sast'] },
  { family: 'devskim', attests: ['sast'], mayReport: ['secret'] },
  { family: 'spotbugs', names: ['findsecbugs'], attests: ['sast'] },
  { family: 'security-code-scan', names: ['securitycodescan'], attests: ['sast'] },
  { family: 'snyk-code', names: ['snykcode'], attests: ['sast'] },
  { family: 'bandit', attests: ['sast'] },
  { family: 'gosec', attests: ['sast'] },
  { family: 'sonarqube', names: ['sonarcloud', 'sonarlint'], attests: ['sast'] },
  { family: 'gitleaks', attests: ['secret'] },
  { family: 'trufflehog', attests: ['secret'] },
  { family: 'credscan', names: ['credential-scanner'], attests: ['secret'] },
  {
    family: 'trivy',
    names: ['aqua-security-trivy'],
    attests: ['dependency', 'container'],
    mayReport: ['iac', 'secret'],
  },
  { family: 'grype', attests: ['dependency', 'container'] },
  { family: 'npm-audit', attests: ['dependency'] },
  { family: 'osv-scanner', names: ['osv'], attests: ['dependency'] },
  { family: 'dependency-check', names: ['owasp-dependency-check'], attests: ['dependency'] },
  { family: 'black-duck', names: ['blackduck', 'synopsys-black-duck'], attests: ['dependency'] },
  { family: 'snyk-open-source', names: ['snyk'], attests: ['dependency'] },
  { family: 'snyk-container', attests: ['container'], mayReport: ['dependency'] },
  { family: 'checkov', attests: ['iac'], mayReport: ['secret', 'dependency'] },
  { family: 'kics', names: ['keeping-infrastructure-as-code-secure'], attests: ['iac'], mayReport: ['secret'] },
  { family: 'terrascan', attests: ['iac'] },
  { family: 'tfsec', names: ['defsec'], attests: ['iac'] },
  { family: 'snyk-iac', names: ['snyk-infrastructure-as-code'], attests: ['iac'] },
  { family: 'azure-policy', attests: ['policy'] },
  {
    family: 'defender',
    names: ['microsoft-defender-for-cloud', 'azure-security-center'],
    attests: ['runtime'],
    mayReport: ['policy', 'container', 'dependency'],
  },
  {
    family: 'ghazdo',
    names: ['github-advanced-security-for-azure-devops'],
    attests: ['secret'],
    mayReport: ['dependency', 'sast'],
  },
];

const BY_NAME: ReadonlyMap<string, ToolRow> = new Map(
  TOOLS.flatMap((row) => [row.family, ...(row.names ?? [])].map((name) => [name, row] as const)),
);

/**
 * The tool that a report's driver name stands for. `placed` is the category that the sender names: it places a tool
 * that the table does not know (else `sast`) and never re-classes one that it knows.
 */
export function toolOf(driverName: string, placed?: Category): Tool {
  const name = slug(driverName);
  const row = BY_NAME.get(name);
  if (row === undefined) return { family: name, attests: [placed ?? 'sast'], mayReport: [], known: false };
  return { family: row.family, attests: row.attests, mayReport: row.mayReport ?? [], known: true };
}

/** What a rule says about its own class. */
export interface RuleClass {
  /** The rule's name: Trivy and Grype say there what they looked at. */
  readonly name: string;
  readonly tags: readonly string[];
}

/**
 * The category that a rule states outright, if the tool may report it at all: a tag such as `secret`,
 * `misconfiguration` or `vulnerability`, or the class in Trivy's and Grype's rule names. Undefined: the tool's own.
 */
export function statedCategory(tool: Tool, rule: RuleClass): Category | undefined {
  const stated = [categoryOfName(rule.name), ...rule.tags.map((tag) => BY_TAG.get(tag.toLowerCase()))];
  return stated.find((category) => category !== undefined && mayReport(tool, category));
}

function mayReport(tool: Tool, category: Category): boolean {
  // Among unknown tools `vulnerability` says nothing, so only classes with one meaning count.
  if (!tool.known) return category === 'secret' || category === 'iac' || tool.attests.includes(category);
  return tool.attests.includes(category) || tool.mayReport.includes(category);
}

const BY_TAG: ReadonlyMap<string, Category> = new Map([
  ['secret', 'secret'],
  ['secrets', 'secret'],
  ['misconfiguration', 'iac'],
  ['iac', 'iac'],
  ['infrastructure-as-code', 'iac'],
  ['vulnerability', 'dependency'],
  ['dependency', 'dependency'],
  ['sca', 'dependency'],
  ['container', 'container'],
]);

function categoryOfName(name: string): Category | undefined {
  if (/^OsPackageVulnerability$|^(?:Apk|Dpkg|Rpm|Portage)Matcher/i.test(name)) return 'container';
  if (/^LanguageSpecificPackageVulnerability$/i.test(name)) return 'dependency';
  if (/^Misconfiguration$/i.test(name)) return 'iac';
  return /^Secret$/i.test(name) ? 'secret' : undefined;
}

function slug(name: string): string {
  const words = name
    .slice(0, 200)
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
  return words.join('-').slice(0, 64) || 'unnamed';
}
