import fc from 'fast-check';
import { expect, test } from 'vitest';
import { placeByName, type SeenEnvironment } from '../../services/domain/activity.ts';
import { activityWords } from '../../services/domain/activity-group.ts';
import { auditOf } from '../../services/domain/audit.ts';
import type { Catalog } from '../../services/domain/catalog.ts';
import { readLogEntry } from '../../services/signals/log-entry-reader.ts';

const service = (name: string) =>
  [
    name,
    { name, owner: 'group:o', repositories: [name], pipelines: [`${name} deploy`], paths: [], environments: new Map() },
  ] as const;
const CATALOG: Catalog = { services: new Map([service('shop'), service('ledger')] as never), broken: new Map() };
const seen = (over: Partial<SeenEnvironment> = {}): SeenEnvironment => ({
  ...{ organization: 'o', project: 'Shop', projectId: 'p1', name: 'prod', services: ['shop', 'gone'] },
  ...over,
});

test.each([
  ['pipeline', { pipeline: 'SHOP deploy' }, { services: ['shop'], environment: '-' }],
  ['repository', { repository: 'Ledger' }, { services: ['ledger'], environment: '-' }],
  [
    'environment, by who deploys there',
    { environment: 'PROD', project: 'shop' },
    { services: ['shop'], environment: 'prod' },
  ],
  ['environment of another project', { environment: 'prod', project: 'Toys' }, { services: [], environment: 'prod' }],
  [
    'environment by the id of its project',
    { environment: 'prod', projectId: 'P1' },
    { services: ['shop'], environment: 'prod' },
  ],
  ['nothing', {}, { services: [], environment: '-' }],
  ['unknown names', { repository: 'toys', pipeline: 'toys' }, { services: [], environment: '-' }],
])('an entry is placed by its %s', (_by, about, place) => {
  expect(placeByName(about, CATALOG, [seen()])).toEqual(place);
});

test.each([
  ['CheckConfiguration.Deleted', 'weakened', 'removed a check'],
  ['CheckConfiguration.Created', 'administration', 'added a check'],
  ['CheckSuite.Bypassed', 'weakened', 'let a stage go on past its checks'],
  ['Policy.PolicyConfigRemoved', 'weakened', 'removed a branch policy'],
  ['AuditLog.StreamDeleted', 'weakened', 'stopped an audit stream'],
  ['microsoft.authorization/locks/delete', 'weakened', 'deleted a lock'],
  ['microsoft.authorization/roleassignments/write', 'permissions', 'changed who has a role'],
  ['Security.ModifyPermission', 'permissions', 'changed permissions'],
  ['Group.UpdateGroupMembership.Add', 'permissions', 'changed who is a member of group'],
  ['Pipelines.ResourceAuthorizedForProject', 'permissions', 'changed which pipelines may use'],
  ['Token.PatCreateEvent', 'tokens', 'changed a token or key'],
  ['Library.ServiceConnectionModified', 'administration', 'changed a service connection'],
  ['Extension.Installed', 'administration', 'changed an extension'],
  ['microsoft.web/sites/delete', 'other', 'deleted'],
])('%s is of group %s, in the words of its operation', (rule, group, words) => {
  const severity = group === 'other' ? 'low' : 'medium';

  expect(activityWords({ rule, severity, hasFailed: false })).toEqual({ group, words });
});

const BASIS = {
  ...{ contractVersion: 1, services: 1, leftOut: 0, unkept: 0, since: '2026-11-16T00:00:00.000Z' },
  ...{ gates: [], exceptions: [], events: [], offPaths: [], unknown: [], now: '2026-11-24T09:00:00.000Z' },
};

test('what was done is counted by group, scope and words, whatever the order of events and however often they come', () => {
  const anyEvent = fc.record({
    id: fc.integer({ min: 0, max: 8 }).map(String),
    rule: fc.constantFrom('Token.PatCreateEvent', 'Security.ModifyPermission', 'CheckConfiguration.Deleted'),
    services: fc.constantFrom(['shop'], ['ledger', 'shop'], []),
    environment: fc.constantFrom('prod', '-'),
    hasFailed: fc.boolean(),
  });
  fc.assert(
    fc.property(
      fc
        .uniqueArray(anyEvent, { selector: ({ id }) => id, maxLength: 9 })
        .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([events, others]) => {
        const whole = (all: typeof events) =>
          auditOf({
            ...BASIS,
            activities: all.map((one) => ({
              ...one,
              ...{
                source: 's',
                target: 't',
                at: '2026-11-20T09:00:00.000Z',
                severity: 'medium' as const,
                message: 'm',
              },
            })),
          }).activities;

        expect(whole([...others, ...events])).toEqual(whole(events));
        expect(whole(events).reduce((sum, { count }) => sum + count, 0)).toBe(events.length);
      },
    ),
  );
});

test('one entry means the same in camel case and with capitals, as REST, exports and streams have it', async () => {
  const entry = {
    ...{ id: '1', actionId: 'CheckConfiguration.Deleted', timestamp: '2026-11-20T08:00:00Z', category: 'remove' },
    ...{ projectName: 'Shop', actorDisplayName: 'Nestor Wilke', scopeDisplayName: 'contoso (Organization)' },
    ...{ actorUserId: 'aaaaaaaa-0000-4000-8000-00000000000a' },
    data: { ResourceType: 'Environment', ResourceName: 'prod' },
  };
  const capitals = Object.fromEntries(
    Object.entries(entry).map(([name, value]) => [`${name.charAt(0).toUpperCase()}${name.slice(1)}`, value]),
  );
  const one = await readLogEntry('azure-devops-audit', 'o', entry);
  const other = await readLogEntry('azure-devops-audit', 'o', { ...capitals, Data: JSON.stringify(entry.data) });

  expect(one).toMatchObject({
    about: { environment: 'prod', project: 'Shop' },
    finding: { category: 'activity', severity: 'high' },
  });
  expect(other).toEqual(one);
});

test.each([
  [42, 'an entry is no object'],
  [{ timestamp: '2026-11-20T08:00:00Z' }, 'an entry names no action'],
  [{ actionId: 'Token.PatCreateEvent' }, 'an entry does not say when'],
])('%j is unreadable, and says so', async (written, why) => {
  expect(await readLogEntry('azure-devops-audit', 'o', written)).toEqual({ kind: 'unreadable', why });
});

test('news of Azure is no entry of anybody’s; two entries without an id are told apart by what they say', async () => {
  const health = { operationName: 'x', category: { value: 'ServiceHealth' }, eventTimestamp: '2026-11-20T08:00:00Z' };
  const entry = (name: string) => ({
    actionId: 'Token.PatCreateEvent',
    timestamp: '2026-11-20T08:00:00Z',
    data: { DisplayName: name },
  });
  const ids = await Promise.all(
    ['a', 'a', 'b'].map(async (name) => readLogEntry('azure-devops-audit', 'o', entry(name))),
  );

  expect(await readLogEntry('azure-activity', 's', health)).toEqual({ kind: 'nothing' });
  expect(new Set(ids.map((one) => ('id' in one ? one.id : ''))).size).toBe(2);
});
