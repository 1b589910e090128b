import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Control, DECISION_CLASSES, type Rule } from '../../services/domain/contract.ts';
import { SEVERITIES } from '../../services/domain/finding.ts';
import { type JudgeInput, judge } from '../../services/domain/judge.ts';
import { OBSTACLE_KINDS } from '../../services/domain/judgement.ts';
import type { FindingGroup, ScanHead } from '../../services/domain/scan-head.ts';
import { subjectChecksumOf } from '../../services/domain/subject.ts';
import { aGate, aRunSources } from '../builders.ts';
import { anyInput, isNotMilder, mapHeads, mapRules, mapServices } from './any-judge-input.ts';
import { aContract, aControl, aJudgedService, anInput, aRule } from './judge-input.ts';

const RUNS = { numRuns: 400 };

function mapControls(input: JudgeInput, change: (control: Control) => Control): JudgeInput {
  return { ...input, contract: { ...input.contract, controls: input.contract.controls.map(change) } };
}

test('one more obstacle closes the gate and changes nothing else', () => {
  fc.assert(
    fc.property(anyInput, fc.constantFrom(...OBSTACLE_KINDS), (input, kind) => {
      const { obstacles, verdict, ...rest } = judge(input);
      const obstacle = { kind, detail: 'ghost' };
      const more = judge({ ...input, obstacles: [obstacle] });
      expect(more).toEqual({ ...rest, verdict: 'block', obstacles: [obstacle, ...obstacles] });
    }),
    RUNS,
  );
});

test('a stricter rule never permits more', () => {
  const stricter = ({ from: _, ...rule }: Rule): Rule => {
    const decision = DECISION_CLASSES[DECISION_CLASSES.indexOf(rule.then) - 1] ?? 'block';
    // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
    return { ...rule, then: decision };
  };
  fc.assert(
    fc.property(anyInput, fc.nat(3), (input, changed) => {
      const tightened = mapRules(input, (rule, index) => (index === changed ? stricter(rule) : rule));
      expect(isNotMilder(judge(tightened), judge(input))).toBe(true);
    }),
    RUNS,
  );
});

test('a later first day of a rule never blocks more', () => {
  fc.assert(
    fc.property(anyInput, fc.nat(3), (input, changed) => {
      const held = mapRules(input, (rule, index) => (index === changed ? { ...rule, from: '2027-06-01' } : rule));
      expect(isNotMilder(judge(input), judge(held))).toBe(true);
    }),
    RUNS,
  );
});

test('a block rule that is announced for a later day takes nothing from what holds today', () => {
  const announced = aRule({ from: '2027-06-01' });
  fc.assert(
    fc.property(anyInput, fc.nat(4), (input, at) => {
      const more = mapControls(input, (control) => ({
        ...control,
        decisions: control.decisions.toSpliced(at, 0, announced),
        overrides: new Map(
          [...control.overrides].map(([service, rules]) => [service, rules.toSpliced(at, 0, announced)]),
        ),
      }));
      expect(isNotMilder(judge(more), judge(input))).toBe(true);
    }),
    RUNS,
  );
});

test('asking for more evidence never permits more', () => {
  const tightenings: readonly ((control: Control) => Partial<Control['evidence']>)[] = [
    () => ({ required: ['production', 'non-production'] }),
    () => ({ verified: true }),
    ({ evidence: { maxAgeHours = 24 } }) => ({ maxAgeHours: maxAgeHours - 1 }),
    ({ signal, evidence }) => (evidence.tools.length + signal.tools.length === 0 ? { tools: ['gitleaks'] } : {}),
    ({ evidence: { tools } }) => (tools.length > 1 ? { tools: tools.slice(1) } : {}),
  ];
  fc.assert(
    fc.property(anyInput, fc.constantFrom(...tightenings), (input, tighten) => {
      const asked = mapControls(input, (control) => ({
        ...control,
        evidence: { ...control.evidence, ...tighten(control) },
      }));
      const [before, after] = [judge(input), judge(asked)];
      expect(isNotMilder(after, before)).toBe(true);
      after.signals.forEach(({ state }, index) => {
        if (before.signals[index]?.state === 'unknown') expect(state).toBe('unknown');
      });
    }),
    RUNS,
  );
});

// biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
const REST = aRule({ then: 'monitor' });

/** Rules as contracts are written: the strictest first, each for a severity and all above it. */
function graded(input: JudgeInput): JudgeInput {
  const upTo = ({ when, ...rule }: Rule): Rule => {
    const mildest = Math.max(...(when.severity ?? []).map((severity) => SEVERITIES.indexOf(severity)));
    const severity = SEVERITIES.slice(0, mildest + 1);
    return { ...rule, when: when.severity === undefined ? when : { ...when, severity } };
  };
  const strictness = (rule: Rule) => DECISION_CLASSES.indexOf(rule.then);
  return mapControls(input, (control) => ({
    ...control,
    decisions: [...control.decisions, REST].map(upTo).sort((a, b) => strictness(a) - strictness(b)),
  }));
}

test('a severer finding is never judged milder, where rules name a severity with all above it', () => {
  const severer = (group: FindingGroup): FindingGroup => ({
    ...group,
    severity: SEVERITIES[SEVERITIES.indexOf(group.severity) - 1] ?? group.severity,
  });
  fc.assert(
    fc.property(anyInput.map(graded), fc.nat(2), (input, changed) => {
      const worse = mapHeads(input, (head) => ({
        ...head,
        groups: head.groups.map((group, index) => (index === changed ? severer(group) : group)),
      }));
      expect(isNotMilder(judge(worse), judge(input))).toBe(true);
    }),
    RUNS,
  );
});

test('what is monitored stays so where the catalog does not know the service', () => {
  const { service: _, ...unknown } = aJudgedService();

  expect(judge(anInput({ contract: aContract(aControl({ decisions: [REST] })), services: [unknown] })).counts).toEqual({
    block: 0,
    warn: 0,
    monitor: 1,
  });
});

test('what is monitored reaches no verdict and nothing that an approval is bound to', () => {
  const withoutMonitored = (input: JudgeInput): JudgeInput =>
    mapServices(input, (judged) => {
      const alone = (head: ScanHead, group: FindingGroup) => ({
        ...input,
        services: [{ ...judged, heads: [{ ...head, groups: [group] }] }],
      });
      const isMonitored = (head: ScanHead, group: FindingGroup) => judge(alone(head, group)).counts.monitor > 0;
      const heads = judged.heads.map((head) => ({
        ...head,
        groups: head.groups.filter((group) => !isMonitored(head, group)),
      }));
      return { ...judged, heads };
    });
  let monitored = 0;
  fc.assert(
    fc.property(anyInput, (input) => {
      const [all, rest] = [judge(input), judge(withoutMonitored(input))];
      monitored += all.counts.monitor;
      expect(rest).toEqual({ ...all, counts: { ...all.counts, monitor: 0 } });
      const subject = (judgement: typeof all) =>
        subjectChecksumOf(aGate(), aRunSources(), judgement, {
          contract: input.contract,
          environment: input.environment,
        });
      expect(subject(rest)).toBe(subject(all));
    }),
    RUNS,
  );
  expect(monitored).toBeGreaterThan(0);
});
