import type { Place } from './asset.ts';
import type { Finding, Severity } from './finding.ts';
import { FingerprintSeries } from './fingerprint.ts';
import type { Platform, Section, SectionKind, Violation } from './platform.ts';
import { NOBODY_LOOKED } from './platform-age.ts';
import { type PlatformSetting, productionPlaces } from './platform-places.ts';

/** Whose word findings of the platform are: nobody else may report as this tool. */
export const PLATFORM_TOOL = 'azure-devops';
/** The format of what the bot itself finds on the platform, and what its postures come from. */
export const PLATFORM_SOURCE = 'azure-devops-platform';
export const PLATFORM_CATEGORY = 'platform';
/** What could not be read is a finding, never silence. */
export const UNREAD_RULE = 'platform-not-readable';

/** One property that a delivery platform should have. */
export interface PlatformRule {
  /** Rule id of its findings, lower case with hyphens. */
  readonly id: string;
  readonly severity: Severity;
  /** Without one of them known it says nothing, and its absence is told by the section itself. */
  readonly reads: readonly SectionKind[];
  readonly violations: (platform: Platform, setting: PlatformSetting) => readonly Violation[];
}

/** A finding and where it matters. */
export interface PlacedFinding {
  readonly finding: Finding;
  readonly places: readonly Place[];
}

/**
 * What is wrong with a platform as far as it is known, and what is not known of it. The same whatever the order of rules and sections; one
 * violation of one subject keeps its fingerprint as long as it lasts.
 */
export function platformFindings(
  rules: readonly PlatformRule[],
  platform: Platform,
  setting: PlatformSetting,
): PlacedFinding[] {
  const everywhere = productionPlaces(platform, setting);
  const broken = rules.flatMap(({ id, severity, violations }) =>
    violations(platform, setting).map((violation) => placed(platform, { id, severity }, violation, everywhere)),
  );
  const unread = platform.sections.flatMap((section) => {
    const violation = unreadOf(section);
    return violation === undefined
      ? []
      : [placed(platform, { id: UNREAD_RULE, severity: 'medium' }, violation, everywhere)];
  });
  const distinct = new Map([...broken, ...unread].map((one) => [one.finding.fingerprint, one]));
  return [...distinct.values()].sort((a, b) => (a.finding.fingerprint < b.finding.fingerprint ? -1 : 1));
}

function placed(
  { organization }: Platform,
  { id: rule, severity }: Pick<PlatformRule, 'id' | 'severity'>,
  { subject, message, help, places, asset }: Violation,
  everywhere: readonly Place[],
): PlacedFinding {
  const identity = {
    category: PLATFORM_CATEGORY,
    tool: PLATFORM_TOOL,
    rule,
    path: '',
    context: `${organization} ${subject}`,
  } as const;
  const finding: Finding = {
    fingerprint: new FingerprintSeries().next(identity),
    category: PLATFORM_CATEGORY,
    tool: PLATFORM_TOOL,
    rule,
    severity,
    message,
    help,
    path: subject,
    suppressed: false,
    ...(asset === undefined ? {} : { asset }),
  };
  return { finding, places: places.length > 0 ? places : everywhere };
}

function unreadOf({ kind, target, name, known, unknown }: Section): Violation | undefined {
  if (unknown === undefined && known !== undefined) return undefined;
  const since =
    known === undefined ? '' : `; what is known of it is from ${known.at.slice(0, 16).replace('T', ' ')} UTC`;
  return {
    subject: `section:${kind}:${target}`,
    message: `${SECTION_WORDS[kind]} of ${name} could not be read: ${unknown?.why ?? NOBODY_LOOKED}${since}`,
    help: 'Give the account of the bot the permission that is named, or take the project out of the catalog.',
    places: [],
  };
}

/** What each is called. */
export const SECTION_WORDS: Readonly<Record<SectionKind, string>> = {
  project: 'Pipelines and repositories',
  environments: 'Environments and their checks',
  branches: 'Branch policies',
  connections: 'Service connections',
  'variable-groups': 'Variable groups',
  reach: 'Administrators, approvers and deployers',
  people: 'Users',
  tokens: 'Personal access tokens',
  auditing: 'Auditing',
  hooks: 'Service hook subscriptions',
  roles: 'Role assignments',
};
