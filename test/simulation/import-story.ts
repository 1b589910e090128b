import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import type { OutsideException } from '../../services/domain/outside-exception.ts';
import { createImportStore } from '../../services/tables/import-store.ts';
import { ORG, TENANT } from '../builders.ts';
import type { Cast, Event } from './cast.ts';
import { exceptionsOf, gateOf, waits } from './exception-days.ts';
import { DAY_MS } from './exception-watch.ts';
import { insist } from './insist.ts';
import type { WaitingStage } from './pipelines.ts';
import type { Scene } from './scene.ts';
import { EVERYBODY, LIMITS, SERVICE } from './scenery.ts';

// Files of exceptions that other tools keep: brought in, they ask, and cover nothing until somebody grants them.

const RULES = ['generic-api-key', 'weak-hash'] as const;

export const bringsIn =
  (stage: WaitingStage, oid: string): Event =>
  async (world, cast) => {
    const { dice } = world;
    await waits(world, 250, () => gateOf(world, stage)?.state === 'blocked');
    const blocks = (gateOf(world, stage)?.judgement?.blocks ?? []).map(({ rule }) => rule);
    const rules = [...new Set([...blocks, ...RULES.filter(() => dice.chance(0.3))])];
    const entries = rules.map((rule, n) => entryOf(world, rule, n + 1));
    const wish = {
      ...{ service: SERVICE, environment: stage.environment, source: 'trivy' as const, entries, isWhole: true },
      by: { kind: 'person' as const, tenant: TENANT, oid, name: 'as Teams says' },
      checksum: `${world.step} ${dice.below(1_000_000)}`,
    };
    const once = () =>
      world.begin(`${oid.slice(0, 4)} brings in`, async () => {
        const answer = await insist(world, cast, ({ core }) => core.exceptionImports.bring(wish));
        if (answer?.kind !== 'brought') return;
        for (const { became } of answer.lines) {
          world.note(`${oid.slice(0, 4)} is told ${became.kind === 'refused' ? became.why.code : became.kind}`);
          if (became.kind === 'requested')
            cast.toldOfImports.push({ oid, ids: became.ids, isThere: areThere(world, became.ids) });
        }
      });
    // The same file comes again, and from two at once.
    await Promise.all(Array.from({ length: dice.chance(0.3) ? 2 : 1 }, once));
    if (dice.chance(0.3)) await once();
  };

/** Mostly with everything that is asked for. */
function entryOf({ dice, time }: Scene, rule: string, line: number): OutsideException {
  const day = (days: number) => new Date(time + days * DAY_MS).toISOString().slice(0, 10);
  const terms = {
    reasonClass: 'fix-scheduled',
    reason: 'It is mended with the next release of the library',
    until: day(dice.pick([-1, 1, 1, LIMITS.maxDays, LIMITS.maxDays, LIMITS.maxDays + 1])),
    reviewEvery: '1d',
    ...(dice.chance(0.85) ? { owner: dice.pick(['group:payments-owners', `user:${dice.pick(EVERYBODY)}`]) } : {}),
  };
  return { source: 'trivy', line, name: rule, rules: [rule], paths: [], narrowedBy: [], terms };
}

function areThere(world: Scene, ids: readonly string[]): boolean {
  const known = exceptionsOf(world).map(({ id }) => id);
  return ids.every((id) => known.includes(id));
}

/** I4, I8, I10: who was told that it is asked for finds it; the same file is noted once, in an unbroken chain. */
export async function importsHold(
  world: Scene,
  { toldOfImports }: Cast,
  violated: (invariant: string, what: string) => void,
): Promise<void> {
  for (const { oid, ids, isThere } of toldOfImports)
    if (!isThere || !areThere(world, ids))
      violated('I8', `${oid} was told that ${ids} are asked for, and they are not`);
  const store = createImportStore({ table: world.store, random: { bytes: () => new Uint8Array() }, orgs: [ORG] });
  for (const environment of ['prod', 'staging']) {
    const { all, evidence } = await store.read({ org: ORG, service: SERVICE, environment });
    if (firstBrokenEntry(evidence) !== undefined) violated('I10', `the chain of imports in ${environment} is broken`);
    const twice = evidence.filter(({ op }, at) => at > 0 && op === evidence[at - 1]?.op);
    if (twice.length > 0) violated('I4', `a file was brought in twice in ${environment}`);
    for (const { requested = [] } of all)
      if (!areThere(world, requested)) violated('I8', `${requested} are noted as asked for, and are not there`);
  }
}
