import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import { orgOf } from '../../services/domain/gate.ts';
import type { TriageAnswered, TriageWish } from '../../services/triage.ts';
import { ORGANIZATION, TENANT } from '../builders.ts';
import { type CoreWorld, createCoreWorld } from './core-world.ts';
import { actor, nextOp } from './exception-scene.ts';
import { scanned } from './scanned.ts';

export const ORG = orgOf(TENANT, ORGANIZATION);

/** The only open finding, whose warning is due in 14 days. */
export async function aWarning(options: Parameters<typeof createCoreWorld>[0] = {}) {
  const world = await createCoreWorld(options);
  await scanned(world, ['weak-random']);
  return { world, fingerprint: await printIn(world) };
}

export async function printIn(world: CoreWorld, service = 'payments-api'): Promise<string> {
  const { heads } = await world.ports.scopes.view({ org: ORG, service, environment: '-' }, 'any');
  const [print] = heads.flatMap(({ groups }) => groups.flatMap(({ fingerprints }) => fingerprints));
  return print ?? 'there is none';
}

export const wish = (fingerprint: string, oid: string, over: Partial<TriageWish> = {}): TriageWish => ({
  by: actor(oid),
  op: nextOp(),
  fingerprint,
  service: 'payments-api',
  ...over,
});

export function refusalOf(answer: TriageAnswered) {
  return answer.kind === 'refused' ? answer.why : answer;
}

export async function evidenceOf({ ports }: CoreWorld, fingerprint: string, service = 'payments-api') {
  const { evidence } = await ports.triage.read({ org: ORG, service, fingerprint });
  if (firstBrokenEntry(evidence) !== undefined) throw new Error('the chain of evidence is broken');
  return evidence.map(({ entry }) => JSON.parse(entry) as { kind: string; data: object; actor: object });
}
