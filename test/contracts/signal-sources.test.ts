import { describe, expect, test } from 'vitest';
import {
  type PullTarget,
  type SignalSource,
  SourceRefusedError,
  SourceUnavailableError,
} from '../../services/ports/signal-source.ts';
import type { JsonServer } from '../fakes/json-server.ts';
import { startStranger } from './azure-devops-scene.ts';
import { allOf, many, ORDERS, PAYMENTS, PROJECT, REPOSITORY, signalServers, TARGET } from './signal-scene.ts';

const servers = signalServers();

interface Case {
  readonly source: SignalSource;
  readonly server: JsonServer;
  readonly target: PullTarget;
  fill(count: number, pageSize?: number): void;
  /** Requests for its lists alone. */
  readonly lists: RegExp;
}

const CASES: readonly (readonly [string, () => Case])[] = [
  [
    'states of Azure Policy',
    () => ({
      source: servers.policyStates(),
      server: servers.azure(),
      target: TARGET,
      lists: /policyStates/,
      fill: (count, pageSize = 1_000) => {
        servers.azure().world.states = { [PAYMENTS]: many(count) };
        servers.azure().world.pageSize = pageSize;
      },
    }),
  ],
  [
    'what Defender says',
    () => ({
      source: servers.defender(),
      server: servers.azure(),
      target: TARGET,
      lists: /Microsoft\.Security/,
      fill: (count, pageSize = 1_000) => {
        servers.azure().world.assessments = { [PAYMENTS]: many(Math.ceil(count / 2)) };
        servers.azure().world.alerts = { [PAYMENTS]: many(Math.floor(count / 2)) };
        servers.azure().world.pageSize = pageSize;
      },
    }),
  ],
  [
    'alerts of Advanced Security',
    () => ({
      source: servers.advancedSecurity(),
      server: servers.devops(),
      target: servers.repositoryTarget(),
      lists: /_apis\/alert/,
      fill: (count, pageSize = 1_000) => {
        const project = { id: PROJECT, name: 'Shop' };
        servers.devops().world.repositories = [{ id: REPOSITORY, name: 'payments-api', project, alerts: many(count) }];
        servers.devops().world.pageSize = pageSize;
      },
    }),
  ],
];

describe.each(CASES)('%s', (_name, open) => {
  test('are read over all pages, each entry once', async () => {
    const { source, target, fill } = open();
    fill(7, 2);

    expect(await allOf(source, target)).toHaveLength(7);
  });

  test('that are none are an empty list', async () => {
    const { source, target, fill } = open();
    fill(0);

    expect(await allOf(source, target)).toEqual([]);
  });

  test('are gone on with from the page that was not given', async () => {
    const { source, server, target, fill, lists } = open();
    fill(4, 1);
    const first = await source.page(target);
    server.faults.add({ on: lists, status: 429, headers: { 'retry-after': '17' }, times: 1 });
    await expect(source.page(target, first.next)).rejects.toMatchObject({
      name: 'SourceUnavailableError',
      retryAfter: 17,
    });

    const asked = server.requests.length;
    await source.page(target, first.next);
    expect(server.requests).toHaveLength(asked + 1);
  });

  test.each([408, 429, 500, 503])('that Azure answers %i for may be there later', async (status) => {
    const { source, server, target, fill, lists } = open();
    fill(1);
    server.faults.add({ on: lists, status });

    await expect(source.page(target)).rejects.toThrow(SourceUnavailableError);
  });

  test.each([401, 403])('that are refused with %i name the permission that is missing', async (status) => {
    const { source, server, target, fill, lists } = open();
    fill(1);
    server.faults.add({ on: lists, status, body: { error: { code: 'AuthorizationFailed' } } });
    const refused = source.page(target);

    await expect(refused).rejects.toThrow(SourceRefusedError);
    await expect(refused).rejects.toThrow(/role Reader|role Security Reader|vso\.advsec/);
  });

  test('in an answer that is something else are refused, never taken for none', async () => {
    const { source, server, target, fill, lists } = open();
    fill(1);
    const end = server.faults.add({ on: lists, status: 200, body: { items: [] } });
    await expect(source.page(target)).rejects.toThrow(SourceRefusedError);
    end();
    server.faults.add({ on: lists, status: 200, body: '<html>', contentType: 'text/html' });
    await expect(source.page(target)).rejects.toThrow(SourceRefusedError);
  });

  test('on a connection that breaks may be there later', async () => {
    const { source, server, target, fill, lists } = open();
    fill(1);
    server.faults.add({ on: lists, cut: 'body' });

    await expect(source.page(target)).rejects.toThrow(SourceUnavailableError);
  });

  test('are asked for nowhere else, whatever answers point to', async () => {
    const stranger = await startStranger();
    const { source, server, target, fill, lists } = open();
    fill(1);
    server.faults.add({ on: lists, status: 302, headers: { location: `${stranger.url}/stolen` } });

    await expect(source.page(target)).rejects.toThrow();
    expect(stranger.received).toEqual([]);
  });
});

describe('the next page of a list in Azure', () => {
  test.each([
    ['another host', () => 'https://management.azure.com.evil.example/x'],
    ['another port', (link: string) => link.replace(/:\d+/, ':1')],
    ['a name before the host', (link: string) => link.replace('http://', 'http://user:word@')],
    ['another subscription', (link: string) => link.replace(PAYMENTS, ORDERS)],
    ['above the subscription', (link: string) => link.replace(/\/subscriptions\/.*\?/, '/tenants?')],
    ['no address', () => '//[x'],
  ])('is not followed to %s', async (_where, nextLink) => {
    servers.azure().world.states = { [PAYMENTS]: many(3), [ORDERS]: many(3) };
    servers.azure().world.pageSize = 1;
    servers.azure().world.nextLink = nextLink;
    const { next } = await servers.policyStates().page(TARGET);
    const asked = servers.azure().requests.length;

    await expect(servers.policyStates().page(TARGET, next)).rejects.toThrow(SourceRefusedError);
    expect(servers.azure().requests).toHaveLength(asked);
  });

  test('is told apart from that of the next list: assessments to their end, then alerts', async () => {
    servers.azure().world.assessments = { [PAYMENTS]: many(2) };
    servers.azure().world.alerts = { [PAYMENTS]: many(1) };
    servers.azure().world.pageSize = 1;
    await allOf(servers.defender(), TARGET);

    expect(servers.azure().requests.map((request) => /Security\/(\w+)/.exec(request)?.[1])).toEqual([
      'pricings',
      'assessmentMetadata',
      'assessments',
      'assessments',
      'alerts',
    ]);
  });

  test('may come at an instant instead of after seconds', async () => {
    servers.azure().world.states = { [PAYMENTS]: [] };
    const date = new Date(Math.floor(Date.now() / 1_000) * 1_000);
    const headers = { date: date.toUTCString(), 'retry-after': new Date(date.getTime() + 90_000).toUTCString() };
    servers.azure().faults.add({ on: /policyStates/, status: 503, headers });

    await expect(servers.policyStates().page(TARGET)).rejects.toMatchObject({ retryAfter: 90 });
  });
});

test('what is compliant, exempt or waits for an attestation is not asked for; a conflict is', async () => {
  const states = ['Compliant', 'NonCompliant', 'Exempt', 'Unknown', 'Conflict', 'Error', 'Protected'];
  servers.azure().world.states = { [PAYMENTS]: states.map((complianceState) => ({ complianceState })) };

  expect(await allOf(servers.policyStates(), TARGET)).toEqual(
    ['NonCompliant', 'Conflict', 'Error'].map((complianceState) => ({ complianceState })),
  );
});
