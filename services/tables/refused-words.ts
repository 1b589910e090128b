import { EMPTY_CHAIN, type EvidenceEntry, nextEntry } from '../domain/evidence.ts';
import { saysRefused } from '../domain/refused-entry.ts';
import type { Random } from '../ports/clock.ts';
import type { RefusedWord, RefusedWords } from '../ports/refused-words.ts';
import { ConflictError, StoreUnavailableError, type Table } from '../ports/table.ts';
import { decodeEvidence, evidenceWrite } from './evidence-row.ts';
import { component, key, prefixRange } from './keys.ts';

interface Needs {
  readonly table: Table;
  readonly tenant: string;
  readonly random: Random;
}

const EVIDENCE = 'e';
const MOST = 1_000;
/** How often another refusal may be noted first. */
const TRIES = 5;

/** In table `roll`, one partition for the tenant: a chain for each thing that somebody may not touch. */
export function createRefusedWords({ table, tenant, random }: Needs): RefusedWords {
  const partition = key(component(tenant), 'refused');
  const tryToNote = async (word: RefusedWord): Promise<boolean> => {
    const prefix = [EVIDENCE, component(word.about)];
    const chain = (await table.list('roll', partition, { ranges: [prefixRange(key(...prefix))] })).map(decodeEvidence);
    if (chain.length >= MOST || chain.some((entry) => isOf(entry, word))) return true;
    const salt = Buffer.from(random.bytes(16)).toString('hex');
    const written = { aggregate: `${tenant} refused ${word.about}`, at: word.at, op: `${word.op} refused`, salt };
    const entry = nextEntry(
      chain.at(-1) ?? EMPTY_CHAIN,
      { kind: 'refused', actor: word.by, data: dataOf(word) },
      written,
    );
    try {
      await table.commit('roll', partition, [evidenceWrite(prefix, entry)]);
      return true;
    } catch (error) {
      if (error instanceof ConflictError) return false;
      throw error;
    }
  };
  return {
    note: async (word) => {
      for (let n = 0; n < TRIES; n += 1) if (await tryToNote(word)) return;
      throw new StoreUnavailableError(`what was refused about ${word.about} was noted by others again and again`);
    },
  };
}

function dataOf({ about, what, refusal, services, environment, revision }: RefusedWord) {
  return { about, what, refusal, services: [...services], environment, revision: revision ?? null };
}

function isOf(entry: EvidenceEntry, { by, what, refusal, revision }: RefusedWord): boolean {
  return (
    saysRefused(entry, { oid: by.oid, refusal, revision: revision ?? null }) && entry.entry.includes(`"what":"${what}"`)
  );
}
