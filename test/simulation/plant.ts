import { registerHooks } from 'node:module';
import { patched } from '../patch.ts';
import { MUTANTS } from './mutants.ts';

/**
 * Preloaded (`node --import`): the product's sources are read with the patches of the mutant that PLANTED names. A patch
 * that no longer fits its file ends the process: a mutant that is not planted would pass for one that was caught.
 */
const root = new URL('../../', import.meta.url);
const name = process.env['PLANTED'];
const mutant = MUTANTS.find((one) => one.name === name);
if (mutant === undefined) throw new Error(`there is no mutant "${name}"`);

registerHooks({
  load(url, context, next) {
    const loaded = next(url, context);
    const patches = mutant.patches.filter(({ file }) => new URL(file, root).href === url);
    if (patches.length === 0 || loaded.source === undefined || loaded.source === null) return loaded;
    const text = typeof loaded.source === 'string' ? loaded.source : new TextDecoder().decode(loaded.source);
    return { ...loaded, source: patches.reduce(patched, text) };
  },
});
