import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** These take a minute or more and little but a core: begun last, one of them would go on alone while the other worker waits. */
const LONG: readonly string[] = ['integration/planted-bugs.test.ts', 'integration/simulation.test.ts'];

export class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.some((name) => moduleId.endsWith(`/test/${name}`));
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}
