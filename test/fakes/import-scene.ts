import { sha256 } from '../../services/domain/checksum.ts';
import type { Brought, ImportAnswer, ImportWish } from '../../services/exception-imports.ts';
import { readOutsideExceptions } from '../../services/policy/read-outside-exceptions.ts';
import { COMMIT, ORG } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from './core-world.ts';
import { actor, meetAll } from './exception-scene.ts';
import type { Call, Fault } from './in-memory-table.ts';
import { scanned } from './scanned.ts';
import { aState, sent, vault } from './signal-scene.ts';

export const PLACE = { service: 'payments-api', environment: 'prod' };
export const SCOPE = { org: ORG, ...PLACE };

/** Two findings of Checkov block in production, and two of Azure Policy: in vault `keys` and in vault `keys2`. */
export async function aWorld(fault: (call: Call) => Fault = () => 'ok'): Promise<CoreWorld> {
  const world = await createCoreWorld({ fault });
  await meetAll(world);
  await scanned(world, ['CKV_AZURE_1', 'CKV_AZURE_2'], { tool: 'checkov', score: '8.0' });
  await assessed(world, [aState(), aState(vault('keys2'))]);
  return world;
}

/** States of Azure Policy, as a pipeline reports them before it deploys. */
export async function assessed({ core }: Pick<CoreWorld, 'core'>, states: readonly object[]): Promise<void> {
  const said = { service: 'payments-api', commit: COMMIT, branch: 'refs/heads/main', timing: 'pre-deploy' } as const;
  const outcome = await core.findings.import({ ...said, body: sent({ value: states }) });
  if (outcome.kind !== 'imported') throw new Error(JSON.stringify(outcome));
  await core.idle();
}

export const exemptionId = (name: string, scope = vault()) =>
  `${scope}/providers/Microsoft.Authorization/policyExemptions/${name}`;

const METADATA = { owner: 'group:payments-owners', reviewEvery: 'weekly-sync', ticketRef: 'PLAT-7' };
export const exemption = (over: object = {}, name = 'storage') => ({
  name,
  id: exemptionId(name),
  policyAssignmentId: aState().policyAssignmentId,
  exemptionCategory: 'Mitigated',
  expiresOn: '2026-11-30T23:59:00Z',
  description: 'The storage account is only reached over a private endpoint',
  metadata: METADATA,
  ...over,
});

type Over = Partial<Pick<ImportWish, 'by' | 'control' | 'isWhole'>> & { readonly core?: CoreWorld['core'] };

export async function bring(
  world: CoreWorld,
  text: string,
  { core = world.core, ...over }: Over = {},
): Promise<ImportAnswer> {
  const { source, entries, problems } = readOutsideExceptions({ file: 'f', text });
  const wish = { ...PLACE, source, entries, isWhole: problems.length === 0, by: actor(PEOPLE.adele) };
  const answer = await core.exceptionImports.bring({ ...wish, checksum: sha256(text), ...over });
  await core.idle();
  return answer;
}

export const exemptions = (...all: readonly object[]) => JSON.stringify(all);
export const TRIVY =
  'misconfigurations:\n  - id: CKV_AZURE_1\n    statement: The vendor mends it with the next release\n';

export function became(answer: ImportAnswer): readonly Brought[] {
  if (answer.kind === 'refused') throw new Error(JSON.stringify(answer.why));
  return answer.lines.map((one) => one.became);
}

export async function unmanaged({ core }: CoreWorld, service?: string) {
  const list = await core.importLists.list(actor(PEOPLE.isaiah), service);
  if ('code' in list) throw new Error(list.code);
  return list.rows.map(({ standing, imported }) => [standing, imported.entry.name]);
}

export const chainOf = async ({ ports }: CoreWorld) => (await ports.imports.read(SCOPE)).evidence;
export const asked = async ({ ports }: CoreWorld) => (await ports.exceptions.live()).map(({ id }) => id);
export const rowsOf = ({ table }: CoreWorld) =>
  table.dump().filter(({ partition }) => partition.endsWith('~s~payments-api~prod') || partition.endsWith('~imported'));
