import { countWords } from '../../cards/contract-change-words.ts';
import type { Contract } from '../../services/domain/contract.ts';
import { countRules, diffContracts } from '../../services/domain/contract-diff.ts';
import type { ContractHistory } from '../../services/ports/contract-history.ts';
import type { WrittenPolicy } from '../../services/ports/written-policy.ts';
import type { Outcome } from './outcome.ts';

const COMMIT_SHOWN = 10;

/** A line of the answer, before what changed is known. */
interface Shown {
  readonly date: string;
  readonly commit: string;
  readonly contract: Contract;
}

/** `contract history DIR`: newest first, fields separated by tabs; what is not committed yet stands before all. */
export async function contractHistory({ snapshot }: WrittenPolicy, history: ContractHistory): Promise<Outcome> {
  const past = await history.past();
  if (past.kind === 'unknown') throw new Error(past.why);
  const committed = past.versions.map(
    ({ since, commit, contract }): Shown => ({
      date: since.slice(0, 10),
      commit: commit.slice(0, COMMIT_SHOWN),
      contract,
    }),
  );
  const { contract } = snapshot;
  const isNew = contract !== undefined && contract.checksum !== committed.at(-1)?.contract.checksum;
  const shown = isNew ? [...committed, { date: 'now', commit: 'not committed', contract }] : committed;
  const remarks = [
    ...past.broken.map((commit) => `Not shown: contract.yaml of ${commit.slice(0, COMMIT_SHOWN)} does not load.`),
    ...(contract === undefined ? ['Not shown: contract.yaml as it is now does not load.'] : []),
  ];
  return { exitCode: 0, lines: shown.map((one, at) => lineOf(one, shown[at - 1])).reverse(), remarks };
}

function lineOf({ date, commit, contract }: Shown, before: Shown | undefined): string {
  const { block, warn, monitor } = countRules(contract);
  const counts = `${block} block, ${warn} warn, ${monitor} monitor`;
  return [`version ${contract.version}`, date, commit, counts, changeOf(contract, before?.contract)].join('\t');
}

function changeOf(contract: Contract, before: Contract | undefined): string {
  if (before === undefined) return 'first one known';
  const changes = diffContracts(before, contract);
  if (changes.length === 0) return contract.checksum === before.checksum ? 'words only' : 'no rule changed';
  const growth = countRules(contract).block - countRules(before).block;
  const blocks = growth === 0 ? 'as many blocks' : `${Math.abs(growth)} ${growth > 0 ? 'more' : 'fewer'} blocks`;
  return `${blocks}: ${countWords(changes)}${changes.some(({ kind }) => kind === 'reordered') ? ', reordered' : ''}`;
}
