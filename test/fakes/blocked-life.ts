import { expect } from 'vitest';
import type { ExceptionVerdict } from '../../services/exception-decisions.ts';
import { aLife, type Life } from './deployments.ts';
import { actor, meetAll, nextOp } from './exception-scene.ts';
import type { Edit } from './policy-folder.ts';
import { scanned } from './scanned.ts';

export type Blocked = Life & { readonly requestId: string };

/** Adele's deployment of payments-api, blocked by these secrets. */
export async function blocked(rules: readonly string[] = ['a-key'], ...edits: readonly Edit[]): Promise<Blocked> {
  const life = await aLife(...edits);
  await meetAll(life.world);
  await scanned(life.world, rules, { tool: 'gitleaks', level: 'warning' });
  const requestId = await life.deploy();
  expect((await life.gate(requestId)).state).toBe('blocked');
  return { ...life, requestId };
}

/** What somebody says about an exception, each an operation of its own. */
export function word(id: string, oid: string) {
  return { id, by: actor(oid), op: nextOp() };
}

/** Granted, unless it says otherwise; what follows from it is not waited for. */
export function decide({ world }: Life, id: string, oid: string, over: Partial<ExceptionVerdict> = {}) {
  return world.core.exceptionDecisions.decide({ ...word(id, oid), verdict: 'approve', comment: '', ...over });
}
