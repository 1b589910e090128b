import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take half a minute or more: begun last, one of them would go on alone while the other worker waits. */
const LONG: readonly string[] = [
  'e2e/exceptions.test.ts',
  'e2e/processes-faults.test.ts',
  'e2e/processes-killed.test.ts',
  'hostile/bodies.test.ts',
  'integration/budgets.test.ts',
  'integration/cli.test.ts',
  'integration/contract-cli.test.ts',
  'integration/decision-hook.test.ts',
  'integration/planted-bugs.test.ts',
  'integration/simulation.test.ts',
  'unit/hostile-card.test.ts',
  'unit/hostile-exception-card.test.ts',
];

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.some((name) => moduleId.endsWith(`/test/${name}`));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
