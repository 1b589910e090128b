import { DECISION_CLASSES, type DecisionClass } from './contract.ts';
import { SEVERITIES, type Severity } from './finding.ts';
import { type JudgedSignals, type OpenGroup, printsOf, type ServiceContext } from './judgement.ts';
import { type Platform, PROJECT_SECTIONS, type SectionKind, sectionsOf } from './platform.ts';
import { unreadBecause } from './platform-age.ts';

/** How one environment stands now, whatever is deployed there. */
export interface PlacePosture {
  /** Organization URL. */
  readonly organization: string;
  readonly environment: string;
  readonly judged: JudgedSignals;
}

/** What breaks one rule of the platform in a service, in one organization. */
export interface BrokenRule {
  readonly organization: string;
  readonly rule: string;
  readonly decision: DecisionClass;
  readonly severity: Severity;
  /** Findings, however many environments each is in. */
  readonly count: number;
  readonly environments: readonly string[];
  /** Of the first of them. */
  readonly message: string;
  readonly subject?: string;
  /** Id of the project that it is in, where that is known. */
  readonly project?: string;
}

/** A part of a platform of which nothing may be relied on now. */
export interface UnreadPart {
  readonly organization: string;
  readonly kind: SectionKind;
  readonly name: string;
  /** ISO-8601 UTC; what is known is from then. Absent: nothing is. */
  readonly at?: string;
  /** With the permission that is missing. */
  readonly why: string;
}

/** What is known of the environments of one service and of the platform before them. */
export interface ScopePosture {
  readonly service: string;
  readonly environment?: string;
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly context?: ServiceContext;
  /** In the order of the contract. */
  readonly places: readonly PlacePosture[];
  /** The worst first. */
  readonly rules: readonly BrokenRule[];
  /** Absent: no platform is read at all. */
  readonly unread?: readonly UnreadPart[];
}

/** Findings in one environment. */
export interface FoundThere {
  readonly organization: string;
  readonly environment: string;
  readonly groups: readonly OpenGroup[];
}

/** Findings of category `platform` by their rules; the same whatever their order. */
export function brokenRules(found: readonly FoundThere[], platforms: readonly Platform[]): BrokenRule[] {
  const all = found.flatMap(({ groups, ...where }) =>
    groups.filter(({ category }) => category === 'platform').map((group) => ({ ...where, group })),
  );
  const byRule = Map.groupBy(all, ({ organization, group }) => JSON.stringify([organization, group.rule]));
  return [...byRule.values()].map((same) => ruleOf(same, platforms)).sort(worstFirst);
}

type Found = Omit<FoundThere, 'groups'> & { readonly group: OpenGroup };

function ruleOf(same: readonly Found[], platforms: readonly Platform[]): BrokenRule {
  const sorted = [...same].sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  const first = sorted[0] as Found;
  const { group, organization } = first;
  const listed = new Set(same.flatMap((one) => printsOf(one.group)));
  const [sample] = group.samples;
  const subject = sample?.path;
  const platform = platforms.find((one) => one.organization === organization);
  return {
    organization,
    rule: group.rule,
    decision: group.decision,
    severity: group.severity,
    count: Math.max(listed.size, ...same.map((one) => one.group.count)),
    environments: [...new Set(same.map(({ environment }) => environment))].sort(),
    message: sample?.message ?? '',
    ...(subject === undefined ? {} : { subject, ...projectOf(platform, subject) }),
  };
}

function orderOf({ environment, group: { decision, severity, samples, tool } }: Found): string {
  const rank = `${DECISION_CLASSES.indexOf(decision)} ${SEVERITIES.indexOf(severity)}`;
  return `${rank} ${tool} ${samples[0]?.path ?? ''} ${environment}`;
}

function worstFirst(a: BrokenRule, b: BrokenRule): number {
  const rank = (one: BrokenRule) => DECISION_CLASSES.indexOf(one.decision) * 10 + SEVERITIES.indexOf(one.severity);
  const isBefore = [a.rule, a.organization].join(' ') < [b.rule, b.organization].join(' ');
  return rank(a) - rank(b) || b.count - a.count || (isBefore ? -1 : 1);
}

/** Of `environment:{project}:{id}` it says so itself; of `connection:{id}` the section in which it is. */
function projectOf(platform: Platform | undefined, subject: string): { readonly project?: string } {
  const [kind, id = ''] = subject.split(':');
  if (kind === 'environment') return { project: id };
  if (kind !== 'connection' || platform === undefined) return {};
  const section = sectionsOf(platform, 'connections').find(({ known }) =>
    (known?.facts ?? []).some((one) => one.id === id),
  );
  return section === undefined ? {} : { project: section.target };
}

/** What of a platform cannot be relied on where these projects (ids) are deployed from; sorted. */
export function unreadParts({ organization, sections }: Platform, projects: readonly string[]): UnreadPart[] {
  const isElsewhere = (target: string) => !projects.includes(target);
  return sections
    .filter(({ kind, target }) => !(OF_PROJECTS.includes(kind) && isElsewhere(target)))
    .flatMap((section): UnreadPart[] => {
      const why = unreadBecause(section);
      const { kind, name, known } = section;
      if (why === undefined) return [];
      return [{ organization, kind, name, why, ...(known === undefined ? {} : { at: known.at }) }];
    })
    .sort((a, b) => (`${a.kind} ${a.name}` < `${b.kind} ${b.name}` ? -1 : 1));
}

const OF_PROJECTS: readonly SectionKind[] = PROJECT_SECTIONS;
