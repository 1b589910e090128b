import { expect, test } from 'vitest';
import { createAuditingReader } from '../../services/azure-devops/platform-auditing.ts';
import { NOW, peopleScene } from './platform-people-scene.ts';

const reader = createAuditingReader(() => NOW);

test('streams are known with their status', async () => {
  const scene = await peopleScene();
  scene.simulator.people.audit.streams = [
    { id: 1, displayName: 'sentinel', consumerType: 'AzureMonitorLogs', status: 'enabled' },
    { id: 2, displayName: null, consumerType: 'Splunk', status: 'disabledBySystem' },
  ];

  expect((await scene.read(reader, 'auditing')).facts.streams).toEqual([
    { id: '1', name: 'sentinel', status: 'enabled' },
    { id: '2', name: 'Splunk', status: 'disabledBySystem' },
  ]);
});

test.each([
  ['alone', { id: 1, displayName: 'one', status: 1 }],
  ['in a bare list', [{ id: 1, displayName: 'one', status: 1 }]],
])('a stream that comes %s, its status as a number, is read as well', async (_how, body) => {
  const scene = await peopleScene();
  scene.simulator.faults.add({ on: /audit\/streams/, status: 200, body });

  expect((await scene.read(reader, 'auditing')).facts.streams).toEqual([{ id: '1', name: 'one', status: 'enabled' }]);
});

test('a status that is not known is kept, never taken for one that runs', async () => {
  const scene = await peopleScene();
  scene.simulator.people.audit.streams = [{ id: 1, displayName: 'one', status: 17 }];

  expect((await scene.read(reader, 'auditing')).facts.streams).toMatchObject([{ status: 'status 17' }]);
});

test.each([
  ['of the last days shows that it is on', '2026-11-27T10:00:00.0000000Z', true],
  ['of long ago shows nothing', '2026-11-01T10:00:00.0000000Z', undefined],
])('an entry of the audit log %s', async (_what, timestamp, isOn) => {
  const scene = await peopleScene();
  scene.simulator.people.audit.entries = [{ id: 'x', timestamp, actionId: 'AuditLog.AccessLog' }];

  expect((await scene.read(reader, 'auditing')).facts.isOn).toBe(isOn);
});

test('an answer within `value`, as its documentation has it, is read as well', async () => {
  const scene = await peopleScene();
  scene.simulator.faults.add({
    on: /auditlog/,
    status: 200,
    body: { value: { decoratedAuditLogEntries: [{}], hasMore: false } },
  });

  expect((await scene.read(reader, 'auditing')).facts.isOn).toBe(true);
});

test('one call a part comes to the same', async () => {
  const scene = await peopleScene();
  scene.simulator.people.audit.streams = [{ id: 1, displayName: 'one', status: 'enabled' }];

  expect(await scene.read(reader, 'auditing', { calls: 1 })).toEqual({
    facts: (await scene.read(reader, 'auditing')).facts,
    calls: [1, 1],
  });
});
