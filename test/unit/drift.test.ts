import { describe, expect, test } from 'vitest';
import { type Baseline, type Entry, entryKey, nextEnd, takenAt, withAccepted } from '../../services/domain/baseline.ts';
import { type AfterRelease, type Change, driftAfter, NO_DRIFT } from '../../services/domain/drift.ts';
import { changeWords, findingsOf } from '../../services/domain/drift-words.ts';
import { driftSeen, looksAgainAt, MOST_LOOKS, verdictOf } from '../../services/domain/post-deploy.ts';
import { isReserved } from '../../services/domain/reserved-tool.ts';
import { TENANT } from '../builders.ts';
import { aPostDeployReview } from '../cards/drift-samples.ts';
import { anEntry, aState, PROJECT, READ_AT } from '../drift-platforms.ts';

const NOW = '2026-11-24T09:00:00.000Z';
const LATER = '2026-11-24T10:00:00.000Z';
const by = { kind: 'person', tenant: TENANT, oid: 'o', name: 'Ann' } as const;
const release: AfterRelease = { requestId: 'r', runName: 'n', at: '2026-11-24T07:00:00.000Z', approvedBy: [] };
const aBaseline = (entries: readonly Entry[]): Baseline => ({
  ...aState(entries),
  ...{ taken: release, accepted: [], ops: [] },
});
const off = (id = '1') => anEntry(id, { values: { isDisabled: 'yes', timeoutMinutes: '60' } });
const [on] = [anEntry('1')];
const after = (before: Parameters<typeof driftAfter>[0], entries: readonly Entry[], over: object = {}) =>
  driftAfter(before, { baseline: aBaseline([on]), state: aState(entries), now: NOW, ...over });

test('a change keeps when it was first seen and after which deployment, however often and after what else it is seen again', () => {
  const first = after(NO_DRIFT, [off()], { release });
  const again = after(first, [off()], { release: { ...release, requestId: 'r2', at: READ_AT }, now: LATER });

  expect(again.items).toEqual(first.items);
  expect(first.items).toMatchObject([{ since: READ_AT, release: { requestId: 'r' } }]);
  expect(again.revision).toBe(first.revision);
});

test('a deployment that was let through after it was seen is not what it came with', () => {
  const [item] = after(NO_DRIFT, [off()], { release: { ...release, at: LATER } }).items;

  expect(item).not.toHaveProperty('release');
});

test('the revision rises with whatever is shown, and with nothing else', () => {
  const first = after(NO_DRIFT, [off()]);
  const more = after(first, [off(), anEntry('2')]);
  const gone = after(more, [on]);

  expect([first.revision, more.revision, gone.revision]).toEqual([1, 2, 3]);
  expect(gone.items).toEqual([]);
  expect(after(gone, [{ ...on, name: 'renamed', at: LATER }]).revision).toBe(3);
});

test('accepted is exactly what was there: another change of the same thing is drift', () => {
  const baseline = withAccepted(aBaseline([on]), [{ key: on.key, entry: off() }], {
    by,
    at: NOW,
    until: LATER,
    op: 'a',
  });
  const now = (entry: Entry) => driftAfter(NO_DRIFT, { baseline, state: aState([entry]), now: NOW }).items.length;

  expect([now(off()), now(on), now(anEntry('1', { values: { isDisabled: 'yes', timeoutMinutes: '9' } }))]).toEqual([
    0, 0, 1,
  ]);
  expect([nextEnd(baseline, NOW), nextEnd(baseline, LATER)]).toEqual([LATER, undefined]);
});

test('what is accepted for good is the baseline from then on, also that something is gone', () => {
  const gone = withAccepted(aBaseline([on, anEntry('2')]), [{ key: on.key }], { by, at: NOW, op: 'a' });

  expect(gone.entries.map(({ name }) => name)).toEqual(['Check 2']);
  expect(gone.accepted).toEqual([]);
  expect(withAccepted(gone, [], { by, at: NOW, op: 'b' }).ops).toEqual(['a', 'b']);
});

test('what was accepted while it could not be looked at is not shown any more', () => {
  const first = after(NO_DRIFT, [off()]);
  const accepted = withAccepted(aBaseline([on]), [{ key: on.key, entry: off() }], {
    by,
    at: NOW,
    until: LATER,
    op: 'a',
  });
  const blind = driftAfter(first, { baseline: accepted, state: aState([], { parts: [] }), now: NOW });

  expect(blind.items).toEqual([]);
  expect(driftAfter(first, { baseline: accepted, state: aState([], { parts: [] }), now: LATER }).items).toHaveLength(1);
});

test('a part that no baseline has is said to be none of it, and is no finding', () => {
  const other = { prefix: `${entryKey('connection', PROJECT)}:`, name: 'Service connections', at: READ_AT };
  const drift = driftAfter(NO_DRIFT, {
    baseline: aBaseline([on]),
    state: aState([on], { parts: [...aState([]).parts, other] }),
    now: NOW,
  });

  expect(drift.unknown).toMatchObject([
    { name: 'Service connections', unknown: expect.stringContaining('no baseline yet') },
  ]);
  expect(findingsOf(drift)).toEqual([]);
});

test('a baseline is taken once: the second time only what was not known then', () => {
  const first = takenAt(undefined, aState([on]), release, 'op 1');
  expect(first?.entries).toEqual([on]);
  expect(takenAt(first, aState([off()]), release, 'op 2')).toBeUndefined();
  const unread = aState([], { parts: [{ ...aState([]).parts[0], unknown: 'no right' } as never] });
  expect(takenAt(undefined, unread, release, 'op 1')).toBeUndefined();
});

describe('pipelines that used a connection', () => {
  const part = { prefix: `${entryKey('connection', PROJECT)}:`, name: 'Service connections', at: READ_AT };
  const used = (...pipelines: readonly string[]): Entry => ({
    ...{ key: entryKey('connection', PROJECT, 'c1'), kind: 'connection', name: 'azure', of: '', at: READ_AT },
    values: { isShared: 'no', usedBy: pipelines.join('\n') },
  });
  const seen = (...pipelines: readonly string[]) => aState([used(...pipelines)], { parts: [part] });
  const baseline: Baseline = { ...seen('deploy', 'plan'), taken: release, accepted: [], ops: [] };
  const wordsOf = (of: Baseline, ...pipelines: readonly string[]) =>
    driftAfter(NO_DRIFT, { baseline: of, state: seen(...pipelines), now: NOW }).items.map(changeWords);

  test('are drift where one is new, and none where one was not seen lately', () => {
    expect(wordsOf(baseline, 'deploy', 'odd')).toEqual([
      'Service connection "azure": pipelines that used it: odd added',
    ]);
    expect(wordsOf(baseline, 'plan')).toEqual([]);
    expect(wordsOf(baseline)).toEqual([]);
  });

  test.each([
    ['for good', {}],
    ['for a time', { until: LATER }],
  ])('stay usual when another is accepted %s', (_, until) => {
    const changes = [{ key: used().key, entry: used('odd') }];
    const accepted = withAccepted(baseline, changes, { by, at: NOW, op: 'a', ...until });
    expect(wordsOf(accepted, 'deploy', 'odd')).toEqual([]);
    expect(wordsOf(accepted, 'deploy', 'other')).toEqual([
      'Service connection "azure": pipelines that used it: other added',
    ]);
  });

  test('are usual from the next approved deployment on where nobody could tell before, and only then', () => {
    const { usedBy: _, ...values } = used().values as { usedBy: string; isShared: string };
    const untold = { ...baseline, entries: [{ ...used(), values }] };
    expect(wordsOf(untold, 'deploy')).toEqual([]);
    const next = takenAt(untold, seen('deploy'), release, 'op 2') ?? untold;
    expect(wordsOf(next, 'odd')).toHaveLength(1);
    expect(takenAt(next, seen('deploy', 'odd'), release, 'op 3')).toBeUndefined();
    expect(
      takenAt(untold, aState([used('deploy')], { parts: [{ ...part, unknown: 'no right' }] }), release, 'o'),
    ).toBeUndefined();
  });
});

test('nobody else reports as the tool of drift', () => {
  expect(isReserved('countersign-drift', 'sarif')).toBe(true);
});

const entry = (kind: Entry['kind'], values: Entry['values'], over: Partial<Entry> = {}): Entry => ({
  ...{ key: entryKey(kind, PROJECT, '1'), kind, name: 'X', of: '', values, at: READ_AT },
  ...over,
});
const change = (before: Entry | undefined, now: Entry | undefined): Change => ({
  key: (now ?? before)?.key ?? '',
  kind: before === undefined ? 'added' : now === undefined ? 'removed' : 'changed',
  ...(before === undefined ? {} : { before }),
  ...(now === undefined ? {} : { after: now }),
});

test.each<[Change, string]>([
  [change(entry('check', { isDisabled: 'no' }, { of: 'prod' }), undefined), 'Check "X" of environment "prod" is gone'],
  [
    change(undefined, entry('check', { isDisabled: 'yes' }, { of: 'prod' })),
    'Check "X" of environment "prod" is new: is disabled',
  ],
  [
    change(
      entry('check', { timeoutMinutes: '60', waits: 'yes' }, { of: 'p' }),
      entry('check', { timeoutMinutes: '90', waits: 'no' }, { of: 'p' }),
    ),
    'Check "X" of environment "p": timeout in minutes was 60, is 90; does not wait for the answer',
  ],
  [
    change(
      entry('check', { approvers: 'a\nb' }, { names: { a: 'Ann', b: 'Bob' } }),
      entry('check', { approvers: 'b\nc' }, { names: { c: 'Cid, Jr' } }),
    ),
    'Check "X" of environment "": approvers: Cid, Jr added, Ann gone',
  ],
  [change(undefined, entry('reach', { role: 'approver' }, { of: 'Leads' })), '"X" among "Leads" is new'],
  [change(entry('reach', { through: '' }), entry('reach', { through: 'G' })), '"X": groups: G added'],
  [
    change(entry('environment', { openToAll: 'no' }), entry('environment', { openToAll: 'yes' })),
    'Environment "X": is open to all pipelines',
  ],
  [
    change(undefined, entry('connection', { credential: 'secret', scope: '/subscriptions/s', openToAll: 'yes' })),
    'Service connection "X" is new: credential secret, scope subscription s, is open to all pipelines',
  ],
  [
    change(
      undefined,
      entry('role', { role: 'Owner', isStanding: 'yes' }, { of: '/subscriptions/s/resourceGroups/rg' }),
    ),
    'Role Owner of "X" on resource group rg is new: is standing',
  ],
  [
    change(entry('resource', { 'properties.a': 'true' }), entry('resource', { 'properties.a': 'null' })),
    'Resource "X": properties.a was true, is null',
  ],
  [
    change(
      entry('branch-policy', { isBlocking: 'yes' }, { of: 'r main' }),
      entry('branch-policy', { isBlocking: 'no' }, { of: 'r main' }),
    ),
    'Branch policy "X" of r main: is optional',
  ],
])('a change is said in words: %#', (one, said) => {
  expect(changeWords(one)).toBe(said);
});

test('what guards is severe when it changes or goes, less access is mild, and a finding keeps its fingerprint as long as it lasts', () => {
  const severe = findingsOf(after(NO_DRIFT, [])).map(({ rule, severity }) => [rule, severity]);
  expect(severe).toEqual([['check-removed', 'high']]);
  const [first] = findingsOf(after(NO_DRIFT, [off()]));
  const [later] = findingsOf(after(NO_DRIFT, [{ ...off(), name: 'renamed', at: LATER }]));
  expect(first).toMatchObject({ tool: 'countersign-drift', category: 'configuration', rule: 'check-changed' });
  expect(later?.fingerprint).toBe(first?.fingerprint);
});

test('of a look after a deployment unknown is never clean, and what is found is said first', () => {
  const [found = never()] = aPostDeployReview().sources;
  const clean = { source: 'a', found: [] };
  const unknown = { ...clean, unknown: 'no answer' };
  expect(verdictOf({ sources: [clean] })).toBe('clean');
  expect(verdictOf({ sources: [clean, unknown] })).toBe('unknown');
  expect(verdictOf({ sources: [unknown, found] })).toBe('found');
  const waiting = aPostDeployReview({ sources: [unknown], looks: 1 });
  expect(looksAgainAt(waiting, NOW)).toBe('2026-11-24T09:05:00.000Z');
  expect(looksAgainAt({ ...waiting, looks: MOST_LOOKS }, NOW)).toBeUndefined();
  expect(looksAgainAt({ ...waiting, sources: [clean] }, NOW)).toBeUndefined();
});

function never(): never {
  throw new Error('the sample has sources');
}

test('drift that was read before the deployment tells nothing of after it', () => {
  const baseline = aBaseline([on]);
  const seen = (at: string, since: string) => {
    const state = aState([off()], { parts: [{ ...aState([]).parts[0], at } as never] });
    const own = [{ kind: 'environments', target: PROJECT, name: 'payments' }] as const;
    const drift = driftAfter(NO_DRIFT, { baseline, state, now: NOW });
    return driftSeen({ baseline, state, drift }, { released: since, asked: since }, own);
  };

  expect(seen(READ_AT, LATER)).toMatchObject({ found: [], unknown: expect.stringContaining('not read since') });
  expect(seen(LATER, NOW)).toMatchObject({ found: [{ rule: 'check-changed' }] });
  expect(seen(LATER, NOW)).not.toHaveProperty('unknown');
});

test('what identities may do elsewhere, and people who are more than are listed, are named beside a look and hold up none', () => {
  const [checks] = aState([]).parts;
  const part = (prefix: string, over: object = {}) => ({ prefix, name: prefix, at: LATER, ...over });
  const roles = (id: string, over: object = {}) => part(`role:${id}:`, over);
  const own = [
    { kind: 'environments', target: PROJECT, name: 'payments' },
    { kind: 'reach', target: PROJECT, name: 'payments' },
    { kind: 'roles', target: 'mine', name: 'payments-prod' },
  ] as const;
  const look = (...parts: readonly object[]) => {
    const state = aState([], { parts: [{ ...checks, at: LATER }, part(`reach:${PROJECT}:`), ...parts] as never });
    const baseline = { ...aBaseline([]), parts: state.parts.map(({ unknown: _, ...one }) => one) };
    const drift = driftAfter(NO_DRIFT, { baseline, state, now: NOW });
    return driftSeen({ baseline, state, drift }, { released: READ_AT, asked: LATER }, own);
  };
  const cut = part(`reach:${PROJECT}:administrator:p:member:`, { unknown: '7 more than are listed' });

  expect(look(roles('mine'), roles('others', { unknown: 'answered 403' }), cut)).toEqual({
    ...{ source: 'drift', found: [] },
    besides: `${cut.name} (7 more than are listed), role:others: (answered 403)`,
  });
  expect(look(roles('mine', { unknown: 'answered 403' })).unknown).toContain('role:mine:');
  expect(look(roles('mine', { at: READ_AT })).unknown).toContain('role:mine:');
  expect(look(roles('others', { at: READ_AT }))).not.toHaveProperty('unknown');
  expect(look(part('resource:microsoft.web%2Fsites:', { unknown: 'Azure did not answer' })).unknown).toContain(
    'resource:',
  );
});
