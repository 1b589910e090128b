import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readHookEvent } from '../../services/azure-devops/read-hook-event.ts';

const CONTOSO = 'https://dev.azure.com/contoso';
const ORGANIZATIONS = [CONTOSO, 'https://dev.azure.com/fabfiber', 'https://codedev.ms/org'];
const PROJECT = 'e4e4e4e4-aaaa-4bbb-8ccc-c5c5c5c5c5c5';
const APPROVAL = 'f5f5f5f5-aaaa-4bbb-8ccc-d6d6d6d6d6d6';
const PENDING = 'ms.vss-pipelinechecks-events.approval-pending';
const RUN = 'ms.vss-pipelines.run-state-changed-event';
const STAGE = 'ms.vss-pipelines.stage-state-changed-event';

function sample(name: string): Record<string, unknown> {
  const file = new URL(`../fixtures/ado-events/${name}.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
}

const read = (body: unknown) => readHookEvent(body, ORGANIZATIONS);
const approval = (resource: object, more: object = {}) =>
  read({ id: 'e1', eventType: PENDING, resource: { approval: { id: APPROVAL }, ...resource }, ...more });

test.each([
  [
    'approval-pending',
    {
      id: '55382df7-24fa-453c-9173-3369b2417a5b',
      eventType: PENDING,
      organization: 'https://dev.azure.com/fabfiber',
      kind: 'approval',
      // The project of its resource is all zeros.
      projectId: 'be9b3917-87e6-42a4-a549-2bc06a7a878f',
      approvalId: '0f027b05-0942-4a35-9218-26fa07d8760a',
    },
  ],
  [
    'run-state-changed',
    {
      id: '62e4351f-1c24-40f9-8510-7af03692ab45',
      eventType: RUN,
      organization: 'https://codedev.ms/org',
      kind: 'run',
      projectId: 'be9b3917-87e6-42a4-a549-2bc06a7a878f',
      runId: 11,
    },
  ],
  [
    'run-state-changed-without-ids',
    {
      id: 'a0a0a0a0-bbbb-cccc-dddd-e1e1e1e1e1e1',
      eventType: RUN,
      organization: 'https://codedev.ms/org',
      kind: 'run',
      projectId: '11bb11bb-cc22-dd33-ee44-55ff55ff55ff',
      runId: 11,
    },
  ],
  [
    'stage-state-changed',
    {
      id: 'a0a0a0a0-bbbb-cccc-dddd-e1e1e1e1e1e1',
      eventType: STAGE,
      organization: 'https://codedev.ms/org',
      kind: 'stage',
      projectId: '00aa00aa-bb11-cc22-dd33-44ee44ee44ee',
      runId: 2,
      stage: '__default',
    },
  ],
])('the documented sample of %s is read', (name, event) => {
  expect(read(sample(name))).toEqual(event);
});

test('an updated check is a reason to look, and nothing else of it is read', () => {
  const given = sample('check-updated');

  expect(read(given)).toEqual({ id: given['id'], eventType: given['eventType'], kind: 'check' });
});

test.each(['build-complete'])('%s is an event of another kind', (name) => {
  const given = sample(name);

  expect(read(given)).toEqual({ id: given['id'], eventType: given['eventType'], kind: 'other' });
});

const CHECK = 'ms.vss-pipelinechecks-events.check-updated-event';

test.each([
  [{ eventType: CHECK, resource: { resource: { type: 'environment', id: '1' } } }, ['environments'], '1'],
  [{ eventType: CHECK, resource: { resource: { type: 'environment', id: '../1' } } }, ['environments']],
  [{ eventType: CHECK, resource: { resource: { type: 'Endpoint', id: PROJECT } } }, ['connections']],
  [{ eventType: CHECK, resource: {} }, ['environments', 'connections']],
  [{ eventType: 'ms.vss-serviceendpoint.updated' }, ['connections']],
])(
  '%j hints at what guards production in its project, and nothing else of it is read',
  (given, sections, thing = undefined) => {
    const project = { resourceContainers: { project: { id: PROJECT.toUpperCase() } } };
    expect(read({ id: '1', ...given, ...project })).toEqual({
      ...{ id: '1', eventType: given.eventType, kind: 'platform', projectId: PROJECT, sections },
      ...(thing === undefined ? {} : { thing }),
    });
    // Whose project it is nobody knows then; that some check has changed is a reason to look all the same.
    expect(read({ id: '1', ...given })).toMatchObject({ kind: given.eventType === CHECK ? 'check' : 'other' });
  },
);

test.each([
  sample('alert-created'),
  { id: '1', eventType: 'advancedsecurity.alert.created' },
  { id: '1', eventType: 'created', publisherId: 'advsec' },
])('what calls itself an event of Advanced Security is a reason to look, and nothing else of it is read', (given) => {
  expect(read(given)).toEqual({ id: given['id'], eventType: given['eventType'], kind: 'alert' });
});

test('an approval that names its environment hands the name on as a hint', () => {
  const environment = { type: 'environment', name: 'prd' };

  expect(approval({ projectId: PROJECT, resource: environment })).toMatchObject({ environment: 'prd' });
  expect(approval({ projectId: PROJECT, resource: { ...environment, type: 'queue' } })).not.toHaveProperty(
    'environment',
  );
  expect(approval({ projectId: PROJECT, resource: { ...environment, name: 'x'.repeat(257) } })).not.toHaveProperty(
    'environment',
  );
});

test('ids are lower case, so that one approval has one name', () => {
  const shouted = { approval: { id: APPROVAL.toUpperCase() }, projectId: PROJECT.toUpperCase() };

  expect(approval(shouted)).toMatchObject({ projectId: PROJECT, approvalId: APPROVAL });
});

const withLink = (href: string) => approval({ projectId: PROJECT, run: { _links: { self: { href } } } });

test.each([`${CONTOSO}/${PROJECT}/_apis/build/Builds/7`, 'https://DEV.azure.com/Contoso/x/_apis/', CONTOSO])(
  'an address %s lies in the organization',
  (href) => {
    expect(withLink(href)).toMatchObject({ organization: CONTOSO });
  },
);

test.each(['https://dev.azure.com/contoso-evil/x', 'https://evil.example/contoso', 'contoso', ''])(
  'an address %j lies in no configured organization',
  (href) => {
    expect(withLink(href)).not.toHaveProperty('organization');
  },
);

test('addresses in two organizations say nothing', () => {
  const self = { href: `${CONTOSO}/x` };
  const web = { href: 'https://dev.azure.com/fabfiber/x' };

  expect(approval({ projectId: PROJECT, run: { _links: { self, web } } })).not.toHaveProperty('organization');
});

test('the base URL of a container names the organization as well', () => {
  const resourceContainers = { account: { id: 'a', baseUrl: `${CONTOSO}/` }, project: { id: PROJECT } };

  expect(approval({}, { resourceContainers })).toMatchObject({ organization: CONTOSO, projectId: PROJECT });
});

test.each([
  ['nothing', undefined],
  ['text', 'hello'],
  ['a list', []],
  ['no id', { eventType: RUN }],
  ['an empty id', { id: '', eventType: RUN }],
  ['no event type', { id: 'e' }],
  ['a number as event type', { id: 'e', eventType: 7 }],
])('a delivery with %s is unreadable, and says so', (_, body) => {
  expect(read(body)).toEqual({ kind: 'unreadable', why: expect.stringMatching(/^it has no /) });
});

test.each([
  ['no approval', { eventType: PENDING, resource: { projectId: PROJECT } }, 'it names no approval'],
  ['an approval of no GUID', { eventType: PENDING, resource: { approval: { id: 7 } } }, 'it names no approval'],
  ['no project', { eventType: PENDING, resource: { approval: { id: APPROVAL } } }, 'it names no project'],
  [
    'an approval of zeros',
    { eventType: PENDING, resource: { projectId: PROJECT, approval: { id: '00000000-0000-0000-0000-000000000000' } } },
    'it names no approval',
  ],
  ['no run', { eventType: STAGE, resource: { projectId: PROJECT, run: { id: -1 } } }, 'it names no run'],
  ['no resource', { eventType: RUN, resource: null }, 'it names no run'],
  ['a run without project', { eventType: RUN, resource: { run: { id: 7 } } }, 'it names no project'],
])('an event with %s is unreadable', (_, body, why) => {
  expect(read({ id: 'e', ...body })).toEqual({ kind: 'unreadable', why });
});

test('parts of another shape do not hide the ids', () => {
  const run = { id: 7, _links: { self: 'x', web: { href: 3 } }, url: null };

  expect(read({ id: 'e', eventType: STAGE, resource: { projectId: PROJECT, run, stage: 4, pipeline: [] } })).toEqual({
    id: 'e',
    eventType: STAGE,
    kind: 'stage',
    projectId: PROJECT,
    runId: 7,
  });
});

test('a delivery of long texts is read in a moment', () => {
  const html = `${'https://'.repeat(50_000)}${'<a href='.repeat(50_000)}`;

  expect(approval({ projectId: PROJECT }, { message: { html } })).toMatchObject({ kind: 'approval' });
});
