import { assetKey } from '../domain/asset.ts';
import { type RoleFact, type SectionKind, sectionsOf } from '../domain/platform.ts';
import { byText } from '../domain/steps.ts';
import { quoted } from '../ports/odata.ts';
import type { Cost, PlatformSource, SectionPart, SectionRead } from '../ports/platform-source.ts';
import type { ServicePrincipals } from '../ports/service-principals.ts';
import { SourceRefusedError } from '../ports/signal-source.ts';
import { type ArmPages, createArmPages, entriesOf } from './arm-pages.ts';
import type { ResourceManagerOptions } from './resource-manager.ts';
import { roleDefinition } from './role-definition.ts';
import { assignment, factsOf, type Identity, namedRows, rowOf } from './role-rows.ts';
import { createPolicyStates } from './subscription-lists.ts';

export interface RoleAssignmentsOptions extends ResourceManagerOptions {
  /** Asked in turn who stands behind application ids; whom none of them knows stays unknown. */
  readonly identities?: readonly ServicePrincipals[];
}

type Reading = SectionRead<'roles'>;

type Step =
  | { readonly kind: 'who'; readonly at: number }
  | { readonly kind: 'assigned' | 'eligible' | 'definitions'; readonly url: string }
  /** Also by groups that it is in. */
  | { readonly kind: 'assigned-to'; readonly url: string; readonly principalId: string };
type ListStep = Exclude<Step, { kind: 'who' }>;

interface State {
  readonly rows: readonly RoleFact[];
  readonly identities: readonly Identity[];
  /** Application ids of nobody known. */
  readonly unknown: readonly string[];
  readonly left: readonly Step[];
}

/** `none`: Azure's code where it refuses because there are none. */
const LISTS: Readonly<
  Record<ListStep['kind'], { readonly what: string; readonly path: string; readonly none?: string }>
> = {
  assigned: { what: 'role assignments', path: 'roleAssignments?api-version=2022-04-01' },
  eligible: {
    what: 'eligible role assignments',
    path: `roleEligibilityScheduleInstances?api-version=2020-10-01&$filter=${encodeURIComponent('atScope()')}`,
    // Of a directory without Privileged Identity Management: nobody is eligible there.
    none: 'AadPremiumLicenseRequired',
  },
  'assigned-to': { what: 'role assignments', path: 'roleAssignments?api-version=2022-04-01' },
  definitions: { what: 'role definitions', path: 'roleDefinitions?api-version=2022-04-01' },
};

/**
 * Role assignments and eligibilities by Azure Resource Manager: all that hold for a subscription as a whole, those from above among them, and of
 * the identities of service connections also what they may do to its parts, and by groups. The same for every organization. Needs the role
 * Reader on the subscription.
 */
export function createRoleAssignments(options: RoleAssignmentsOptions): PlatformSource {
  const source: Source = { azure: createArmPages(options, 'Reader'), identities: options.identities ?? [] };
  const subscriptions = createPolicyStates(options);
  return {
    kinds: ['roles'],
    async targets(_organization, catalog) {
      const { targets, unseen } = await subscriptions.targets(catalog);
      return { targets: targets.map(({ id, name }) => ({ kind: 'roles', target: id, name })), unseen, calls: 1 };
    },
    async read<K extends SectionKind>(_organization: string, section: SectionRead<K>) {
      if (section.target.kind !== 'roles') throw new SourceRefusedError(`Azure says nothing of ${section.target.kind}`);
      return (await readRoles(source, section as unknown as Reading)) as SectionPart<K> & Cost;
    },
  };
}

async function readRoles(source: Source, section: Reading): Promise<SectionPart<'roles'> & Cost> {
  let state = section.next === undefined ? first(source, section) : (JSON.parse(section.next) as State);
  let calls = 0;
  for (; calls < section.calls && state.left.length > 0; calls += 1) state = await next(source, state, section);
  const facts = factsOf(state.rows);
  return { facts, calls, ...(state.left.length === 0 ? {} : { next: JSON.stringify(state) }) };
}

interface Source {
  readonly azure: ArmPages;
  readonly identities: readonly ServicePrincipals[];
}

function first(source: Source, section: Reading): State {
  const known = identitiesIn(section);
  const unknown = clientIdsIn(section).filter((id) => !known.some(({ clientId }) => clientId === id));
  const who = unknown.length === 0 ? [] : source.identities.map((_, at) => ({ kind: 'who' as const, at }));
  const lists = (['assigned', 'eligible', 'definitions'] as const).map((kind) => ({
    kind,
    url: urlOf(source, section, LISTS[kind].path),
  }));
  return { rows: [], identities: known, unknown, left: [...who, ...lists] };
}

function urlOf({ azure }: Source, { target }: Reading, path: string): string {
  return `${azure.origin}/subscriptions/${target.target}/providers/Microsoft.Authorization/${path}`;
}

async function next(source: Source, state: State, section: Reading): Promise<State> {
  const [step] = state.left;
  if (step === undefined) return state;
  if (step.kind === 'who') return who(source, state, step.at, section);
  const after = await list(source, state, step, section);
  const isWhole = step.kind === 'assigned' && after.left[0]?.kind !== 'assigned';
  return isWhole ? { ...after, left: [...byGroups(source, after, section), ...after.left] } : after;
}

/** With what was known before of whom nobody knows now: an identity does not change, and silence is no answer. */
async function who({ identities }: Source, state: State, at: number, { before }: Reading): Promise<State> {
  const found = await identities[at]?.find(state.unknown).catch(() => undefined);
  const earlier = at === identities.length - 1 ? (before?.facts ?? []) : [];
  const named = state.unknown.flatMap((clientId): Identity[] => {
    const one = found?.get(clientId);
    if (one !== undefined) return [{ clientId, ...one }];
    const role = earlier.find((known) => known.clientId === clientId);
    if (role === undefined) return [];
    const name = role.principalName === undefined ? {} : { name: role.principalName };
    return [{ clientId, principalId: role.principalId, ...name }];
  });
  const unknown = state.unknown.filter((id) => !named.some(({ clientId }) => clientId === id));
  return { ...state, identities: [...state.identities, ...named], unknown, left: state.left.slice(1) };
}

async function list({ azure }: Source, state: State, step: ListStep, { target }: Reading): Promise<State> {
  const { what, none } = LISTS[step.kind];
  const page = await azure.read({ method: 'GET', url: new URL(step.url) }, what, none);
  const place = `/subscriptions/${target.target}/`;
  const following = page.nextLink ? [{ ...step, url: azure.linked(page.nextLink, place).href }] : [];
  const left = [...following, ...state.left.slice(1)];
  if (step.kind === 'definitions')
    return { ...state, rows: namedRows(state.rows, entriesOf(page, roleDefinition, what)), left };
  const holder = step.kind === 'assigned-to' ? { holder: step.principalId } : {};
  const from = { identities: state.identities, place, isStanding: step.kind !== 'eligible', ...holder };
  const rows = entriesOf(page, assignment, what).flatMap((one) => rowOf(one.properties, from));
  return { ...state, rows: [...state.rows, ...rows], left };
}

/** Asked once it is known who they are. */
function byGroups(source: Source, { identities }: State, section: Reading): Step[] {
  return identities
    .filter((one) => isMadeFor(one, section))
    .map(({ principalId }) => {
      const filter = encodeURIComponent(`assignedTo(${quoted(principalId)})`);
      return {
        kind: 'assigned-to',
        principalId,
        url: urlOf(source, section, `${LISTS['assigned-to'].path}&$filter=${filter}`),
      };
    });
}

function connectionsIn({ sections }: Reading) {
  const all = sectionsOf({ organization: '', sections }, 'connections').flatMap(({ known }) => known?.facts ?? []);
  return all.filter(({ isDisabled }) => !isDisabled);
}

function clientIdsIn(section: Reading): string[] {
  return [...new Set(connectionsIn(section).flatMap(({ clientId }) => clientId ?? []))].sort(byText);
}

/** Those of which a connection itself says who they are. */
function identitiesIn(section: Reading): Identity[] {
  const said = connectionsIn(section).flatMap(({ clientId, principalId }) =>
    principalId === undefined ? [] : [{ principalId, ...(clientId === undefined ? {} : { clientId }) }],
  );
  return [...new Map(said.map((one) => [one.principalId, one])).values()];
}

/** Whether one of its connections was made for this subscription, a part of it, or what may be above it. */
function isMadeFor(identity: Identity, section: Reading): boolean {
  const here = `/subscriptions/${section.target.target}`;
  return connectionsIn(section).some(({ clientId, principalId, scope }) => {
    const isOwn = principalId === identity.principalId || (clientId !== undefined && clientId === identity.clientId);
    const id = assetKey(scope?.id ?? '');
    return isOwn && (id === here || id.startsWith(`${here}/`) || scope?.level === 'management-group');
  });
}
