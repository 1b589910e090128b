import { z } from 'zod';
import { sha256Half } from '../domain/checksum.ts';
import { isLongLived } from '../domain/long-lived-token.ts';
import type { TokenFact, TokensFact } from '../domain/people-facts.ts';
import type { PlatformIdentity } from '../domain/platform.ts';
import type { SectionRead } from '../ports/platform-source.ts';
import { SourceRefusedError } from '../ports/signal-source.ts';
import { isGuid } from './paths.ts';
import { translated } from './platform-faults.ts';
import { organizationGroup } from './platform-organization-group.ts';
import { reachingIn } from './platform-people.ts';
import { graphUsersPath, isDescriptor, membersPath, tokensPath } from './platform-people-paths.ts';
import { PERMISSIONS } from './platform-permissions.ts';
import { type PlatformRead, readSteps, type SectionReader } from './platform-read.ts';
import { graphSubject, identityOf, memberships, nextPageOf } from './platform-subjects.ts';
import { orNone } from './read.ts';

/** Reads within which everybody was asked once, besides those who are asked each time. */
export const TURNS = 7;
const TOKENS_A_PAGE = 100;
/** People who are only there for programs to sign in as. */
const SERVICE_ACCOUNTS = 'Project Collection Service Accounts';
const FULL_ACCESS = 'app_token';
/** Tokens that are kept of people who do not reach production. */
const MOST_OF_OTHERS = 1_500;

const text = z.string().nullish();
const instant = z
  .string()
  .refine((written) => !Number.isNaN(Date.parse(written)))
  // Token administration writes them without a zone and means UTC.
  .transform((written) => new Date(/(?:z|[+-]\d\d:\d\d)$/i.test(written) ? written : `${written}Z`).toISOString());
/** Nothing else is taken over: a field that might hold a value is not even looked at. */
const sessionTokens = z.object({
  value: z.array(
    z.object({
      authorizationId: z.string().refine(isGuid),
      displayName: text,
      scope: text,
      validFrom: instant,
      validTo: instant,
      isValid: z.boolean().nullish(),
    }),
  ),
  continuationToken: text,
});
const users = z.object({ value: z.array(graphSubject) });

interface Owner {
  readonly descriptor: string;
  readonly identity: PlatformIdentity;
}

interface State {
  readonly isDone?: boolean;
  readonly phase: keyof typeof PHASES;
  /** Descriptors of people whom programs sign in as. */
  readonly services: readonly string[];
  readonly group?: string;
  /** Next page of users; `ended`: there is none. */
  readonly token?: string;
  readonly hasEnded?: true;
  /** Of this page, whoever is still to be asked; of the first, the next page of tokens. */
  readonly owners: readonly Owner[];
  readonly page?: string;
  /** Users who were not there any more when they were asked. */
  readonly gone: number;
  readonly facts: TokensFact;
}

const PHASES = { group, services, listing, tokens } as const;

interface Asking {
  readonly read: PlatformRead;
  readonly before: TokensFact | undefined;
  readonly reaching: ReadonlySet<string>;
}

/**
 * Personal access tokens of one user a call (Token Administration: Personal Access Tokens - List): at each read those of whoever reaches
 * production and of service accounts, of the others a seventh of all users, by whose turn it is. What was read of those whose turn it is not
 * stays, as long as they are users.
 */
export function createTokenReader(): SectionReader<'tokens'> {
  return async (read, section) => {
    const asking = { read, before: section.before?.facts, reaching: reachingIn(section) };
    const { state, ...cost } = await readSteps(read, section, firstOf(section), (from) =>
      PHASES[from.phase](asking, from),
    );
    return { facts: state.facts, ...cost };
  };
}

function firstOf({ before }: SectionRead<'tokens'>): State {
  const turn = before === undefined ? 0 : (before.facts.turn + 1) % TURNS;
  const facts = { tokens: [], isCut: false, users: 0, asked: 0, turn, isServiceKnown: false };
  return { phase: 'group', services: [], owners: [], gone: 0, facts };
}

async function group({ read }: Asking, state: State): Promise<State> {
  const found = await organizationGroup(read, SERVICE_ACCOUNTS);
  return found === undefined ? { ...state, phase: 'listing' } : { ...state, phase: 'services', group: found };
}

async function services({ read }: Asking, { group: own = '', ...state }: State): Promise<State> {
  const { value } = await translated(PERMISSIONS.graph, () => read.at('vssps')(membersPath(own), memberships));
  const found = value.value.map(({ memberDescriptor }) => memberDescriptor.toLowerCase());
  return { ...state, phase: 'listing', services: found, facts: { ...state.facts, isServiceKnown: true } };
}

async function listing({ read, before, reaching }: Asking, { token, ...state }: State): Promise<State> {
  const page = await translated(PERMISSIONS.graph, () => read.at('vssps')(graphUsersPath(token), users));
  const next = nextPageOf('users', page.next, token);
  const found = page.value.value.filter(({ descriptor }) => isDescriptor(descriptor));
  const owners = found.map((one): Owner => {
    const isServed = state.services.includes(one.descriptor.toLowerCase());
    const identity = identityOf(one);
    return { descriptor: one.descriptor, identity: isServed ? { ...identity, kind: 'service' } : identity };
  });
  const isAsked = ({ identity }: Owner) =>
    identity.kind === 'service' || reaching.has(identity.id) || turnOf(identity.id) === state.facts.turn;
  const asked = owners.filter(isAsked);
  const left = new Set(owners.flatMap((one) => (isAsked(one) ? [] : [one.identity.id])));
  const kept = before?.tokens.filter(({ of }) => left.has(of.id)) ?? [];
  const { facts } = state;
  return {
    ...state,
    phase: 'tokens',
    owners: asked,
    facts: {
      ...facts,
      ...keeping(facts, kept, reaching),
      users: facts.users + owners.length,
    },
    ...(next === undefined ? { hasEnded: true } : { token: next }),
  };
}

/** All of whoever reaches production and of programs, of others the first of those that can do too much or for too long. */
function keeping(
  { tokens: before }: TokensFact,
  found: readonly TokenFact[],
  reaching: ReadonlySet<string>,
): Pick<TokensFact, 'tokens' | 'isCut'> {
  const isOther = ({ of }: TokenFact) => of.kind !== 'service' && !reaching.has(of.id);
  const all = [...before, ...found.filter((one) => !isOther(one) || one.isFullAccess || isLongLived(one))];
  const left = new Set(all.filter(isOther).slice(MOST_OF_OTHERS));
  const tokens = all.filter((one) => !left.has(one));
  return { tokens, isCut: tokens.filter(isOther).length === MOST_OF_OTHERS };
}

function turnOf(id: string): number {
  return Number.parseInt(sha256Half(id).slice(0, 8), 16) % TURNS;
}

async function tokens({ read, reaching }: Asking, { page, ...state }: State): Promise<State> {
  const [owner, ...owners] = state.owners;
  if (owner === undefined) return state.hasEnded ? endOf(state) : { ...state, phase: 'listing' };
  const path = tokensPath(owner.descriptor, TOKENS_A_PAGE, page);
  const found = await translated(PERMISSIONS.tokens, () => orNone(() => read.at('vssps')(path, sessionTokens)));
  if (found === undefined) return { ...state, owners, gone: state.gone + 1 };
  const next = nextPageOf('tokens', found.value.continuationToken, page);
  const own = found.value.value.flatMap((one) => (one.isValid === false ? [] : [tokenOf(one, owner.identity)]));
  const facts = { ...state.facts, ...keeping(state.facts, own, reaching) };
  if (next !== undefined) return { ...state, facts, page: next };
  return { ...state, owners, facts: { ...facts, asked: facts.asked + 1 } };
}

/** That nobody at all is there is no answer about anybody. */
function endOf(state: State): State {
  if (state.gone > 0 && state.facts.asked === 0)
    throw new SourceRefusedError(`of no user the tokens are shown (404): ${PERMISSIONS.tokens}`);
  return { ...state, isDone: true };
}

function tokenOf(
  { authorizationId, displayName, scope, validFrom, validTo }: z.output<typeof sessionTokens>['value'][number],
  of: PlatformIdentity,
): TokenFact {
  const scopes = (scope ?? '')
    .split(' ')
    .filter((one) => one !== '')
    .sort();
  return {
    id: authorizationId.toLowerCase(),
    name: displayName || authorizationId.toLowerCase(),
    of,
    isFullAccess: scopes.includes(FULL_ACCESS),
    scopes,
    from: validFrom,
    to: validTo,
  };
}
