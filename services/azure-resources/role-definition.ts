import * as z from 'zod';
import type { RoleFact } from '../domain/platform.ts';

type May = NonNullable<RoleFact['may']>;

/** Built-in roles that decide most, by their id: known even where definitions are not told. */
const BUILT_IN: ReadonlyMap<string, { readonly role: string; readonly may: May }> = new Map([
  ['8e3af657-a8ff-443c-a75c-2fe8c4bcb635', { role: 'Owner', may: 'grant' }],
  ['18d7d88d-d35e-4fb5-a5c3-7773c20a72d9', { role: 'User Access Administrator', may: 'grant' }],
  ['f58310d9-a9f6-439a-9e8d-f62e7b41a168', { role: 'Role Based Access Control Administrator', may: 'grant' }],
  ['b24988ac-6180-42a0-ab88-20f7382dd24c', { role: 'Contributor', may: 'change' }],
  ['acdd72a7-3385-48ef-bd42-f606fba81ae7', { role: 'Reader', may: 'read' }],
]);
const GRANTING = 'microsoft.authorization/roleassignments/write';

const actions = z
  .array(z.string().toLowerCase())
  .nullish()
  .transform((given) => given ?? []);
const permission = z.object({ actions, notActions: actions, dataActions: actions });
type Permission = z.output<typeof permission>;

/** A role as Azure defines it (Role Definitions - List). */
export const roleDefinition = z.object({
  name: z.string().toLowerCase(),
  properties: z.object({
    roleName: z.string().nullish(),
    permissions: z.array(permission).nullish(),
  }),
});

export type RoleDefinition = z.output<typeof roleDefinition>;

/** What a role is called and allows, by its definition; without one what is known of it by its id. */
export function roleOf(id: string, definition: RoleDefinition | undefined): Pick<RoleFact, 'role' | 'may'> {
  const known = BUILT_IN.get(id);
  if (known !== undefined || definition === undefined) return known ?? { role: id };
  const { roleName, permissions } = definition.properties;
  return { role: roleName || id, ...(permissions ? { may: mostOf(permissions) } : {}) };
}

/** The most of all; what one permission leaves out another may give. */
function mostOf(permissions: readonly Permission[]): May {
  if (permissions.some((one) => includes(one.actions, GRANTING) && !includes(one.notActions, GRANTING))) return 'grant';
  const all = permissions.flatMap((one) => [...one.actions, ...one.dataActions]);
  return all.every((action) => action.endsWith('/read')) ? 'read' : 'change';
}

function includes(patterns: readonly string[], action: string): boolean {
  return patterns.some((pattern) => matches(pattern, action));
}

/** `*` stands for any text. In linear time: the parts between are looked for one after the other. */
function matches(pattern: string, action: string): boolean {
  const [first = '', ...parts] = pattern.split('*');
  const last = parts.pop();
  if (last === undefined) return pattern === action;
  if (!action.startsWith(first)) return false;
  let at = first.length;
  for (const part of parts) {
    const found = action.indexOf(part, at);
    if (found === -1) return false;
    at = found + part.length;
  }
  return action.length - last.length >= at && action.endsWith(last);
}
