import { z } from 'zod';
import { translated } from './platform-faults.ts';
import { identitiesNamedPath, isDescriptor } from './platform-people-paths.ts';
import { PERMISSIONS } from './platform-permissions.ts';
import type { PlatformRead } from './platform-read.ts';

const text = z.string().nullish();
const identities = z.object({
  value: z.array(z.object({ subjectDescriptor: text, providerDisplayName: text }).nullable()),
});

/** Descriptor of a group that every organization has, by its name (Identities - Read Identities); undefined: it is not shown. */
export async function organizationGroup(read: PlatformRead, name: string): Promise<string | undefined> {
  const { value } = await translated(PERMISSIONS.identity, () =>
    read.at('vssps')(identitiesNamedPath(name), identities),
  );
  const found = value.value.find((one) => one?.providerDisplayName?.endsWith(`]\\${name}`))?.subjectDescriptor;
  return found && isDescriptor(found) ? found : undefined;
}
