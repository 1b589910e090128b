import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decisionsOf, type JudgeInput, judge } from '../../services/domain/judge.ts';
import type { FindingGroup } from '../../services/domain/scan-head.ts';
import { subjectChecksumOf } from '../../services/domain/subject.ts';
import { aGate, aRunSources } from '../builders.ts';
import { anyInput, mapHeads } from './any-judge-input.ts';

/** The same without the findings that are only counted. */
function uncounted(input: JudgeInput): JudgeInput {
  const decided = decisionsOf(input);
  // Judged with another exploitability than its report says, a group is another object with the same lists.
  const isCounted = ({ fingerprints, samples }: FindingGroup) => {
    const own = decided.filter(({ group }) => group.fingerprints === fingerprints && group.samples === samples);
    return own.length > 0 && own.every(({ judged }) => judged.decision === 'monitor');
  };
  return mapHeads(input, (head) => ({ ...head, groups: head.groups.filter((group) => !isCounted(group)) }));
}

test('findings that are only counted change neither the verdict nor what an approval is bound to', () => {
  let counted = 0;
  fc.assert(
    fc.property(anyInput, (input) => {
      const [whole, part] = [judge(input), judge(uncounted(input))];
      counted += whole.counts.monitor;
      const { counts: _, ...said } = whole;
      const { counts, ...rest } = part;
      expect(rest).toEqual(said);
      expect(counts).toEqual({ ...whole.counts, monitor: 0 });
      const { contract, environment } = input;
      const subjectOf = (judgement: typeof whole) =>
        subjectChecksumOf(aGate(), aRunSources(), judgement, { contract, environment });
      expect(subjectOf(part)).toBe(subjectOf(whole));
    }),
    { numRuns: 400 },
  );
  expect(counted).toBeGreaterThan(50);
});

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Every file that these run, by their imports; what is imported for its type alone runs nothing. */
async function runBy(...files: readonly string[]): Promise<Set<string>> {
  const found = new Set<string>();
  const waiting = [...files];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (found.has(file)) continue;
    found.add(file);
    const text = await readFile(join(ROOT, file), 'utf8');
    const imports = text.matchAll(/^(?:import|export) (?!type )[^;]*?from '(\.[^']+)'/gm);
    for (const [, path = ''] of imports) waiting.push(join(dirname(file), path));
  }
  return found;
}

test('no code of trends runs where something is judged, asked, decided or answered', async () => {
  const files = await runBy(
    'services/evaluation.ts',
    'services/gates.ts',
    'services/verdicts.ts',
    'services/approvals.ts',
    'services/outbox.ts',
    'services/asking.ts',
    'services/tables/gate-store.ts',
  );

  expect(files).toContain('services/domain/judge.ts');
  expect(files).toContain('services/domain/subject.ts');
  expect([...files].filter((file) => /trend|prompts/.test(file))).toEqual([]);
});
