import { expect, test } from 'vitest';
import { contractGaps } from '../../bot/console/contract-gaps.ts';
import type { Rule } from '../../services/domain/contract.ts';
import { divergencesIn, missingIn, type Newest } from '../../services/domain/gaps.ts';
import type { ScanHead } from '../../services/domain/scan-head.ts';
import { outcomeUnder, type TriedPolicy } from '../../services/domain/trial.ts';
import { aRunSources, COMMIT } from '../builders.ts';
import { aScanHead } from '../scans.ts';
import { aContract, aControl, aGroup, anException, aRule, aService } from './judge-input.ts';
import { aJudgedGate, aPast, aPolicy, seenFirst } from './past-request.ts';

const secret = aScanHead({ groups: [aGroup()] });
const sources = aRunSources({
  commits: ['payments-api', 'orders-api'].map((name) => ({
    commit: COMMIT,
    repository: name,
    pipeline: 'p',
    runId: 1,
  })),
});

/** The newest request of a service, with what was reported of it. */
function newest(
  policy: TriedPolicy,
  service: string,
  heads: readonly ScanHead[] = [secret],
  exceptions: Parameters<typeof anException>[0][] = [],
  known: Partial<ReturnType<typeof seenFirst>> = {},
): Newest {
  const gate = aJudgedGate({ id: `request of ${service}`, services: [service], sources });
  const past = aPast({
    gate,
    heads,
    exceptions: exceptions.map((over) => anException({ service, ...over })),
    ...known,
  });
  return { service, gate, outcome: outcomeUnder(policy, past) };
}

const SERVICES = ['payments-api', 'orders-api'];
const differing = (policy: TriedPolicy, heads?: readonly ScanHead[]) =>
  divergencesIn(
    policy.contract,
    SERVICES.map((name) => newest(policy, name, heads)),
  );
// biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
const warn = (over: Partial<Rule> = {}) => aRule({ then: 'warn', ...over });
const ruled = (control: Parameters<typeof aControl>[0], over: Partial<TriedPolicy> = {}) =>
  aPolicy(aContract(aControl(control)), over);

test('a required signal that the newest request lacked is a gap, with why', () => {
  const required = ruled({ evidence: { required: ['production'] } });

  expect(missingIn([newest(required, 'payments-api', []), newest(required, 'orders-api')])).toEqual([
    {
      control: 'secret-scanning',
      environment: 'prod',
      service: 'payments-api',
      why: 'absent',
      requestId: 'request of payments-api',
    },
  ]);
  expect(missingIn([newest(ruled({}), 'payments-api', [])])).toEqual([]);
});

test('one rule for all decides alike', () => {
  expect(differing(ruled({}))).toEqual([]);
});

test('an override makes services differ, and is named as one', () => {
  const override = aRule();
  const policy = ruled({ decisions: [warn()], overrides: new Map([['payments-api', [override]]]) });

  expect(differing(policy)).toEqual([
    {
      control: 'secret-scanning',
      environment: 'prod',
      tool: 'gitleaks',
      rule: 'generic-api-key',
      severity: 'high',
      decisions: [
        {
          service: 'orders-api',
          decision: 'warn',
          by: warn(),
          isOverride: false,
          requestId: 'request of orders-api',
        },
        {
          service: 'payments-api',
          decision: 'block',
          by: override,
          isOverride: true,
          requestId: 'request of payments-api',
        },
      ],
    },
  ]);
});

test('services that warn differ where one of them is going to block', () => {
  const override = aRule({ from: '2099-01-15' });
  const policy = ruled({ decisions: [warn()], overrides: new Map([['payments-api', [override]]]) });
  const [found] = differing(policy);

  expect(found?.decisions.map(({ service, decision, blocksFrom }) => [service, decision, blocksFrom])).toEqual([
    ['orders-api', 'warn', undefined],
    ['payments-api', 'warn', '2099-01-15'],
  ]);
});

test('criticality makes services differ by the rule that asks for it', () => {
  const decisions = [aRule({ when: { criticality: ['high'] } }), warn()];
  const services = [aService({ criticality: 'high' }), aService({ name: 'orders-api', repositories: ['orders-api'] })];
  const catalog = { services: new Map(services.map((one) => [one.name, one])), broken: new Map() };
  const [found] = differing(ruled({ decisions }, { catalog }));

  expect(found?.decisions.map(({ service, decision, by }) => [service, decision, by?.when])).toEqual([
    ['orders-api', 'warn', {}],
    ['payments-api', 'block', { criticality: ['high'] }],
  ]);
});

test('of a request for several services only what is said of its own counts for each', () => {
  const required = ruled({ decisions: [warn()], evidence: { required: ['production'] } });
  const gate = aJudgedGate({ services: SERVICES, sources });
  const outcome = outcomeUnder(required, {
    gate,
    scopes: new Map([['payments-api', { heads: [secret], exceptions: [] }]]),
  });
  const of = (service: string) => ({ service, gate, outcome });

  expect(missingIn(SERVICES.map(of)).map(({ service }) => service)).toEqual(['orders-api']);
  const blocked = newest(ruled({}), 'orders-api');
  expect(divergencesIn(required.contract, [of('payments-api'), of('orders-api'), blocked])[0]?.decisions).toMatchObject(
    [
      { service: 'orders-api', decision: 'block', requestId: blocked.gate.id },
      { service: 'payments-api', decision: 'warn' },
    ],
  );
  expect(divergencesIn(required.contract, [of('orders-api'), blocked])).toEqual([]);
});

test('an exception makes services differ by its id, a service without context by that', () => {
  const policy = ruled({});
  const excepted = [newest(policy, 'payments-api', [secret], [{}]), newest(policy, 'orders-api')];
  expect(divergencesIn(policy.contract, excepted)[0]?.decisions).toMatchObject([
    { service: 'orders-api', decision: 'block' },
    { service: 'payments-api', decision: 'warn', exceptionId: 'EX-1' },
  ]);

  const anyCommit = aContract(aControl({ evidence: { sameCommit: false } }));
  const catalog = { services: new Map([['payments-api', aService()]]), broken: new Map() };
  expect(differing(aPolicy(anyCommit, { catalog }))[0]?.decisions).toMatchObject([
    { service: 'orders-api', decision: 'warn', by: aRule() },
    { service: 'payments-api', decision: 'block' },
  ]);
});

test('a warning that has climbed in one service alone makes services differ by what made it climb', () => {
  const policy = ruled({ decisions: [warn({ escalate: [{ after: { ageDays: 30 }, to: 'block' }] })] });
  const of = (service: string, days: number, exceptions: Parameters<typeof anException>[0][] = []) =>
    newest(policy, service, [secret], exceptions, seenFirst(days));
  const decisions = (...all: readonly Newest[]) => divergencesIn(policy.contract, all)[0]?.decisions;

  expect(decisions(of('payments-api', 30), of('orders-api', 29))).toEqual([
    expect.not.objectContaining({ climbedBy: expect.anything() }),
    expect.objectContaining({ service: 'payments-api', decision: 'block', climbedBy: 'open for 30 days' }),
  ]);
  const justified = ruled({ decisions: [aRule({ justification: 'Agreed with all' })] });
  const own = [newest(justified, 'payments-api'), newest(policy, 'orders-api')];
  expect(divergencesIn(justified.contract, own)[0]?.decisions[1]).not.toHaveProperty('climbedBy');
  expect(decisions(of('payments-api', 30, [{}]), of('orders-api', 30))).toMatchObject([
    { service: 'orders-api', decision: 'block' },
    { service: 'payments-api', decision: 'warn', climbedBy: 'open for 30 days', exceptionId: 'EX-1' },
  ]);
});

test('an override for protected branches, which warns where nothing is known of the branch, is named as one', () => {
  const override = aRule({ when: { branchProtected: false } });
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  const decisions = [aRule({ then: 'monitor' })];
  const policy = ruled({ decisions, overrides: new Map([['payments-api', [override]]]) });

  expect(differing(policy)[0]?.decisions).toMatchObject([
    { service: 'orders-api', decision: 'monitor', isOverride: false },
    { service: 'payments-api', decision: 'warn', isOverride: true },
  ]);
});

test('findings that the contract may tell apart are different classes', () => {
  const policy = ruled({ decisions: [aRule({ when: { fixAvailable: true } }), warn()] });
  const of = (service: string, fixAvailable: boolean) =>
    newest(policy, service, [aScanHead({ groups: [aGroup({ fixAvailable })] })]);

  expect(divergencesIn(policy.contract, [of('payments-api', true), of('orders-api', false)])).toEqual([]);
});

test('services that differ inside themselves in the same way do not differ from one another', () => {
  const policy = ruled({ decisions: [aRule({ when: { path: ['src/**'] } }), warn()] });
  const knownGlobs = ['src/**'];
  const both = [
    aScanHead({ knownGlobs, groups: [aGroup({ pathGlobs: knownGlobs })] }),
    aScanHead({ scanId: 'scan-2', knownGlobs, groups: [aGroup()] }),
  ];

  expect(differing(policy, both)).toEqual([]);
  const [one, other] = [newest(policy, 'payments-api', both), newest(policy, 'orders-api', both.slice(1))];
  expect(divergencesIn(policy.contract, [one, other])[0]?.decisions).toMatchObject([
    { service: 'orders-api', decision: 'warn' },
    { service: 'payments-api', decision: 'block', by: { when: { path: ['src/**'] } } },
    { service: 'payments-api', decision: 'warn' },
  ]);
});

test('the command line says by which rule and what stands above it', async () => {
  const decisions = [
    { service: 'a', decision: 'block', by: aRule(), isOverride: true, requestId: 'r1' },
    { service: 'b', decision: 'warn', by: aRule(), isOverride: false, exceptionId: 'EX-1', requestId: 'r2' },
    { service: 'c', decision: 'warn', by: aRule(), isOverride: false, requestId: 'r3' },
    { service: 'd', decision: 'warn', by: aRule(), blocksFrom: '2027-01-15', isOverride: false, requestId: 'r4' },
    { service: 'e', decision: 'warn', isOverride: false, requestId: 'r5' },
    { service: 'f', decision: 'block', by: warn(), climbedBy: 'open for 30 days', isOverride: false, requestId: 'r6' },
  ] as const;
  const divergence = {
    control: 'sast',
    environment: 'prod',
    tool: 't',
    rule: 'x\ty',
    severity: 'high',
    decisions,
  } as const;
  const gaps = async () => ({ looked: 5, missing: [], divergences: [divergence] });
  const { exitCode, lines } = await contractGaps({ gaps }, { since: '2026-11-01T00:00:00.000Z' });

  expect(exitCode).toBe(1);
  expect(lines.map((line) => line.split('\t').slice(6))).toEqual([
    ['a', 'block', 'its override: block everything', 'r1'],
    ['b', 'warn', 'block everything; exception EX-1', 'r2'],
    ['c', 'warn', 'block everything; the catalog does not know the service', 'r3'],
    ['d', 'warn, blocks from 2027-01-15', 'block everything', 'r4'],
    ['e', 'warn', 'no control claims it', 'r5'],
    ['f', 'block', 'warn everything; open for 30 days', 'r6'],
  ]);
});
