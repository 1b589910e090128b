import * as z from 'zod';
import { lastDayBefore, type OutsideException, reasonClassOf } from '../domain/outside-exception.ts';
import { readYaml, type Source, type YamlText } from './yaml-text.ts';

/** Entries beyond these are not read. */
const MOST = 10_000;
const TEXT = 2_000;
/** What one entry can have altogether: a row of the store has a limit. */
const ENTRY_MAX = 30_000;

const words = z.string().trim().min(1).max(TEXT);
const list = z.array(words).max(1_000);

const trivyEntry = z.object({
  id: words,
  paths: list.nullish(),
  purls: list.nullish(),
  expired_at: z.string().max(TEXT).nullish(),
  statement: z.string().max(TEXT).nullish(),
});
const TRIVY_SECTIONS = ['vulnerabilities', 'misconfigurations', 'secrets', 'licenses'] as const;

const metadata = z.record(z.string(), z.unknown());
const exemption = z.object({
  policyAssignmentId: words,
  policyDefinitionReferenceIds: list.nullish(),
  exemptionCategory: z.string().max(TEXT).nullish(),
  expiresOn: z.string().max(TEXT).nullish(),
  displayName: z.string().max(TEXT).nullish(),
  description: z.string().max(TEXT).nullish(),
  metadata: metadata.nullish(),
  resourceSelectors: z.array(z.unknown()).nullish(),
});

export interface OutsideFile {
  readonly source: OutsideException['source'];
  readonly entries: readonly OutsideException[];
  /** What of the file could not be used: `file:line …`. Each such entry is in no other list. */
  readonly problems: readonly string[];
}

/**
 * Reads `.trivyignore.yaml`, or exemptions of Azure Policy as its REST API and its command line list them. Throws, naming the
 * file, for what is neither.
 */
export function readOutsideExceptions(source: Source): OutsideFile {
  // JSON is YAML: one strict reader, which bounds size, depth and aliases.
  const yaml = readYaml(source);
  if (yaml.problems.length > 0) throw new Error(yaml.problems.slice(0, 5).join('\n'));
  const exemptions = exemptionsIn(yaml.data);
  if (exemptions !== undefined) return readExemptions(source, yaml, exemptions);
  if (!isObject(yaml.data) || !TRIVY_SECTIONS.some((name) => Object.hasOwn(yaml.data as object, name)))
    throw new Error(
      `${source.file}: is neither a .trivyignore.yaml (with ${TRIVY_SECTIONS.join(', ')}) nor a list of Azure Policy exemptions`,
    );
  return readTrivy(source, yaml, yaml.data);
}

function isObject(data: unknown): data is Readonly<Record<string, unknown>> {
  return typeof data === 'object' && data !== null && !Array.isArray(data);
}

interface Found {
  readonly items: readonly unknown[];
  readonly path: readonly PropertyKey[];
  /** There are more on another page. */
  readonly isPage: boolean;
}

/** As the REST API lists them (`value`), or as the command line does (a bare list). */
function exemptionsIn(data: unknown): Found | undefined {
  if (Array.isArray(data)) return { items: data, path: [], isPage: false };
  if (!isObject(data) || !Array.isArray(data['value'])) return undefined;
  return { items: data['value'], path: ['value'], isPage: typeof data['nextLink'] === 'string' };
}

function readExemptions({ file }: Source, yaml: YamlText, { items, path, isPage }: Found): OutsideFile {
  const problems = isPage ? [`${file}: has a nextLink: exemptions of further pages are not in it`] : [];
  const read = eachOf(file, items, (item, n) => {
    const at = [...path, n];
    const parsed = exemption.safeParse(isObject(item) ? (item['properties'] ?? item) : item);
    if (!parsed.success) return yaml.say({ path: at, message: reasonOf(parsed.error) });
    const scope = isObject(item) ? scopeIn(item['id']) : undefined;
    if (!isObject(item) || scope === undefined) return yaml.say({ path: at, message: NO_SCOPE });
    return exemptionOf(item, scope, parsed.data, yaml.lineOf(at));
  });
  return {
    source: 'azure-policy',
    entries: read.entries,
    problems: [...problems, ...read.problems, ...leftOut(file, items.length)],
  };
}

const NO_SCOPE =
  'id is to end with /providers/Microsoft.Authorization/policyExemptions/NAME: what stands before it says what is exempt';
const EXEMPTION_ID = /^(\/.{1,900})\/providers\/microsoft\.authorization\/policyexemptions\/[^/]+\/?$/i;
/** Not even a subscription says in which of these it is. */
const MANAGEMENT_GROUP = /^\/providers\/microsoft\.management\//i;

function scopeIn(id: unknown): string | undefined {
  return typeof id === 'string' ? EXEMPTION_ID.exec(`/${id.trim().replace(/^\/+/, '')}`)?.[1] : undefined;
}

function exemptionOf(
  item: Readonly<Record<string, unknown>>,
  scope: string,
  properties: z.infer<typeof exemption>,
  line: number,
): OutsideException {
  const { policyAssignmentId, policyDefinitionReferenceIds, exemptionCategory, resourceSelectors } = properties;
  const known = (...names: readonly string[]) =>
    names.map((name) => properties.metadata?.[name]).find((value) => typeof value === 'string' && value.trim() !== '');
  const references = policyDefinitionReferenceIds ?? [];
  const name = typeof item['name'] === 'string' ? item['name'] : (properties.displayName ?? policyAssignmentId);
  return {
    source: 'azure-policy',
    line,
    name,
    rules: references.length > 0 ? references : [policyAssignmentId.slice(policyAssignmentId.lastIndexOf('/') + 1)],
    paths: [],
    exempts: { assignment: policyAssignmentId, references, scope },
    narrowedBy: [
      ...((resourceSelectors ?? []).length > 0 ? ['resourceSelectors'] : []),
      ...(MANAGEMENT_GROUP.test(scope) ? [scope] : []),
    ],
    terms: termsOf({
      owner: known('owner'),
      reasonClass: reasonClassOf(exemptionCategory ?? ''),
      reason: known('reason') ?? properties.description,
      until: lastDayBefore(properties.expiresOn ?? ''),
      reviewEvery: known('reviewEvery'),
      ticket: known('ticketRef', 'ticket'),
    }),
  };
}

function readTrivy({ file }: Source, yaml: YamlText, data: Readonly<Record<string, unknown>>): OutsideFile {
  const sections = TRIVY_SECTIONS.filter((name) => data[name] !== undefined && data[name] !== null);
  const items = sections.flatMap((name) => {
    const entries = data[name];
    return Array.isArray(entries)
      ? entries.map((item, n) => ({ item, at: [name, n] }))
      : [{ item: entries, at: [name] }];
  });
  const read = eachOf(file, items, ({ item, at }) => {
    const parsed = trivyEntry.safeParse(item);
    return parsed.success
      ? trivyOf(parsed.data, yaml.lineOf(at))
      : yaml.say({ path: at, message: reasonOf(parsed.error) });
  });
  return { source: 'trivy', entries: read.entries, problems: [...read.problems, ...leftOut(file, items.length)] };
}

/** It says neither who answers for it nor when it is looked at again. */
function trivyOf(
  { id, paths, purls, expired_at, statement }: z.infer<typeof trivyEntry>,
  line: number,
): OutsideException {
  return {
    source: 'trivy',
    line,
    name: id,
    rules: [id],
    paths: paths ?? [],
    narrowedBy: purls ?? [],
    terms: termsOf({ reason: statement, until: lastDayBefore(expired_at ?? '') }),
  };
}

/** Only what is there. */
function termsOf(written: Readonly<Record<string, unknown>>): OutsideException['terms'] {
  return Object.fromEntries(Object.entries(written).filter(([, value]) => typeof value === 'string'));
}

function eachOf<T>(file: string, items: readonly T[], read: (item: T, n: number) => OutsideException | string) {
  const all = items.slice(0, MOST).map((item, n) => bounded(file, read(item, n)));
  return {
    entries: all.filter((one) => typeof one !== 'string'),
    problems: all.filter((one) => typeof one === 'string'),
  };
}

function bounded(file: string, entry: OutsideException | string): OutsideException | string {
  if (typeof entry === 'string' || JSON.stringify(entry).length <= ENTRY_MAX) return entry;
  return `${file}:${entry.line} entry has more than ${ENTRY_MAX} characters; split it`;
}

function leftOut(file: string, count: number): string[] {
  return count > MOST ? [`${file}: ${count - MOST} entries beyond the first ${MOST} were not read`] : [];
}

function reasonOf(error: z.ZodError): string {
  const [issue] = error.issues;
  const field = issue === undefined ? '' : issue.path.map(String).join('.');
  return `${field === '' ? 'entry' : field} cannot be read; allowed: what the tool itself writes`;
}
