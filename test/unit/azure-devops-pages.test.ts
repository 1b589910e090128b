import { expect, test } from 'vitest';
import {
  changesPage,
  connectionPage,
  environmentPage,
  newerRunPage,
  permissionsPage,
  portalPage,
  subjectPage,
} from '../../cards/azure-devops-pages.ts';
import { gateCard } from '../../cards/gate-card.ts';
import { aCheck, aGate, aRelease, aRun, BOB, COMMIT, OLDER_COMMIT } from '../builders.ts';
import { buttonById, factValue } from '../cards/read.ts';

const PAGE = `https://dev.azure.com/contoso/payments/_git/payments-api/branchCompare?baseVersion=GC${OLDER_COMMIT}&targetVersion=GC${COMMIT}`;
const repository = aRun().repository;
const [released] = aRelease().commits;

test('a later deployment names the last one with its time and leads to what came in since', () => {
  const card = gateCard(aGate({ previous: aRelease() }), { oid: BOB.oid });

  expect(factValue(card, 'facts', 'Last deploy')).toBe('20261120.2 on Fri 20 Nov 2026, 09:12 UTC');
  expect(buttonById(card, 'changes')?.url).toBe(PAGE);
});

test('the first deployment says that it is, as far as is known, and compares with nothing', () => {
  const card = gateCard(aGate(), { oid: BOB.oid });

  expect(factValue(card, 'facts', 'Last deploy')).toBe('none known here: this is the first');
  expect(buttonById(card, 'changes')).toBeUndefined();
});

test('before the judgement nothing is said about the last deployment', () => {
  const { judgement: _, ...gate } = aGate({ state: 'received' });

  expect(factValue(gateCard(gate), 'facts', 'Last deploy')).toBeUndefined();
});

test.each([
  ['a repository outside Azure Repos', { run: aRun({ repository: { ...repository, type: 'GitHub' } }) }],
  ['another repository', { run: aRun({ repository: { ...repository, name: 'ledger' } }) }],
  ['a commit that is none', { run: aRun({ commit: '../../evil' }) }],
  ['the commit of the last deployment', { run: aRun({ commit: OLDER_COMMIT }) }],
  ['a last deployment without a commit', { previous: aRelease({ commits: [] }) }],
  ['a commit that another run built', { previous: aRelease({ runId: 1 }) }],
  ['a last commit that is none', { previous: aRelease({ commits: [{ ...released, commit: 'HEAD' } as never] }) }],
  ['a project whose name leads upwards', { run: aRun({ project: '..' }) }],
])('%s gets no comparison', (_what, over) => {
  expect(changesPage(aGate({ previous: aRelease(), ...over }))).toBeUndefined();
});

test.each([
  ['https://evil.example/?', 'https%3A%2F%2Fevil.example%2F%3F'],
  ['a/../../b', 'a%2F..%2F..%2Fb'],
  ['Payments (EU) #1', 'Payments%20%28EU%29%20%231'],
  ['\ud800', '%EF%BF%BD'],
])('the project %j stays one part of an address in the organization', (project, segment) => {
  const page = changesPage(aGate({ previous: aRelease(), run: aRun({ project }) }));

  expect(page).toBe(PAGE.replace('/payments/', `/${segment}/`));
});

test('whatever the run calls its own address, the links lie in the configured organization', () => {
  const run = aRun({ url: 'https://evil.example/run', organization: 'https://evil.example' });
  const door = { kind: 'check', ...aCheck({ organization: 'https://contoso.visualstudio.com' }) } as const;

  expect(changesPage(aGate({ door, run, previous: aRelease() }))).toMatch(
    /^https:\/\/contoso\.visualstudio\.com\/payments\/_git\//,
  );
});

test('a superseded request names the newer run and leads to it', () => {
  const supersededBy = { requestId: 'abcdefghijklmnop', runId: 4712, attempt: 1 };
  const gate = aGate({ state: 'superseded', supersededBy });

  expect(newerRunPage(gate)).toBe('https://dev.azure.com/contoso/payments/_build/results?buildId=4712');
  expect(buttonById(gateCard(gate), 'open-newer')?.url).toBe(newerRunPage(gate));
  expect(buttonById(gateCard(aGate()), 'open-newer')).toBeUndefined();
});

const HOME = 'https://dev.azure.com/contoso';

test('pages of environments, connections and settings are pages of the configured organization', () => {
  expect(environmentPage(HOME, 'p', '3')).toBe(`${HOME}/p/_environments/3`);
  expect(connectionPage(HOME, 'p', 'a b')).toBe(`${HOME}/p/_settings/adminservices?resourceId=a+b`);
  expect(permissionsPage(HOME, 'p')).toBe(`${HOME}/p/_settings/permissions`);
  expect(subjectPage({ organization: HOME, subject: 'user:x' })).toBe(`${HOME}/_settings/users`);
  expect(subjectPage({ organization: HOME, subject: 'environment:p:3', project: 'p' })).toBe(
    `${HOME}/p/_environments/3`,
  );
  expect(subjectPage({ organization: HOME, subject: 'connection:c', project: 'p' })).toBe(
    `${HOME}/p/_settings/adminservices?resourceId=c`,
  );
});

test.each(['', '..', '.', 'x'.repeat(300)])('a name such as "%.5s" leads nowhere', (name) => {
  const pages = [environmentPage(HOME, name, '3'), environmentPage(HOME, 'p', name), permissionsPage(HOME, name)];
  expect(pages).toEqual([undefined, undefined, undefined]);
});

test('what is not known of a place, or has no page, gets no link', () => {
  expect([environmentPage(HOME, undefined, '3'), connectionPage(HOME, 'p', undefined)]).toEqual([undefined, undefined]);
  for (const subject of ['', 'toString:x', 'constructor', 'variable-group:3', 'connection:c'])
    expect(subjectPage({ organization: HOME, subject })).toBeUndefined();
});

test('the portal is linked by https alone', () => {
  expect(portalPage('https://portal.azure.us', 'defender')).toMatch(
    /^https:..portal.azure.us.#view.Microsoft_Azure_Security/,
  );
  for (const portal of [undefined, '', 'http://portal.azure.com', 'javascript:alert(1)'])
    expect(portalPage(portal, 'policy')).toBeUndefined();
});
