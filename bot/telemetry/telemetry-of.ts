import { randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import type { Telemetry } from '../../services/ports/telemetry.ts';
import type { Config } from '../config.ts';

/** How often it is sent, in milliseconds; by default as OpenTelemetry does. */
interface Pace {
  readonly metricsEveryMs?: number;
  readonly spansEveryMs?: number;
}

/** Nothing of OpenTelemetry is loaded where no collector is configured. */
export async function telemetryOf(config: Config, log: Logger, pace: Pace = {}): Promise<Telemetry | undefined> {
  const endpoint = config.telemetry.otlpEndpoint;
  if (endpoint === undefined) return undefined;
  const { createOtlpTelemetry } = await import('../../services/telemetry/otlp-telemetry.ts');
  return createOtlpTelemetry({
    ...pace,
    endpoint,
    instance: randomUUID(),
    failed: (what, why) => log.warn({ what, why }, 'telemetry not taken by the collector'),
    recovered: (what) => log.info({ what }, 'telemetry taken by the collector again'),
  });
}
