import { plusSeconds } from './instant.ts';
import { isLongLived, LONGEST_DAYS } from './long-lived-token.ts';
import type { TokenFact } from './people-facts.ts';
import { type Platform, sectionsOf, type Violation } from './platform.ts';
import type { PlatformSetting } from './platform-places.ts';
import type { PlatformRule } from './platform-rules.ts';
import { calledIn, namesOf, type ProductionPerson, productionPeople } from './production-reach.ts';

const DAY_SECONDS = 86_400;
const SOON_DAYS = 14;
const REVOKE =
  'Have its owner revoke it, or revoke it by Token Administration; let programs sign in as a service principal or managed identity.';

interface Held {
  readonly token: TokenFact;
  /** Absent: its owner does not reach production, as far as anybody knows. */
  readonly owner?: ProductionPerson;
}

/** What there is to say of personal access tokens that are valid. */
export const TOKEN_RULES: readonly PlatformRule[] = [
  rule('token-administers-production', 'high', (held, platform) =>
    held.flatMap(({ token, owner }) =>
      token.isFullAccess && owner?.administers === true
        ? [
            violationOf(
              platform,
              { token, owner },
              {
                message: `${named(token, platform)} has full access, and its owner is among ${namesOf(owner.ways)}: whoever has the token can take checks off and deploy without a decision`,
                help: REVOKE,
              },
            ),
          ]
        : [],
    ),
  ),
  rule('token-full-access', 'medium', (held, platform) => {
    const full = held.filter(({ token, owner }) => token.isFullAccess && owner?.administers !== true);
    return splitBy(
      full,
      platform,
      'full-access',
      (token) => `${named(token, platform)} has full access`,
      'have full access',
    );
  }),
  rule('token-long-lived', 'medium', (held, platform) => {
    const long = held.filter(({ token }) => isLongLived(token));
    const living = `live longer than ${LONGEST_DAYS} days`;
    const said = (token: TokenFact) =>
      `${named(token, platform)} is valid from ${token.from.slice(0, 10)} to ${token.to.slice(0, 10)}, longer than ${LONGEST_DAYS} days`;
    return splitBy(long, platform, 'long-lived', said, living);
  }),
  rule('token-of-service-account', 'medium', (held, platform) =>
    byOwner(held.filter(({ token }) => token.of.kind === 'service')).map((own) => ({
      ...ofOwner(platform, own),
      message: `Programs sign in as ${calledIn(platform)(own.owner)} by ${countOf(own.tokens)}: whoever has a copy is that account, from anywhere`,
      help: 'Let the programs sign in as a service principal or managed identity, and take the account out of the organization.',
    })),
  ),
  rule('token-reaches-production', 'low', (held, platform) =>
    byOwner(held.filter(({ owner }) => owner !== undefined)).map((own) => ({
      ...ofOwner(platform, own),
      message: `${calledIn(platform)(own.owner)}, who is among ${namesOf(own.person?.ways ?? [])}, has ${countOf(own.tokens)}, of which each can do a part of the same`,
      help: 'Have them revoke what they do not need, and narrow the rest to the scopes that are used.',
    })),
  ),
  rule('token-expires-soon', 'info', (held, platform, { now }) =>
    held
      .filter(({ token, owner }) => token.of.kind === 'service' || owner !== undefined)
      .filter(({ token }) => token.to < plusSeconds(now, SOON_DAYS * DAY_SECONDS))
      .map((one) =>
        violationOf(platform, one, {
          message: `${named(one.token, platform)} ends on ${one.token.to.slice(0, 10)}: what signs in by it stops then`,
          help: 'Do not renew it: let what needs it sign in as a service principal or managed identity.',
        }),
      ),
  ),
  {
    id: 'service-accounts-not-known',
    severity: 'medium',
    reads: ['tokens'],
    violations: (platform) =>
      sectionsOf(platform, 'tokens').flatMap(({ known }) =>
        known === undefined || known.facts.isServiceKnown
          ? []
          : [
              {
                subject: 'tokens:service-accounts',
                message:
                  'Which accounts programs sign in as is not known: the group "Project Collection Service Accounts" is not shown to the bot',
                help: 'Give the bot the permission to read groups of the organization (docs/permissions.md).',
                places: [],
              },
            ],
      ),
  },
];

function rule(
  id: string,
  severity: PlatformRule['severity'],
  tell: (held: readonly Held[], platform: Platform, setting: PlatformSetting) => readonly Violation[],
): PlatformRule {
  return {
    id,
    severity,
    reads: ['tokens', 'reach'],
    violations(platform, setting) {
      const people = productionPeople(platform, setting);
      const tokens = sectionsOf(platform, 'tokens').flatMap(({ known }) => known?.facts.tokens ?? []);
      const held = tokens
        .filter(({ to }) => to > setting.now)
        .map((token): Held => {
          const owner = people.get(token.of.id);
          return owner === undefined ? { token } : { token, owner };
        });
      return tell(held, platform, setting);
    },
  };
}

function named({ name, of }: TokenFact, platform: Platform): string {
  return `Personal access token “${name}” of ${calledIn(platform)(of)}`;
}

function violationOf(platform: Platform, { token, owner }: Held, told: Pick<Violation, 'message' | 'help'>): Violation {
  return { subject: `token:${token.id}`, ...told, places: owner?.places ?? [], link: usersPage(platform) };
}

function usersPage({ organization }: Platform): string {
  return `${organization}/_settings/users`;
}

/** Each token of whoever reaches production by itself; all the others together, with their number. */
function splitBy(
  held: readonly Held[],
  platform: Platform,
  what: string,
  said: (token: TokenFact) => string,
  many: string,
): Violation[] {
  const reaching = held.filter(({ owner }) => owner !== undefined);
  const others = held.filter(({ owner }) => owner === undefined);
  const each = reaching.map((one) => violationOf(platform, one, { message: said(one.token), help: REVOKE }));
  if (others.length === 0) return each;
  const names = namesOf(others.map(({ token }) => calledIn(platform)(token.of)));
  const least = isCut(platform) ? 'At least ' : '';
  const message = `${least}${others.length} personal access tokens of people who do not reach production ${many}: ${names}`;
  return [...each, { subject: `tokens:${what}`, message, help: REVOKE, places: [], link: usersPage(platform) }];
}

function isCut(platform: Platform): boolean {
  return sectionsOf(platform, 'tokens').some(({ known }) => known?.facts.isCut === true);
}

interface Owned {
  readonly owner: TokenFact['of'];
  readonly person: ProductionPerson | undefined;
  readonly tokens: readonly TokenFact[];
}

function byOwner(held: readonly Held[]): Owned[] {
  return [...Map.groupBy(held, ({ token }) => token.of.id).values()].flatMap((own) => {
    const [first] = own;
    if (first === undefined) return [];
    return [{ owner: first.token.of, person: first.owner, tokens: own.map(({ token }) => token) }];
  });
}

function ofOwner(platform: Platform, { owner, person }: Owned): Pick<Violation, 'subject' | 'places' | 'link'> {
  return { subject: `user:${owner.id}`, places: person?.places ?? [], link: usersPage(platform) };
}

function countOf(tokens: readonly TokenFact[]): string {
  const names = namesOf(tokens.map(({ name }) => name));
  return tokens.length === 1
    ? `a personal access token (${names})`
    : `${tokens.length} personal access tokens (${names})`;
}
