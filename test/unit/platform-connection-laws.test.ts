import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Section } from '../../services/domain/platform.ts';
import { platformFindings } from '../../services/domain/platform-rules.ts';
import {
  aConnectionFact,
  aRoleFact,
  CLIENT,
  CONNECTION,
  CREDENTIAL_RULES,
  GROUP,
  MANAGEMENT_GROUP,
  NOW,
  OTHER,
  PROD,
  project,
  SUBSCRIPTION,
  section,
  setting,
  TEST,
} from './connection-facts.ts';

const anyConnection = fc
  .record({
    id: fc.constantFrom(CONNECTION, '0e000000-0000-4000-8000-000000000002', '0e000000-0000-4000-8000-000000000003'),
    type: fc.constantFrom('azurerm', 'kubernetes', 'github'),
    credential: fc.constantFrom('federated', 'secret', 'token', 'other', 'managed-identity'),
    openToAll: fc.constantFrom(true, false, undefined),
    isShared: fc.boolean(),
    lastUsed: fc.constantFrom('never', '2026-01-01T00:00:00.000Z', '2026-11-23T00:00:00.000Z'),
    clientId: fc.constantFrom(CLIENT, 'another'),
    scope: fc.constantFrom(
      { level: 'resource-group', id: GROUP },
      { level: 'subscription', id: `/subscriptions/${TEST}` },
      { level: 'subscription', id: SUBSCRIPTION },
      { level: 'management-group', id: MANAGEMENT_GROUP },
    ),
  } as const)
  .map((over) => aConnectionFact(over));
const anyRole = fc
  .record({
    may: fc.constantFrom('grant', 'change', 'read'),
    clientId: fc.constantFrom(CLIENT, 'another'),
    scope: fc.constantFrom(GROUP, SUBSCRIPTION, `/subscriptions/${TEST}`, MANAGEMENT_GROUP, '/'),
    isStanding: fc.boolean(),
  } as const)
  .map((over) => aRoleFact({ ...over, role: over.may }));
const someConnections = fc.uniqueArray(anyConnection, { selector: ({ id }) => id, maxLength: 3 });
const anyPlatform = fc
  .tuple(
    someConnections,
    someConnections,
    fc.array(anyRole, { maxLength: 4 }),
    fc.array(anyRole, { maxLength: 4 }),
    fc.nat(3),
  )
  .map(([here, there, roles, others, secretsHere]) => [
    project(),
    project(OTHER, 'Ads'),
    section('connections', here),
    section('connections', there, OTHER, 'Ads'),
    section('roles', roles, PROD, 'payments-prod'),
    section('roles', others, TEST, 'payments-test'),
    section('variable-groups', [{ id: '7', name: 'pay', secretsHere, openToAll: undefined }]),
  ]);
const findings = (sections: readonly Section[]) =>
  platformFindings(CREDENTIAL_RULES, { organization: 'https://dev.azure.com/contoso', sections }, setting());

/** The facts of each section, and the sections, in another order. */
function shuffled(sections: readonly Section[]): Section[] {
  return sections.toReversed().map(({ known, ...rest }) => {
    const facts = Array.isArray(known?.facts) ? known.facts.toReversed() : known?.facts;
    return { ...rest, known: { at: NOW, facts } } as unknown as Section;
  });
}

test('law: the order of sections and of facts in them changes no finding', () => {
  fc.assert(
    fc.property(anyPlatform, (sections) => {
      expect(findings(shuffled(sections))).toEqual(findings(sections));
    }),
    { numRuns: 300 },
  );
});

test('law: what is no longer known takes no violation away without being told of itself', () => {
  fc.assert(
    fc.property(anyPlatform, fc.nat(6), (sections, at) => {
      const lost = sections.map((one, n) => (n === at ? ({ ...one, known: undefined } as unknown as Section) : one));
      const [before, after] = [findings(sections), findings(lost)];
      const names = new Set(after.map(({ finding }) => finding.fingerprint));
      const isGone = before.some(({ finding }) => !names.has(finding.fingerprint));
      const isTold = after.some(({ finding }) => finding.path === `section:${lost[at]?.kind}:${lost[at]?.target}`);
      expect(!isGone || isTold).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test('law: each violation of a rule is about something else, so that none hides another', () => {
  fc.assert(
    fc.property(anyPlatform, (sections) => {
      for (const { violations } of CREDENTIAL_RULES) {
        const subjects = violations({ organization: 'o', sections }, setting()).map(({ subject }) => subject);
        expect(new Set(subjects).size).toBe(subjects.length);
      }
    }),
    { numRuns: 300 },
  );
});
