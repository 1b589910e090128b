import { isZone } from '../../cards/show-time.ts';
import type { Conversation, Recipient } from '../../services/ports/notifier.ts';
import type { TurnPerson } from '../answer.ts';
import { isAllowedServiceUrl, type ServiceUrlRule } from './clouds.ts';
import { conversationOf, isGuid, recipientsOf } from './conversations.ts';
import { at, type Fields, isFields, textAt } from './fields.ts';

export interface GuardSettings extends ServiceUrlRule {
  /** Tenants whose people are served, in any case. */
  readonly tenants: readonly string[];
  /** App id of the bot; absent only in local mode, where nobody can be told which bot was meant. */
  readonly botId?: string;
}

/** Why an activity is not let in; for the log, never for the caller. */
export type GuardRefusal =
  | 'channel'
  | 'service-url'
  | 'tenant'
  | 'recipient'
  | 'type'
  | 'invoke-name'
  | 'conversation'
  | 'person';

/** An activity that passed the guard. Only authentication makes it true. */
export interface Turn {
  /** Absent only for installationUpdate and conversationUpdate. */
  readonly person?: TurnPerson;
  readonly conversation: Conversation;
  readonly recipients: readonly Recipient[];
}

export type Guarded =
  | { readonly kind: 'turn'; readonly turn: Turn }
  /** Authentic perhaps, of no interest to us: to be authenticated, then dropped. */
  | { readonly kind: 'ignored' }
  /** No activity at all. */
  | { readonly kind: 'malformed' }
  | { readonly kind: 'refused'; readonly reason: GuardRefusal };

const SERVED = ['message', 'invoke', 'installationUpdate', 'conversationUpdate'];
const IGNORED = [
  'typing',
  'event',
  'messageReaction',
  'messageUpdate',
  'messageDelete',
  'endOfConversation',
  'handoff',
  'trace',
];

/** First part of the names of invokes that Teams sends; what we do not handle is answered, not refused. */
const INVOKE_FAMILIES = [
  'actionableMessage',
  'adaptiveCard',
  'application',
  'composeExtension',
  'config',
  'fileConsent',
  'handoff',
  'message',
  'signin',
  'suggestedAction',
  'tab',
  'task',
];

const MAX_NAME_LENGTH = 200;

/**
 * What the SDK does not check before it takes a token for proof: channel, service address, tenant, recipient, kind and
 * the person. Pure; runs before authentication, so that a refused activity costs nothing.
 */
export function guard(body: unknown, settings: GuardSettings): Guarded {
  if (!isFields(body) || textAt(body, 'type') === undefined) return { kind: 'malformed' };
  const tenant = tenantOf(body, settings.tenants);
  const reason = originRefusal(body, settings, tenant) ?? kindRefusal(body) ?? senderRefusal(body);
  if (reason !== undefined || tenant === undefined) return { kind: 'refused', reason: reason ?? 'tenant' };
  if (isIgnored(body)) return { kind: 'ignored' };
  const known = { conversation: conversationOf(body, tenant), recipients: recipientsOf(body) };
  const person = personOf(body, known.conversation);
  return { kind: 'turn', turn: person === undefined ? known : { ...known, person } };
}

function originRefusal(
  activity: Fields,
  settings: GuardSettings,
  tenant: string | undefined,
): GuardRefusal | undefined {
  if (at(activity, 'channelId') !== 'msteams') return 'channel';
  if (!isAllowedServiceUrl(textAt(activity, 'serviceUrl') ?? '', settings)) return 'service-url';
  if (tenant === undefined) return 'tenant';
  return isForUs(activity, settings) ? undefined : 'recipient';
}

/** Wherever the activity names a tenant it must be the same one, and one of ours; it has to name it at least once. */
function tenantOf(activity: Fields, tenants: readonly string[]): string | undefined {
  const stated = [
    at(activity, 'conversation', 'tenantId'),
    at(activity, 'channelData', 'tenant', 'id'),
    at(activity, 'from', 'tenantId'),
  ].filter((value) => value !== undefined && value !== null && value !== '');
  const ours = tenants.find((tenant) => isSame(stated[0], tenant));
  return ours !== undefined && stated.every((value) => isSame(value, ours)) ? ours.toLowerCase() : undefined;
}

function isSame(value: unknown, text: string): boolean {
  return typeof value === 'string' && value.toLowerCase() === text.toLowerCase();
}

/** Teams writes a bot as `28:` and its app id. */
function isForUs(activity: Fields, settings: GuardSettings): boolean {
  const recipient = at(activity, 'recipient', 'id');
  if (settings.botId === undefined) return settings.local && typeof recipient === 'string' && recipient !== '';
  return isSame(recipient, settings.botId) || isSame(recipient, `28:${settings.botId}`);
}

function kindRefusal(activity: Fields): GuardRefusal | undefined {
  const type = textAt(activity, 'type') ?? '';
  if (!SERVED.includes(type) && !isIgnored(activity)) return 'type';
  const family = textAt(activity, 'name')?.split('/', 1)[0] ?? '';
  return type === 'invoke' && !INVOKE_FAMILIES.includes(family) ? 'invoke-name' : undefined;
}

function senderRefusal(activity: Fields): GuardRefusal | undefined {
  if (isIgnored(activity)) return undefined;
  const type = textAt(activity, 'type');
  if (textAt(activity, 'conversation', 'id') === undefined || textAt(activity, 'from', 'id') === undefined) {
    return 'conversation';
  }
  const needsPerson = type === 'message' || type === 'invoke';
  return needsPerson && !isGuid(textAt(activity, 'from', 'aadObjectId') ?? '') ? 'person' : undefined;
}

function isIgnored(activity: Fields): boolean {
  return IGNORED.includes(textAt(activity, 'type') ?? '');
}

function personOf(activity: Fields, { tenantId: tenant, kind, id }: Conversation): TurnPerson | undefined {
  const oid = textAt(activity, 'from', 'aadObjectId');
  if (oid === undefined || !isGuid(oid)) return undefined;
  const name = textAt(activity, 'from', 'name') ?? oid;
  const zone = textAt(activity, 'localTimezone');
  const userId = textAt(activity, 'from', 'id');
  return {
    kind: 'person',
    tenant,
    oid: oid.toLowerCase(),
    name: name.slice(0, MAX_NAME_LENGTH),
    ...(zone !== undefined && isZone(zone) ? { zone } : {}),
    ...(kind === 'personal' ? {} : { clickedIn: id }),
    ...(kind !== 'personal' && userId !== undefined ? { refreshFor: [userId] } : {}),
  };
}
