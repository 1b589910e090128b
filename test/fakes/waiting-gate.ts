import { TENANT } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from './core-world.ts';

export const by = (oid: string) => ({ kind: 'person' as const, tenant: TENANT, oid, name: 'as Teams says' });

/** Reports and a check that pass the contract, with Alex reachable: the gate asks. */
export async function aWaitingGate(
  options: Parameters<typeof createCoreWorld>[0] = {},
): Promise<{ world: CoreWorld; id: string }> {
  const world = await createCoreWorld(options);
  await world.meet(PEOPLE.alex);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  const id = await world.deliver();
  await world.settle();
  return { world, id };
}

/** What Alex or somebody else clicks on the card of revision 1. */
export const wish = (requestId: string, oid: string, verdict: 'approve' | 'reject' = 'approve', comment = '') => ({
  requestId,
  revision: 1,
  verdict,
  comment,
  by: by(oid),
  op: `click ${oid} ${verdict}`,
});
