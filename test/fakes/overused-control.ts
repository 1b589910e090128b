import { StoreUnavailableError, type Write } from '../../services/ports/table.ts';
import { TENANT } from '../builders.ts';
import type { CoreWorld } from './core-world.ts';
import { aLife, type Life } from './deployments.ts';
import { ask, exceptionOf, grant, meetAll } from './exception-scene.ts';
import type { Edit } from './policy-folder.ts';
import { scanned } from './scanned.ts';

export const DAY = 1_440;
/** Exceptions from secrets that outlast two periods. */
const LONG: readonly Edit[] = [
  ['contract.yaml', 'max: 7d', 'max: 90d'],
  ['contract.yaml', 'reviewEvery: 2d', 'reviewEvery: 60d'],
];
export const secrets = (count: number) => Array.from({ length: count }, (_, n) => `key-${n}`);
/** Of no default branch, so that only deployments tell of them. */
export const leaked = (world: CoreWorld, count: number) =>
  scanned(world, secrets(count), { tool: 'gitleaks', level: 'warning', branch: 'refs/heads/release' });

let runs = 1_000;

/** Blocked by seven of ten secrets; the three others are let pass. */
export async function blockedDeployment(life: Life): Promise<string> {
  runs += 1;
  return life.deploy({ run: runs });
}

/** One deployment in each of two periods, by exceptions that let pass three of ten; a Monday morning in Berlin. */
export async function overused(...edits: readonly Edit[]): Promise<Life> {
  const life = await aLife(...LONG, ...edits);
  const { world } = life;
  await meetAll(world);
  await leaked(world, 3);
  const requestId = await blockedDeployment(life);
  const { id } = exceptionOf(await ask(world, { requestId }, { until: '2027-02-15', reviewEvery: '60d' }));
  exceptionOf(await grant(world, id));
  await leaked(world, 10);
  await blockedDeployment(life);
  world.now = '2026-12-28T08:30:00.000Z';
  await leaked(world, 10);
  await blockedDeployment(life);
  world.advance(5);
  return life;
}

export async function measure({ core }: Pick<CoreWorld, 'core'>): Promise<void> {
  await core.reconcile();
  await core.idle();
}

export const advised = ({ news }: CoreWorld) => news.flatMap((one) => ('calibration' in one ? [one] : []));
export const told = (world: CoreWorld) =>
  advised(world).map(({ to, calibration }) => [to, calibration.control, calibration.advice]);
export const STEP_DOWN = (oid: string) => [oid, 'secret-scanning', 'step-down'];
export const erodedOf = async (life: Life) => (await life.gate(await blockedDeployment(life))).judgement?.eroded;
export const notes = ({ table }: CoreWorld) =>
  table.rowsOf('roll', `${TENANT.toLowerCase()}~calibration`).map(({ row }) => row);

/** Reads of all requests, and calls that a measurement makes about what it leaves behind, from now on. */
export function watched({ table }: CoreWorld): { measured: number; notes: number; isDown: boolean } {
  const seen = { measured: 0, notes: 0, isDown: false };
  const { across, list, commit } = table;
  const noted = (partition: string) => {
    if (partition.endsWith('~calibration')) seen.notes += 1;
  };
  Object.assign(table, {
    across: (...args: Parameters<typeof across>) => {
      if (seen.isDown && args[0] === 'gate') throw new StoreUnavailableError('down');
      return across(...args);
    },
    list: (...args: Parameters<typeof list>) => {
      if (args[2] === undefined) noted(args[1]);
      return list(...args);
    },
    commit: async (...args: Parameters<typeof commit>) => {
      noted(args[1]);
      const etags = await commit(...args);
      seen.measured += args[1].endsWith('~calibration') ? args[2].filter(isClaim).length : 0;
      return etags;
    },
  });
  return seen;
}

/** A round that somebody has begun. */
function isClaim(write: Write): boolean {
  return write.kind !== 'delete' && write.row === 'round' && String(write.values['note']).includes('"isDone":false');
}
