import type { Exception } from '../../services/domain/exception.ts';
import type { TermsWish } from '../../services/domain/exception-terms.ts';
import type { PersonActor } from '../../services/domain/person.ts';
import type { ExceptionRequested } from '../../services/exception-requests.ts';
import type { ExceptionWish } from '../../services/ports/exception-basis.ts';
import type { ExceptionAnswered } from '../../services/ports/exception-word.ts';
import type { ExceptionNews } from '../../services/ports/notifier.ts';
import { TENANT } from '../builders.ts';
import { type CoreWorld, PEOPLE, personal } from './core-world.ts';

/** Everybody of the story in manifest/policy/directory.yaml. */
export const CAST = {
  ...PEOPLE,
  /** Owns payments-api, as Adele does. */
  diego: '136b7a8b-8bfb-4a8d-b680-bd2b183ee7cb',
} as const;

let count = 0;

/** Each word is an operation of its own. */
export function nextOp(): string {
  count += 1;
  return `op ${count}`;
}

export function actor(oid: string): PersonActor {
  return { kind: 'person', tenant: TENANT, oid, name: 'as Teams shows it' };
}

export const TERMS: Required<Omit<TermsWish, 'ticket' | 'mitigation'>> = {
  owner: 'group:payments-owners',
  reasonClass: 'fix-scheduled',
  reason: 'The key is revoked, the history is being rewritten',
  until: '2026-11-30',
  reviewEvery: '2d',
};

/** Adele asks for what blocks her deployment, unless it says otherwise. */
export async function ask(
  world: CoreWorld,
  wish: Partial<ExceptionWish> = {},
  terms: TermsWish = {},
): Promise<ExceptionRequested> {
  const answer = await world.core.exceptionRequests.request({
    by: actor(PEOPLE.adele),
    op: nextOp(),
    service: 'payments-api',
    environment: 'prod',
    control: 'secret-scanning',
    ...wish,
    terms: { ...TERMS, ...terms },
  });
  await world.core.idle();
  return answer;
}

export function exceptionOf(answer: ExceptionRequested | ExceptionAnswered): Exception {
  if (!('exception' in answer) || answer.exception === undefined || answer.kind === 'refused')
    throw new Error(JSON.stringify(answer));
  return answer.exception;
}

export async function grant(world: CoreWorld, id: string, oid: string = PEOPLE.megan): Promise<ExceptionAnswered> {
  const answer = await world.core.exceptionDecisions.decide({
    id,
    by: actor(oid),
    op: nextOp(),
    verdict: 'approve',
    comment: '',
  });
  await world.core.idle();
  return answer;
}

export async function exceptionAt(world: CoreWorld, id: string): Promise<Exception> {
  const stored = await world.ports.exceptions.locate(id);
  if (stored === undefined) throw new Error(`${id} is not there`);
  return stored.exception;
}

export async function kindsOf(world: CoreWorld, id: string): Promise<string[]> {
  const stored = await world.ports.exceptions.locate(id);
  return (stored?.evidence ?? []).map(({ entry }) => String((JSON.parse(entry) as { kind: string }).kind));
}

/** What this person was told of exceptions, each message as it is now. */
export function toldOf(world: CoreWorld, oid: string): ExceptionNews[] {
  return world.news.flatMap((one) => ('exception' in one && one.conversation === personal(oid).id ? [one] : []));
}

/** Moves on by whole days, working off what is due on the way. */
export async function pass(world: CoreWorld, days: number, stepMinutes = 360): Promise<void> {
  for (let n = 0; n < (days * 1440) / stepMinutes; n += 1) {
    world.advance(stepMinutes);
    await world.settle();
  }
}

export async function meetAll(world: CoreWorld): Promise<void> {
  for (const oid of Object.values(CAST)) await world.meet(oid);
}
