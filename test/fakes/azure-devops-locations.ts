import type { Reply } from './azure-devops-model.ts';

/** Resource locations by area: enough for the area clients of azure-devops-node-api to find what is simulated. */
const AREAS: Readonly<Record<string, readonly (readonly [id: string, resource: string, template: string])[]>> = {
  Location: [['e81700f7-3be2-46de-8624-2eb35882fcaa', 'ResourceAreas', '_apis/{resource}/{areaId}']],
  core: [['603fe2ac-9723-48b9-88ad-09305aa6c6e1', 'projects', '_apis/{resource}/{*projectId}']],
  build: [
    ['0cd358e1-9217-4d94-8269-1c1ee6f93dcf', 'builds', '{project}/_apis/{area}/{resource}/{buildId}'],
    ['54572c7b-bbd3-45d4-80dc-28be08941620', 'changes', '{project}/_apis/{area}/builds/{buildId}/{resource}'],
    [
      '8baac422-4c6e-4de5-8532-db96d92acffa',
      'timeline',
      '{project}/_apis/{area}/builds/{buildId}/{resource}/{timelineId}',
    ],
    ['f10f0ea5-18a1-43ec-a8fb-2042c7be9b43', 'changes', '{project}/_apis/{area}/{resource}'],
  ],
  pipelines: [
    ['7859261e-d2e9-4a68-b820-a5d84cc5bb3d', 'runs', '{project}/_apis/{area}/{pipelineId}/{resource}/{runId}'],
  ],
  git: [
    ['225f7195-f9c7-4d14-ab28-a83f7ff77e1f', 'repositories', '{project}/_apis/{area}/{resource}/{repositoryId}'],
    [
      'c2570c3b-5b3f-41b8-98bf-5407bfde8d58',
      'commits',
      '{project}/_apis/{area}/repositories/{repositoryId}/{resource}/{commitId}',
    ],
  ],
  policy: [
    ['dad91cbe-d183-45f8-9c6e-9c1164472121', 'configurations', '{project}/_apis/{area}/{resource}/{configurationId}'],
  ],
  serviceendpoint: [
    ['e85f1c62-adfc-4b74-b618-11a150fb195e', 'endpoints', '{project}/_apis/{area}/{resource}/{endpointId}'],
    ['14e48fdc-2c8b-41ce-a0c3-e26f6cc55bd0', 'endpoints', '_apis/{area}/{resource}/{endpointId}'],
    ['10a16738-9299-4cd1-9a81-fd23ad6200d0', 'executionhistory', '{project}/_apis/{area}/{endpointId}/{resource}'],
  ],
  Alert: [
    [
      'e21b4630-b7d2-4031-99e3-3ad328cc4a7f',
      'alerts',
      '{project}/_apis/alert/repositories/{repository}/{resource}/{alertId}',
    ],
  ],
  distributedtask: [
    ['8572b1fc-2482-47fa-8f74-7e3ed53ee54b', 'environments', '{project}/_apis/{area}/{resource}/{environmentId}'],
    [
      '51bb5d21-4305-4ea6-9dbb-b7488af73334',
      'environmentdeploymentrecords',
      '{project}/_apis/{area}/environments/{environmentId}/{resource}',
    ],
    ['f5b09dd5-9d54-45a1-8b5a-1c8287d634cc', 'variablegroups', '{project}/_apis/{area}/{resource}/{groupId}'],
    ['ef5b7057-ffc3-4c77-bbad-c10b4a4abcc7', 'variablegroups', '_apis/{area}/{resource}/{groupId}'],
    ['5cecd946-d704-471e-a45f-3b4064fcfaba', 'plans', inHub('{resource}/{planId}')],
    ['83597576-cc2c-453c-bea6-2882ae6a1653', 'timelines', inHub('plans/{planId}/{resource}/{timelineId}')],
    ['8893bc5b-35b2-4be7-83cb-99e683551db4', 'records', inHub('plans/{planId}/timelines/{timelineId}/{resource}')],
    [
      '858983e4-19bd-4c5e-864c-507b59b58b12',
      'feed',
      inHub('plans/{planId}/timelines/{timelineId}/records/{recordId}/{resource}'),
    ],
    ['46f5667d-263a-4684-91b1-dff7fdcf64e2', 'logs', inHub('plans/{planId}/{resource}/{logId}')],
  ],
};

/** Answers `OPTIONS {organization}/_apis/{area}`. */
export function locationsOf(area: string): Reply {
  const [name, resources] =
    Object.entries(AREAS).find(([known]) => known.toLowerCase() === area.toLowerCase()) ?? ([area, []] as const);
  const value = resources.map(([id, resourceName, routeTemplate]) => ({
    id,
    area: name,
    resourceName,
    routeTemplate,
    resourceVersion: 9,
    minVersion: '1.0',
    maxVersion: '7.2',
    releasedVersion: name === 'distributedtask' ? '0.0' : '7.1',
  }));
  return { status: 200, body: { count: value.length, value } };
}

function inHub(template: string): string {
  return `{scopeIdentifier}/_apis/{area}/hubs/{hubName}/${template}`;
}
