import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ADVICE, calibrationsOf } from '../../services/domain/calibration.ts';
import {
  type LifeEvent,
  type ScopeFacts,
  type ServiceFacts,
  tallied,
} from '../../services/domain/calibration-facts.ts';
import type { Contract } from '../../services/domain/contract.ts';
import { aLife, aScope, ruleOf, WINDOW } from '../calibrations.ts';
import { anyControl, anyException, anyHead, anyPasts, spreadTo } from './any-judge-input.ts';
import { aContract, aControl, anEnvironment, aService, fingerprint } from './judge-input.ts';

const RUNS = { numRuns: 300 };

const anyLife: fc.Arbitrary<LifeEvent[]> = fc
  .array(fc.constantFrom(0, 1, 2, 15, 30, 89, 90, 91, 200), { minLength: 1, maxLength: 5 })
  .map((days) => aLife(...days.toSorted((a, b) => b - a)));

const anyScope: fc.Arbitrary<ScopeFacts> = fc
  .record({
    org: fc.constantFrom('one', 'two'),
    environment: fc.constantFrom('-', 'prod', 'staging'),
    heads: fc.array(anyHead, { maxLength: 3 }),
    exceptions: fc.array(anyException, { maxLength: 3 }),
    pasts: anyPasts,
    spreads: fc.constantFrom(...[0, 2].map(spreadTo)),
    lives: fc.array(fc.tuple(fc.integer({ min: 1, max: 40 }), anyLife), { maxLength: 12 }),
  })
  .map(({ lives, ...scope }) =>
    aScope({ ...scope, events: new Map(lives.map(([n, life]) => [fingerprint(n), life] as const)) }),
  );

/** Each scope of a service once, as it is read. */
const anyFacts: fc.Arbitrary<ServiceFacts[]> = fc
  .uniqueArray(fc.constantFrom('payments-api', 'orders-api', 'cart'), { maxLength: 3 })
  .chain((names) => fc.tuple(...names.map((name) => anyServiceFacts(name))));

function anyServiceFacts(name: string): fc.Arbitrary<ServiceFacts> {
  return fc
    .uniqueArray(anyScope, { maxLength: 4, selector: ({ org, environment }) => `${org} ${environment}` })
    .map((scopes) => ({ service: aService({ name }), scopes }));
}

const WARNING = ruleOf('warn', { dueDays: 30 });
const ACTIVITY = aControl({ name: 'activity', signal: { category: 'activity' }, decisions: [WARNING] });

const anyContract: fc.Arbitrary<Contract> = fc
  .array(fc.tuple(anyControl, fc.boolean()), { minLength: 1, maxLength: 3 })
  .map((controls) => ({
    ...aContract(
      ...controls.map(([control, warns], n) => ({
        ...control,
        name: `control-${n}`,
        decisions: warns ? [...control.decisions, WARNING] : control.decisions,
      })),
      ACTIVITY,
    ),
    environments: new Map([
      ['prod', anEnvironment()],
      ['staging', anEnvironment({ name: 'staging', tier: 'non-production' })],
    ]),
  }));

const calibrated = (contract: Contract, facts: readonly ServiceFacts[]) =>
  calibrationsOf(
    contract,
    facts.map((one) => tallied(contract, one, WINDOW)),
    WINDOW,
  );

test('every control that may gate has one word said of it, with the reasons; every share is one', () => {
  fc.assert(
    fc.property(anyContract, anyFacts, (contract, facts) => {
      const all = calibrated(contract, facts);
      const named = contract.controls.map(({ name }) => name).filter((name) => name !== 'activity');
      expect(all.map(({ control }) => control).sort()).toEqual(named);
      for (const { advice, reasons, figures, change } of all) {
        expect(ADVICE).toContain(advice);
        expect(reasons.length).toBeGreaterThan(0);
        expect(change !== undefined).toBe(advice === 'ready-to-block' || advice === 'step-down');
        const shares = [figures.recurrence, figures.noiseShare, figures.exceptedShare].filter((x) => x !== undefined);
        expect(shares.every((share) => share >= 0 && share <= 1)).toBe(true);
        expect(figures.appeared).toBeLessThanOrEqual(figures.open);
        expect(figures.medianFixDays ?? 0).toBeLessThanOrEqual(figures.slowFixDays ?? 0);
      }
    }),
    RUNS,
  );
});

/** Any other order of the same services, scopes, scans, groups, findings and exceptions. */
function reversed(facts: readonly ServiceFacts[]): ServiceFacts[] {
  return facts.toReversed().map(({ service, scopes }) => ({
    service,
    scopes: scopes.toReversed().map((scope) => ({
      ...scope,
      heads: scope.heads.toReversed().map((head) => ({ ...head, groups: head.groups.toReversed() })),
      exceptions: scope.exceptions.toReversed(),
      events: new Map([...scope.events].toReversed()),
    })),
  }));
}

test('the same facts in any order give the same calibration, byte for byte', () => {
  fc.assert(
    fc.property(anyContract, anyFacts, (contract, facts) => {
      expect(JSON.stringify(calibrated(contract, reversed(facts)))).toBe(JSON.stringify(calibrated(contract, facts)));
    }),
    RUNS,
  );
});

test('suppressing what is open makes nothing ready to block', () => {
  const isReady = (contract: Contract, facts: readonly ServiceFacts[]) =>
    new Set(
      calibrated(contract, facts)
        .filter(({ advice }) => advice === 'ready-to-block')
        .map(({ control }) => control),
    );
  const mended = (name: string): ServiceFacts => ({
    service: aService({ name }),
    scopes: [aScope({ events: new Map(Array.from({ length: 30 }, (_, n) => [fingerprint(500 + n), aLife(20, 18)])) })],
  });
  const worse = (facts: readonly ServiceFacts[]) =>
    facts.map(({ service, scopes }) => ({
      service,
      scopes: scopes.map((scope) => ({
        ...scope,
        heads: scope.heads.map((head) => ({
          ...head,
          groups: head.groups.map((group) => ({ ...group, suppressed: true })),
        })),
      })),
    }));
  fc.assert(
    fc.property(anyContract, anyFacts, (contract, facts) => {
      const all = [...facts, mended('mended')];
      const before = isReady(contract, all);
      for (const control of isReady(contract, worse(all))) expect(before).toContain(control);
    }),
    RUNS,
  );
});
