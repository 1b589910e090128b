import { startJsonServer } from './json-server.ts';

interface Attribute {
  readonly key: string;
  readonly value: { readonly stringValue?: string };
}

export interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface SentPoint {
  readonly metric: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Of a counter or gauge the value, of a histogram how often it was recorded. */
  readonly value: number;
}

interface Point {
  readonly attributes?: readonly Attribute[];
  readonly asInt?: number | string;
  readonly asDouble?: number;
  readonly count?: number | string;
}

interface Traces {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly (Omit<SentSpan, 'attributes'> & { attributes: Attribute[] })[];
    }[];
  }[];
}

interface Metrics {
  readonly resourceMetrics: readonly {
    readonly scopeMetrics: readonly {
      readonly metrics: readonly {
        readonly name: string;
        readonly sum?: { readonly dataPoints: readonly Point[] };
        readonly gauge?: { readonly dataPoints: readonly Point[] };
        readonly histogram?: { readonly dataPoints: readonly Point[] };
      }[];
    }[];
  }[];
}

export type Collector = Awaited<ReturnType<typeof startCollector>>;

/** Takes what OpenTelemetry sends as OTLP over HTTP, in JSON. */
export async function startCollector() {
  const traces: Traces[] = [];
  const metrics: Metrics[] = [];
  const bodies: string[] = [];
  const server = await startJsonServer(({ url, body }) => {
    bodies.push(body);
    if (url.pathname === '/v1/traces') traces.push(JSON.parse(body) as Traces);
    else if (url.pathname === '/v1/metrics') metrics.push(JSON.parse(body) as Metrics);
    else return { status: 404, body: {} };
    return { status: 200, body: {} };
  });
  return {
    ...server,
    /** All that was sent, as it was sent. */
    bodies,
    spans: (): readonly SentSpan[] =>
      traces
        .flatMap(({ resourceSpans }) => resourceSpans)
        .flatMap(({ scopeSpans }) => scopeSpans)
        .flatMap(({ spans }) => spans)
        .map(({ attributes, ...span }) => ({ ...span, attributes: namesOf(attributes) })),
    /** Of each metric and labels the newest. */
    points: (): readonly SentPoint[] => {
      const all = metrics
        .flatMap(({ resourceMetrics }) => resourceMetrics)
        .flatMap(({ scopeMetrics }) => scopeMetrics)
        .flatMap((scope) => scope.metrics)
        .flatMap(({ name, sum, gauge, histogram }) =>
          [sum, gauge, histogram].flatMap((one) => one?.dataPoints ?? []).map((point) => pointOf(name, point)),
        );
      return [...new Map(all.map((point) => [JSON.stringify([point.metric, point.labels]), point])).values()];
    },
  };
}

function namesOf(attributes: readonly Attribute[] = []) {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? JSON.stringify(value)]));
}

function pointOf(metric: string, { attributes, asInt, asDouble, count }: Point): SentPoint {
  return { metric, labels: namesOf(attributes), value: Number(asInt ?? asDouble ?? count) };
}
