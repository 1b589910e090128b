import { expect, test } from 'vitest';
import { contractGaps } from '../../bot/console/contract-gaps.ts';
import { simulateContract } from '../../bot/console/simulate-contract.ts';
import type { TrialVerdict } from '../../services/domain/trial.ts';
import type { PolicySnapshot } from '../../services/ports/policy.ts';
import { aRule } from './judge-input.ts';
import { aJudgedGate, aPolicy } from './past-request.ts';

const SINCE = { since: '2026-11-01T00:00:00.000Z' };
const POLICY: PolicySnapshot = { ...aPolicy(), problems: [] };
const EVIL = 'a\tb\nc\u001b[31m\u202e\u2028request';
/** How many fields the lines of a kind have, as interfaces.md says. */
const FIELDS: Readonly<Record<string, number>> = { request: 7, class: 10, missing: 6, differs: 10 };

function expectHarmless(lines: readonly string[]): void {
  for (const line of lines) {
    const fields = line.split('\t');
    expect(fields).toHaveLength(FIELDS[fields[0] ?? ''] ?? 0);
    expect(fields.join('')).not.toMatch(/[\p{Cc}\p{Cf}\p{Zl}]/u);
  }
}

const finding = { control: EVIL, tool: EVIL, rule: EVIL, severity: 'high' } as const;

test('outside text can neither begin a line or a field of simulate nor steer a terminal', async () => {
  const levels = [{ quorum: 1, from: [`group:${EVIL}`] }] as const;
  const before: TrialVerdict = { kind: 'ask', observed: true, reasons: [], asks: [levels, levels] };
  const reasons = [
    { kind: 'no-route', detail: EVIL },
    { kind: 'finding', ...finding },
  ] as const;
  const after: TrialVerdict = { kind: 'block', observed: false, reasons, asks: [] };
  const gate = aJudgedGate({ services: [EVIL, EVIL], environment: EVIL });
  const standing = { before: { decision: 'warn', blocksFrom: EVIL }, after: { decision: 'none' } } as const;
  const classes = [{ ...finding, ...standing, findings: 2, services: [EVIL], requests: 1 }];
  const trial = { judged: 1, requests: [{ gate, before, after }], classes, unjudged: [], renewed: [], otherwise: [] };
  const { exitCode, lines } = await simulateContract({ tryPolicy: async () => trial }, POLICY, SINCE);

  expect([exitCode, lines.length]).toEqual([1, 2]);
  expectHarmless(lines);
});

test('outside text can neither begin a line or a field of gaps nor steer a terminal', async () => {
  const where = { environment: EVIL, service: EVIL, requestId: 'r1' };
  const by = aRule({ when: { path: [EVIL], rule: [EVIL] } });
  const decision = { ...where, decision: 'block', by, isOverride: true, climbedBy: EVIL } as const;
  const divergences = [{ ...finding, environment: EVIL, decisions: [decision, { ...decision, exceptionId: EVIL }] }];
  const gaps = async () => ({ looked: 1, missing: [{ ...where, control: EVIL, why: 'absent' as const }], divergences });
  const { exitCode, lines } = await contractGaps({ gaps }, SINCE);

  expect([exitCode, lines.length]).toEqual([1, 3]);
  expectHarmless(lines);
});

test('of what blocks and of requests that could not be tried as they were five are named, and how many more', async () => {
  const reasons = Array.from({ length: 7 }, (_, n) => ({ kind: 'no-route', detail: `d${n}` }) as const);
  const after: TrialVerdict = { kind: 'block', observed: false, reasons, asks: [] };
  const before: TrialVerdict = { kind: 'pass', observed: false, reasons: [], asks: [] };
  const unjudged = Array.from({ length: 10_000 }, (_, n) => `r${n}`);
  const requests = [{ gate: aJudgedGate(), before, after }];
  const trial = { judged: 1, requests, classes: [], unjudged, renewed: [], otherwise: [] };
  const { lines, remarks } = await simulateContract({ tryPolicy: async () => trial }, POLICY, SINCE);

  expect(lines[0]).toMatch(/\tpasses\tblocked by no-route: d0; .*no-route: d4; 2 more$/);
  expect(remarks?.[1]).toBe('10000 requests left out, because never judged: r0, r1, r2, r3, r4 and 9995 more.');
});
