import { connectionsOf } from './connection-reach.ts';
import { type Platform, type RoleFact, sectionsOf, type Violation } from './platform.ts';
import { rolesIn } from './platform-identity-rules.ts';
import { isProduction, type PlatformSetting, placesOfAsset } from './platform-places.ts';
import type { PlatformRule } from './platform-rules.ts';
import { namesOf, ownAccount, sortedPlaces } from './production-reach.ts';
import { connectionIdentities, isHeldWide, placesOfSubscription, principalNames } from './role-holders.ts';

/** Somebody who may change something in whole subscriptions with production in them, and is no identity of a service connection. */
interface Holder {
  /** What they are, and their name. */
  readonly who: string;
  readonly roles: readonly RoleFact[];
  /** Subscriptions, by name. */
  readonly subscriptions: readonly string[];
}

/** What there is to say of people, groups and others who can change production in Azure beside every pipeline. */
export const ROLE_RULES: readonly PlatformRule[] = [
  each(
    'principal-grants-access',
    'medium',
    ({ isStanding, may }) => isStanding && may === 'grant',
    ({ who, roles, subscriptions }) => ({
      message: `${who} may give anybody any access to ${namesOf(subscriptions)}, where production is, at any time: ${rolesIn(roles)}`,
      help: 'Make the role eligible in Privileged Identity Management, with an approval for its activation, or take it away under Access control (IAM).',
    }),
  ),
  each(
    'principal-role-too-broad',
    'medium',
    ({ isStanding, may }) => isStanding && may !== 'grant',
    ({ who, roles, subscriptions }) => ({
      message: `${who} may change all of ${namesOf(subscriptions)}, where production is, at any time and beside every pipeline: ${rolesIn(roles)}`,
      help: 'Let people look (Reader), and make what they need in an emergency eligible in Privileged Identity Management, with an approval for its activation.',
    }),
  ),
  each(
    'principal-role-eligible',
    'info',
    ({ isStanding }) => !isStanding,
    ({ who, roles, subscriptions }) => ({
      message: `${who} may activate access to ${namesOf(subscriptions)}, where production is: ${rolesIn(roles)}`,
      help: 'See that an activation needs an approval and a reason, and take it from whoever does not need it.',
    }),
  ),
];

function each(
  id: string,
  severity: PlatformRule['severity'],
  isMeant: (role: RoleFact) => boolean,
  tell: (holder: Holder) => Pick<Violation, 'message' | 'help'>,
): PlatformRule {
  return { id, severity, reads: ['roles'], violations: (platform, setting) => told(platform, setting, isMeant, tell) };
}

/** A role in a management group is told by each subscription below: whoever has it is told of once all the same. */
function told(
  platform: Platform,
  setting: PlatformSetting,
  isMeant: (role: RoleFact) => boolean,
  tell: (holder: Holder) => Pick<Violation, 'message' | 'help'>,
): Violation[] {
  const identities = connectionIdentities(platform);
  const own = ownAccount(platform)?.oid;
  const connections = connectionsOf(platform, setting);
  const reached = connections.flatMap(({ fact, roles }) => [fact.scope?.id ?? [], ...roles.map((role) => role.scope)]);
  const held = sectionsOf(platform, 'roles').flatMap((section) => {
    const roles = (section.known?.facts ?? []).filter(
      (role) => role.principalId.toLowerCase() !== own && isMeant(role) && isHeldWide(role, identities),
    );
    if (roles.length === 0) return [];
    const all = placesOfSubscription(section, reached.flat(), setting.catalog, (armId) =>
      placesOfAsset(platform, armId, setting),
    );
    const places = all.filter(({ environment }) => isProduction(environment, setting));
    return places.length === 0 ? [] : roles.map((role) => ({ role, places, subscription: section.name }));
  });
  if (held.length === 0) return [];
  const names = principalNames(platform);
  return [...Map.groupBy(held, ({ role }) => role.principalId)].map(([id, found]) => {
    const roles = found.map(({ role }) => role);
    const who = `${KINDS[roles.map(({ principalKind }) => principalKind).sort()[0] ?? 'unknown']}${names.get(id) ?? id}`;
    const subscriptions = found.map(({ subscription }) => subscription);
    return {
      subject: `principal:${id}`,
      ...tell({ who, roles, subscriptions }),
      places: sortedPlaces(found.flatMap(({ places }) => places)),
    };
  });
}

const KINDS: Readonly<Record<RoleFact['principalKind'], string>> = {
  person: '',
  group: 'Whoever is in group ',
  service: 'Service principal ',
  unknown: 'Somebody of whom nobody knows what they are, ',
};
