import { expect, test } from 'vitest';
import { postureCard, postureText } from '../../cards/posture-card.ts';
import type { BrokenRule } from '../../services/domain/scope-posture.ts';
import { aJudgedGroup, aJudgement, ORGANIZATION } from '../builders.ts';
import { aPosture, posturePasses } from '../cards/posture-samples.ts';
import { activityBytes, buttonsOf, textById } from '../cards/read.ts';
import { aPlatformSummary, PROJECT, READ_AT } from '../platforms.ts';

const place = (over: Parameters<typeof aJudgement>[0], environment = 'prod') => ({
  ...{ organization: ORGANIZATION, environment },
  judged: aJudgement({ signals: posturePasses(), platform: aPlatformSummary(), ...over }),
});
const stateOf = (posture: Parameters<typeof aPosture>[0]) => textById(postureCard(aPosture(posture)), 'state');
const unreadPart = {
  organization: ORGANIZATION,
  kind: 'people',
  name: 'contoso',
  why: 'give it "View users"',
} as const;
const rule: BrokenRule = {
  ...{ organization: ORGANIZATION, rule: 'check-disabled', decision: 'block', severity: 'high', count: 2 },
  ...{
    environments: ['prod'],
    message: 'the check is disabled',
    subject: `environment:${PROJECT}:3`,
    project: PROJECT,
  },
};

test('every signal says its state, what it is made of, how old it is, and where to look', () => {
  const text = postureText(aPosture());

  expect(text).toContain(
    '✓ Environment checks pass: our check is on (others: branch control), read 31 minutes earlier',
  );
  expect(text).toContain(`Checks: ${ORGANIZATION}/${PROJECT}/_environments/3`);
  expect(text).toContain('✓ Azure Policy pass: azure-policy reported 41 minutes earlier');
  expect(text).toContain('Policy: https://portal.azure.com/#view/Microsoft_Azure_Policy/PolicyMenuBlade/~/Compliance');
  expect(text).toContain('✓ Access validation pass: delivery-path reported 41 minutes earlier');
  expect(text).toContain(`Access: ${ORGANIZATION}/${PROJECT}/_settings/permissions`);
  expect(text).toContain('✓ Identity breadth pass: payments-prod reaches a resource group as Contributor');
  expect(text).toContain(`Connection: ${ORGANIZATION}/${PROJECT}/_settings/adminservices?resourceId=c0000000`);
});

test('only where all that is connected passes, and all was read, is it in order', () => {
  expect(stateOf({})).toBe('✓ Every signal that is connected passes');
  expect(stateOf({ unread: [unreadPart] })).toContain('? Every signal that is connected passes, but 1 part');
  expect(stateOf({ places: [place({ platform: undefined } as never)] })).toBe('? 2 signals not known');
  const blocks = [aJudgedGroup({ category: 'platform' })];
  expect(stateOf({ places: [place({ blocks })] })).toBe('✗ 1 signal failing');
  expect(stateOf({ places: [] })).toBe('? No signal is connected');
});

test('of several environments the worst is in front and in full, what passes is named in one line', () => {
  const posture = aPosture({ places: [place({}, 'staging'), place({ signals: [] }, 'test'), failing()] });
  const first = textById(postureCard(posture), 'place-0');

  expect(first).toMatch(/^prod ✗ Azure Policy fail: 1 finding blocking/);
  expect(first).toContain('✓ pass: Environment checks, Defender, Access validation and Identity breadth');
  expect(textById(postureCard(posture), 'place-2')).toContain(
    '– not connected: Azure Policy, Defender, Access validation',
  );
});

function failing() {
  return place({ blocks: [aJudgedGroup({ category: 'policy' })] });
}

test('a broken rule has its decision, severity, number, where and a link to where it is mended', () => {
  const text = postureText(aPosture({ rules: [rule] }));

  expect(text).toContain('1 rule broken, 2 findings');
  expect(text).toContain('■ check-disabled\nblocks in prod · high · 2 findings · the check is disabled');
  expect(text).toContain(`Mend it: ${ORGANIZATION}/${PROJECT}/_environments/3`);
});

test('what could not be read names the permission, and how old what is known is', () => {
  const text = postureText(aPosture({ unread: [unreadPart, { ...unreadPart, kind: 'reach', at: READ_AT }] }));

  expect(text).toContain('? Users of contoso: give it "View users" · nothing is known of it');
  expect(text).toContain(
    'Administrators, approvers and deployers of contoso: give it "View users" · what is known is 31 minutes old',
  );
});

test('without a platform that is read the card says so instead of that nothing is broken', () => {
  const { unread: _, ...posture } = aPosture();

  expect(postureText(posture)).toContain('The delivery platform is not read');
  expect(postureText(posture)).toContain('"azure-devops-platform" in PULL_SIGNALS');
  expect(postureText(aPosture())).not.toContain('PULL_SIGNALS');
  expect(postureText(aPosture())).toContain('No rule of the platform is known to be broken');
});

test('whatever there is fits beside its text, with at most three buttons, and what is left out is counted', () => {
  const places = Array.from({ length: 200 }, (_, n) => (n === 150 ? failing() : place({}, `stage-${n}`)));
  const rules = Array.from({ length: 200 }, (_, n) => ({ ...rule, rule: `${n}${'x'.repeat(200)}` }));
  const card = postureCard(
    aPosture({ places, rules, unread: rules.map(() => ({ ...unreadPart, why: 'y'.repeat(500) })) }),
  );

  expect(activityBytes(card, '')).toBeLessThanOrEqual(30 * 1024);
  expect(buttonsOf(card).length).toBeLessThanOrEqual(3);
  expect(textById(card, 'place-0')).toContain('✗ Azure Policy fail');
  expect(JSON.stringify(card)).toContain('more rules');
});
