import * as z from 'zod';
import { assetKey } from '../domain/asset.ts';
import type { RoleFact } from '../domain/platform.ts';
import { byText } from '../domain/steps.ts';
import type { ServicePrincipal } from '../ports/service-principals.ts';
import { type RoleDefinition, roleOf } from './role-definition.ts';

/** Who stands behind service connections. */
export interface Identity extends ServicePrincipal {
  readonly clientId?: string;
}

const guid = z.guid().transform((id) => id.toLowerCase());
/** Role Assignments - List, and Role Eligibility Schedule Instances - List, which says more. */
export const assignment = z.object({
  properties: z.object({
    roleDefinitionId: z.string(),
    principalId: guid,
    principalType: z.string().nullish(),
    scope: z.string().startsWith('/'),
    condition: z.string().nullish(),
    expandedProperties: z
      .object({ principal: z.object({ displayName: z.string().nullish() }).nullish() })
      .nullish()
      .catch(undefined),
  }),
});
type Assignment = z.output<typeof assignment>['properties'];

interface RowsFrom {
  readonly identities: readonly Identity[];
  /** Path of the subscription, with a slash at its end. */
  readonly place: string;
  readonly isStanding: boolean;
  /** Whom the list is about; absent: it is about everybody. */
  readonly holder?: string;
}

const KINDS: Readonly<Record<string, RoleFact['principalKind']>> = {
  user: 'person',
  group: 'group',
  foreigngroup: 'group',
  serviceprincipal: 'service',
};

/** What holds for the subscription as a whole, and of identities of connections everything. */
export function rowOf(one: Assignment, { identities, place, isStanding, ...from }: RowsFrom): RoleFact[] {
  const { principalId, principalType, scope, condition, expandedProperties } = one;
  const holder = from.holder ?? principalId;
  const identity = identities.find((known) => known.principalId === holder);
  if (identity === undefined && isPart(scope, place)) return [];
  const name = identity?.name ?? expandedProperties?.principal?.displayName;
  const kind = KINDS[principalType?.toLowerCase() ?? ''] ?? 'unknown';
  return [
    {
      principalId: holder,
      ...(name ? { principalName: name } : {}),
      ...(identity?.clientId === undefined ? {} : { clientId: identity.clientId }),
      ...(holder === principalId ? { principalKind: kind } : { principalKind: 'service', through: principalId }),
      ...roleOf(one.roleDefinitionId.toLowerCase().split('/').at(-1) ?? '', undefined),
      scope,
      isStanding,
      ...(condition ? { hasCondition: true } : {}),
    },
  ];
}

/** Below the subscription. */
function isPart(scope: string, place: string): boolean {
  const path = `${assetKey(scope)}/`;
  return path !== place && path.startsWith(place);
}

/** Each once, in an order that does not depend on Azure's. */
export function factsOf(rows: readonly RoleFact[]): RoleFact[] {
  const keyed = rows.map((row) => {
    const { principalId, role, scope, isStanding, through, hasCondition } = row;
    return [JSON.stringify([principalId, assetKey(scope), role, isStanding, through, hasCondition]), row] as const;
  });
  return [...new Map(keyed)].sort(([a], [b]) => byText(a, b)).map(([, row]) => row);
}

/** With the names of the roles that are defined here. */
export function namedRows(rows: readonly RoleFact[], definitions: readonly RoleDefinition[]): RoleFact[] {
  const byId = new Map(definitions.map((one) => [one.name, one]));
  return rows.map((row) => {
    const definition = byId.get(row.role);
    return definition === undefined ? row : { ...row, ...roleOf(row.role, definition) };
  });
}
