import { armKey } from '../domain/asset.ts';
import type { ReportRefusal } from '../ports/report-reader.ts';
import { armName, timeIn } from './azure-ids.ts';
import {
  type EntrySink,
  hasEntry,
  PageSink,
  pageOutline,
  pascal,
  propertiesOf,
  textIn,
  textsIn,
} from './azure-page.ts';
import { malformed, type ReportFormat, readElements } from './element-format.ts';
import { type Found, FoundReport } from './found-report.ts';
import { type JsonObject, member } from './json-value.ts';
import { LatestStates, type State } from './latest-states.ts';
import type { ReportHead } from './report-head.ts';

const IDS = ['resourceId', 'policyAssignmentId', 'policyDefinitionId', 'policyDefinitionReferenceId'];
const NAMES = ['policyDefinitionName', 'policyAssignmentName', 'policyDefinitionAction'];
const EVENT = ['data', 'subject', 'eventType', 'type', 'specversion'];
const OTHERS = ['timestamp', 'properties', 'componentId', 'principalOid', '@odata.context'];
const MEMBERS = [...IDS, ...NAMES, 'complianceState', ...OTHERS];
const OUTLINE = pageOutline([...MEMBERS, ...MEMBERS.map(pascal), ...EVENT]);

const CONTEXT = /\/(?:component)?policy(?:states|events)\/\$metadata#(?!summary)/i;
const EVENT_TYPE = /^Microsoft\.PolicyInsights\.PolicyState(Created|Changed|Deleted)$/i;

/** States of Azure Policy: from REST, Resource Graph or a command line, or as events of Event Grid. */
export const AZURE_POLICY: ReportFormat = {
  name: 'azure-policy',
  title: 'Azure Policy states',
  recognises: (head) => hasEntry((at) => isState(head, at) || isEvent(head, at) || isInContext(head, at)),
  read: (body) => readElements(body, OUTLINE, new PageSink(new PolicyStates())),
};

function isState(head: ReportHead, at: string): boolean {
  return ['', 'properties.'].some((within) =>
    ['complianceState', 'policyDefinitionId'].every(
      (name) => head.has(`${at}${within}${name}`) || head.has(`${at}${within}${pascal(name)}`),
    ),
  );
}

function isEvent(head: ReportHead, at: string): boolean {
  return ['eventType', 'type'].some((name) => EVENT_TYPE.test(String(head.value(`${at}${name}`))));
}

/** Grouped and empty ones have no other mark. */
function isInContext(head: ReportHead, at: string): boolean {
  return [at, ''].some((place) => CONTEXT.test(String(head.value(`${place}@odata.context`))));
}

class PolicyStates implements EntrySink {
  readonly report = new FoundReport('azure-policy');
  readonly #scan = this.report.scan('azure-policy');
  readonly #states = new LatestStates(this.report);
  #events = 0;

  entry(entry: JsonObject, where: string): ReportRefusal | undefined {
    const event = eventTypeOf(entry);
    if (event === undefined) return this.#readState(entry, propertiesOf(entry), where, false);
    if (!EVENT_TYPE.test(event)) return otherEvent(where);
    this.#events++;
    return this.#readState(entry, member(entry, 'data'), where, /deleted$/i.test(event));
  }

  finish(missing: string | undefined): undefined {
    this.#scan.categories.add('policy');
    this.#states.finish(this.#scan);
    if (missing !== undefined) this.report.incomplete(this.#scan, missing);
    if (this.#events > 0) this.report.incomplete(this.#scan, 'Events tell of what changed, not of all');
  }

  #readState(entry: JsonObject, row: unknown, where: string, isDeleted: boolean): ReportRefusal | undefined {
    const words = isDeleted ? [] : textsIn(row, 'complianceState').map((word) => word.toLowerCase());
    const refusal = refuse(entry, row, isDeleted || words.length > 0, where);
    if (refusal !== undefined) return refusal;
    const found = nonCompliance(row, textIn(row, 'resourceId') ?? textIn(entry, 'subject'), words[0] ?? '');
    if (found === undefined) return malformed(`${where} names no resource, assignment or definition`);
    const outcome = outcomeOf(words);
    const isOpen = Object.keys(outcome).length === 0;
    const severity = isOpen ? this.report.severity(undefined) : 'medium';
    this.#states.add({ ...outcome, found: { ...found, severity } });
    return undefined;
  }
}

const OPEN: ReadonlySet<string> = new Set(['noncompliant', 'conflict', 'conflicting', 'error']);

/** An exemption is told apart: whoever may exempt in Azure need not be an approver here. */
const CLEARED: ReadonlyMap<string, string> = new Map([
  ['compliant', 'compliant'],
  ['protected', 'protected'],
  ...['exempt', 'exempted'].map((word) => [word, 'exempt by an exemption in Azure'] as const),
]);

/** Of no word: what is deleted has no state. */
function outcomeOf(words: readonly string[]): Pick<State, 'cleared' | 'unknown'> {
  if (words.some((word) => OPEN.has(word))) return {};
  const unknown = words.find((word) => !CLEARED.has(word));
  if (unknown === undefined) return { cleared: CLEARED.get(words[0] ?? '') ?? 'deleted' };
  const shown = /^[a-z]{1,20}$/.test(unknown) ? unknown : 'another word';
  return { unknown: `the compliance state is ${shown}, which says neither yes nor no` };
}

const TITLES: ReadonlyMap<string, string> = new Map([
  ['noncompliant', 'Not compliant with'],
  ['error', 'Could not be evaluated:'],
]);

function eventTypeOf(entry: JsonObject): string | undefined {
  const cloud = member(entry, 'specversion') === undefined ? undefined : textIn(entry, 'type');
  return textIn(entry, 'eventType') ?? cloud;
}

/** What is about other things than the states of resources, though it looks alike. */
function refuse(entry: JsonObject, row: unknown, hasState: boolean, where: string): ReportRefusal | undefined {
  const context = textIn(entry, '@odata.context') ?? '';
  if (textIn(row, 'principalOid') !== undefined || /\/policyevents\//i.test(context))
    return instead('This is a log of policy events, which says what was evaluated once and not what is so now');
  if (textIn(row, 'componentId') !== undefined)
    return instead('These are states of components within resources, which are told with their resource');
  if (!hasState)
    return instead(
      `${where} has no complianceState, as in grouped or summed up queries ($apply, $select) and versions before 2019`,
    );
  return undefined;
}

function instead(what: string): ReportRefusal {
  const detail = `${what}. Send the policy states: policyStates/latest/queryResults without $apply.`;
  return { refused: 'unknown-format', detail };
}

function otherEvent(where: string): ReportRefusal {
  const detail = `${where} is another event than PolicyStateCreated, PolicyStateChanged and PolicyStateDeleted of Microsoft.PolicyInsights. Subscribe to these alone.`;
  return { refused: 'unknown-format', detail };
}

/** Undefined: it lacks what tells it from others. Of the names only the ids are the same in REST and in events. */
function nonCompliance(row: unknown, resource: string | undefined, word: string): Omit<Found, 'severity'> | undefined {
  const [assignment, definition] = [textIn(row, 'policyAssignmentId'), textIn(row, 'policyDefinitionId')];
  if (resource === undefined || assignment === undefined || definition === undefined) return undefined;
  const reference = textIn(row, 'policyDefinitionReferenceId') ?? '';
  const rule = armName(definition);
  const as = reference === '' ? '' : ` as ${reference}`;
  const effect = named(textIn(row, 'policyDefinitionAction'));
  const title = TITLES.get(word) ?? 'In conflict with';
  const names = [textIn(row, 'policyDefinitionName'), textIn(row, 'policyAssignmentName')].map(named);
  return {
    category: 'policy',
    rule,
    message: `${title} ${names[0] ?? rule}, assigned by ${names[1] ?? armName(assignment)}${as}${effect === undefined ? '' : ` (${effect})`}`,
    path: armKey(resource),
    policyDefinition: definition,
    policyAssignment: assignment,
    policyReference: reference === '' ? undefined : reference,
    asset: resource,
    at: timeIn(row, 'timestamp'),
    identity: {
      toolPrint: [resource, assignment, definition].map(armKey).concat(reference.toLowerCase()).join('\n'),
      message: '',
    },
  };
}

/** Azure writes "tbd" where there is no name. */
function named(name: string | undefined): string | undefined {
  return name?.toLowerCase() === 'tbd' ? undefined : name;
}
