import { z } from 'zod';
import { isService } from '../domain/person.ts';
import type { PlatformIdentity } from '../domain/platform.ts';
import { SourceRefusedError } from '../ports/signal-source.ts';
import { isGuid } from './paths.ts';
import { isDescriptor } from './platform-people-paths.ts';

const text = z.string().nullish();

/** A user, group or service principal as Graph of Azure DevOps writes it. */
export const graphSubject = z.object({
  descriptor: z.string().min(1),
  displayName: text,
  principalName: text,
  origin: text,
  originId: text,
});
export type GraphSubject = z.output<typeof graphSubject>;

/** By descriptor; null: there is none of it any more. */
export const subjectLookup = z.object({ value: z.record(z.string(), graphSubject.nullable()) });

/** Who stands in a group. */
export const memberships = z.object({
  value: z.array(z.object({ memberDescriptor: z.string().refine(isDescriptor) })),
});

/** Groups of Azure DevOps itself, whose members it lists. */
export function isOwnGroup(descriptor: string): boolean {
  return /^vssgp\./i.test(descriptor);
}

/** Groups of Entra, of which it knows no members. */
export function isEntraGroup(descriptor: string): boolean {
  return /^aadgp\./i.test(descriptor);
}

/** One id wherever the same identity comes up: of Entra its object id, else the descriptor. */
export function identityOf(subject: GraphSubject): PlatformIdentity {
  const { descriptor, displayName, principalName, origin, originId } = subject;
  const oid = origin?.toLowerCase() === 'aad' && isGuid(originId ?? '') ? originId?.toLowerCase() : undefined;
  const kind = kindOf(descriptor);
  const name = kind === 'group' ? principalName || displayName : displayName || principalName;
  const id = oid ?? descriptor.toLowerCase();
  return { id, name: name || id, kind, ...(oid === undefined ? {} : { oid }) };
}

function kindOf(descriptor: string): PlatformIdentity['kind'] {
  if (isOwnGroup(descriptor) || isEntraGroup(descriptor)) return 'group';
  return isService({ descriptor }) ? 'service' : 'person';
}

/** The next page of a list; undefined: that was the last. Refused is one that is named again, since such a list has no end. */
export function nextPageOf(
  what: string,
  next: string | null | undefined,
  token: string | undefined,
): string | undefined {
  if (!next) return undefined;
  if (next === token) throw new SourceRefusedError(`pages of ${what} have no end: the same one is named again`);
  return next;
}
