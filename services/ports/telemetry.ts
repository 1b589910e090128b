/** Of the counters, by how many they grew; of the others, what was measured. Durations and ages are seconds. */
export interface Labels {
  readonly [name: string]: string;
}

interface Metric {
  readonly kind: 'counter' | 'histogram' | 'gauge';
  /** UCUM, as OpenTelemetry asks for it. */
  readonly unit: string;
  readonly labels: readonly string[];
  readonly what: string;
}

/** Every measurement of the product; docs/operations.md lists the same. No label ever holds an id, a name or free text. */
export const METRICS = {
  'http.server.request.duration': {
    ...{ kind: 'histogram', unit: 's', what: 'an HTTP request, until its answer was sent' },
    labels: ['http.request.method', 'http.route', 'http.response.status_code', 'url.scheme'],
  },
  'gate.checks.received': {
    ...{ kind: 'counter', unit: '{check}', labels: ['org', 'env', 'result'] },
    what: 'deliveries of a check that were let in',
  },
  'gate.decision.duration': {
    ...{ kind: 'histogram', unit: 's', labels: ['decision'] },
    what: 'from the receipt of a request to its verdict in Azure DevOps',
  },
  'gate.verdict.delay': {
    ...{ kind: 'histogram', unit: 's', labels: ['decision'] },
    what: 'from the decision, or the seal where nobody decides, to the verdict in Azure DevOps',
  },
  'gate.click.ack.duration': {
    ...{ kind: 'histogram', unit: 's', labels: ['verb'] },
    what: 'from a click to its answer',
  },
  'gate.outbox.depth': {
    ...{ kind: 'gauge', unit: '{item}', labels: ['kind'] },
    what: 'items of open requests that wait, counted every five minutes by the process that reconciles',
  },
  'gate.outbox.age.max': {
    ...{ kind: 'gauge', unit: 's', labels: [] },
    what: 'the oldest item that was looked at since the last export',
  },
  'gate.outbox.attempts': {
    ...{ kind: 'counter', unit: '{attempt}', labels: ['kind', 'outcome'] },
    what: 'tries of outbox items',
  },
  'gate.deadletter.count': {
    ...{ kind: 'counter', unit: '{item}', labels: ['kind'] },
    what: 'outbox items that were given up',
  },
  'gate.verdict.sent': {
    ...{ kind: 'counter', unit: '{verdict}', labels: ['verdict'] },
    what: 'verdicts that Azure DevOps took',
  },
  'gate.verdict.contradiction': {
    ...{ kind: 'counter', unit: '{request}', labels: [] },
    what: 'requests for which Azure DevOps holds another result than the sealed one',
  },
  'gate.bypass.detected': {
    ...{ kind: 'counter', unit: '{request}', labels: [] },
    what: 'stages that went on without a decision of ours',
  },
  'gate.auth.rejected': {
    ...{ kind: 'counter', unit: '{request}', labels: ['reason'] },
    what: 'HTTP requests whose caller was not let in',
  },
  'gate.authz.denied': {
    ...{ kind: 'counter', unit: '{click}', labels: ['reason'] },
    what: 'wishes to decide on a deployment that were refused',
  },
  'gate.scan.missing': {
    ...{ kind: 'counter', unit: '{judgement}', labels: ['env'] },
    what: 'judgements for which a required report was missing',
  },
  'gate.storage.calls': {
    ...{ kind: 'counter', unit: '{call}', labels: ['op'] },
    what: 'calls to the table store',
  },
  'gate.storage.conflicts': {
    ...{ kind: 'counter', unit: '{call}', labels: ['op'] },
    what: 'of these, those whose condition did not hold',
  },
  'gate.storage.throttled': {
    ...{ kind: 'counter', unit: '{call}', labels: ['op'] },
    what: 'of these, those that had no usable answer',
  },
  'gate.teams.throttled': {
    ...{ kind: 'counter', unit: '{answer}', labels: [] },
    what: 'answers by which Teams asked to wait',
  },
  'gate.ado.throttled': {
    ...{ kind: 'counter', unit: '{answer}', labels: [] },
    what: 'answers by which Azure DevOps asked to wait',
  },
  'gate.due.lag': {
    ...{ kind: 'gauge', unit: 's', labels: [] },
    what: 'how late the oldest due item was taken at the last tick',
  },
  'gate.lease.changes': {
    ...{ kind: 'counter', unit: '{change}', labels: ['to'] },
    what: 'times that this process got or lost a lease',
  },
  'gate.evidence.checkpoint.age': {
    ...{ kind: 'gauge', unit: 's', labels: [] },
    what: 'since this process last appended a checkpoint',
  },
  'gate.eventloop.lag': {
    ...{ kind: 'gauge', unit: 's', labels: [] },
    what: 'the longest delay of the event loop since the last export',
  },
} as const satisfies Readonly<Record<string, Metric>>;

type MetricOf<Kind extends Metric['kind']> = {
  [Name in keyof typeof METRICS]: (typeof METRICS)[Name]['kind'] extends Kind ? Name : never;
}[keyof typeof METRICS];
export type Counter = MetricOf<'counter'>;
export type Histogram = MetricOf<'histogram'>;
export type Gauge = MetricOf<'gauge'>;

export interface SpanOptions {
  readonly kind?: 'server' | 'client';
  /** W3C traceparent of what it is part of; else what is under way, if anything. */
  readonly parent?: string | undefined;
  /** Ids of requests are allowed here; names, comments and tokens are not. */
  readonly attributes?: Labels;
}

/** Further attributes, or a better name. */
export type Note = (attributes: Labels, better?: string) => void;

/** What the product says of itself to whoever runs it. Never rejects, and nobody waits for it. */
export interface Telemetry {
  /** W3C traceparent of the span under way. */
  traceparent(): string | undefined;
  /** Whatever `run` rejects with is noted by its name alone, and passed on. */
  span<T>(name: string, options: SpanOptions, run: (note: Note) => Promise<T>): Promise<T>;
  /** One that is over: it began at `from` (milliseconds since 1970) and is linked to what is under way. */
  spanned(name: string, options: SpanOptions & { readonly from: number }): void;
  count(metric: Counter, labels?: Labels, by?: number): void;
  record(metric: Histogram, seconds: number, labels?: Labels): void;
  /** Asked at every export. */
  watch(metric: Gauge, read: () => readonly { readonly value: number; readonly labels?: Labels }[]): void;
  /** Sends what is left, for at most two seconds. */
  stop(): Promise<void>;
}

const TRACEPARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}$/;

/** The ids in a W3C traceparent of version 00; undefined for what is none (Trace Context, section 3.2). */
export function traceOf(
  traceparent: string | undefined,
): { readonly traceId: string; readonly spanId: string } | undefined {
  const [, traceId = '', spanId = ''] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  return /[^0]/.test(traceId) && /[^0]/.test(spanId) ? { traceId, spanId } : undefined;
}
