import type { IAdaptiveCard } from 'adaptivecards';
import { renderFor } from '../../bot/render.ts';
import { aCheck, ORG, TENANT } from '../builders.ts';
import { buttonById } from '../cards/read.ts';
import type { PostedCard } from './core-notifier.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from './core-world.ts';
import { policyFolder } from './policy-folder.ts';

export const REGIONS = ['prod', 'prod-eu', 'prod-us', 'prod-asia', 'prod-africa'] as const;

export const LEADS = '{ quorum: 1, from: ["group:payments-leads"] }';
export const MANAGERS = '{ quorum: 1, from: ["group:release-managers"] }';

function routeOf(environment: string, levels: readonly string[]): string {
  const rules =
    'remindAfter: 1h\n    escalateAfter: 3h\n    escalateTo: "group:release-managers"\n    deadline: 8h\n    post: { dm: true }';
  return `  - match: { environment: ${environment}, service: payments-api }\n    levels: [${levels.join(', ')}]\n    ${rules}\n`;
}

/** A world with five production environments, which ask the leads of payments unless said otherwise; all are met. */
export async function aWorldOfRegions(
  levels: Readonly<Record<string, readonly string[]>> = {},
): Promise<CoreWorld & { readonly policyDir: string }> {
  const more = REGIONS.slice(1).map(
    (name) => `  ${name}: { tier: production, approval: required, onBlock: { wait: 60m }, enforce: true }\n`,
  );
  const routes = REGIONS.map((name) => routeOf(name, levels[name] ?? [LEADS]));
  const policyDir = await policyFolder(
    ['contract.yaml', '  staging: {', `${more.join('')}  staging: {`],
    ['routes.yaml', /routes:\n[\s\S]*/g, `routes:\n${routes.join('')}`],
  );
  const world = await createCoreWorld({ policyDir });
  for (const oid of [PEOPLE.alex, PEOPLE.megan, PEOPLE.adele, PEOPLE.isaiah]) await world.meet(oid);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  return Object.assign(world, { policyDir });
}

const guid = (n: number) => `${n.toString(16).padStart(8, '0')}-0000-4000-8000-000000000000`;
let last = 0;

/** A check of the run that Azure DevOps is at; not carried out yet. */
export async function receiveStage(
  world: CoreWorld,
  environment: string,
  stage = `Deploy ${environment}`,
): Promise<string> {
  last += 1;
  const delivery = { check: aCheck({ taskInstanceId: guid(last) }), jobToken: 'token', runId: 7, stage, environment };
  const receipt = await world.core.deliveries.receive(delivery);
  if (receipt.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(receipt)}`);
  return receipt.requestId;
}

/** The stages of one run, the first of which holds the card; everything that follows is done. */
export async function deploys(world: CoreWorld, environments: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const environment of environments) ids.push(await receiveStage(world, environment));
  const [first = '', ...others] = ids;
  await world.core.outbox.drain(ORG, first);
  await Promise.all(others.map((id) => world.core.outbox.drain(ORG, id)));
  await world.settle();
  return ids;
}

export const personOf = (oid: string) => ({ kind: 'person', tenant: TENANT, oid, name: 'as Teams says' }) as const;

/** Everything that was sent to this person. */
export const cardsOf = (world: CoreWorld, oid: string) => world.posted.filter(({ to }) => to === `a:${oid}`);
export const shown = ({ notice }: PostedCard) =>
  renderFor(notice, notice.audience.kind === 'person' ? { oid: notice.audience.oid } : {}).card as IAdaptiveCard;
/** Ids that the reader can decide by this card. */
export const offered = (card: PostedCard) => {
  const data = buttonById(shown(card), 'approve')?.data ?? {};
  const items = (data['items'] ?? [data]) as readonly { readonly requestId?: string }[];
  return items.flatMap(({ requestId }) => requestId ?? []).sort();
};
/** Alex approves these, unless said otherwise; everything that follows is done. */
export const decide = async (
  world: CoreWorld,
  ids: readonly string[],
  over: { oid?: string; verdict?: 'approve' | 'reject' } = {},
) => {
  const { oid = PEOPLE.alex, verdict = 'approve' } = over;
  const wish = { revision: 1, verdict, comment: 'because', by: personOf(oid) };
  const answers = await world.core.approvals.decideMany(
    ids.map((requestId) => ({ ...wish, requestId, op: `click ${oid} ${requestId}` })),
  );
  await world.settle();
  return answers;
};
