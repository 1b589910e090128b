import { expect, test } from 'vitest';
import type { Gate } from '../../services/domain/gate.ts';
import { createPolicyTrials } from '../../services/policy-trials.ts';
import type { PolicySnapshot } from '../../services/ports/policy.ts';
import type { ScopeKey } from '../../services/ports/scope-store.ts';
import { aGate, aJudgement, aRunSources, COMMIT, OLDER_COMMIT } from '../builders.ts';
import { aScopeView } from '../scans.ts';
import { aContract, aControl, NOW } from './judge-input.ts';
import { aJudgedGate, aPolicy } from './past-request.ts';

const SINCE = { since: '2026-11-01T00:00:00.000Z' };
const policyOf = (control: Parameters<typeof aControl>[0]): PolicySnapshot => ({
  ...aPolicy(aContract(aControl(control))),
  problems: [],
});
const OWN = policyOf({ evidence: { required: ['production'] } });
const ANY = policyOf({ evidence: { sameCommit: false } });

/** A store with these requests and no reports, and what was read of it. */
function storeOf(...gates: readonly Gate[]) {
  const reads: [environment: string, commits: readonly string[] | 'any'][] = [];
  const trials = createPolicyTrials({
    policy: { current: async () => OWN },
    gates: {
      async *receivedSince() {
        yield* gates;
      },
    },
    scopes: {
      view: async ({ environment }: ScopeKey, commits: readonly string[] | 'any') => {
        reads.push([environment, commits]);
        return aScopeView();
      },
    },
  });
  return { trials, reads };
}

const shipping = (id: string, ...commits: readonly string[]) =>
  aJudgedGate({
    id,
    sources: aRunSources({
      commits: commits.map((commit) => ({ commit, repository: 'payments-api', pipeline: 'p', runId: 1 })),
    }),
  });

test('of each request the reports of its own commits are read, each commit once', async () => {
  const { trials, reads } = storeOf(shipping('a', COMMIT, COMMIT), shipping('b', OLDER_COMMIT));
  await trials.tryPolicy(OWN, SINCE);

  expect(reads).toEqual([
    ['prod', [COMMIT]],
    ['-', [COMMIT]],
    ['prod', [OLDER_COMMIT]],
    ['-', [OLDER_COMMIT]],
  ]);
});

test.each([
  ['old', ANY, OWN],
  ['new', OWN, ANY],
])(
  'where a control of the %s policy looks at any commit, each scope is read once and whole',
  async (_, before, after) => {
    const { trials, reads } = storeOf(shipping('a', COMMIT), shipping('b', OLDER_COMMIT));
    await trials.tryPolicy(after, SINCE, before);

    expect(reads).toEqual([
      ['prod', 'any'],
      ['-', 'any'],
    ]);
  },
);

test('what was never judged is named and not looked at', async () => {
  const { judgement: _, ...received } = aGate({ id: 'received' });
  const { trials, reads } = storeOf(received);

  expect(await trials.tryPolicy(OWN, SINCE)).toMatchObject({ judged: 0, unjudged: ['received'], requests: [] });
  expect(await trials.gaps(SINCE)).toMatchObject({ looked: 0 });
  expect(reads).toEqual([]);
});

test('gaps are those of the request that was judged last, in whatever order the store has them', async () => {
  const judged = (id: string, at: string) => aJudgedGate({ id, judgement: aJudgement({ at }) });
  const gates = [
    judged('older', '2026-11-20T09:30:00.000Z'),
    judged('newest', NOW),
    judged('oldest', '2026-11-19T09:30:00.000Z'),
  ];

  for (const order of [gates, gates.toReversed()]) {
    const { looked, missing } = await storeOf(...order).trials.gaps(SINCE);
    expect([looked, missing.map(({ requestId }) => requestId)]).toEqual([1, ['newest']]);
  }
});

test('a policy without a contract cannot be tried, nor compared with, and says what is wrong with it', async () => {
  const { contract: _, ...none } = { ...OWN, problems: ['contract.yaml:3 version: x'] };
  const { trials } = storeOf();

  await expect(trials.tryPolicy(none, SINCE)).rejects.toThrow(/^the new policy has no contract\ncontract\.yaml:3/);
  await expect(trials.tryPolicy(OWN, SINCE, none)).rejects.toThrow(/^there is no contract to compare with\ncontract/);
  await expect(trials.gaps(SINCE, none)).rejects.toThrow(/^there is no contract/);
});
