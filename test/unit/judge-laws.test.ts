import fc from 'fast-check';
import { expect, test } from 'vitest';
import { covers } from '../../services/domain/active-exception.ts';
import { DECISION_CLASSES, type DecisionClass } from '../../services/domain/contract.ts';
import { type JudgeInput, judge } from '../../services/domain/judge.ts';
import type { Judgement } from '../../services/domain/judgement.ts';
import type { Spread } from '../../services/domain/ladder.ts';
import { joined, strictest } from '../../services/domain/past.ts';
import { candidateRules, rulesFor } from '../../services/domain/rule-match.ts';
import {
  anyControl,
  anyException,
  anyGroup,
  anyHead,
  anyInput,
  anyPasts,
  isNotMilder,
  mapHeads,
  mapServices,
  spreadTo,
} from './any-judge-input.ts';
import { anEnvironment, fingerprint, NOW } from './judge-input.ts';

const RUNS = { numRuns: 400 };

test('every input has a judgement, which passes exactly when nothing blocks and nothing is in the way', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const judgement = judge(input);
      const closed = judgement.blocks.length > 0 || judgement.obstacles.length > 0;
      expect(judgement.verdict).toBe(closed ? 'block' : 'pass');
      expect(judgement.blocks.every(({ decision }) => decision === 'block')).toBe(true);
      expect(judgement.warns.every(({ decision }) => decision === 'warn')).toBe(true);
    }),
    RUNS,
  );
});

test('more findings in a scan never make a verdict milder', () => {
  fc.assert(
    fc.property(anyInput, anyGroup([]), (input, group) => {
      const more = mapHeads(input, (head) => ({ ...head, groups: [...head.groups, group] }));
      expect(isNotMilder(judge(more), judge(input))).toBe(true);
    }),
    RUNS,
  );
});

test('one more finding of a kind that is there already never makes a verdict milder', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const more = mapHeads(input, (head) => ({
        ...head,
        groups: head.groups.map((group) => ({
          ...group,
          count: group.count + 1,
          fingerprints: group.fingerprints.length === 0 ? [] : [...group.fingerprints, fingerprint(99)],
        })),
      }));
      expect(isNotMilder(judge(more), judge(input))).toBe(true);
    }),
    RUNS,
  );
});

test('one more scan never takes away what findings block', () => {
  fc.assert(
    fc.property(anyInput, anyHead, (input, head) => {
      const more = mapServices(input, (service) => ({ ...service, heads: [...service.heads, head] }));
      expect(judge(more).counts.block).toBeGreaterThanOrEqual(judge(input).counts.block);
    }),
    RUNS,
  );
});

test('a scan too large to list its findings is never judged milder', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const unlisted = mapServices(input, (service) => ({
        ...service,
        heads: service.heads.map((head) => ({
          ...head,
          groups: head.groups.map((group) => {
            const pasts = group.fingerprints.flatMap((one) => service.pasts?.get(one) ?? []);
            const past = strictest(group.past === undefined ? pasts : [group.past, ...pasts]);
            return { ...group, fingerprints: [], ...(past === undefined ? {} : { past }) };
          }),
        })),
      }));
      expect(isNotMilder(judge(unlisted), judge(input))).toBe(true);
    }),
    RUNS,
  );
});

test('fewer exceptions never make a verdict milder', () => {
  fc.assert(
    fc.property(anyInput, anyException, (input, exception) => {
      const more = mapServices(input, (service) => ({ ...service, exceptions: [...service.exceptions, exception] }));
      expect(isNotMilder(judge(input), judge(more))).toBe(true);
    }),
    RUNS,
  );
});

test('exceptions neither add nor hide a finding: blocked ones become warnings that name them', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const plain = judge(mapServices(input, (service) => ({ ...service, exceptions: [] })));
      const excepted = judge(input);
      const named = excepted.warns.flatMap(({ exceptionId, count }) => (exceptionId === undefined ? [] : [count]));
      expect(plain.counts.block - excepted.counts.block).toBe(named.reduce((sum, count) => sum + count, 0));
      expect(excepted.counts.warn - plain.counts.warn).toBe(plain.counts.block - excepted.counts.block);
      expect(excepted.counts.monitor).toBe(plain.counts.monitor);
    }),
    RUNS,
  );
});

test('an exception covers nothing at any instant from its end on', () => {
  const anyInstant = fc.date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(anyException, anyInstant, fc.nat(1e12), (exception, end, later) => {
      const { control, service, environment } = exception;
      const scope = {
        control,
        service,
        environment,
        fingerprint: exception.fingerprints?.[0] ?? fingerprint(1),
        severity: 'high' as const,
      };
      const ended = { ...exception, expiresAt: end.toISOString() };
      const at = (ms: number) => new Date(end.getTime() + ms).toISOString();
      expect(covers(ended, scope, at(later))).toBe(false);
      expect(covers(ended, scope, at(-1 - later))).toBe(true);
    }),
  );
});

test('an ended exception changes no judgement', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const without = mapServices(input, (service) => ({
        ...service,
        exceptions: service.exceptions.filter(({ expiresAt }) => NOW < expiresAt),
      }));
      expect(judge(input)).toEqual(judge(without));
    }),
    RUNS,
  );
});

test('knowing less about paths never makes a decision milder', () => {
  const strictness = (input: JudgeInput): DecisionClass[] =>
    input.services
      .filter(({ service }) => service !== undefined)
      .flatMap(({ heads, service }) =>
        heads.flatMap((head) =>
          head.groups.flatMap((group) =>
            input.contract.controls.map((control) => {
              const setting = {
                environment: input.environment,
                now: input.now,
                service: 'payments-api',
                repositories: service?.repositories ?? [],
              };
              const rules = rulesFor(control, head, group.rule, setting);
              const classes = candidateRules(rules, group, head, setting).map((rule) => rule.then);
              return DECISION_CLASSES.find((decision) => classes.includes(decision)) ?? 'monitor';
            }),
          ),
        ),
      );
  fc.assert(
    fc.property(anyInput, (input) => {
      const blind = mapHeads(input, (head) => ({
        ...head,
        knownGlobs: [],
        groups: head.groups.map((group) => ({ ...group, pathGlobs: [] })),
      }));
      const known = strictness(input);
      strictness(blind).forEach((decision, index) => {
        const before = DECISION_CLASSES.indexOf(known[index] ?? 'monitor');
        expect(DECISION_CLASSES.indexOf(decision)).toBeLessThanOrEqual(before);
      });
    }),
    RUNS,
  );
});

test('with overrides no decision is milder than without, whatever they say', () => {
  const single = (input: JudgeInput): JudgeInput[] =>
    input.services.flatMap((service) =>
      service.heads.flatMap((head) =>
        head.groups.map((group) => ({
          ...input,
          services: [{ ...service, exceptions: [], heads: [{ ...head, groups: [group] }] }],
        })),
      ),
    );
  const decisionOf = ({ counts }: Judgement) => DECISION_CLASSES.findIndex((decision) => counts[decision] > 0);
  fc.assert(
    fc.property(anyInput, (input) => {
      const controls = input.contract.controls.map((control) => ({ ...control, overrides: new Map() }));
      for (const one of single(input)) {
        const without = judge({ ...one, contract: { ...one.contract, controls } });
        expect(decisionOf(judge(one))).toBeLessThanOrEqual(decisionOf(without));
      }
    }),
    RUNS,
  );
});

test('an override changes nothing for any other service', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const others = { ...input, services: input.services.filter(({ name }) => name !== 'payments-api') };
      const controls = input.contract.controls.map((control) => ({
        ...control,
        overrides: new Map([...control.overrides].filter(([service]) => service !== 'payments-api')),
      }));
      expect(judge(others)).toEqual(judge({ ...others, contract: { ...input.contract, controls } }));
    }),
    RUNS,
  );
});

test('whatever else is known of the past of findings, and however far rules have spread, nothing is judged milder', () => {
  const isFurther = (before: ReadonlyMap<string, Spread> | undefined, services: number) =>
    [...(before?.values() ?? [])].every((spread) => spread.services <= services);
  fc.assert(
    fc.property(anyInput, anyPasts, fc.integer({ min: 0, max: 3 }), (input, pasts, services) => {
      const more = mapServices(input, (service) => ({
        ...service,
        pasts: joined(service.pasts ?? new Map(), pasts),
        spreads: isFurther(service.spreads, services) ? spreadTo(services) : (service.spreads ?? new Map()),
      }));
      expect(isNotMilder(judge(more), judge(input))).toBe(true);
      expect(judge(more).counts.monitor).toBe(judge(input).counts.monitor);
    }),
    RUNS,
  );
});

test('a service that the catalog does not know is never blocked by a finding', () => {
  fc.assert(
    fc.property(anyInput, (input) => {
      const unknown = mapServices(input, ({ service: _, ...rest }) => rest);
      expect(judge(unknown).blocks).toEqual([]);
    }),
    RUNS,
  );
});

test('a control that must have run and is not known to have blocks the gate, and no other does', () => {
  fc.assert(
    fc.property(anyInput, anyControl, (input, control) => {
      const contract = { ...input.contract, controls: [...input.contract.controls, { ...control, name: 'added' }] };
      const { signals, obstacles, verdict } = judge({ ...input, contract });
      const missing = signals.filter(({ required, state }) => required && state === 'unknown');
      expect(obstacles.map(({ kind }) => kind)).toEqual(missing.map(() => 'missing-signal'));
      if (missing.length > 0) expect(verdict).toBe('block');
      const tier = anEnvironment(input.environment).tier;
      expect(signals.filter(({ control: name }) => name === 'added').map(({ required }) => required)).toEqual(
        input.services.map(() => control.evidence.required.includes(tier)),
      );
    }),
    RUNS,
  );
});
