import { expect, test } from 'vitest';
import { blockedCard } from '../../cards/blocked-card.ts';
import type { Gate } from '../../services/domain/gate.ts';
import type { JudgedGroup, Obstacle } from '../../services/domain/judgement.ts';
import { aBlockedGate, aJudgedGroup, aJudgement, aRunSources, aSample, aSignal, COMMIT } from '../builders.ts';
import { buttonById, buttonsOf, factValue, inputIds, textById } from '../cards/read.ts';

const blockedBy = (...blocks: JudgedGroup[]) => blockedCard(aBlockedGate({ judgement: aJudgement({ blocks }) }));
const ids = (card: ReturnType<typeof blockedCard>) => buttonsOf(card).map(({ id }) => id);

test('a blocked deployment says so, that no approval can pass it, and until when it waits', () => {
  const card = blockedCard(aBlockedGate());

  expect(textById(card, 'title')).toBe('Blocked: prod deployment of payments-api 20261123.4');
  expect(textById(card, 'state')).toContain('■ Blocked by 1 finding');
  expect(textById(card, 'state')).toContain('No approval can pass this');
  expect(textById(card, 'state')).toContain('until Mon 23 Nov 2026, 10:31 UTC; then the stage fails');
});

test('a blocking finding says rule, why, what, where, how to mend it and whose it is', () => {
  const sample = aSample({ help: 'Rotate the key.' });
  const card = blockedBy(aJudgedGroup({ samples: [sample], because: 'Secrets never ship' }));

  expect(textById(card, 'findings')).toContain('■ generic-api-key high, gitleaks');
  expect(factValue(card, 'findings', 'Why')).toBe('Secrets never ship; control secret-scanning (exposed secret)');
  expect(factValue(card, 'findings', 'What')).toBe('Detected a generic API key');
  expect(factValue(card, 'findings', 'Where')).toBe('src/config/keys.ts:17');
  expect(factValue(card, 'findings', 'Fix')).toBe('Rotate the key.');
  expect(factValue(card, 'findings', 'Owner')).toBe('payments-team');
});

test('where the tool gives no advice the category does', () => {
  expect(factValue(blockedBy(aJudgedGroup()), 'findings', 'Fix')).toContain('revoke the secret');
});

test('more places than are shown are counted', () => {
  expect(factValue(blockedBy(aJudgedGroup({ count: 5 })), 'findings', 'Where')).toBe(
    'src/config/keys.ts:17 and 4 more',
  );
});

test('three rules are explained, the rest is counted and named', () => {
  const groups = Array.from({ length: 5 }, (_, index) => aJudgedGroup({ rule: `RULE-${index}`, count: 2 }));

  expect(textById(blockedBy(...groups), 'findings')).toContain('and 4 more blocking findings: RULE-3 and RULE-4');
});

const eroded = (control: string, share = 0.3) =>
  ({ control, owner: 'group:security-leads', share, periods: 2 }) as const;

test('a block of an eroded control says how much of it passes, for how long, and who can change the control', () => {
  const judgement = aJudgement({ blocks: [aJudgedGroup()], eroded: [eroded('secret-scanning')] });
  const said = textById(blockedCard(aBlockedGate({ judgement })), 'findings');

  expect(said).toContain(
    'Exceptions let at least 30 % of what secret-scanning blocks pass, for 2 periods of 30 days now: its block means little. security-leads can change the control.',
  );
  expect(textById(blockedBy(aJudgedGroup()), 'findings')).not.toContain('means little');
});

test('three eroded controls are named, the rest counted, and their names can be anything', () => {
  const names = ['a', 'b', '<at>all</at> [x](https://evil.example)', 'd', 'e'];
  const judgement = aJudgement({ blocks: [aJudgedGroup()], eroded: names.map((name) => eroded(name)) });
  const said = textById(blockedCard(aBlockedGate({ judgement })), 'findings');

  expect(said).toContain('and 2 more eroded controls');
  expect(said).not.toMatch(/<at>|\]\(/);
});

test('a missing report names control, reason, tools, commit, owner and the call that sends it', () => {
  const signal = aSignal({
    control: 'dependency-scanning',
    category: 'dependency',
    tools: ['trivy', 'grype'],
    state: 'unknown',
    why: 'too-old',
  });
  const obstacles: Obstacle[] = [{ kind: 'missing-signal', detail: 'dependency-scanning (payments-api): too-old' }];
  const card = blockedCard(aBlockedGate({ judgement: aJudgement({ obstacles, signals: [signal] }) }));

  expect(textById(card, 'state')).toContain('Blocked by 1 missing report');
  expect(textById(card, 'findings')).toContain('dependency-scanning');
  expect(factValue(card, 'findings', 'Why')).toBe('the newest report is too old');
  expect(factValue(card, 'findings', 'Needed')).toBe('a report of trivy or grype');
  expect(factValue(card, 'findings', 'For')).toBe('payments-api, commit 3f2c9a1b');
  expect(factValue(card, 'findings', 'Owner')).toBe('security-leads');
  expect(factValue(card, 'findings', 'Send')).toBe(
    `POST /api/findings?service=payments-api&commit=${COMMIT}&environment=prod&runId=4711`,
  );
});

test('the call names the run that built what is shipped, not the run that deploys it', () => {
  const sources = aRunSources({
    commits: [{ commit: 'feed'.repeat(10), repository: 'payments-api', pipeline: 'build', runId: 4600 }],
  });
  const judgement = aJudgement({ verdict: 'block', signals: [aSignal({ state: 'unknown', why: 'absent' })] });
  const send = factValue(blockedCard(aBlockedGate({ sources, judgement })), 'findings', 'Send');

  expect(send).toContain(`commit=${'feed'.repeat(10)}`);
  expect(send).toContain('runId=4600');
});

test('a control that is not required is not asked for', () => {
  const signal = aSignal({ required: false, state: 'unknown', why: 'absent' });
  const card = blockedCard(aBlockedGate({ judgement: aJudgement({ blocks: [aJudgedGroup()], signals: [signal] }) }));

  expect(factValue(card, 'findings', 'Send')).toBeUndefined();
});

test('every other obstacle says what it is, the details and what to do', () => {
  const obstacles: Obstacle[] = [{ kind: 'no-route', detail: 'payments-api in prod' }];
  const card = blockedCard(aBlockedGate({ judgement: aJudgement({ obstacles }) }));

  expect(textById(card, 'findings')).toContain('No approval route matches, so there is nobody to ask.');
  expect(factValue(card, 'findings', 'Details')).toBe('payments-api in prod');
  expect(factValue(card, 'findings', 'Fix')).toContain('Add a route');
});

test('changes that could not be read are named as missing evidence', () => {
  const sources = aRunSources({ unreadable: ['the changes of run 12: 404'] });
  const obstacles: Obstacle[] = [{ kind: 'missing-signal', detail: 'the changes of run 12: 404' }];
  const card = blockedCard(aBlockedGate({ sources, judgement: aJudgement({ obstacles }) }));

  expect(factValue(card, 'findings', 'Details')).toBe('the changes of run 12: 404');
});

test('an exception can be requested for a blocking finding, by ids only', () => {
  const gate = aBlockedGate();

  expect(buttonById(blockedCard(gate), 'exception-1')?.data).toEqual({
    verb: 'exception.request',
    requestId: gate.id,
    fingerprint: '0123456789abcdef0123456789abcdef',
    service: 'payments-api',
    environment: 'prod',
    control: 'secret-scanning',
  });
});

test('a place is where people can look, never a bare id', () => {
  const of = (path: string) =>
    factValue(
      blockedCard(
        aBlockedGate({ judgement: aJudgement({ blocks: [aJudgedGroup({ samples: [aSample({ path })] })] }) }),
      ),
      'findings',
      'Where',
    );

  expect(of('connection:f73b2433-92b4-5af9-89d6-e7bab581f9d3')).toBeUndefined();
  expect(of('connection:payments-prod')).toContain('connection:payments-prod');
});

test('what stands in the way is told in words, without codes', () => {
  const detail =
    'group:leads, group:owners: 0 of 1 may decide; excluded: Ann Archer (requester), Dan Dorn (commit-author)';
  const judgement = aJudgement({ obstacles: [{ kind: 'too-few-approvers', detail }] });

  expect(factValue(blockedCard(aBlockedGate({ judgement })), 'findings', 'Details')).toBe(
    'leads, owners: 0 of 1 may decide; excluded: Ann Archer (asked for this deployment), Dan Dorn (wrote part of it)',
  );
});

test('at most three exceptions are offered, each naming its rule', () => {
  const prints = ['A', 'B', 'C', 'D'].map((rule) => ({ rule, fingerprints: [rule.toLowerCase().repeat(32)] }));
  const card = blockedBy(...prints.map((group) => aJudgedGroup(group)));
  const offered = buttonsOf(card).filter(({ verb }) => verb === 'exception.request');

  expect(offered.map(({ title }) => title)).toEqual(['Exception: A', 'Exception: B', 'Exception: C']);
});

test('an exception from several findings names none of them: all of the control that block the request are meant', () => {
  const several = aJudgedGroup({ count: 2, fingerprints: ['a'.repeat(32), 'b'.repeat(32)] });
  const other = aJudgedGroup({ rule: 'azure-storage-key', count: 2, fingerprints: ['c'.repeat(32), 'd'.repeat(32)] });
  const offered = buttonsOf(blockedBy(several, other)).filter(({ verb }) => verb === 'exception.request');

  expect(offered.map(({ data }) => data?.['fingerprint'])).toEqual([undefined]);
  expect(buttonById(blockedBy(several, aJudgedGroup()), 'exception-2')?.data).toHaveProperty('fingerprint');
});

test('what is asked for is shown by its id, with how long the gate waits for the answer and the way to it', () => {
  const judgement = aJudgement({ blocks: [aJudgedGroup({ requested: ['EX-12'] })] });
  const card = blockedCard(aBlockedGate({ judgement, awaits: ['EX-12'] }));

  expect(textById(card, 'state')).toMatch(
    /EX-12 is asked for: it waits for the answer, or for a fix, until Tue 24 Nov 2026/,
  );
  expect(textById(card, 'findings')).toContain('Exception: EX-12 is asked for');
  expect(buttonById(card, 'awaited')?.data).toEqual({ verb: 'exception.view', exceptionId: 'EX-12', revision: 0 });
  expect(buttonById(card, 'exception-1')?.title).toBe('Join EX-12');
});

test('a gate whose wait is over waits for no exception any more', () => {
  const judgement = aJudgement({ blocks: [aJudgedGroup({ requested: ['EX-12'] })] });
  const card = blockedCard(aBlockedGate({ judgement, awaits: ['EX-12'], state: 'failed' }));

  expect(textById(card, 'state')).not.toContain('EX-12');
  expect(buttonById(card, 'awaited')).toBeUndefined();
});

test('an exception that was granted for less is named where it does not cover', () => {
  const card = blockedBy(aJudgedGroup({ outgrown: ['EX-9'] }));

  expect(textById(card, 'findings')).toContain('EX-9 was granted when it was less severe, and does not cover it');
});

test('no exception is offered where the control grants none', () => {
  const { exception: _, ...without } = aJudgedGroup();

  expect(ids(blockedBy(without))).toEqual(['open-run', 'refresh']);
  expect(ids(blockedBy(aJudgedGroup({ exception: { maxDays: 0, approvers: 'group:x', minReason: 0 } })))).toEqual([
    'open-run',
    'refresh',
  ]);
});

test('no exception is offered for findings that are counted but not listed', () => {
  expect(ids(blockedBy(aJudgedGroup({ fingerprints: [] })))).toEqual(['open-run', 'refresh']);
});

test('findings that are not listed take no place from those that can be excepted', () => {
  const unlisted = aJudgedGroup({ fingerprints: [] });

  expect(ids(blockedBy(unlisted, unlisted, unlisted, aJudgedGroup()))).toContain('exception-1');
});

test('a blocked gate can never be approved from its card', () => {
  const card = blockedCard(aBlockedGate());

  expect(ids(card)).toEqual(['exception-1', 'open-run', 'refresh']);
  expect(inputIds(card)).toEqual([]);
});

test('a gate that stayed blocked says that it was stopped and what to do', () => {
  const card = blockedCard(aBlockedGate({ state: 'failed', toldAt: '2026-11-23T10:31:01.000Z' }));

  expect(textById(card, 'state')).toContain('✗ Stopped by 1 finding');
  expect(textById(card, 'state')).toContain('run the stage again');
  expect(textById(card, 'history')).toContain('Azure DevOps was told on Mon 23 Nov 2026, 10:31 UTC');
});

test('an ended gate offers no exception any more', () => {
  expect(ids(blockedCard(aBlockedGate({ state: 'expired' })))).toEqual(['open-run', 'refresh']);
  expect(ids(blockedCard(aBlockedGate({ state: 'abandoned' })))).toEqual(['open-run', 'refresh']);
});

test('the gate’s line of a blocked signal says fail, and nobody is asked', () => {
  const gate = textById(blockedCard(aBlockedGate()), 'gate');

  expect(gate).toContain('✗ Scans fail: 1 finding blocking');
  expect(gate).toContain('– Approvals not asked: it is blocked');
});

const stateOf = (gate: Gate, inForce?: number) =>
  textById(blockedCard(gate, undefined, inForce === undefined ? {} : { inForce }), 'state');

test('what failed under another version than the one in force can be judged by that one', () => {
  const failed = aBlockedGate({ state: 'failed' });
  const { contract: _, ...judgement } = aJudgement({ obstacles: [{ kind: 'no-contract', detail: 'x' }] });

  expect(stateOf(failed, 8)).toContain(
    'Judged by version 7 of the contract; version 8 is in force: run the stage again to be judged by it.',
  );
  expect(stateOf({ ...failed, judgement }, 8)).toContain('Judged without a contract; version 8 is in force: run');
});

test('no other version is named while one waits, under the same one, and where none is known', () => {
  for (const words of [
    stateOf(aBlockedGate(), 8),
    stateOf(aBlockedGate({ state: 'failed' }), 7),
    stateOf(aBlockedGate({ state: 'failed' })),
  ])
    expect(words).not.toContain('in force');
});
