import type { StandingGate } from './deployment-standing.ts';
import { GATE_STATES, type GateState, type SealedVerdict } from './gate.ts';
import type { JsonObject } from './json.ts';
import type { ContractInForce } from './judgement.ts';
import { type Explained, explainedBy } from './recorded-bypass.ts';
import type { RecordedText, Said } from './recorded-entry.ts';
import { DISTINCTIONS, type Distinction, type Separation } from './separation.ts';
import { jsonList, jsonNumber, jsonRecord, jsonText, jsonTexts, oneOf } from './written-json.ts';

export interface RecordedApproval {
  readonly oid: string;
  /** As the directory had it then; undefined: no entry names this person. */
  readonly name?: RecordedText;
  /** In whose place. */
  readonly covers?: { readonly oid: string; readonly name?: RecordedText };
  /** ISO-8601 UTC. */
  readonly at?: string;
  /** Absent of what was recorded before it was written down. */
  readonly separation?: Separation;
}

/** So many findings of a control. */
export interface RecordedFindings {
  readonly control: string;
  readonly count: number;
}

/** What the evidence of one request says, at its last entry. */
export interface RecordedDecision extends StandingGate, Explained {
  readonly org: string;
  readonly services: readonly string[];
  readonly pipelineId?: number;
  /** Absent: no entry says it. */
  readonly requester?: RecordedText;
  readonly approvals: readonly RecordedApproval[];
  readonly rejected?: { readonly oid: string; readonly name?: RecordedText };
  readonly contract?: ContractInForce;
  readonly exceptions: readonly string[];
  readonly blocks: readonly RecordedFindings[];
  readonly warns: readonly RecordedFindings[];
  /** Codes: why it was closed although no finding blocked it. */
  readonly obstacles: readonly string[];
  readonly verdict?: Pick<SealedVerdict, 'result' | 'reason'>;
  /** Who decided in Azure DevOps without us, as it writes them. */
  readonly completedBy?: RecordedText;
}

/** Undefined where the first entry does not name the deployment, or one says a state that there is not. */
export function recordedDecision(aggregate: string, chain: readonly Said[]): RecordedDecision | undefined {
  const [first] = chain;
  if (first === undefined) return undefined;
  const begun = begunBy(aggregate, first);
  return chain.slice(1).reduce<RecordedDecision | undefined>((so, said) => so && after(so, said), begun);
}

function begunBy(aggregate: string, { kind, at, data, text }: Said): RecordedDecision | undefined {
  const [org = '', id = ''] = aggregate.split(' ');
  const [run, stage, environment] = [jsonNumber(data['run']), jsonText(data['stage']), jsonText(data['environment'])];
  const attempt = jsonNumber(data['attempt'] ?? jsonList(data['tuple']).at(-1));
  if (run === undefined || stage === undefined || environment === undefined || attempt === undefined) return undefined;
  const [requester, pipelineId] = [text('requester'), jsonNumber(data['definition'])];
  return {
    ...{ id, org, run: { id: run }, stage, environment, attempt, receivedAt: at, state: 'received' },
    door: { kind: kind === 'check-received' ? 'check' : 'approval' },
    services: jsonTexts(data['services']),
    ...(pipelineId === undefined ? {} : { pipelineId }),
    ...(requester === undefined ? {} : { requester }),
    ...{ approvals: [], exceptions: [], blocks: [], warns: [], obstacles: [] },
  };
}

/** What one more entry says; undefined for what cannot be. */
function after(before: RecordedDecision, said: Said): RecordedDecision | undefined {
  const known = withLayers(before, said);
  const { kind, data } = said;
  if (kind === 'decided') return decided(known, said);
  if (kind === 'verdict-sealed') return sealed(known, data);
  if (kind === 'bypass-detected') return { ...known, ...completed(said), state: 'bypassed' };
  if (kind === 'completed-without-us') return { ...known, ...completed(said), state: 'abandoned' };
  if (kind === 'expired') return { ...known, state: 'expired' };
  if (STATED.includes(kind)) return stated({ ...known, obstacles: jsonTexts(data['obstacles']) }, data);
  return { ...known, ...explainedBy(said) };
}

/** Entries that say in which state the request is by then. */
const STATED: readonly string[] = ['judged', 'wait-ended', 'decision-void'];

function stated(decision: RecordedDecision, data: JsonObject): RecordedDecision | undefined {
  const state = oneOf<GateState>(GATE_STATES, data['state']);
  return state && { ...decision, state };
}

function completed({ text }: Said): Pick<RecordedDecision, 'completedBy'> {
  const completedBy = text('by');
  return completedBy === undefined ? {} : { completedBy };
}

const REASONS: readonly SealedVerdict['reason'][] = [
  ...(['approved', 'passed', 'rejected', 'blocked', 'expired', 'superseded', 'observed'] as const),
];
const SETTLED: Readonly<Record<SealedVerdict['reason'], GateState>> = {
  ...{ approved: 'approved', passed: 'passed', observed: 'passed', rejected: 'rejected' },
  ...{ blocked: 'failed', expired: 'expired', superseded: 'superseded' },
};

function sealed(decision: RecordedDecision, data: JsonObject): RecordedDecision | undefined {
  const said = data['result'];
  const result = said === 'succeeded' || said === 'failed' ? said : undefined;
  const reason = oneOf(REASONS, data['reason']);
  if (result === undefined || reason === undefined) return undefined;
  return { ...decision, state: SETTLED[reason], verdict: { result, reason } };
}

/** Votes that are void by then are in no level any more. */
function withLayers(before: RecordedDecision, { data }: Said): RecordedDecision {
  if (!Array.isArray(data['levels'])) return before;
  const findings = jsonList(data['findings']).map(jsonRecord);
  const standing = [...new Set(jsonList(data['levels']).flatMap((level) => jsonTexts(jsonRecord(level)['approvals'])))];
  const excepted = findings.flatMap(({ exceptionId }) => jsonText(exceptionId) ?? []);
  const contract = contractIn(jsonRecord(data['contract']));
  return {
    ...before,
    services: jsonTexts(data['services']),
    approvals: standing.map((oid) => before.approvals.find((one) => one.oid === oid) ?? { oid }),
    exceptions: [...new Set([...jsonTexts(data['exceptions']), ...excepted])].sort(),
    blocks: countsOf(findings.filter(({ decision }) => decision === 'block')),
    warns: countsOf(findings.filter(({ decision }) => decision === 'warn')),
    ...(contract === undefined ? {} : { contract }),
  };
}

function contractIn(data: JsonObject): ContractInForce | undefined {
  const [version, checksum, commit] = [
    jsonNumber(data['version']),
    jsonText(data['checksum']),
    jsonText(data['commit']),
  ];
  if (version === undefined || checksum === undefined) return undefined;
  return { version, checksum, ...(commit === undefined ? {} : { commit }) };
}

function countsOf(findings: readonly JsonObject[]): RecordedFindings[] {
  const counts = new Map<string, number>();
  for (const { control, count } of findings) {
    const name = jsonText(control) ?? '';
    counts.set(name, (counts.get(name) ?? 0) + (jsonNumber(count) ?? 0));
  }
  return [...counts].map(([control, count]) => ({ control, count })).sort((a, b) => (a.control < b.control ? -1 : 1));
}

function decided(decision: RecordedDecision, said: Said): RecordedDecision | undefined {
  const { oid = '', data, text } = said;
  const name = text('name');
  const named = name === undefined ? {} : { name };
  const next = stated(decision, data);
  if (next === undefined || data['verdict'] === 'withdraw') return next;
  if (data['verdict'] === 'reject') return { ...next, rejected: { oid, ...named } };
  const others = next.approvals.filter((one) => one.oid !== oid);
  return { ...next, approvals: [...others, { oid, ...named, ...coversIn(said), at: said.at, ...separationIn(data) }] };
}

function coversIn({ data, text }: Said): Pick<RecordedApproval, 'covers'> {
  const [oid, name] = [jsonText(data['covers']), text('covers')];
  return oid === undefined ? {} : { covers: { oid, ...(name === undefined ? {} : { name }) } };
}

function separationIn(data: JsonObject): Pick<RecordedApproval, 'separation'> {
  const written = jsonRecord(data['separation']);
  const requester = oneOf<Distinction>(DISTINCTIONS, written['requester']);
  const author = oneOf<Distinction>(DISTINCTIONS, written['author']);
  return requester === undefined || author === undefined ? {} : { separation: { requester, author } };
}
