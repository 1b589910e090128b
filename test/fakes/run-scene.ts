import { aCheck, ORG, TENANT } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from './core-world.ts';
import { policyFolder } from './policy-folder.ts';

export const REGIONS = ['prod', 'prod-eu', 'prod-us', 'prod-asia', 'prod-africa'] as const;

export const LEADS = '{ quorum: 1, from: ["group:payments-leads"] }';
export const MANAGERS = '{ quorum: 1, from: ["group:release-managers"] }';

function routeOf(environment: string, levels: readonly string[]): string {
  const rules = 'remindAfter: 1h\n    deadline: 8h\n    post: { dm: true }';
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

/** The stages of one run, at once; everything that follows is done. */
export async function deploys(world: CoreWorld, environments: readonly string[]): Promise<string[]> {
  const ids: string[] = [];
  for (const environment of environments) ids.push(await receiveStage(world, environment));
  await Promise.all(ids.map((id) => world.core.outbox.drain(ORG, id)));
  await world.settle();
  return ids;
}

export const personOf = (oid: string) => ({ kind: 'person', tenant: TENANT, oid, name: 'as Teams says' }) as const;
