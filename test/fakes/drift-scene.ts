import { handlersOf } from '../../bot/handlers-of.ts';
import type { EvidenceEntry } from '../../services/domain/evidence.ts';
import { orgOf } from '../../services/domain/gate.ts';
import type { CheckFact, Section } from '../../services/domain/platform.ts';
import type { DriftNews, PostDeployNews } from '../../services/ports/notifier.ts';
import { decodeEvidence } from '../../services/tables/evidence-row.ts';
import { findPartition } from '../../services/tables/history-rows.ts';
import { prefixRange } from '../../services/tables/keys.ts';
import { aCheck, ORGANIZATION, TENANT } from '../builders.ts';
import { aCheckFact, anEnvironment, type PlatformFixture, platformSections } from '../drift-platforms.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from './core-world.ts';
import { actor, nextOp } from './exception-scene.ts';
import { fakePlatforms, type PlatformFake } from './platform-store.ts';
import { wish } from './waiting-gate.ts';

export const SCOPE = { org: orgOf(TENANT, ORGANIZATION), service: 'payments-api', environment: 'prod' };
/** Owns payments-api, and approves nothing of it. */
export const OWNER = PEOPLE.adele;

export interface DriftScene {
  readonly world: CoreWorld;
  readonly platforms: PlatformFake;
  /** What the platform says from now on, read at this moment. */
  reads(over?: Partial<PlatformFixture>): void;
  /** The sections as they are, changed. */
  readsAs(change: (sections: readonly Section[]) => readonly Section[]): void;
  /** A deployment of payments-api to prod that Alex approves. */
  release(): Promise<string>;
  /** One that waits. */
  deploy(): Promise<string>;
  /** One round of the scheduler. */
  round(): Promise<void>;
  click(verb: string, data: object, oid?: string): ReturnType<ReturnType<typeof handlersOf>['runAction']>;
  say(text: string, oid?: string): Promise<string>;
  /** But for that a baseline was taken. */
  readonly cards: readonly (DriftNews & { readonly conversation: string })[];
  /** That a baseline was taken. */
  readonly announced: readonly (DriftNews & { readonly conversation: string })[];
  readonly reviews: readonly (PostDeployNews & { readonly conversation: string })[];
  /** Of the baseline. */
  evidence(prefix?: string): Promise<EvidenceEntry[]>;
}

export const checked = (over: Partial<CheckFact>) => ({
  environments: [anEnvironment({ checks: [aCheckFact(over)] })],
});

/** Of the evidence of the baseline, in order. */
export const kindsOf = async (scene: DriftScene) =>
  (await scene.evidence()).map(({ entry }) => (JSON.parse(entry) as { kind: string }).kind);
/** Rules of what stands as drift. */
export const findingsIn = async ({ world }: DriftScene) =>
  (await world.ports.postures.read({ scope: SCOPE, source: 'drift' })).posture.words
    .values()
    .flatMap(({ finding }) => (finding === undefined ? [] : [finding.rule]))
    .toArray();

export async function setDriftScene(options: Parameters<typeof createCoreWorld>[0] = {}): Promise<DriftScene> {
  const platforms = fakePlatforms(platformSections());
  const world = await createCoreWorld({ platforms, ...options });
  let runs = 6;
  for (const oid of [PEOPLE.alex, OWNER, PEOPLE.megan]) await world.meet(oid);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  const deploy = async () => {
    runs += 1;
    const id = await deliverRun(world, runs);
    await world.settle();
    return id;
  };
  return {
    world,
    platforms,
    reads: (over = {}) => {
      platforms.sections = platformSections(over, world.now);
    },
    readsAs: (change) => {
      platforms.sections = change(platforms.sections);
    },
    deploy,
    release: async () => {
      const id = await deploy();
      await world.core.approvals.decide(wish(id, PEOPLE.alex));
      await world.settle();
      return id;
    },
    round: async () => {
      await world.core.reconcile();
      await world.settle();
    },
    click: (verb, data, oid = PEOPLE.alex) =>
      handlersOf(world.core).runAction(actor(oid), { verb, data: { verb, ...data }, op: nextOp() }),
    say: async (text, oid = OWNER) => (await handlersOf(world.core).runCommand(actor(oid), text, nextOp())).text,
    get cards() {
      return world.news.flatMap((one) => ('drifted' in one && one.topic !== 'taken' ? [one] : []));
    },
    get announced() {
      return world.news.flatMap((one) => ('drifted' in one && one.topic === 'taken' ? [one] : []));
    },
    get reviews() {
      return world.news.flatMap((one) => ('postDeploy' in one ? [one] : []));
    },
    evidence: async (prefix = 'be') => {
      const rows = await world.table.list('find', findPartition(SCOPE), { ranges: [prefixRange(prefix)] });
      return rows.map(decodeEvidence);
    },
  };
}

/** Each run asks by a check of its own. */
export async function deliverRun(
  { core, azureDevOps }: Pick<CoreWorld, 'core' | 'azureDevOps'>,
  runId: number,
  of: Parameters<typeof aCheck>[0] = {},
): Promise<string> {
  azureDevOps.run = { ...azureDevOps.run, id: runId, name: `20261124.${runId}` };
  const taskInstanceId = `00000000-0000-4000-8000-${String(runId).padStart(12, '0')}`;
  const check = aCheck({ taskInstanceId, ...of });
  const receipt = await core.deliveries.receive({
    check,
    jobToken: 'job-token',
    runId,
    stage: 'Deploy',
    environment: 'prod',
  });
  if (receipt.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(receipt)}`);
  await core.outbox.drain(receipt.org, receipt.requestId);
  return receipt.requestId;
}
