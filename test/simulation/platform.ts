import { entryKey, takenAt } from '../../services/domain/baseline.ts';
import { stateOf } from '../../services/domain/place-state.ts';
import type { CheckFact, PlatformFacts, Section, SectionKind } from '../../services/domain/platform.ts';
import { platformIndex } from '../../services/domain/platform-index.ts';
import type { PlatformSource, SectionPart } from '../../services/ports/platform-source.ts';
import { SourceUnavailableError } from '../../services/ports/signal-source.ts';
import { createBaselineStore } from '../../services/tables/baseline-store.ts';
import { ORG, ORGANIZATION } from '../builders.ts';
import { aBranch, aCheckFact, anEnvironment, PROJECT } from '../drift-platforms.ts';
import { POLICIES, SERVICE } from './scenery.ts';
import type { Life } from './turns.ts';
import { faultOf, type World } from './world.ts';

/** Id of a check of the environment → minutes of its timeout. */
export type Checks = ReadonlyMap<string, number>;

/** The delivery platform of a world: how one environment is guarded. */
export interface DeliveryPlatform {
  /** As it is, and as it ever was. */
  readonly history: readonly Checks[];
  change(checks: Checks): void;
  /** What was approved before the world began. */
  takeBaseline(): Promise<void>;
  source(life: Life): PlatformSource;
}

export const GUARDED = { org: ORG, service: SERVICE, environment: 'prod' } as const;
export const APPROVED: Checks = new Map([
  ['11', 60],
  ['12', 30],
]);
const ENVIRONMENT = '5';
const KINDS: readonly SectionKind[] = ['project', 'environments', 'branches'];
const OF = { target: PROJECT, name: 'payments' };

export const keyOfCheck = (id: string) => entryKey('check', PROJECT, ENVIRONMENT, id);

export function createDeliveryPlatform(world: World): DeliveryPlatform {
  const history: Checks[] = [APPROVED];
  const now = () => history.at(-1) ?? APPROVED;

  async function answered<T>(life: Life, answer: () => T): Promise<T> {
    await world.turns.take(life);
    const fault = faultOf(world);
    if (fault === 'before') throw new SourceUnavailableError('the platform did not answer');
    const read = answer();
    await world.turns.take(life);
    if (fault === 'after') throw new SourceUnavailableError('the answer of the platform was lost');
    return read;
  }

  /** A check a part; the last part has all of them. */
  function partOf(kind: SectionKind, next: string | undefined): SectionPart<SectionKind> {
    if (kind !== 'environments') return { facts: factsOf(kind, now()) };
    const read = next === undefined ? [] : (JSON.parse(next) as [string, number][]);
    const rest = [...now()].filter(([id]) => !read.some(([known]) => known === id));
    const all = [...read, ...rest.slice(0, 1)];
    return { facts: factsOf(kind, new Map(all)), ...(rest.length > 1 ? { next: JSON.stringify(all) } : {}) };
  }

  return {
    history,
    change: (checks) => {
      history.push(checks);
      world.note(`the platform changes: ${JSON.stringify([...checks])}`);
    },
    takeBaseline: async () => {
      const at = new Date(world.time).toISOString();
      const sections = KINDS.map((kind) => ({ kind, ...OF, known: { at, facts: factsOf(kind, APPROVED) } }) as Section);
      const catalog = POLICIES.get(world.crew)?.[1]?.catalog;
      if (catalog === undefined) throw new Error('the sample has no catalog');
      const state = stateOf(platformIndex({ organization: ORGANIZATION, sections }, catalog), GUARDED, {
        wanted: new Set(),
      });
      const op = 'baseline before';
      const baseline = takenAt(undefined, state, { requestId: 'before', runName: '0', at, approvedBy: [] }, op);
      if (baseline?.entries.some(({ key }) => key === keyOfCheck('11')) !== true) throw new Error('nothing is guarded');
      const store = createBaselineStore({ table: world.store, random: { bytes: (count) => new Uint8Array(count) } });
      const evidence = {
        kind: 'baseline-taken',
        actor: { kind: 'countersign' } as const,
        data: { requestId: 'before' },
      };
      await store.putBaseline({ scope: GUARDED }, { baseline, evidence, op, at });
    },
    source: (life) => ({
      kinds: KINDS,
      targets: () =>
        answered(life, () => ({ targets: KINDS.map((kind) => ({ kind, ...OF })), unseen: new Map(), calls: 1 })),
      read: async <K extends SectionKind>(
        _organization: string,
        { target, next }: { target: { kind: K }; next?: string },
      ) => answered(life, () => ({ ...(partOf(target.kind, next) as SectionPart<K>), calls: 1 })),
    }),
  };
}

function factsOf(kind: SectionKind, checks: Checks): PlatformFacts[SectionKind] {
  if (kind === 'project') return { pipelines: [SERVICE], repositories: [SERVICE] };
  if (kind === 'branches') return [aBranch()];
  const facts = [...checks].map(([id, timeoutMinutes]): CheckFact => aCheckFact({ id, timeoutMinutes }));
  return [anEnvironment({ id: ENVIRONMENT, checks: facts })];
}
