import type { Category, Finding, Severity } from '../domain/finding.ts';
import { type FingerprintSeries, findingContext } from '../domain/fingerprint.ts';
import { statedCategory, type Tool, toolOf } from '../domain/tools.ts';
import type { ReportRefusal } from '../ports/report-reader.ts';
import type { JsonPath } from './json-outline.ts';
import { clamp, countOf, head, listOf, member, objectOf, textOf } from './json-value.ts';
import { SarifFinding } from './sarif-finding.ts';
import { Places } from './sarif-location.ts';
import { fillPlaceholders, saysFixAvailable, shownMessage, type WrittenMessage } from './sarif-message.ts';
import { noProblem, type RareParts, type ResultRow, readResult, Shared } from './sarif-result.ts';
import { PackedRows } from './sarif-rows.ts';
import { type RuleReference, readRule, readRuleReference, type SarifRule, SarifRules } from './sarif-rule.ts';
import { type Level, levelOf, severityOfLevel } from './sarif-severity.ts';

/** Entries of one run that are kept besides its results: rules, artifacts, invocations. */
const ENTRY_LIMIT = 200_000;
const VERSION_LIMIT = 60;
/** An object; what stands in a list of that name, against the standard, is no less missing here. */
const EXTERNAL = 'externalPropertyFileReferences';

/** What all findings of one rule, named in one way, have in common. */
interface ToldRule {
  readonly reference: RuleReference;
  readonly rule: SarifRule | undefined;
  readonly id: string;
  readonly category: Category;
  readonly fixAvailable: boolean | undefined;
  /** Overridden, by invocation. */
  readonly levels: ReadonlyMap<number, Level>;
}

interface Override {
  readonly invocation: number;
  readonly descriptor: unknown;
  readonly level: Level;
}

/** One run (SARIF 2.1.0, 3.14): collects in any order of its members, gives findings once all of them were read. */
export class SarifRun {
  readonly #placed: Category | undefined;
  readonly #rules = new SarifRules();
  readonly #places = new Places();
  readonly #shared = new Shared();
  readonly #overrides: Override[] = [];
  readonly #rows = new PackedRows();
  /** By rule as named, once the tool is known. */
  readonly #categories: Category[] = [];
  #invocations = 0;
  #tool: Tool | undefined;
  #version: string | undefined;
  #semanticVersion: string | undefined;
  /** Whether there is a list of results at all: without one nothing was scanned. */
  scanned = false;
  /** Whether its tool has been read to its end, all rules among it. */
  toolEnded = false;
  /** Whether an invocation says that it failed. */
  failed = false;
  /** Results of any kind. */
  results = 0;
  /** How many of them are no problem, by why. */
  readonly skipped = new Map<string, number>();
  /** `endTimeUtc` of the invocations, as written. */
  readonly endTimes: string[] = [];

  constructor(placed: Category | undefined) {
    this.#placed = placed;
  }

  get rows(): number {
    return this.#rows.length;
  }

  /** Undefined when the driver has no name. */
  get tool(): Tool | undefined {
    return this.#tool;
  }

  get toolVersion(): string | undefined {
    const version = this.#semanticVersion ?? this.#version;
    return version === undefined ? undefined : clamp(version, VERSION_LIMIT);
  }

  /** `path` is that of the whole log: `runs`, position, member … */
  read(path: JsonPath, value: unknown): ReportRefusal | undefined {
    if (path[2] === 'tool') return this.#readTool(path, value);
    if (path.length === 3 || path[2] === EXTERNAL) return this.#readMember(path, value);
    if (path[2] === 'results') return this.#readResult(path, value);
    if (path[2] === 'artifacts') this.#places.addArtifact(value);
    if (path[2] === 'invocations') this.#readInvocation(value);
    return this.#places.artifacts > ENTRY_LIMIT ? tooMany('artifacts', path) : undefined;
  }

  /** Categories that this run is evidence for, but for those of its findings. */
  categories(tool: Tool): Set<Category> {
    return new Set([...tool.attests, ...this.#rules.categories(tool)]);
  }

  /** A few hundred at a time. Once only: each row is let go when its finding is made. */
  *findings(tool: Tool, series: FingerprintSeries): Generator<readonly Finding[]> {
    const levels = this.#levelsByRule();
    const rules: ToldRule[] = [];
    const paths: (string | undefined)[] = [];
    for (const rows of this.#rows.take()) {
      yield rows.map((row) => {
        rules[row.rule] ??= this.#tellRule(row.rule, tool, levels);
        paths[row.place] ??= this.#places.pathOf(this.#shared.place(row.place));
        return this.#finding(row, tool, rules[row.rule] as ToldRule, paths[row.place], series);
      });
    }
  }

  #readMember(path: JsonPath, value: unknown): ReportRefusal | undefined {
    const key = path[2];
    if (key === 'originalUriBaseIds') this.#places.setBases(value);
    if (key === 'results' && value !== null) return malformed(`${place(path)} is no list`);
    if (key === EXTERNAL && (path.length > 3 || Object.keys(objectOf(value) ?? {}).length > 0)) {
      return {
        refused: 'no-scan',
        detail: `${place(path)}: parts of this run stand in other files, which are not read. Have the tool write one file.`,
      };
    }
    return undefined;
  }

  #readResult(path: JsonPath, value: unknown): ReportRefusal | undefined {
    const result = objectOf(value);
    if (result === undefined) return malformed(`${place(path)} is no object`);
    this.results++;
    const why = noProblem(result);
    if (why === undefined) this.#rows.push(readResult(result, this.#shared, this.#mayBeSecret));
    else this.skipped.set(why, (this.skipped.get(why) ?? 0) + 1);
    return undefined;
  }

  /** Before the whole tool is known, whatever it may report. */
  readonly #mayBeSecret = (at: number): boolean => {
    const tool = this.#tool;
    if (tool?.known === true && !tool.attests.includes('secret') && !tool.mayReport.includes('secret')) return false;
    if (tool === undefined || !this.toolEnded) return true;
    this.#categories[at] ??= this.#categoryOf(at, tool);
    return this.#categories[at] === 'secret';
  };

  #categoryOf(at: number, tool: Tool): Category {
    const rule = this.#rules.find(this.#shared.rule(at));
    return (rule && statedCategory(tool, rule.class)) ?? tool.attests[0] ?? 'sast';
  }

  #readInvocation(value: unknown): void {
    const invocation = this.#invocations++;
    if (member(value, 'executionSuccessful') === false) this.failed = true;
    const end = textOf(member(value, 'endTimeUtc'));
    if (end !== undefined && this.endTimes.length < 100) this.endTimes.push(head(end, 40));
    for (const override of listOf(member(value, 'ruleConfigurationOverrides'))) {
      const level = levelOf(member(member(override, 'configuration'), 'level'));
      if (level === undefined || this.#overrides.length >= ENTRY_LIMIT) continue;
      this.#overrides.push({ invocation, descriptor: member(override, 'descriptor'), level });
    }
  }

  #readTool(path: JsonPath, value: unknown): ReportRefusal | undefined {
    if (path[3] !== 'driver' && path[3] !== 'extensions') return undefined;
    const extension = path[3] === 'extensions' ? countOf(path[4]) : undefined;
    const key = path[3] === 'extensions' ? path[5] : path[4];
    const inList = path.length > (path[3] === 'extensions' ? 6 : 5);
    if (key === 'rules' && inList) this.#rules.add(extension, readRule(value));
    if (key === 'globalMessageStrings') this.#rules.setMessages(extension, value);
    if (key === 'name') this.#rules.setName(extension, textOf(value));
    if (extension === undefined) this.#readDriver(key, textOf(value));
    return this.#rules.size > ENTRY_LIMIT ? tooMany('rules', path) : undefined;
  }

  #readDriver(key: string | number | undefined, value: string | undefined): void {
    if (key === 'name') this.#tool = value === undefined ? undefined : toolOf(value, this.#placed);
    if (key === 'version') this.#version = value;
    if (key === 'semanticVersion') this.#semanticVersion = value;
  }

  /** By rule, and by invocation in which it applies. */
  #levelsByRule(): ReadonlyMap<SarifRule, ReadonlyMap<number, Level>> {
    const levels = new Map<SarifRule, Map<number, Level>>();
    for (const { invocation, descriptor, level } of this.#overrides) {
      const rule = this.#rules.find(readRuleReference(descriptor));
      if (rule === undefined) continue;
      const ofRule = levels.get(rule) ?? new Map<number, Level>();
      levels.set(rule, ofRule.set(invocation, level));
    }
    return levels;
  }

  #tellRule(at: number, tool: Tool, levels: ReadonlyMap<SarifRule, ReadonlyMap<number, Level>>): ToldRule {
    const reference = this.#shared.rule(at);
    const rule = this.#rules.find(reference);
    return {
      reference,
      rule,
      id: reference.id ?? rule?.id ?? 'unnamed',
      category: this.#categoryOf(at, tool),
      fixAvailable: saysFixAvailable(rule?.help ?? ''),
      levels: (rule && levels.get(rule)) ?? new Map(),
    };
  }

  #finding(row: ResultRow, tool: Tool, told: ToldRule, path: string | undefined, series: FingerprintSeries): Finding {
    const { rare = {} } = row;
    const { id, rule, category } = told;
    const written = rare.message === undefined ? row.message : this.#text(rare.message, told);
    const context = row.context === '' ? findingContext({ message: written }) : row.context;
    const masked = category === 'secret' ? rare.masked : undefined;
    const message = masked === undefined ? written : this.#text(masked, told);
    return new SarifFinding({
      fingerprint: series.next({ category, tool: tool.family, rule: id, path: path ?? '', context }),
      category,
      tool: tool.family,
      rule: id,
      severity: this.#severity(row.level, rare, told),
      message: rare.message === undefined ? message : shownMessage(message),
      path,
      line: row.line,
      help: rule?.help,
      suppressed: rare.suppressed === true,
      fixAvailable: rare.fix ?? saysFixAvailable(message) ?? told.fixAvailable,
      vulnerability: rule?.vulnerability,
    });
  }

  #text(message: WrittenMessage, { reference, rule }: ToldRule): string {
    if (typeof message === 'string') return message;
    const template = this.#rules.message(reference, rule, message.id);
    return template === undefined
      ? [message.id, ...message.arguments].join(' ')
      : fillPlaceholders(template, message.arguments);
  }

  #severity(own: Level | undefined, rare: RareParts, { rule, levels }: ToldRule): Severity {
    if (rare.doubtful) return 'info';
    // A single invocation is meant even where the result does not name it.
    const invocation = rare.invocation ?? (this.#invocations === 1 ? 0 : undefined);
    const override = invocation === undefined ? undefined : levels.get(invocation);
    const level = own ?? override ?? rule?.level ?? 'warning';
    return rare.rating ?? rule?.rating ?? severityOfLevel(level);
  }
}

function malformed(what: string): ReportRefusal {
  return { refused: 'malformed', detail: `${what}. Send the tool's own SARIF 2.1.0 file.` };
}

function tooMany(what: string, path: JsonPath): ReportRefusal {
  return { refused: 'too-large', detail: `runs[${path[1]}] has more than ${ENTRY_LIMIT} ${what}. Split the report.` };
}

function place(path: JsonPath): string {
  return `${path[0]}[${path[1]}].${path.slice(2).join('.')}`;
}
