import type { TokenCredential } from '@azure/identity';
import type { Reply } from './azure-devops-model.ts';
import { type JsonRequest, type JsonServer, startJsonServer } from './json-server.ts';
import { failure } from './resource-graph.ts';

type Entry = Readonly<Record<string, unknown>>;

export interface AzureSignalsWorld {
  /** Id → display name, as far as the bot may see them. */
  subscriptions: Readonly<Record<string, string>>;
  /** By subscription id; those that Azure refuses to show are absent. */
  states: Readonly<Record<string, readonly Entry[]>>;
  assessments: Readonly<Record<string, readonly Entry[]>>;
  /** Of assessments, the same for every subscription. */
  metadata: readonly Entry[];
  alerts: Readonly<Record<string, readonly Entry[]>>;
  /** Plans of Defender by subscription id, and their tier; of others all are on. Null: those that Azure refuses to show. */
  plans: Readonly<Record<string, readonly Entry[] | null>>;
  /** Of the activity log, by subscription id; those that Azure refuses to show are absent. */
  activity: Readonly<Record<string, readonly Entry[]>>;
  pageSize: number;
  /** Another address of the next page than the true one. */
  nextLink?: (link: string) => string;
}

export interface AzureSignals extends JsonServer {
  /** May be changed at any time. */
  readonly world: AzureSignalsWorld;
  readonly credential: TokenCredential;
}

const POLICY = 'Microsoft.PolicyInsights/policyStates/latest/queryResults';

/** Azure Resource Manager on 127.0.0.1, as far as signals are pulled from it: documented addresses, versions and pages. */
export async function startAzureSignals(): Promise<AzureSignals> {
  const token = `arm-${Math.random().toString(36).slice(2)}`;
  const world = noSignals();
  const server: JsonServer = await startJsonServer((request) => {
    if (request.authorization !== `Bearer ${token}`) return failure(401, 'AuthenticationFailed');
    return signalsReply(world, server.url, request);
  });
  return {
    ...server,
    world,
    credential: { getToken: async () => ({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) },
  };
}

export function noSignals(): AzureSignalsWorld {
  return {
    subscriptions: {},
    states: {},
    assessments: {},
    metadata: [],
    alerts: {},
    plans: {},
    activity: {},
    pageSize: 1_000,
  };
}

/** To a caller who may ask. */
export function signalsReply(world: AzureSignalsWorld, origin: string, { method, url }: JsonRequest): Reply {
  const version = url.searchParams.get('api-version');
  if (url.pathname === '/subscriptions' && version === '2022-12-01') {
    const value = Object.entries(world.subscriptions).map(([subscriptionId, displayName]) => ({
      id: `/subscriptions/${subscriptionId}`,
      subscriptionId,
      displayName,
    }));
    return { status: 200, body: { value } };
  }
  const [, id = '', what] = /^\/subscriptions\/([^/]+)\/providers\/(.+)$/.exec(url.pathname) ?? [];
  const asked = `${method} ${what} ${version}`;
  if (asked === `POST ${POLICY} 2024-10-01`) return policyPage(world, origin, url, world.states[id]);
  if (asked === 'GET Microsoft.Security/assessments 2021-06-01') return page(world, origin, url, world.assessments[id]);
  if (asked === 'GET Microsoft.Security/assessmentMetadata 2021-06-01') return page(world, origin, url, world.metadata);
  if (asked === 'GET Microsoft.Security/pricings 2024-01-01') return pricings(world.plans[id]);
  if (asked === 'GET Microsoft.Security/alerts 2022-01-01') return page(world, origin, url, world.alerts[id]);
  if (asked === `GET ${ACTIVITY} 2015-04-01`) return page(world, origin, url, within(url, world.activity[id]));
  return failure(404, 'InvalidResourceType');
}

/** A plan of Defender as Azure has it. */
export const aPlan = (name: string, pricingTier: 'Free' | 'Standard', over: Entry = {}): Entry => ({
  name,
  type: 'Microsoft.Security/pricings',
  properties: {
    pricingTier,
    freeTrialRemainingTime: 'PT0S',
    enforce: 'False',
    resourcesCoverageStatus: pricingTier === 'Free' ? 'NotCovered' : 'FullyCovered',
    ...over,
  },
});

const ALL_ON = [
  ...['VirtualMachines', 'StorageAccounts', 'KeyVaults'].map((name) => aPlan(name, 'Standard')),
  aPlan('CloudPosture', 'Free'),
  aPlan('KubernetesService', 'Free', { deprecated: true, replacedBy: ['Containers'] }),
];

/** One page, always. */
function pricings(plans: readonly Entry[] | null = ALL_ON): Reply {
  return plans === null ? failure(403, 'AuthorizationFailed') : { status: 200, body: { value: plans } };
}

const ACTIVITY = 'Microsoft.Insights/eventtypes/management/values';

/** Newest first; without both ends the service refuses. */
function within(url: URL, entries: readonly Entry[] | undefined): readonly Entry[] | undefined {
  const filter = /^eventTimestamp ge '([^']+)' and eventTimestamp le '([^']+)'$/.exec(
    url.searchParams.get('$filter') ?? '',
  );
  const [from, until] = [filter?.[1], filter?.[2]].map((text) => Date.parse(text ?? ''));
  const isWithin = ({ eventTimestamp }: Entry) => {
    const at = Date.parse(String(eventTimestamp));
    return at >= (from ?? Number.NaN) && at <= (until ?? Number.NaN);
  };
  return entries?.filter(isWithin).toReversed();
}

/** What `complianceState ne '…'` leaves, as the filter has it. */
function policyPage(world: AzureSignalsWorld, origin: string, url: URL, rows: readonly Entry[] | undefined): Reply {
  const filter = url.searchParams.get('$filter') ?? '';
  const left = [...filter.matchAll(/complianceState ne '(\w+)'/g)].map(([, state]) => state);
  const wanted = rows?.filter(({ complianceState }) => !left.includes(String(complianceState)));
  const reply = page(world, origin, url, wanted);
  if (reply.status !== 200) return reply;
  const { value, nextLink } = reply.body as { readonly value: readonly Entry[]; readonly nextLink?: string };
  const context = `${origin}${url.pathname.split('/latest/')[0]}/$metadata#latest`;
  return {
    status: 200,
    body: {
      '@odata.nextLink': nextLink ?? null,
      '@odata.context': context,
      '@odata.count': value.length,
      value,
    },
  };
}

/** By `nextLink`, as Azure Resource Manager does; without rows it refuses. */
export function page(
  world: Pick<AzureSignalsWorld, 'pageSize' | 'nextLink'>,
  origin: string,
  url: URL,
  rows: readonly Entry[] | undefined,
): Reply {
  if (rows === undefined) return failure(403, 'AuthorizationFailed');
  const from = Number(url.searchParams.get('$skiptoken') ?? 0);
  const until = from + world.pageSize;
  const next = new URL(`${url.pathname}${url.search}`, origin);
  next.searchParams.set('$skiptoken', String(until));
  const { nextLink = (link: string) => link } = world;
  return {
    status: 200,
    body: { value: rows.slice(from, until), ...(until < rows.length ? { nextLink: nextLink(next.href) } : {}) },
  };
}
