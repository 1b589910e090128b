import * as z from 'zod';
import type { Person } from '../domain/person.ts';
import { quoted } from '../ports/odata.ts';

/** Object id in lower case. */
export const objectId = z.guid().transform((id) => id.toLowerCase());

export function isObjectId(text: string): boolean {
  return objectId.safeParse(text).success;
}

/** What is selected of a user. A permission that is missing shows as properties that are null or absent. */
export const USER_SELECT = 'id,displayName,userPrincipalName,userType,accountEnabled,mail,otherMails,proxyAddresses';

/** A user as Graph answers when USER_SELECT is asked for. Every address must be there, since addresses exclude. */
export const graphUser = z
  .object({
    id: objectId,
    displayName: z.string().nullable(),
    userPrincipalName: z.string().min(1),
    userType: z.string().nullable(),
    accountEnabled: z.boolean().nullable(),
    mail: z.string().nullable(),
    otherMails: z.array(z.string()),
    proxyAddresses: z.array(z.string()),
  })
  .transform(toPerson);

interface GraphUser {
  readonly id: string;
  readonly displayName: string | null;
  readonly userPrincipalName: string;
  readonly userType: string | null;
  readonly accountEnabled: boolean | null;
  readonly mail: string | null;
  readonly otherMails: readonly string[];
  readonly proxyAddresses: readonly string[];
}

/** What is not said to be a member or enabled is not: such people decide nothing. The manager is not asked for. */
function toPerson(user: GraphUser): Person {
  const upn = user.userPrincipalName.toLowerCase();
  const mailboxes = user.proxyAddresses.flatMap((address) => /^smtp:(.+)$/i.exec(address)?.[1] ?? []);
  const addresses = [user.mail ?? '', ...user.otherMails, ...mailboxes].map((address) => address.toLowerCase());
  return {
    oid: user.id,
    name: user.displayName ?? user.userPrincipalName,
    upn,
    guest: user.userType?.toLowerCase() !== 'member',
    disabled: user.accountEnabled !== true,
    sameAs: [...new Set(addresses)].filter((address) => address !== '' && address !== upn),
  };
}

/** The filter for whom this address belongs to, under any of the properties that a Person is made of. */
export function addressFilter(address: string): string {
  return [
    `userPrincipalName eq ${quoted(address)}`,
    `mail eq ${quoted(address)}`,
    `otherMails/any(a:a eq ${quoted(address)})`,
    // The prefix in capitals marks the primary address.
    `proxyAddresses/any(a:a eq ${quoted(`smtp:${address}`)})`,
    `proxyAddresses/any(a:a eq ${quoted(`SMTP:${address}`)})`,
  ].join(' or ');
}
