import { AsyncLocalStorage } from 'node:async_hooks';
import {
  type Context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import { OTLPMetricExporter } from '@opentelemetry/exporter-metrics-otlp-http';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { AlwaysOnSampler, BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import {
  type Counter,
  type Gauge,
  type Histogram,
  METRICS,
  type SpanOptions,
  type Telemetry,
  traceOf,
} from '../ports/telemetry.ts';

const NAME = 'countersign';
const EXPORT_TIMEOUT_MS = 10_000;
const STOP_MS = 2_000;
/** Label values beyond so many in one metric are counted together by the SDK. */
const MOST_SERIES = 500;
/** Seconds; from what OpenTelemetry has for HTTP up to a request that waits for people. */
const BOUNDARIES = [
  ...[0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2, 3, 5, 10, 30, 60],
  ...[300, 900, 3_600, 14_400, 43_200, 86_400, 172_800],
];

export interface OtlpOptions {
  /** Base address of the collector: `v1/traces` and `v1/metrics` are below it. */
  readonly endpoint: URL;
  /** Unique to this process. */
  readonly instance: string;
  /** The collector took nothing, told once; and takes something again. */
  readonly failed: (what: 'traces' | 'metrics', why: string) => void;
  readonly recovered: (what: 'traces' | 'metrics') => void;
  /** Between two exports of metrics, 60 s by default; of spans, 5 s. */
  readonly metricsEveryMs?: number;
  readonly spansEveryMs?: number;
}

/**
 * OpenTelemetry over OTLP as JSON. Nothing is registered globally and no module is patched. Every span is kept, whatever a caller's
 * `traceparent` says of sampling; what the collector does not take within ten seconds is dropped, as is what does not fit into the queue.
 */
export function createOtlpTelemetry(options: OtlpOptions): Telemetry {
  const resource = resourceFromAttributes({ 'service.name': NAME, 'service.instance.id': options.instance });
  const traces = new TracerProvider({
    resource,
    sampler: new AlwaysOnSampler(),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: heard(new OTLPTraceExporter(exporterTo(options, 'traces')), 'traces', options),
        scheduledDelayMillis: options.spansEveryMs ?? 5_000,
        exportTimeoutMillis: EXPORT_TIMEOUT_MS,
      }),
    ],
  });
  const everyMs = options.metricsEveryMs ?? 60_000;
  const metrics = new MeterProvider({
    resource,
    readers: [
      new PeriodicExportingMetricReader({
        exporter: heard(new OTLPMetricExporter(exporterTo(options, 'metrics')), 'metrics', options),
        exportIntervalMillis: everyMs,
        exportTimeoutMillis: Math.min(EXPORT_TIMEOUT_MS, everyMs),
        cardinalityLimits: { default: MOST_SERIES },
      }),
    ],
  });
  const late = () => new Promise<void>((resolve) => setTimeout(resolve, STOP_MS).unref());
  return {
    ...spansOf(traces),
    ...metricsOf(metrics),
    stop: async () => {
      const ended = Promise.allSettled([traces.shutdown(), metrics.shutdown()]);
      await Promise.race([ended, late()]);
    },
  };
}

function exporterTo({ endpoint }: OtlpOptions, what: 'traces' | 'metrics') {
  const base = endpoint.href.replace(/\/+$/, '');
  return { url: `${base}/v1/${what}`, timeoutMillis: EXPORT_TIMEOUT_MS };
}

/** The same exporter, of which is told when it begins to fail and when it no longer does. */
function heard<
  Exported,
  E extends { export(all: Exported, done: (result: { code: number; error?: Error }) => void): void },
>(exporter: E, what: 'traces' | 'metrics', { failed, recovered }: Pick<OtlpOptions, 'failed' | 'recovered'>): E {
  let isFailing = false;
  return Object.assign(Object.create(exporter) as E, {
    export: (all: Exported, done: (result: { code: number; error?: Error }) => void) =>
      exporter.export(all, (result) => {
        const fails = result.code !== 0;
        if (fails && !isFailing) failed(what, result.error?.name ?? 'Error');
        if (!fails && isFailing) recovered(what);
        isFailing = fails;
        done(result);
      }),
  });
}

function spansOf(provider: TracerProvider): Pick<Telemetry, 'traceparent' | 'span' | 'spanned'> {
  const tracer = provider.getTracer(NAME);
  const current = new AsyncLocalStorage<Span>();
  const begin = (
    name: string,
    { kind, parent, attributes = {} }: SpanOptions,
    more: { startTime?: number; links?: Link[] } = {},
  ) =>
    tracer.startSpan(
      name,
      { kind: KINDS[kind ?? 'internal'], attributes: { ...attributes }, ...more },
      contextOf(parent, current.getStore()),
    );
  return {
    traceparent: () => {
      const span = current.getStore()?.spanContext();
      return span === undefined ? undefined : `00-${span.traceId}-${span.spanId}-01`;
    },
    span: (name, options, run) => {
      const span = begin(name, options);
      return current.run(span, async () => {
        try {
          return await run((attributes, better) => {
            span.setAttributes({ ...attributes });
            if (better !== undefined) span.updateName(better);
          });
        } catch (error) {
          // Its message may hold what nobody wrote for a collector.
          span.setStatus({ code: SpanStatusCode.ERROR });
          span.setAttribute('error.type', error instanceof Error ? error.name : typeof error);
          throw error;
        } finally {
          span.end();
        }
      });
    },
    spanned: (name, { from, ...options }) => {
      const under = current.getStore();
      begin(name, options, {
        startTime: from,
        links: under === undefined ? [] : [{ context: under.spanContext() }],
      }).end();
    },
  };
}

const KINDS = { internal: SpanKind.INTERNAL, server: SpanKind.SERVER, client: SpanKind.CLIENT } as const;

function contextOf(parent: string | undefined, current: Span | undefined): Context {
  const ids = traceOf(parent);
  if (ids !== undefined)
    return trace.setSpanContext(ROOT_CONTEXT, { ...ids, traceFlags: TraceFlags.SAMPLED, isRemote: true });
  return current === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, current);
}

function metricsOf(provider: MeterProvider): Pick<Telemetry, 'count' | 'record' | 'watch'> {
  const meter = provider.getMeter(NAME);
  const about = (name: keyof typeof METRICS) => ({ unit: METRICS[name].unit, description: METRICS[name].what });
  const advice = { explicitBucketBoundaries: BOUNDARIES };
  const counters = made((name: Counter) => meter.createCounter(name, about(name)));
  const histograms = made((name: Histogram) => meter.createHistogram(name, { ...about(name), advice }));
  return {
    count: (name, labels = {}, by = 1) => counters(name).add(by, { ...labels }),
    record: (name, seconds, labels = {}) => histograms(name).record(seconds, { ...labels }),
    watch: (name: Gauge, read) =>
      meter.createObservableGauge(name, about(name)).addCallback((result) => {
        for (const { value, labels = {} } of read()) result.observe(value, { ...labels });
      }),
  };
}

/** Each once. */
function made<Name, T>(make: (name: Name) => T): (name: Name) => T {
  const all = new Map<Name, T>();
  return (name) => {
    const one = all.get(name) ?? make(name);
    all.set(name, one);
    return one;
  };
}
