import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Platform, Section } from '../../services/domain/platform.ts';
import { isOverdue, platformAsOf } from '../../services/domain/platform-age.ts';
import {
  deployedBy,
  deployedFrom,
  type PlatformSummary,
  platformSummary,
} from '../../services/domain/platform-summary.ts';
import { aCheck, aGate, ORGANIZATION } from '../builders.ts';
import {
  aCheckOf,
  aConnection,
  anEnvironment,
  aPlatform,
  aRole,
  aSection,
  aSetting,
  ourCheck,
  PROJECT,
  READ_AT,
  SUBSCRIPTION,
  soundSections,
} from '../platforms.ts';

const GATE = aGate();
const NOW = '2026-11-23T09:31:00.000Z';
const summaryOf = (platform: Platform, gate = GATE) => platformSummary(platform, deployedBy(gate), aSetting());
const environmentOf = (...checks: Parameters<typeof anEnvironment>[0][]) =>
  summaryOf(aPlatform(aSection('environments', checks.map(anEnvironment)))).environment;
const breadthOf = (connections: Parameters<typeof aConnection>[0][], roles = [aRole()]) =>
  summaryOf(
    aPlatform(
      aSection('connections', connections.map(aConnection)),
      aSection('roles', roles, { target: SUBSCRIPTION, name: 'payments-prod' }),
    ),
  ).breadth;

test('a sound platform passes, and says what it is made of and how old the oldest of it is', () => {
  const { environment, access, breadth } = summaryOf(aPlatform());

  expect(environment).toEqual({
    ...{ state: 'pass', asOf: READ_AT, project: PROJECT, environment: '3' },
    ...{ asks: 'check', ours: 'on', others: ['branch-control'], disabled: 0 },
  });
  expect(access).toEqual({ state: 'known', asOf: READ_AT, project: PROJECT });
  expect(breadth).toMatchObject({ state: 'pass', level: 'resource-group', role: 'Contributor', count: 1 });
  expect(breadth.connections).toMatchObject([{ name: 'payments-prod', project: PROJECT }]);
});

test('a pipeline that may use no connection takes nothing from what is known of the others', () => {
  const { name } = GATE.run.pipeline;
  for (const pipelines of [
    ['another', name],
    [name, 'another'],
  ]) {
    const { breadth } = platformSummary(aPlatform(), { ...deployedBy(GATE), pipelines }, aSetting());
    expect(breadth).toMatchObject({ state: 'pass', level: 'resource-group', role: 'Contributor' });
  }
});

test('an environment without our check fails, and so does one with it disabled', () => {
  expect(environmentOf({ checks: [aCheckOf('approval')] })).toMatchObject({
    ...{ state: 'fail', ours: 'missing', others: ['approval'] },
  });
  expect(environmentOf({ checks: [ourCheck({ isDisabled: true })] })).toMatchObject({ state: 'fail', ours: 'off' });
});

test('further checks that are disabled are counted, never listed as if they checked', () => {
  const checks = [ourCheck(), aCheckOf('approval', { isDisabled: true }), aCheckOf('business-hours')];

  expect(environmentOf({ checks })).toMatchObject({ state: 'pass', others: ['business-hours'], disabled: 1 });
});

test('a gate behind an approval of Azure DevOps’ own needs that approval, not a check of ours', () => {
  const door = { kind: 'approval', ...aCheck(), id: 'x', pipelineId: 1 } as never;
  const byApproval = (checks: Parameters<typeof anEnvironment>[0]) =>
    summaryOf(aPlatform(aSection('environments', [anEnvironment(checks)])), aGate({ door })).environment;

  expect(byApproval({ checks: [aCheckOf('approval')] })).toMatchObject({ state: 'pass', asks: 'approval' });
  expect(byApproval({ checks: [ourCheck()] })).toMatchObject({ state: 'fail', asks: 'approval', ours: 'missing' });
});

test('where both reach us, whichever there is asks', () => {
  const deployed = { ...deployedBy(GATE), asks: 'either' } as const;
  const either = (checks: Parameters<typeof anEnvironment>[0]) =>
    platformSummary(aPlatform(aSection('environments', [anEnvironment(checks)])), deployed, aSetting()).environment;

  expect(either({ checks: [aCheckOf('approval')] })).toMatchObject({ state: 'pass', asks: 'approval' });
  expect(either({ checks: [ourCheck({ isDisabled: true }), aCheckOf('approval')] })).toMatchObject({ state: 'fail' });
  expect(either({ checks: [] })).toMatchObject({ state: 'fail', asks: 'check', ours: 'missing' });
});

test('an environment is known by its name in any case, or by what our check there says', () => {
  const check = ourCheck({ ours: { environment: 'PROD', service: 'Payments-API', waits: true } });

  expect(environmentOf({ name: 'Prod', checks: [check] }).state).toBe('pass');
  expect(environmentOf({ name: 'production', checks: [check] }).state).toBe('pass');
  expect(environmentOf({ name: 'production', checks: [] })).toMatchObject({
    ...{ state: 'unknown', why: 'none of this name was found' },
  });
  const ofAnother = ourCheck({ ours: { environment: 'prod', service: 'ledger', waits: true } });
  expect(environmentOf({ name: 'production', checks: [ofAnother] }).state).toBe('unknown');
});

test('of two environments that may be meant the worse counts', () => {
  const bad = { id: '1', name: 'PROD', checks: [] };

  expect(environmentOf({}, bad)).toMatchObject({ state: 'fail', environment: '1' });
  expect(environmentOf(bad, {})).toMatchObject({ state: 'fail', environment: '1' });
});

test('an environment of another project is none of this deployment', () => {
  const elsewhere = aSection('environments', [anEnvironment()], { target: 'f0000000-0000-4000-8000-00000000000f' });

  expect(summaryOf(aPlatform(elsewhere)).environment).toMatchObject({ state: 'unknown', why: 'nobody has looked yet' });
});

test.each(['environments', 'reach', 'people', 'connections', 'roles'] as const)(
  'what stands on %s is unknown once it cannot be read, with the reason and the age of what was known',
  (kind) => {
    const sections = soundSections().map((section) =>
      section.kind === kind ? ({ ...section, unknown: { since: NOW, why: 'give Reader' } } as Section) : section,
    );
    const { environment, access, breadth } = summaryOf({ organization: ORGANIZATION, sections });
    const signals = {
      ...{ environments: [environment], connections: [breadth], reach: [access], people: [access] },
      roles: [access, breadth],
    };

    for (const signal of signals[kind])
      expect(signal).toMatchObject({ state: 'unknown', why: 'give Reader', asOf: READ_AT });
  },
);

test('nothing that was never read passes', () => {
  const { environment, access, breadth } = summaryOf({ organization: ORGANIZATION, sections: [] });

  expect([environment.state, access.state, breadth.state]).toEqual(['unknown', 'unknown', 'unknown']);
});

test.each([
  ['a subscription', `/subscriptions/${SUBSCRIPTION}`],
  ['a management group', '/providers/Microsoft.Management/managementGroups/retail'],
])('a connection that reaches %s by its roles fails, whatever it was made for', (_, scope) => {
  expect(breadthOf([{}], [aRole({ scope })])).toMatchObject({ state: 'fail' });
});

test('a connection that was made for a subscription fails as long as nobody knows its roles', () => {
  const wide = { scope: { level: 'subscription', id: `/subscriptions/${SUBSCRIPTION}` } } as const;

  expect(breadthOf([wide], [])).toMatchObject({ state: 'fail' });
});

test.each(['Owner', 'User Access Administrator'])('a connection that acts as %s fails, however narrow', (role) => {
  expect(breadthOf([{}], [aRole({ role })])).toMatchObject({ state: 'fail', role });
});

test('the widest of several connections counts, and stands first', () => {
  const clientId = 'd0000000-0000-4000-8000-0000000000ff';
  const wide = { id: 'z', name: 'everything', clientId } as const;
  const roles = [aRole(), aRole({ clientId, principalId: clientId, scope: `/subscriptions/${SUBSCRIPTION}` })];

  expect(breadthOf([{}, wide], roles)).toMatchObject({
    state: 'fail',
    count: 2,
    connections: [{ name: 'everything' }, {}],
  });
});

test('a connection whose reach or role nobody knows leaves the breadth unknown', () => {
  const { scope: _, ...unscoped } = aConnection();
  const vague = aPlatform(aSection('connections', [unscoped]));

  expect(summaryOf(vague).breadth).toMatchObject({ state: 'unknown', why: expect.stringMatching(/not known/) });
  expect(breadthOf([{}], [])).toMatchObject({
    ...{ state: 'unknown', why: 'what its identity may do in Azure is not known' },
  });
  const beside = aPlatform(aSection('connections', [aConnection(), { ...unscoped, id: 'other' }]));
  expect(summaryOf(beside).breadth.state).toBe('unknown');
});

test('a pipeline that may use no connection has no known identity', () => {
  expect(breadthOf([{ pipelines: ['another'] }])).toMatchObject({ state: 'unknown', count: 0 });
  expect(breadthOf([{ isDisabled: true }])).toMatchObject({ state: 'unknown', count: 0 });
  expect(breadthOf([{ pipelines: [], openToAll: true }])).toMatchObject({ state: 'pass', count: 1 });
});

test('roles that cannot be read elsewhere are unknown for whoever was seen there, and for nobody else', () => {
  const why = 'give the bot Reader of orders-prod';
  const with_ = (roles: readonly Parameters<typeof aRole>[0][], target = 'elsewhere') => {
    const others = aSection('roles', roles.map(aRole), { target, name: 'orders-prod', why });
    return summaryOf({ ...aPlatform(), sections: [...soundSections(), others] }).breadth;
  };

  expect(with_([])).toEqual(summaryOf(aPlatform()).breadth);
  expect(with_([{ clientId: 'another', principalId: 'another' }]).state).toBe('pass');
  expect(with_([{}])).toMatchObject({ state: 'unknown', why });
});

test('who has a role in another subscription is another question than who has access here', () => {
  const others = aSection('roles', [aRole()], {
    target: 'elsewhere',
    name: 'orders-prod',
    at: '2026-11-22T00:00:00.000Z',
    why: 'no',
  });
  const { access } = summaryOf({ ...aPlatform(), sections: [...soundSections(), others] });

  expect(access).toEqual(summaryOf(aPlatform()).access);
});

test('a service whose project or pipelines nobody knows is unknown throughout', () => {
  const catalog = { services: new Map(), broken: new Map() };
  const deployed = deployedFrom(catalog, { service: 'payments-api', environment: 'prod' }, [], 'check');
  const { environment, access, breadth } = platformSummary(aPlatform(), deployed, { ...aSetting(), catalog });

  expect([environment.state, access.state, breadth.state]).toEqual(['unknown', 'unknown', 'unknown']);
});

test('a section that was due hours ago counts as unread, one that is due does not', () => {
  const [section] = soundSections();
  if (section === undefined) throw new Error('there is one');
  const kept = (nextAt: string) => platformAsOf(ORGANIZATION, [{ section, nextAt }], NOW).sections[0]?.unknown;

  expect(kept('2026-11-23T06:31:00.000Z')).toBeUndefined();
  expect(kept('2026-11-23T06:30:59.000Z')).toMatchObject({ since: '2026-11-23T06:30:59.000Z' });
  expect(isOverdue({ nextAt: '' }, NOW)).toBe(true);
});

const RANK = { fail: 0, unknown: 1, known: 2, pass: 2 } as const;
const ranks = ({ environment, access, breadth }: PlatformSummary) =>
  [environment, access, breadth].map(({ state }) => RANK[state]);

/** A platform with whatever facts, some of it unread. */
const anyPlatform = fc
  .record({
    checks: fc.subarray([ourCheck(), ourCheck({ isDisabled: true }), aCheckOf('approval')]),
    levels: fc.uniqueArray(fc.constantFrom('subscription', 'resource-group', 'workspace', 'other'), { maxLength: 3 }),
    role: fc.constantFrom('Owner', 'Contributor', 'Reader'),
    unread: fc.subarray([0, 1, 2, 3, 4, 5]),
  })
  .map(({ checks, levels, role, unread }): Platform => {
    const connections = levels.map((level) => aConnection({ id: level, scope: { level, id: level } } as never));
    const { sections, organization } = aPlatform(
      aSection('environments', [anEnvironment({ checks })]),
      aSection('connections', connections),
      aSection('roles', [aRole({ role })], { target: SUBSCRIPTION, name: 'x' }),
    );
    const unknown = { since: NOW, why: 'refused' };
    return {
      organization,
      sections: sections.map((section, n) => (unread.includes(n) ? ({ ...section, unknown } as Section) : section)),
    };
  });

test('no signal is better for a section that is gone or unread, nor for the order of sections and facts', () => {
  fc.assert(
    fc.property(anyPlatform, fc.nat(5), fc.boolean(), (platform, n, isGone) => {
      const all = ranks(summaryOf(platform));
      const unknown = { since: NOW, why: 'refused' };
      const sections = isGone
        ? platform.sections.filter((_, at) => at !== n)
        : platform.sections.map((one, at) => (at === n ? ({ ...one, unknown } as Section) : one));
      const less = ranks(summaryOf({ ...platform, sections }));
      less.forEach((rank, at) => {
        // What failed may become unknown, never a pass.
        expect(rank).toBeLessThanOrEqual(Math.max(all[at] ?? 0, RANK.unknown));
      });
      expect(summaryOf({ ...platform, sections: [...platform.sections].reverse() })).toEqual(summaryOf(platform));
    }),
  );
});
