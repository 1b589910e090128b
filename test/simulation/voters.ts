import type { Gate } from '../../services/domain/gate.ts';
import { isSameHuman } from '../../services/domain/person.ts';
import type { WaitingStage } from './pipelines.ts';
import { type DirectoryState, ESCALATED_TO } from './scenery.ts';
import type { World } from './world.ts';

/** One seat that a vote can fill: the voter's own, or that of somebody who is away. */
export interface Seat {
  readonly oid: string;
  /** Positions of the crew's levels. */
  readonly levels: readonly number[];
}

/** The seats that this person could have filled at some instant since `since`, by what the world itself knows. */
export function seatsOf(
  world: World,
  directories: readonly { readonly from: number; readonly state: DirectoryState }[],
  stage: WaitingStage | undefined,
  gate: Gate,
  oid: string,
  since: number,
): Seat[] {
  const during = directories.filter((_, index) => (directories[index + 1]?.from ?? Number.POSITIVE_INFINITY) > since);
  const absent = world.covers.filter(({ by }) => by === oid).map((cover) => cover.absent);
  return during.flatMap(({ state }) => {
    if (!isFree(state, stage, oid)) return [];
    const own = { oid, levels: levelsOf(world, state, gate, oid) };
    const theirs = absent
      .filter((one) => isFree(state, stage, one))
      .map((one) => ({ oid: one, levels: levelsOf(world, state, gate, one) }));
    return [own, ...theirs].filter(({ levels }) => levels.length > 0);
  });
}

function isFree({ people }: DirectoryState, stage: WaitingStage | undefined, oid: string): boolean {
  const person = people.get(oid);
  if (person === undefined || person.guest || person.disabled || stage === undefined) return false;
  return ![...stage.sources.requesters, ...stage.sources.authors].some((one) => isSameHuman(person, one));
}

function levelsOf({ crew }: World, { groups }: DirectoryState, { escalatedAt }: Gate, oid: string): number[] {
  const more = escalatedAt === undefined ? [] : [ESCALATED_TO];
  return crew.levels.flatMap((level, index) =>
    [...level.groups, ...more].some((group) => groups.get(group)?.includes(oid)) ? [index] : [],
  );
}

/** Whether every level has its quorum, each seat filled once and each voter filling one. */
export function areEnough({ crew }: World, voters: readonly (readonly Seat[])[]): boolean {
  const wanted = crew.levels.flatMap(({ quorum }, level) => Array.from({ length: quorum }, () => level));
  const fill = (at: number, used: readonly number[], taken: readonly string[]): boolean => {
    const level = wanted[at];
    if (level === undefined) return true;
    return voters.some(
      (seats, voter) =>
        !used.includes(voter) &&
        seats.some(
          ({ oid, levels }) =>
            levels.includes(level) && !taken.includes(oid) && fill(at + 1, [...used, voter], [...taken, oid]),
        ),
    );
  };
  return fill(0, [], []);
}
