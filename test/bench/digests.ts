import { digestCard } from '../../cards/digest-card.ts';
import { createDigests } from '../../services/digests.ts';
import type { Service } from '../../services/domain/catalog.ts';
import { digestFor } from '../../services/domain/digest.ts';
import { decisionsOf } from '../../services/domain/judge.ts';
import { warningsIn } from '../../services/domain/warning.ts';
import type { Conversations, Notifier } from '../../services/ports/notifier.ts';
import { createDigestStore } from '../../services/tables/digest-store.ts';
import { createDueIndex } from '../../services/tables/due-index.ts';
import { headWrites } from '../../services/tables/head-codec.ts';
import { createScopeStore } from '../../services/tables/scope-store.ts';
import { scopePartition } from '../../services/tables/scope-views.ts';
import { createTriageStore } from '../../services/tables/triage-store.ts';
import { ORG, TENANT } from '../builders.ts';
import { ruleOf } from '../calibrations.ts';
import { aBasis, aReader, aState } from '../digests.ts';
import { personal } from '../fakes/core-world.ts';
import { type CountedTable, countedInAzurite, countedInMemory } from '../fakes/counted-tables.ts';
import { aScanHead } from '../scans.ts';
import { aContract, aControl, aGroup, aJudgedService, anInput, aService, fingerprint } from '../unit/judge-input.ts';
import { type Line, line } from './line.ts';

const NOW = '2026-11-24T09:00:00.000Z';
const OWNERS = 500;
const EACH = 2_000;
const CONTRACT = aContract(aControl({ decisions: [ruleOf('warn', { dueDays: 14 })] }));

/**
 * One digest of 50,000 findings, and whole runs: 500 owners of a service each, with 1,000,000 generated findings, in memory
 * and on Azurite in this process.
 */
export async function digests(): Promise<readonly Line[]> {
  const lines = [oneDigest(50_000)];
  for (const [where, counted] of [
    ['in memory', countedInMemory([])],
    ['on Azurite', await countedInAzurite([])],
  ] as const) {
    lines.push(...(await wholeRun(where, counted)));
    await counted.close();
  }
  return lines;
}

function groupsOf(service: number, findings: number) {
  const prints = Array.from({ length: findings }, (_, n) => fingerprint(service * findings + n));
  const rules = Math.ceil(findings / 10);
  return Array.from({ length: rules }, (_, n) =>
    aGroup({ rule: `CVE-2026-${n}`, severity: 'medium', fingerprints: prints.slice(n * 10, n * 10 + 10) }),
  );
}

function oneDigest(findings: number): Line {
  const services = [aJudgedService({ heads: [aScanHead({ groups: groupsOf(0, findings) })] })];
  const build = () => {
    const groups = decisionsOf(anInput({ contract: CONTRACT, services, now: NOW, arrivedAt: NOW }));
    const warnings = warningsIn(ORG, [{ environment: 'prod', groups, pasts: new Map() }]);
    return digestCard(digestFor(aReader(), warnings, aBasis({ at: NOW }), aState()));
  };
  build();
  const begun = process.cpuUsage();
  build();
  return line(`digest of ${findings} findings: judged, told apart, as a card`, 'ms of CPU', since(begun));
}

function since(begun: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1_000;
}

const oidOf = (n: number) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

async function wholeRun(where: string, { table, made }: CountedTable): Promise<Line[]> {
  const clock = { now: () => NOW };
  const random = { bytes: (count: number) => new Uint8Array(count) };
  const services = new Map<string, Service>();
  for (let n = 0; n < OWNERS; n += 1) {
    const name = `service-${n}`;
    services.set(name, aService({ name, owner: `user:${oidOf(n)}` }));
    const head = aScanHead({ service: name, groups: groupsOf(n, EACH) });
    await table.commit('scope', scopePartition({ org: ORG, service: name, environment: '-' }), headWrites(head));
  }
  let sent = 0;
  const nothing = { routes: [], brokenRoutes: new Map(), problems: [] };
  const { digestMarks, subscriptions, nudgeRecords } = createDigestStore({ table, tenant: TENANT });
  const { run } = createDigests({
    goAround: async (readers) => ({ readers, instead: new Map() }),
    clock,
    policy: { current: async () => ({ contract: CONTRACT, catalog: { services, broken: new Map() }, ...nothing }) },
    directory: directoryOf(),
    scopes: createScopeStore({ table, due: createDueIndex({ table, clock }), random }),
    triage: createTriageStore({ table, random, orgs: [ORG] }),
    covers: { inForce: async () => [] },
    exceptions: { live: async () => [] },
    conversations: conversationsOf(),
    notifier: {
      tell: async () => {
        sent += 1;
        return { kind: 'sent', activityId: String(sent) };
      },
    } as unknown as Notifier,
    marks: digestMarks,
    nudgeRecords,
    nudges: { toldInDigest: async () => {} },
    subscriptions,
    orgs: [ORG],
    failed: (reader, why): never => {
      throw new Error(`${reader} was not told`, { cause: why });
    },
  });
  made();
  const [begun, cpu] = [performance.now(), process.cpuUsage()];
  await run();
  const [took, busy] = [(performance.now() - begun) / 1_000, since(cpu) / 1_000];
  if (sent !== OWNERS) throw new Error(`${sent} of ${OWNERS} were told`);
  const calls = made().length / OWNERS;
  await run();
  const what = `digests of ${OWNERS} owners over ${OWNERS * EACH} generated findings, ${CONTRACT.environments.size} environments, ${where}`;
  return [
    line(what, 's', took, undefined, { bar: 'at most 60 s', met: took <= 60 }),
    line(`${what}: of it CPU`, 's of CPU', busy),
    line(`${what}: storage calls for each`, 'calls', calls, undefined, { bar: 'at most 3', met: calls <= 3 }),
    line(`looking for digests while none is due, ${where}`, 'calls', made().length),
  ];
}

function directoryOf() {
  const person = (oid: string) => ({ oid, name: oid, upn: oid, guest: false, disabled: false, sameAs: [] });
  return {
    membersOf: async (principal: string) => (principal.startsWith('user:') ? [person(principal.slice(5))] : []),
  } as unknown as Parameters<typeof createDigests>[0]['directory'];
}

function conversationsOf(): Conversations {
  return {
    find: async (to: { readonly kind: string; readonly oid?: string }) => personal(to.oid ?? ''),
  } as unknown as Conversations;
}
