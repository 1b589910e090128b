type Json = Readonly<Record<string, unknown>>;

/** What both readers must agree on. */
export interface Read {
  readonly results: number;
  readonly findings: readonly {
    readonly rule: string;
    readonly severity: string;
    readonly message: string;
    readonly path: string | undefined;
    readonly line: number | undefined;
    readonly suppressed: boolean;
  }[];
}

/** The whole report at once, as plainly as can be: by `JSON.parse` of the whole text, refusing what two readers may see in two ways. */
export function readPlainly(bytes: Uint8Array): Read | 'refused' {
  try {
    return readLog(decoded(bytes));
  } catch {
    return 'refused';
  }
}

function must(holds: boolean): void {
  if (!holds) throw new Error('refused');
}

function decoded(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const isBigEndian = (first === 0xfe && second === 0xff) || (first === 0 && second !== 0);
  const isLittleEndian = (first === 0xff && second === 0xfe) || (first !== 0 && second === 0);
  const encoding = isBigEndian ? 'utf-16be' : isLittleEndian ? 'utf-16le' : 'utf-8';
  return new TextDecoder(encoding, { fatal: true }).decode(bytes);
}

function readLog(text: string): Read {
  const log: unknown = JSON.parse(text);
  refuseKeys(text);
  must(isObject(log) && get(log, 'version') === '2.1.0');
  const runs = get(log, 'runs');
  must(Array.isArray(runs));
  const all = list(runs);
  for (const run of all) must(isObject(run) && isName(get(get(get(run, 'tool'), 'driver'), 'name')));
  for (const run of all) must(get(run, 'results') == null || Array.isArray(get(run, 'results')));
  const results = all.flatMap((run) => list(get(run, 'results')));
  must(results.every(isObject) && all.some((run) => Array.isArray(get(run, 'results'))));
  return {
    results: results.length,
    findings: all.flatMap((run) =>
      list(get(run, 'results'))
        .filter(isProblem)
        .map((result) => readResult(run, result)),
    ),
  };
}

/** Objects by which the report is walked through: `runs[0].tool.driver` as `/runs/0/tool/driver`. */
const WALKED = /^(?:\/runs\/\d+(?:\/tool(?:\/driver|\/extensions\/\d+)?)?)?$/;
const LEVELS = 64;

/** Of valid JSON: throws for keys of walked objects that repeat or are escaped, and for what nests too deep. */
function refuseKeys(text: string): void {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[{}[\]:,]|[^\s{}[\]:,"]+/g) ?? [];
  let at = 0;
  const value = (path: string, depth: number): void => {
    const open = tokens[at++];
    if (open !== '{' && open !== '[') return;
    must(depth < LEVELS);
    const close = open === '{' ? '}' : ']';
    const keys = new Set<string>();
    for (let n = 0; tokens[at] !== close; n++) {
      if (tokens[at] === ',') at++;
      const written = open === '{' ? (tokens[at++] ?? '') : String(n);
      if (open === '{') at++;
      if (open === '{' && WALKED.test(path)) must(!written.includes('\\') && !keys.has(written));
      keys.add(written);
      value(`${path}/${open === '{' ? JSON.parse(written) : written}`, depth + 1);
    }
    at++;
  };
  value('', 0);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function get(value: unknown, key: string): unknown {
  return isObject(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string | undefined {
  return isName(value) ? value : undefined;
}

function count(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function isProblem(result: unknown): boolean {
  const kind = get(result, 'kind');
  return kind !== 'pass' && kind !== 'notApplicable' && get(result, 'baselineState') !== 'absent';
}

function readResult(run: unknown, result: unknown): Read['findings'][number] {
  const rules = list(get(get(get(run, 'tool'), 'driver'), 'rules'));
  const ruleId = text(get(result, 'ruleId'));
  const byIndex = rules[count(get(result, 'ruleIndex')) ?? -1];
  const rule = byIndex ?? rules.find((one) => ruleId !== undefined && get(one, 'id') === ruleId);
  const physical = get(list(get(result, 'locations'))[0], 'physicalLocation');
  const line = count(get(get(physical, 'region'), 'startLine')) ?? 0;
  const suppressions = list(get(result, 'suppressions'));
  return {
    rule: ruleId ?? text(get(rule, 'id')) ?? 'unnamed',
    severity: readSeverity(result, rule),
    message: readMessage(get(result, 'message'), rule),
    path: readPath(run, get(physical, 'artifactLocation')),
    line: line > 0 && line < 2 ** 32 ? line : undefined,
    suppressed:
      suppressions.length > 0 &&
      suppressions.every((one) => isObject(one) && (get(one, 'status') ?? 'accepted') === 'accepted'),
  };
}

const BY_LEVEL = new Map([
  ['error', 'high'],
  ['warning', 'medium'],
  ['note', 'low'],
  ['none', 'info'],
]);

function readSeverity(result: unknown, rule: unknown): string {
  if (['open', 'review', 'informational'].includes(String(get(result, 'kind')))) return 'info';
  const written = get(get(rule, 'properties'), 'security-severity');
  const score =
    typeof written === 'string' && /^\s{0,5}\d{1,2}(\.\d{1,5})?\s{0,5}$/.test(written) ? Number(written) : 0;
  if (score > 0 && score <= 10) return score >= 9 ? 'critical' : score >= 7 ? 'high' : score >= 4 ? 'medium' : 'low';
  const level = (value: unknown) => (typeof value === 'string' ? BY_LEVEL.get(value) : undefined);
  return level(get(result, 'level')) ?? level(get(get(rule, 'defaultConfiguration'), 'level')) ?? 'medium';
}

function readMessage(message: unknown, rule: unknown): string {
  const given = list(get(message, 'arguments')).map((one) => (typeof one === 'string' ? one : ''));
  const own = text(get(message, 'text'));
  if (own !== undefined && given.length === 0) return own;
  const id = text(get(message, 'id'));
  const template = own ?? (id === undefined ? '' : text(get(get(get(rule, 'messageStrings'), id), 'text')));
  if (template === undefined) return [id, ...given].join(' ');
  return template.replace(/\{\{|\}\}|\{(\d{1,3})\}/g, (all, at?: string) =>
    at === undefined ? all.charAt(0) : (given[Number(at)] ?? all),
  );
}

function readPath(run: unknown, location: unknown): string | undefined {
  const uri = text(get(location, 'uri'));
  const artifact = get(list(get(run, 'artifacts'))[count(get(location, 'index')) ?? -1], 'location');
  const file = uri ?? text(get(artifact, 'uri'));
  if (file === undefined) return undefined;
  const base = get(uri === undefined ? artifact : location, 'uriBaseId');
  const folder = text(get(get(get(run, 'originalUriBaseIds'), String(base)), 'uri'));
  return folder === undefined ? file : `${folder.replace(/\/$/, '')}/${file}`;
}
