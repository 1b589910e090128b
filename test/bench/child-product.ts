import type { AddressInfo } from 'node:net';
import { TableClient } from '@azure/data-tables';
import { createApp } from '../../bot/app.ts';
import { readConfig } from '../../bot/config.ts';
import { createLog } from '../../bot/log.ts';
import { serveParent, usage } from './children.ts';

/** The product, as it is wired; its environment is the argument. */
const reading = readConfig(JSON.parse(process.argv[2] ?? '{}'));
if ('problems' in reading) throw new Error(reading.problems.join('\n'));
const app = createApp(
  reading.config,
  createLog('warn', () => {}),
);
await app.start();

/** Whoever reads a scope waits for ever: after an answer that is the first thing that telling does. */
function holdBackground(): void {
  const { listEntities } = TableClient.prototype;
  TableClient.prototype.listEntities = function held(this: TableClient, ...options) {
    const entities = listEntities.apply(this, options);
    if (!this.tableName.endsWith('scope')) return entities as never;
    return { ...entities, byPage: () => ({ next: () => new Promise(() => {}) }) } as never;
  };
}

serveParent({
  url: () => `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`,
  usage,
  hold: holdBackground,
  idle: () => app.core.idle(),
});
