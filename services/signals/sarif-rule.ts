import type { Category, Vulnerability } from '../domain/finding.ts';
import { type RuleClass, statedCategory, type Tool } from '../domain/tools.ts';
import { clamp, countOf, head, type JsonObject, listOf, member, textOf } from './json-value.ts';
import { readMessageStrings, withoutLinks } from './sarif-message.ts';
import { type Level, levelOf, type Rating, ratingOf } from './sarif-severity.ts';

const HELP_LIMIT = 300;
const ID_LIMIT = 200;
const EXTENSIONS = 1_000;

/** What is kept of a `reportingDescriptor` (SARIF 2.1.0, 3.49). */
export interface SarifRule {
  readonly id: string | undefined;
  readonly level: Level | undefined;
  readonly rating: Rating | undefined;
  readonly help: string | undefined;
  readonly messages: ReadonlyMap<string, string> | undefined;
  readonly class: RuleClass;
  readonly vulnerability: Vulnerability | undefined;
}

/** How a result or an override names a rule: `reportingDescriptorReference` (3.52). */
export interface RuleReference {
  readonly id: string | undefined;
  readonly index: number | undefined;
  readonly component: ComponentReference | undefined;
}

interface ComponentReference {
  readonly index: number | undefined;
  readonly name: string | undefined;
}

export function readRule(value: unknown): SarifRule {
  const properties = member(value, 'properties');
  const id = readId(value);
  return {
    id,
    level: levelOf(member(member(value, 'defaultConfiguration'), 'level')),
    rating: ratingOf(properties),
    help: readHelp(value),
    messages: readMessageStrings(member(value, 'messageStrings')),
    class: { name: head(textOf(member(value, 'name')) ?? '', 100), tags: readTags(properties) },
    vulnerability: readVulnerability(id, member(properties, 'purls')),
  };
}

function readId(value: unknown): string | undefined {
  const id = textOf(member(value, 'id'));
  return id === undefined ? undefined : clamp(id, ID_LIMIT);
}

function readHelp(value: unknown): string | undefined {
  const help =
    textOf(member(member(value, 'help'), 'text')) ?? textOf(member(member(value, 'fullDescription'), 'text'));
  return help === undefined ? undefined : clamp(withoutLinks(head(help, 4 * HELP_LIMIT)), HELP_LIMIT);
}

const VULNERABILITY = /^(?:CVE-\d{4}-\d{4,10}|GHSA(?:-[0-9a-z]{4}){3})/i;
const PURL_LIMIT = 300;

/** Grype has a rule for each vulnerability of a package, and names the packages there; of several nobody knows which is meant. */
function readVulnerability(id: string | undefined, purls: unknown): Vulnerability | undefined {
  const named = VULNERABILITY.exec(id ?? '')?.[0];
  const [purl, another] = listOf(purls);
  if (named === undefined || typeof purl !== 'string' || another !== undefined) return undefined;
  return { ids: [named], purl: clamp(purl, PURL_LIMIT) };
}

/** Tags that name a class are short; others are not needed. */
const TAG_LIMIT = 25;

function readTags(properties: unknown): readonly string[] {
  return listOf(member(properties, 'tags')).flatMap((tag) =>
    typeof tag === 'string' && tag.length <= TAG_LIMIT ? [tag] : [],
  );
}

/** How a result names its rule: `rule`, or the older pair `ruleId` and `ruleIndex` (3.27.5 to 3.27.7). */
export function readResultRule({ rule, ruleId, ruleIndex }: JsonObject): RuleReference {
  const id = textOf(ruleId);
  const { id: otherId, index, component } = rule === undefined ? UNNAMED : readRuleReference(rule);
  return { id: id === undefined ? otherId : clamp(id, ID_LIMIT), index: index ?? countOf(ruleIndex), component };
}

const UNNAMED: RuleReference = { id: undefined, index: undefined, component: undefined };

export function readRuleReference(value: unknown): RuleReference {
  const component = member(value, 'toolComponent');
  return {
    id: readId(value),
    index: countOf(member(value, 'index')),
    component:
      component === undefined
        ? undefined
        : { index: countOf(member(component, 'index')), name: textOf(member(component, 'name')) },
  };
}

/** The driver or an extension (`toolComponent`, 3.19). */
class Component {
  name: string | undefined;
  messages: ReadonlyMap<string, string> | undefined;
  readonly rules: SarifRule[] = [];
  readonly byId = new Map<string, SarifRule>();
}

/** The rules of one run's tool, driver first. */
export class SarifRules {
  readonly #driver = new Component();
  readonly #extensions: Component[] = [];
  /** Of every component; the first of an id counts. */
  readonly #byId = new Map<string, SarifRule>();
  size = 0;

  /** `extension` undefined: the driver. */
  add(extension: number | undefined, rule: SarifRule): void {
    const component = this.#component(extension);
    component.rules.push(rule);
    this.size++;
    const { id } = rule;
    if (id === undefined) return;
    if (!component.byId.has(id)) component.byId.set(id, rule);
    if (!this.#byId.has(id)) this.#byId.set(id, rule);
  }

  setName(extension: number | undefined, name: string | undefined): void {
    this.#component(extension).name = name;
  }

  setMessages(extension: number | undefined, value: unknown): void {
    this.#component(extension).messages = readMessageStrings(value);
  }

  /** By position where one is given (3.27.7: it wins over the id), else by id; of `A/1/2` also as `A/1` and `A`. */
  find(reference: RuleReference): SarifRule | undefined {
    const component = this.#named(reference.component);
    const byIndex = reference.index === undefined ? undefined : component.rules[reference.index];
    if (byIndex !== undefined || reference.id === undefined) return byIndex;
    for (let id = reference.id; id !== ''; id = id.slice(0, Math.max(0, id.lastIndexOf('/')))) {
      const found = component.byId.get(id) ?? this.#driver.byId.get(id) ?? this.#byId.get(id);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  message(reference: RuleReference, rule: SarifRule | undefined, id: string): string | undefined {
    return rule?.messages?.get(id) ?? this.#named(reference.component).messages?.get(id);
  }

  /** Every category that one of the rules states. */
  categories(tool: Tool): Set<Category> {
    const rules = [this.#driver, ...this.#extensions].flatMap((component) => component?.rules ?? []);
    return new Set(rules.flatMap((rule) => statedCategory(tool, rule.class) ?? []));
  }

  #named(reference: ComponentReference | undefined): Component {
    if (reference === undefined) return this.#driver;
    const byIndex = reference.index === undefined ? undefined : this.#extensions[reference.index];
    return byIndex ?? this.#extensions.find((extension) => extension.name === reference.name) ?? this.#driver;
  }

  #component(extension: number | undefined): Component {
    if (extension === undefined) return this.#driver;
    while (this.#extensions.length <= Math.min(extension, EXTENSIONS)) this.#extensions.push(new Component());
    return this.#extensions[Math.min(extension, EXTENSIONS)] as Component;
  }
}
