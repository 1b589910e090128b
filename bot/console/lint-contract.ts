import { lint } from '../../services/domain/lint.ts';
import type { ContractHistory } from '../../services/ports/contract-history.ts';
import type { WrittenPolicy } from '../../services/ports/written-policy.ts';
import type { Outcome } from './outcome.ts';

/** `contract lint DIR`: no when a file does not load or there is an error; warnings alone are fine. `today` is an ISO date. */
export async function lintContract(policy: WrittenPolicy, history: ContractHistory, today: string): Promise<Outcome> {
  const { snapshot, ownerProblems, directory, say } = policy;
  const { contract, catalog, routes, provenance, problems } = snapshot;
  if (contract === undefined || problems.length > 0) {
    const remarks = [`Not linted: ${problems.length} ${problems.length === 1 ? 'thing does' : 'things do'} not load.`];
    return { exitCode: 1, lines: problems, remarks };
  }
  const past = await history.past();
  const found = lint({
    ...{ contract, catalog, routes, past, today },
    ...(provenance === undefined ? {} : { provenance }),
    ...(directory === undefined ? {} : { directory }),
  });
  const errors = found.filter(({ level }) => level === 'error').length;
  return {
    exitCode: errors === 0 ? 0 : 1,
    lines: found.map(({ level, code, where, message }) => say(where, `${level}: ${message} (${code})`)),
    remarks: [...ownerProblems, `${errors} errors, ${found.length - errors} warnings.`],
  };
}
