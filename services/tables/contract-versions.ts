import type { Contract } from '../domain/contract.ts';
import type { ContractVersion } from '../domain/contract-change.ts';
import { countRules } from '../domain/contract-diff.ts';
import { EMPTY_CHAIN, type EvidenceEntry, nextEntry } from '../domain/evidence.ts';
import type { Random } from '../ports/clock.ts';
import type { ContractState, ContractVersions, StoredChange, UntoldChange } from '../ports/contract-versions.ts';
import { ConflictError, type Row, type Table, type Write } from '../ports/table.ts';
import { decodeContract, encodeContract } from './contract-codec.ts';
import { decodeEvidence, evidenceWrite } from './evidence-row.ts';
import { component, key, prefixRange, sequence } from './keys.ts';

interface Needs {
  readonly table: Table;
  readonly tenant: string;
  readonly random: Random;
}

const EVIDENCE = 'e';
const UNTOLD = 'n';
const CONTRACT = 'v';

/** Table `roll`, one partition for the tenant: the chain, a row for each contract, one for each change that is not told yet. */
export function createContractVersions(needs: Needs): ContractVersions {
  const { table, tenant } = needs;
  const partition = key(component(tenant), 'contract');
  const kept = new Set<string>();

  async function commit(writes: readonly Write[]): Promise<ReadonlyMap<string, string> | undefined> {
    try {
      return await table.commit('roll', partition, writes);
    } catch (error) {
      if (error instanceof ConflictError) return undefined;
      throw error;
    }
  }

  return {
    read: async () => {
      const rows = await table.list('roll', partition, { ranges: [prefixRange(EVIDENCE), prefixRange(UNTOLD)] });
      const last = rows.findLast(({ row }) => row.startsWith(`${EVIDENCE}~`));
      return {
        ...(last === undefined ? {} : { newest: newestIn(decodeEvidence(last)) }),
        untold: rows.filter(({ row }) => row.startsWith(`${UNTOLD}~`)).map(decoded),
      };
    },
    contract: async (checksum) => {
      const row = await table.get('roll', partition, contractRow(checksum));
      return row === undefined ? undefined : decodeContract(String(row.values['contract']));
    },
    keep: async (contract) => {
      if (kept.has(contract.checksum)) return;
      const text = encodeContract(contract);
      // Of two who keep the same one, both have it kept.
      if (text !== undefined) await commit([{ kind: 'create', ...rowOf(contract, text) }]);
      kept.add(contract.checksum);
    },
    append: async (contract, found, newest) => {
      const { at, commit: source } = found;
      const text = encodeContract(contract);
      const after = versionOf(contract, source);
      const seq = (newest?.seq ?? 0) + 1;
      const writes: Write[] = [evidenceOf(needs, contract, found, newest)];
      if (text !== undefined) writes.push({ kind: 'put', ...rowOf(contract, text) });
      if (newest !== undefined) {
        const { version, checksum, commit: old } = newest;
        const change = { at, before: versionOf({ version, checksum }, old), after };
        writes.push({ kind: 'create', row: untoldRow(seq), values: encoded({ change, seq, told: [] }) });
      }
      return (await commit(writes)) !== undefined;
    },
    put: async (change, { etag }) => {
      const row = untoldRow(change.seq);
      const etags = await commit([{ kind: 'replace', row, values: encoded(change), etag }]);
      return etags === undefined ? undefined : { ...change, etag: etags.get(row) ?? '' };
    },
    done: ({ seq }) => table.remove('roll', partition, untoldRow(seq)),
  };
}

function evidenceOf(
  { tenant, random }: Needs,
  contract: Contract,
  { at, commit }: { readonly at: string; readonly commit?: string },
  newest: ContractState['newest'],
): Write {
  const previous = newest === undefined ? undefined : { version: newest.version, checksum: newest.checksum };
  const draft = {
    kind: 'contract-in-force',
    actor: { kind: 'countersign' },
    data: { ...versionOf(contract, commit), ...countRules(contract), previous },
  } as const;
  const salt = Buffer.from(random.bytes(16)).toString('hex');
  const written = { aggregate: `${tenant} contract`, at, op: `contract ${contract.checksum}`, salt };
  return evidenceWrite([EVIDENCE], nextEntry(newest ?? EMPTY_CHAIN, draft, written));
}

function versionOf({ version, checksum }: ContractVersion, commit: string | undefined): ContractVersion {
  return { version, checksum, ...(commit === undefined ? {} : { commit }) };
}

function newestIn({ seq, hash, entry }: EvidenceEntry): NonNullable<ContractState['newest']> {
  const { at, data } = JSON.parse(entry) as { readonly at: string; readonly data: ContractVersion };
  return { ...versionOf(data, data.commit), seq, hash, at };
}

function rowOf({ checksum }: Contract, contract: string) {
  return { row: contractRow(checksum), values: { contract } };
}

function contractRow(checksum: string): string {
  return key(CONTRACT, component(checksum));
}

function untoldRow(seq: number): string {
  return key(UNTOLD, sequence(seq));
}

function encoded({ change, seq, told, claimedAt }: UntoldChange) {
  return { change: JSON.stringify({ change, seq, told, ...(claimedAt === undefined ? {} : { claimedAt }) }) };
}

function decoded({ etag, values }: Row): StoredChange {
  return { ...(JSON.parse(String(values['change'])) as UntoldChange), etag };
}
