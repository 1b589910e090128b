import { TENANT } from '../builders.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { startTeams } from '../fakes/teams.ts';
import type { RawWork } from './child-raw.ts';
import { type Child, startChild, type Usage } from './children.ts';
import { type Line, line } from './line.ts';
import { atOnce, type Load, median, post, quantile } from './load.ts';
import { PREFIX, startProduct, startStore } from './product.ts';
import { type RecordedDecision, recordDecisions } from './recorded.ts';

const BOT_ID = '5b0e2c3e-3f7a-4a53-9d0e-2f5a1c7d9e11';
const ALEX = { oid: PEOPLE.alex, name: 'Alex Wilber' };

const WARM_UP = 120;
const AGAIN = 5;
const ROUNDS = 3;
const CPU_CLICKS = 40;
const CPU_AT_ONCE = 4;
const LOAD_CLICKS = 64;
const LOAD_AT_ONCE = 32;
/** A round needs requests for the product and as many for the raw calls. */
const NEEDED = WARM_UP * 2 + ROUNDS * 2 * (CPU_CLICKS + LOAD_CLICKS);

interface Stage {
  readonly product: Child;
  readonly echo: Child;
  readonly raw: Child;
  /** Presses Approve of this request; the answer is that of the server at this address. */
  press(url: string, decision: RecordedDecision): Promise<string>;
  /** So many requests that nobody has decided yet. */
  take(count: number): readonly RecordedDecision[];
  close(): Promise<void>;
}

/** Approve in Teams, from request to answer, beside a turn of the SDK that does nothing and the table client alone. */
export async function clicks(): Promise<readonly Line[]> {
  const stage = await setStage();
  try {
    const urls = { product: await stage.product.ask<string>('url'), echo: await stage.echo.ask<string>('url') };
    await stage.product.ask('hold');
    await warmUp(stage, urls);
    const [few, many] = [rounds(), rounds()];
    for (let n = 0; n < ROUNDS; n += 1) {
      few.product.push(await measured(stage, 'product', urls.product, CPU_CLICKS, CPU_AT_ONCE));
      few.echo.push(await measured(stage, 'echo', urls.echo, CPU_CLICKS, CPU_AT_ONCE));
      few.raw.push(await alone(stage, CPU_CLICKS, CPU_AT_ONCE));
      many.product.push(await measured(stage, 'product', urls.product, LOAD_CLICKS, LOAD_AT_ONCE));
      many.echo.push(await measured(stage, 'echo', urls.echo, LOAD_CLICKS, LOAD_AT_ONCE));
      many.raw.push(await alone(stage, LOAD_CLICKS, LOAD_AT_ONCE));
    }
    return [...cpuLines(few), ...latencyLines(many)];
  } finally {
    await stage.close();
  }
}

/** Until the code is compiled: clicks, and the same clicks again, which read and answer with the same card. */
async function warmUp(stage: Stage, urls: Readonly<Record<'product' | 'echo', string>>): Promise<void> {
  const clicked = stage.take(WARM_UP);
  const again = Array.from({ length: AGAIN }, () => clicked).flat();
  for (const url of [urls.product, urls.echo]) {
    await atOnce(
      CPU_AT_ONCE,
      [...clicked, ...again].map((decision) => () => stage.press(url, decision)),
    );
  }
  const sequences = [
    ...stage.take(WARM_UP).map(({ before }) => before),
    ...again.map(({ before }) => before.slice(0, 1)),
  ];
  await stage.raw.ask<RawWork>('run', { concurrency: CPU_AT_ONCE, sequences });
}

interface Measured extends Load {
  /** Milliseconds of the serving process for each request. */
  readonly cpuMs: number;
}

interface Rounds {
  readonly product: Measured[];
  readonly echo: Measured[];
  readonly raw: (RawWork & { readonly count: number })[];
}

const rounds = (): Rounds => ({ product: [], echo: [], raw: [] });

async function measured(stage: Stage, who: 'product' | 'echo', url: string, count: number, concurrency: number) {
  const decisions = who === 'product' ? stage.take(count) : Array.from({ length: count }, () => ANY);
  const child = stage[who];
  const before = await child.ask<Usage>('usage');
  const load = await atOnce(
    concurrency,
    decisions.map((decision) => () => stage.press(url, decision)),
  );
  const after = await child.ask<Usage>('usage');
  return { ...load, cpuMs: (after.cpuMs - before.cpuMs) / count };
}

const ANY: RecordedDecision = { requestId: 'abcdefghijklmnop', before: [], after: [] };

async function alone({ raw, take }: Stage, count: number, concurrency: number) {
  const sequences = take(count).map(({ before }) => before);
  return { count, ...(await raw.ask<RawWork>('run', { concurrency, sequences })) };
}

function cpuLines({ product, echo, raw }: Rounds): Line[] {
  const [ours, theirs, store] = [product, echo, raw].map((all) => median(all.map(({ cpuMs }) => cpuMs)));
  const [click = 0, turn = 0, calls = 0] = [ours, theirs, store];
  const beside = { what: 'a turn of the same SDK that answers a constant', value: turn };
  const both = { what: 'that turn and the same storage calls by the table client alone', value: turn + calls };
  return [
    line('approve click, CPU', 'ms', click, beside, { bar: 'at most 2, aim 1.5', met: click <= 2 * turn }),
    line('approve click, CPU beside what it cannot do without', 'ms', click, both),
    line('approve click, CPU without its storage calls', 'ms', click - calls, beside, {
      bar: 'at most 2, aim 1.5',
      met: click - calls <= 2 * turn,
    }),
  ];
}

function latencyLines({ product, echo, raw }: Rounds): Line[] {
  const p99 = (all: readonly { readonly latencies: readonly number[] }[]) =>
    quantile(
      all.flatMap(({ latencies }) => latencies),
      0.99,
    );
  const allowed = p99(echo) + 3 * p99(raw);
  const perSecond = median(product.map(({ seconds }) => LOAD_CLICKS / seconds));
  const alonePerSecond = median(raw.map(({ seconds, count }) => count / seconds));
  return [
    line(
      'approve click, p99 at 32 at once',
      'ms',
      p99(product),
      { what: 'p99 of the turn and three times the p99 of a storage call, at 32 at once', value: allowed },
      { bar: 'at most 1', met: p99(product) <= allowed },
    ),
    line('approve clicks answered', '1/s', perSecond, {
      what: 'the same storage calls by the table client alone, as many at once',
      value: alonePerSecond,
    }),
  ];
}

async function setStage(): Promise<Stage> {
  const { rows, decisions } = await recordDecisions(NEEDED);
  // What is open would be compared with Azure DevOps while something else is measured.
  const { azurite, connectionString } = await startStore(rows.filter(({ table }) => table !== 'open'));
  const teams = await startTeams({ tenant: TENANT, botId: BOT_ID, authenticated: true });
  const { openIdMetadataUrl } = teams;
  const product = await startProduct(connectionString, {
    BOT_ID,
    BOT_PASSWORD: 'not a secret',
    BOT_OPENID_METADATA_URL: openIdMetadataUrl,
  });
  const echo = await startChild('child-echo.ts', [
    JSON.stringify({ botId: BOT_ID, tenant: TENANT, openIdMetadataUrl }),
  ]);
  const raw = await startChild('child-raw.ts', [connectionString, PREFIX]);
  const authorization = `Bearer ${await teams.tokens?.sign(teams.url)}`;
  let taken = 0;
  return {
    product,
    echo,
    raw,
    press: (url, { requestId }) => {
      const data = { verb: 'approval.decide', requestId, revision: 1, verdict: 'approve', comment: '' };
      const card = { id: '1700000000000', conversation: `a:${ALEX.oid}`, activity: {}, versions: [], views: new Map() };
      const activity = teams.actionActivity(ALEX, card, 'approval.decide', data);
      return post(`${url}/api/messages`, { authorization }, JSON.stringify(activity));
    },
    take: (count) => {
      taken += count;
      if (taken > decisions.length) throw new Error('there are not enough requests');
      return decisions.slice(taken - count, taken);
    },
    close: async () => {
      await Promise.all([product, echo, raw].map((child) => child.close()));
      await teams.close();
      await azurite.close();
    },
  };
}
