import { expect, test } from 'vitest';
import { areEquallyNarrow, compareNarrowness } from '../../services/domain/route.ts';
import { loadRoutes } from '../../services/policy/load-routes.ts';

const inProduction = ({ environment }: { environment?: string }) => environment !== 'staging';
const load = (text: string) => loadRoutes({ file: 'routes.yaml', text }, inProduction);

/** A file with one route per line of flow YAML; each asks the same group. */
function routesFile(...routes: readonly string[]): string {
  const lines = routes.map((route) => `  - { levels: [{ from: ["group:leads"] }], ${route} }`);
  return `kind: ApprovalRoutes\nroutes:\n${lines.join('\n')}\n`;
}

function problemsOf(...routes: readonly string[]): readonly string[] {
  const loaded = load(routesFile(...routes));
  return loaded.kind === 'broken' ? loaded.problems : [];
}

test('what a route leaves out has the documented default', () => {
  const loaded = load(routesFile('match: { environment: prod }'));

  expect(loaded.kind === 'loaded' && loaded.value).toStrictEqual([
    {
      source: 'routes.yaml:3',
      match: { environment: 'prod' },
      levels: [{ quorum: 1, from: ['group:leads'] }],
      never: ['requester', 'commit-authors', 're-runner', 'exception-requester'],
      post: { dm: true },
      comment: { approve: 'optional', reject: 'required' },
      freezes: [],
    },
  ]);
});

test('a route with levels, a deadline and freezes is taken as written', () => {
  const loaded = load(`kind: ApprovalRoutes
routes:
  - match: { environment: prod, service: payments-api }
    levels:
      - { quorum: 1, from: ["group:payments-leads"] }
      - { quorum: 2, from: ["group:release-managers", "user:6A090EA8-2D23-42F0-AE08-8772ED927DB2"] }
    remindAfter: 1h
    escalateAfter: 3h
    escalateTo: "group:platform-leads"
    deadline: 8h
    clock: wall
    onDeadline: reject
    post: { channel: payments-approvals, dm: false }
    comment: { approve: required, reject: required }
    freezes: [{ from: 2026-12-20, until: 2027-01-03, level: "group:release-managers", reason: optional }]
`);

  expect(loaded.kind === 'loaded' && loaded.value[0]).toMatchObject({
    levels: [{}, { quorum: 2, from: ['group:release-managers', 'user:6a090ea8-2d23-42f0-ae08-8772ed927db2'] }],
    remindAfterMinutes: 60,
    escalateAfterMinutes: 180,
    deadline: { minutes: 480, clock: 'wall' },
    post: { channel: 'payments-approvals', dm: false },
    freezes: [{ from: '2026-12-20', until: '2027-01-03', level: 'group:release-managers', reason: 'optional' }],
  });
});

test('a deadline counts working time unless the route says otherwise', () => {
  const loaded = load(routesFile('match: { environment: prod }, deadline: 2h'));

  expect(loaded.kind === 'loaded' && loaded.value[0]?.deadline).toEqual({ minutes: 120, clock: 'working' });
});

test.each([
  ['match: {}', /^routes\.yaml:3 routes\[0\]\.match: is empty; allowed: service, environment, /],
  ['match: { service: a }', /routes\[0\]\.match\.service: stands alone; allowed: service beside environment/],
  ['match: { environmnt: prod }', /routes\[0\]\.match\.environmnt: is not a key here; /],
  ['match: { environment: prod }, onDeadline: approve', /routes\[0\]\.onDeadline: is "approve"; allowed: reject$/],
  ['match: { environment: prod }, clock: wall', /routes\[0\]\.clock: stands alone; allowed: clock beside deadline/],
  ['match: { environment: prod }, deadline: 8', /routes\[0\]\.deadline: is 8; allowed: a duration such as 60m/],
  ['match: { environment: prod }, never: [nobody]', /routes\[0\]\.never\[0\]: is "nobody"; allowed: requester, /],
  ['match: { environment: prod }, escalateTo: leads', /routes\[0\]\.escalateTo: is "leads"; allowed: group:name/],
  [
    'match: { environment: prod }, freezes: [{ from: 2027-01-03, until: 2027-01-02, level: "group:a" }]',
    /routes\[0\]\.freezes\[0\]\.until: is "2027-01-02"; allowed: a date from 2027-01-03 on/,
  ],
])('%s is refused', (route, expected) => {
  const problems = problemsOf(route);

  expect(problems[0]).toMatch(expected);
});

test.each([
  ['{ quorum: 0, from: ["group:a"] }', /levels\[0\]\.quorum: is 0; allowed: at least 1/],
  ['{ quorum: 1, from: [] }', /levels\[0\]\.from: has 0 entries; allowed: at least 1/],
])('the level %s is refused', (level, expected) => {
  const loaded = load(`kind: ApprovalRoutes\nroutes: [{ match: { environment: prod }, levels: [${level}] }]`);

  expect(loaded.kind === 'broken' && loaded.problems[0]).toMatch(expected);
});

test('a route without levels, and a file without routes, is refused: nobody would be asked', () => {
  const loaded = load('kind: ApprovalRoutes\nroutes: [{ match: { environment: prod }, levels: [] }]');

  expect(loaded.kind === 'broken' && loaded.problems[0]).toMatch(/levels: has 0 entries/);
  expect(load('kind: ApprovalRoutes\nroutes: []').kind).toBe('broken');
});

test('a production route that drops commit-authors is refused', () => {
  expect(problemsOf('match: { environment: prod }, never: [requester]')[0]).toMatch(
    /^routes\.yaml:3 routes\[0\]\.never: lacks commit-authors .*; allowed: commit-authors, or last-committer/,
  );
});

test('a production route that lets the requester approve is refused', () => {
  expect(problemsOf('match: { environment: prod }, never: [commit-authors]')[0]).toMatch(
    /^routes\.yaml:3 routes\[0\]\.never: lacks requester although the route can reach production; allowed: with requester/,
  );
});

test('a route for every environment is held to what production asks', () => {
  expect(problemsOf('match: { organization: contoso }, never: []')).toHaveLength(1);
});

test('a production route may take last-committer for commit-authors with a word why, and only so', () => {
  const route = 'match: { environment: prod }, never: [requester, last-committer]';

  expect(problemsOf(route)[0]).toMatch(/has last-committer for commit-authors without a word why/);
  expect(problemsOf(`${route}, justification: "Three people"`)).toEqual([]);
});

test('outside production a route excludes whom it likes', () => {
  expect(problemsOf('match: { environment: staging }, never: []')).toEqual([]);
});

test('two equally narrow routes are refused at the later one', () => {
  const problems = problemsOf(
    'match: { environment: prod, service: a }',
    'match: { environment: prod, service: b }',
    'match: { environment: Prod, service: A }',
  );

  expect(problems).toEqual([
    'routes.yaml:5 routes[2].match: is as narrow as routes[0].match; allowed: one route for one match',
  ]);
});

test('two equally narrow routes are found beside other mistakes', () => {
  expect(problemsOf('match: { environment: prod }', 'match: { environment: prod }, foo: 1')).toHaveLength(2);
});

test('different keys of one breadth are equally narrow where one deployment can match both', () => {
  expect(problemsOf('match: { project: p, environment: prod }', 'match: { project: p, organization: o }')).toHaveLength(
    1,
  );
  expect(problemsOf('match: { project: p }', 'match: { project: p, environment: prod }')).toEqual([]);
});

test('match keys widen from service with environment to organization', () => {
  const narrowFirst = [
    { service: 's', environment: 'e' },
    { pipeline: 'p' },
    { resourceGroup: 'r' },
    { subscription: 's' },
    { managementGroup: 'm' },
    { team: 't' },
    { project: 'p' },
    { environment: 'e' },
    { organization: 'o' },
  ];

  expect([...narrowFirst].reverse().sort(compareNarrowness)).toEqual(narrowFirst);
});

test('of two matches with the same narrowest key the one with more keys is narrower', () => {
  const [wide, narrow] = [{ project: 'p' }, { project: 'p', environment: 'prod' }];

  expect(compareNarrowness(narrow, wide)).toBeLessThan(0);
  expect(areEquallyNarrow(narrow, wide)).toBe(false);
});
