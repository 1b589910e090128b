import { expect, test } from 'vitest';
import type { EscalationStep, Rule } from '../../services/domain/contract.ts';
import { minuteOf } from '../../services/domain/finding-history.ts';
import { spreadKey } from '../../services/domain/ladder.ts';
import { differsFromRecord, hasNewerReports, outcomeUnder, wasJudged } from '../../services/domain/trial.ts';
import { classesOf, findingChanges, requestChange } from '../../services/domain/trial-changes.ts';
import { aGate, aJudgedGroup, aJudgement, aRunSources, OLDER_COMMIT } from '../builders.ts';
import { aRoute } from '../routes.ts';
import { aScanHead } from '../scans.ts';
import { aContract, aControl, aGroup, anEnvironment, anException, aRule, fingerprint, NOW } from './judge-input.ts';
import { aJudgedGate, aPast, aPolicy, seenFirst } from './past-request.ts';

const ruled = (...decisions: readonly Partial<Rule>[]) =>
  aPolicy(aContract(aControl({ decisions: decisions.map((rule) => aRule(rule)) })));
// biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
const [warns, monitors] = [ruled({ then: 'warn' }), ruled({ then: 'monitor' })];
const blocks = ruled({});
const inProd = (over: Parameters<typeof anEnvironment>[0]) =>
  aPolicy({ ...aContract(), environments: new Map([['prod', anEnvironment(over)]]) });
const verdict = (policy: Parameters<typeof outcomeUnder>[0], past = aPast()) => outcomeUnder(policy, past).verdict;

test('what blocks names its class, what passes names the levels that it would have asked', () => {
  expect(verdict(blocks)).toEqual({
    kind: 'block',
    observed: false,
    reasons: [{ kind: 'finding', control: 'secret-scanning', rule: 'generic-api-key', severity: 'high' }],
    asks: [],
  });
  expect(verdict(warns)).toEqual({
    kind: 'ask',
    observed: false,
    reasons: [],
    asks: [[{ quorum: 1, from: ['group:release-managers'] }]],
  });
});

test('where the contract asks for no approval it passes', () => {
  const policy = {
    ...warns,
    contract: { ...warns.contract, environments: inProd({ approval: 'none' }).contract.environments },
  };

  expect(verdict(policy)).toMatchObject({ kind: 'pass', asks: [] });
});

test('an environment that was only observed then says so, one that is enforced by now does not', () => {
  expect(verdict(inProd({ observeUntil: '2026-11-24' }))).toMatchObject({ kind: 'block', observed: true });
  expect(verdict(inProd({ observeUntil: NOW.slice(0, 10) }))).toMatchObject({ kind: 'block', observed: false });
});

test('an environment, a service or a route that is gone blocks, with its name', () => {
  const noEnvironment = aPolicy({ ...aContract(), environments: new Map() });
  const noService = { ...warns, catalog: { services: new Map(), broken: new Map() } };

  expect(verdict(noEnvironment).reasons).toMatchObject([{ kind: 'unknown-environment', detail: 'prod' }]);
  expect(verdict(noService).reasons).toMatchObject([{ kind: 'unknown-service', detail: 'payments-api' }]);
  expect(verdict({ ...warns, routes: [] }).reasons).toEqual([{ kind: 'no-route', detail: 'payments-api in prod' }]);
  const broken = { ...warns, brokenRoutes: new Map([['payments-api', 'routes/payments-api.yaml:1 x']]) };
  expect(verdict(broken).reasons).toEqual([{ kind: 'no-route', detail: 'routes/payments-api.yaml:1 x' }]);
});

test('everything is as it was when it was judged: rules, freezes, and exceptions that have ended since', () => {
  expect(verdict(ruled({ from: '2026-11-24' }))).toMatchObject({ kind: 'ask' });
  expect(verdict(ruled({ from: NOW.slice(0, 10) }))).toMatchObject({ kind: 'block' });

  const exceptions = [anException({ expiresAt: '2026-11-23T09:30:00.001Z' })];
  expect(verdict(blocks, aPast({ exceptions }))).toMatchObject({ kind: 'ask' });
  const ended = [anException({ expiresAt: NOW })];
  expect(verdict(blocks, aPast({ exceptions: ended }))).toMatchObject({ kind: 'block' });

  const frozen = (until: string) =>
    verdict({ ...warns, routes: [aRoute({ freezes: [{ from: '2026-11-20', until, level: 'group:board' }] })] });
  expect(frozen('2026-11-23').asks[0]).toContainEqual({ quorum: 1, from: ['group:board'] });
  expect(frozen('2026-11-22').asks[0]).toHaveLength(1);
});

test('the catalog says whose commits count, and what could not be read then is missing still', () => {
  const strange = aRunSources({ commits: [{ commit: OLDER_COMMIT, repository: 'x', pipeline: 'y', runId: 1 }] });
  expect(verdict(blocks, aPast({ gate: aJudgedGate({ sources: strange }) }))).toMatchObject({ kind: 'ask' });

  const unread = aJudgedGate({ sources: aRunSources({ unreadable: ['build 12'] }) });
  expect(verdict(warns, aPast({ gate: unread })).reasons).toEqual([{ kind: 'missing-signal', detail: 'build 12' }]);
});

test('a report of another commit that came later counts for nothing, one that was there counts where any commit does', () => {
  const policy = aPolicy(aContract(aControl({ evidence: { sameCommit: false } })));
  const other = (receivedAt: string) =>
    aPast({ heads: [aScanHead({ commit: OLDER_COMMIT, receivedAt, groups: [aGroup()] })] });

  expect(verdict(policy, other(NOW))).toMatchObject({ kind: 'block' });
  expect(verdict(policy, other('2026-11-23T09:30:00.001Z'))).toMatchObject({ kind: 'ask' });
});

test('newer reports of its own commits are counted, and told', () => {
  const newer = aPast({ heads: [aScanHead({ receivedAt: '2026-11-23T10:00:00.000Z', groups: [aGroup()] })] });

  expect(verdict(blocks, newer)).toMatchObject({ kind: 'block' });
  expect([hasNewerReports(newer), hasNewerReports(aPast())]).toEqual([true, false]);
});

test('a warning has climbed by what had happened to its findings when it was judged, and by no more', () => {
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  const climbs = (after: EscalationStep['after']) => ruled({ then: 'warn', escalate: [{ after, to: 'block' }] });
  const old = climbs({ ageDays: 30 });
  expect(verdict(old, aPast(seenFirst(30)))).toMatchObject({ kind: 'block' });
  expect(verdict(old, aPast(seenFirst(29)))).toMatchObject({ kind: 'ask' });

  const key = spreadKey('secret-scanning', 'generic-api-key');
  const spreadTo3 = (since: number) => aPast({ spreads: new Map([[key, { services: 3, since }]]) });
  expect(verdict(climbs({ services: 3 }), spreadTo3(minuteOf(NOW)))).toMatchObject({ kind: 'block' });
  expect(verdict(climbs({ services: 3 }), spreadTo3(minuteOf(NOW) + 1))).toMatchObject({ kind: 'ask' });
});

test('a record that says something else is told, but not what depends on people', () => {
  const { verdict: passed } = outcomeUnder(warns, aPast());
  const blockedBy = (obstacles: Parameters<typeof aJudgement>[0]) =>
    differsFromRecord(aJudgedGate({ judgement: aJudgement({ at: NOW, ...obstacles }) }), passed);

  expect(blockedBy({})).toBe(false);
  expect(blockedBy({ blocks: [aJudgedGroup()] })).toBe(true);
  expect(blockedBy({ obstacles: [{ kind: 'no-route', detail: 'x' }] })).toBe(true);
  expect(blockedBy({ obstacles: [{ kind: 'too-few-approvers', detail: 'x' }] })).toBe(false);
  expect(blockedBy({ obstacles: [{ kind: 'requester-unknown', detail: 'x' }] })).toBe(false);
});

test('what was only received was not judged', () => {
  const { judgement: _, ...received } = aGate();

  expect([wasJudged(received), wasJudged(aGate())]).toEqual([false, true]);
});

const changed = (before: typeof blocks, after: typeof blocks, past = aPast()) => {
  const [was, is] = [outcomeUnder(before, past), outcomeUnder(after, past)];
  return {
    request: requestChange(past.gate, was, is),
    classes: classesOf(findingChanges(past.gate, was, is)),
  };
};

test('the same policy changes nothing', () => {
  for (const policy of [blocks, warns, monitors]) {
    expect(changed(policy, policy)).toEqual({ request: undefined, classes: [] });
  }
});

test('a block instead of a warning changes the request and its class', () => {
  const { request, classes } = changed(warns, blocks);

  expect([request?.before.kind, request?.after.kind]).toEqual(['ask', 'block']);
  expect(classes).toEqual([
    {
      control: 'secret-scanning',
      tool: 'gitleaks',
      rule: 'generic-api-key',
      severity: 'high',
      before: { decision: 'warn' },
      after: { decision: 'block' },
      findings: 1,
      services: ['payments-api'],
      requests: 1,
    },
  ]);
});

test('a class that is only counted otherwise changes no request', () => {
  const { request, classes } = changed(monitors, warns);

  expect(request).toBeUndefined();
  expect(classes).toMatchObject([{ before: { decision: 'monitor' }, after: { decision: 'warn' } }]);
});

test('a rule that begins later is told by its day', () => {
  expect(changed(warns, ruled({ from: '2027-01-15' }))).toMatchObject({
    request: undefined,
    classes: [{ before: { decision: 'warn' }, after: { decision: 'warn', blocksFrom: '2027-01-15' } }],
  });
});

test('other reasons for the same verdict are no change, other people to ask are', () => {
  const moved = (over: Parameters<typeof aRoute>[0]) => ({ ...warns, routes: [aRoute(over)] });

  expect(changed(blocks, { ...blocks, routes: [] }).request).toBeUndefined();
  expect(changed(warns, moved({ source: 'routes.yaml:99' })).request).toBeUndefined();
  expect(changed(warns, moved({ levels: [{ quorum: 2, from: ['group:release-managers'] }] })).request).toBeDefined();
  expect(changed(warns, moved({ levels: [{ quorum: 1, from: ['group:others'] }] })).request).toBeDefined();
});

test('an accepted suppression no longer counts, and an excepted finding is told from a warning', () => {
  const suppressed = aPast({ heads: [aScanHead({ groups: [aGroup({ suppressed: true })] })] });
  const accepts = aPolicy(aContract(aControl({ acceptSuppressions: true })));
  expect(changed(blocks, accepts, suppressed).classes).toMatchObject([{ after: { decision: 'none' } }]);

  const excepted = aPast({ exceptions: [anException()] });
  expect(changed(warns, blocks, excepted).classes).toMatchObject([{ after: { decision: 'warn', excepted: true } }]);
});

test('an environment that one policy does not know says nothing of findings', () => {
  const { request, classes } = changed(aPolicy({ ...aContract(), environments: new Map() }), warns);

  expect([request?.after.kind, classes]).toEqual(['ask', []]);
});

test('a finding that two scans report is decided by the stricter', () => {
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  const both = ruled({ when: { timing: ['build'] } }, { then: 'warn' });
  const heads = ['pre-deploy', 'build'].map((timing) =>
    aScanHead({ timing: timing as 'build', environment: timing, groups: [aGroup()] }),
  );

  expect(changed(warns, both, aPast({ heads })).classes).toMatchObject([{ findings: 1, after: { decision: 'block' } }]);
});

test('the same finding in several requests is one, those that are not listed count as many as they are', () => {
  const listed = aPast({
    heads: [aScanHead({ groups: [aGroup({ fingerprints: [fingerprint(1), fingerprint(2)] })] })],
  });
  const countless = aPast({
    gate: aJudgedGate({ id: 'another' }),
    heads: [aScanHead({ groups: [aGroup({ fingerprints: [], unlisted: 'c0ffee', count: 9_000 })] })],
  });
  const all = [listed, { ...listed, gate: aJudgedGate({ id: 'second' }) }, countless, countless].flatMap((past) =>
    findingChanges(past.gate, outcomeUnder(warns, past), outcomeUnder(blocks, past)),
  );

  expect(classesOf(all)).toMatchObject([{ findings: 9_002, requests: 3 }]);
});

test('classes are in order of control and severity, whatever came first', () => {
  const head = (severity: 'low' | 'critical', rule: string) =>
    aScanHead({ scanId: rule, groups: [aGroup({ severity, rule })] });
  const past = (heads: Parameters<typeof aPast>[0]) => changed(warns, blocks, aPast(heads)).classes;
  const rules = (heads: readonly ReturnType<typeof head>[]) => past({ heads }).map(({ rule }) => rule);

  expect(rules([head('low', 'a'), head('critical', 'b')])).toEqual(['b', 'a']);
  expect(rules([head('critical', 'b'), head('low', 'a')])).toEqual(['b', 'a']);
});

test('a finding of two tools is one change, though another of its tools stands for it under the other policy', () => {
  const found = (tool: string, own: number, other: string, theirs: number, decision: 'block' | 'warn') => {
    const duplicates = [{ of: fingerprint(own), tool: other, rule: 'any', fingerprint: fingerprint(theirs) }];
    const judged = aJudgedGroup({ tool, fingerprints: [fingerprint(own)], decision, duplicates });
    return { verdict: verdict(warns), signals: [], decided: [{ judged, head: aScanHead(), group: aGroup() }] };
  };
  const before = found('trivy', 1, 'grype', 2, 'warn');
  const after = found('grype', 2, 'trivy', 1, 'block');
  expect(findingChanges({ id: 'r' }, before, after)).toMatchObject([
    { tool: 'grype', before: { decision: 'warn' }, after: { decision: 'block' } },
  ]);
  expect(findingChanges({ id: 'r' }, before, found('grype', 2, 'trivy', 1, 'warn'))).toEqual([]);
});
