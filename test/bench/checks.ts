import { startAzureDevOps } from '../fakes/azure-devops.ts';
import type { SimulatedCheck } from '../fakes/azure-devops-model.ts';
import { CHECK_KEY } from '../fakes/countersign.ts';
import type { RawGet, RawWork } from './child-raw.ts';
import { type Child, startChild } from './children.ts';
import { type Line, line } from './line.ts';
import { atOnce, post, quantile } from './load.ts';
import { PREFIX, startProduct, startStore } from './product.ts';
import { type RecordedCall, recordDeliveries } from './recorded.ts';

const AT_ONCE = 50;
const ROUNDS = 4;
const BAR_MS = 1_000;
const WARM_UP = 5;

/** From a check's delivery to its answer, 50 at once, beside the calls to Azure DevOps and the store that it makes. */
export async function checks(): Promise<readonly Line[]> {
  const azureDevOps = await startAzureDevOps();
  const { azurite, connectionString } = await startStore([]);
  const settings = { AZURE_DEVOPS_ORGS: azureDevOps.organizationUrl(), AZURE_DEVOPS_TOKEN: azureDevOps.pat };
  const product = await startProduct(connectionString, settings);
  const raw = await startChild('child-raw.ts', [connectionString, PREFIX]);
  try {
    const url = `${await product.ask<string>('url')}/api/azure-devops/checks`;
    const pipeline = azureDevOps.addPipeline({ name: 'payments-api-deploy', repository: 'payments-api' });
    const run = azureDevOps.queueRun({ pipeline });
    const waiting = () =>
      azureDevOps.startCheck(run, { environment: 'prod', stage: 'Deploy', service: 'payments-api' });
    let refused = 0;
    const deliver = async (check: SimulatedCheck) => {
      const { headers, body } = azureDevOps.deliveryOf(check);
      await post(url, { ...headers, 'X-Countersign-Key': CHECK_KEY }, body).catch(() => {
        refused += 1;
      });
    };
    const first = waiting();
    await deliver(first);
    const gets = getsOf(azureDevOps, first);
    for (let n = 0; n < WARM_UP; n += 1) await deliver(waiting());
    const stored = await recordDeliveries(AT_ONCE * ROUNDS);
    const [ours, alone]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      const arriving = Array.from({ length: AT_ONCE }, waiting);
      const load = await atOnce(
        AT_ONCE,
        arriving.map((check) => () => deliver(check)),
      );
      ours.push(...load.latencies);
      await product.ask('idle');
      alone.push(...(await rawRound(raw, gets, stored.slice(round * AT_ONCE, (round + 1) * AT_ONCE))));
    }
    const [p99, floor] = [quantile(ours, 0.99), quantile(alone, 0.99)];
    const beside = { what: 'the same calls to Azure DevOps and the store alone', value: floor };
    const bar = { bar: `less than ${BAR_MS} ms`, met: p99 < BAR_MS };
    return [
      line('check acknowledged, p99 at 50 at once', 'ms', p99, beside, bar),
      line('checks not acknowledged', 'checks', refused, undefined, { bar: 'none', met: refused === 0 }),
    ];
  } finally {
    await Promise.all([product, raw].map((child) => child.close()));
    await Promise.all([azureDevOps.close(), azurite.close()]);
  }
}

/** What the product asks Azure DevOps with the job's token before it answers. */
function getsOf({ url, requests }: Awaited<ReturnType<typeof startAzureDevOps>>, check: SimulatedCheck): RawGet[] {
  const authorization = `Basic ${Buffer.from(`:${check.token}`).toString('base64')}`;
  return requests
    .filter(({ caller, method }) => caller === 'job' && method === 'GET')
    .slice(0, GETS)
    .map(({ path }) => ({ kind: 'http', url: `${url}${path}`, authorization }));
}

/** Run, plan and timeline. */
const GETS = 3;

async function rawRound(raw: Child, gets: readonly RawGet[], stored: readonly (readonly RecordedCall[])[]) {
  const sequences = stored.map((calls) => [...gets, ...calls]);
  return (await raw.ask<RawWork>('run', { concurrency: AT_ONCE, sequences })).sequences;
}
