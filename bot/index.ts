import './safe-start.ts';
import type { AddressInfo } from 'node:net';
import { type App, createApp } from './app.ts';
import { type Config, cannotStart, readConfig } from './config.ts';
import { createLog } from './log.ts';
import { telemetryOf } from './telemetry/telemetry-of.ts';

const reading = readConfig(process.env);
const log = createLog('config' in reading ? reading.config.logLevel : 'info');
for (const warning of reading.warnings) log.warn({ warning }, 'setting');
if ('problems' in reading) {
  process.stderr.write(`${cannotStart(reading.problems)}\n`);
  process.exit(1);
}

const { config } = reading;
const app = await start(config).catch((error: unknown) => {
  log.fatal({ err: error }, 'cannot start');
  process.stderr.write(`${cannotStart([error instanceof Error ? error.message : String(error)])}\n`);
  process.exit(1);
});
log.info({ port: (app.server.address() as AddressInfo).port, local: config.local }, 'listening');

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => {
    log.info({ signal }, 'stopping');
    app.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}

async function start(settings: Config): Promise<App> {
  const created = createApp(settings, log, { telemetry: await telemetryOf(settings, log) });
  await created.start();
  return created;
}
