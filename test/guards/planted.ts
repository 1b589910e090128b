import type { Patch } from '../patch.ts';
import { MUTANTS } from '../simulation/mutants.ts';

/** The patches of a design that the simulation finds, too. Throws where there is none of that name. */
export function planted(name: string): readonly Patch[] {
  const found = MUTANTS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no mutant of the simulation is called "${name}"`);
  return found.patches;
}
