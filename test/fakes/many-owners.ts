import { createDigestDetours } from '../../services/digest-detours.ts';
import { createDigests } from '../../services/digests.ts';
import type { Service } from '../../services/domain/catalog.ts';
import type { Contract } from '../../services/domain/contract.ts';
import type { Digest } from '../../services/domain/digest.ts';
import { plusMinutes } from '../../services/domain/instant.ts';
import type { Notifier } from '../../services/ports/notifier.ts';
import type { Table } from '../../services/ports/table.ts';
import { createConversations } from '../../services/tables/conversations.ts';
import { createCovers } from '../../services/tables/covers.ts';
import { createDigestStore } from '../../services/tables/digest-store.ts';
import { createDueIndex } from '../../services/tables/due-index.ts';
import { headWrites } from '../../services/tables/head-codec.ts';
import { createScopeStore } from '../../services/tables/scope-store.ts';
import { scopePartition } from '../../services/tables/scope-views.ts';
import { createTriageStore } from '../../services/tables/triage-store.ts';
import { ORG, TENANT } from '../builders.ts';
import { ruleOf } from '../calibrations.ts';
import { aScanHead } from '../scans.ts';
import { aContract, aControl, aGroup, anEnvironment, aService, fingerprint } from '../unit/judge-input.ts';
import { createCoreWorldOn, personal } from './core-world.ts';
import { scanned } from './scanned.ts';

/** A Tuesday, 10:00 in Berlin. */
const NOW = '2026-11-24T09:00:00.000Z';
/** The same control in three environments. */
export const CONTRACT_OF_OWNERS: Contract = {
  ...aContract(aControl({ name: 'sast', signal: { category: 'sast' }, decisions: [ruleOf('warn', { dueDays: 14 })] })),
  environments: new Map([
    ['dev', anEnvironment({ name: 'dev', tier: 'non-production' })],
    ['staging', anEnvironment({ name: 'staging', tier: 'non-production' })],
    ['prod', anEnvironment()],
  ]),
};

interface Many {
  readonly owners: number;
  /** Findings of the one service of each. */
  readonly each: number;
  /** Through the import of reports, or as rows like those that it writes. */
  readonly from: 'imports' | 'rows';
}

/** Digests of many owners of a service each, all of whom can be reached, over stores on this table. */
export async function manyOwners(table: Table, { owners, each, from }: Many) {
  const names = Array.from({ length: owners }, (_, n) => `service-${n}`);
  const services = new Map(names.map((name, n): [string, Service] => [name, aService({ name, owner: ownerOf(n) })]));
  const fill = from === 'imports' ? importing(table, services) : writing(table);
  for (const [n, name] of names.entries()) await fill(name, n, each);
  let now = NOW;
  const clock = { now: () => now };
  const random = { bytes: (count: number) => new Uint8Array(count) };
  const conversations = createConversations({ table, tenant: TENANT, now: clock.now });
  for (const n of names.keys()) await conversations.remember([{ kind: 'person', oid: oidOf(n) }], personal(oidOf(n)));
  const { digestMarks, subscriptions, nudgeRecords } = createDigestStore({ table, tenant: TENANT });
  const sent: Digest[] = [];
  const needs = {
    clock,
    policy: { current: async () => policyOf(services) },
    directory: directoryOf(),
    scopes: createScopeStore({ table, due: createDueIndex({ table, clock }), random }),
    triage: createTriageStore({ table, random, orgs: [ORG] }),
    covers: createCovers({ table, tenant: TENANT, clock, random }),
    // As a process starts: what it heard while it was filled is forgotten.
    conversations: createConversations({ table, tenant: TENANT, now: clock.now }),
  };
  const { run } = createDigests({
    ...needs,
    goAround: createDigestDetours(needs),
    exceptions: { live: async () => [] },
    notifier: noting(sent),
    marks: digestMarks,
    nudgeRecords,
    nudges: { toldInDigest: async () => {} },
    subscriptions,
    orgs: [ORG],
    failed: (reader, why): never => {
      throw new Error(`${reader} was not told`, { cause: why });
    },
  });
  return {
    run,
    sent,
    environments: CONTRACT_OF_OWNERS.environments.size,
    advance: (minutes: number) => {
      now = plusMinutes(now, minutes);
    },
  };
}

/** So many findings, ten of each rule. */
export function groupsOf(service: number, findings: number) {
  const prints = Array.from({ length: findings }, (_, n) => fingerprint(service * findings + n));
  const rules = Math.ceil(findings / 10);
  return Array.from({ length: rules }, (_, n) =>
    aGroup({ rule: `CVE-2026-${n}`, severity: 'medium', fingerprints: prints.slice(n * 10, n * 10 + 10) }),
  );
}

type Fill = (service: string, n: number, findings: number) => Promise<unknown>;

function writing(table: Table): Fill {
  return (service, n, findings) => {
    const head = aScanHead({ service, category: 'sast', tool: 'semgrep', groups: groupsOf(n, findings) });
    return table.commit('scope', scopePartition({ org: ORG, service, environment: '-' }), headWrites(head));
  };
}

function importing(table: Table, services: ReadonlyMap<string, Service>): Fill {
  const world = createCoreWorldOn(table);
  world.ports.policy.current = async () => policyOf(services);
  return (service, _, findings) =>
    scanned(
      world,
      Array.from({ length: findings }, (_, n) => `rule-${n}`),
      { service },
    );
}

function policyOf(services: ReadonlyMap<string, Service>) {
  const nothing = { routes: [], brokenRoutes: new Map(), problems: [] };
  return { contract: CONTRACT_OF_OWNERS, catalog: { services, broken: new Map() }, ...nothing };
}

const oidOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const ownerOf = (n: number) => `user:${oidOf(n)}` as const;

function directoryOf() {
  const person = (oid: string) => ({ oid, name: oid, upn: oid, guest: false, disabled: false, sameAs: [] });
  return {
    membersOf: async (principal: string) => (principal.startsWith('user:') ? [person(principal.slice(5))] : []),
  } as unknown as Parameters<typeof createDigests>[0]['directory'];
}

function noting(sent: Digest[]): Notifier {
  return {
    tell: async (_: unknown, news: { readonly digest: Digest }) => {
      sent.push(news.digest);
      return { kind: 'sent', activityId: String(sent.length) };
    },
  } as unknown as Notifier;
}
