import { changeWords, countWords } from '../../cards/contract-change-words.ts';
import { ruleWords } from '../../cards/rule-words.ts';
import { groundsOf } from '../../services/domain/condition.ts';
import type { Contract } from '../../services/domain/contract.ts';
import { diffContracts } from '../../services/domain/contract-diff.ts';
import { conditionOf, decidingRules } from '../../services/domain/override.ts';
import type { WrittenPolicy } from '../../services/ports/written-policy.ts';
import type { Outcome } from './outcome.ts';

/** `contract diff DIR [--against OLD-DIR]`: no when a contract does not load. `name` is the folder's. */
export function diffContract(
  current: WrittenPolicy,
  against?: { readonly name: string; readonly policy: WrittenPolicy },
): Outcome {
  const contract = current.snapshot.contract;
  if (contract === undefined) return { exitCode: 1, lines: problemsOf(current) };
  const overrides = overrideLines(contract);
  if (against === undefined) {
    return { exitCode: 0, lines: overrides, ...(overrides.length === 0 ? { remarks: ['No overrides.'] } : {}) };
  }
  const before = against.policy.snapshot.contract;
  if (before === undefined) {
    return { exitCode: 1, lines: problemsOf(against.policy).map((problem) => `${against.name}: ${problem}`) };
  }
  const changes = diffContracts(before, contract);
  return {
    exitCode: 0,
    lines: [...overrides, ...changes.map(changeWords)],
    remarks: [`Version ${before.version} to ${contract.version}: ${countWords(changes)}.`],
  };
}

function problemsOf({ snapshot }: WrittenPolicy): string[] {
  return snapshot.problems.filter((problem) => problem.startsWith('contract.yaml:'));
}

/** Each override beside the rules for all that it is stricter than. */
function overrideLines(contract: Contract): string[] {
  return contract.controls.flatMap((control) =>
    [...control.overrides].flatMap(([service, rules]) =>
      rules.map((rule) => {
        const deciding = decidingRules(control, conditionOf(service, rule), groundsOf(contract, control));
        const forAll = deciding.map((base) =>
          base.index === undefined ? 'else warn' : `${ruleWords(base.rule)} (decisions[${base.index}])`,
        );
        return `${control.name}, override for ${service}: ${ruleWords(rule)}; for all: ${forAll.join('; ')}`;
      }),
    ),
  );
}
