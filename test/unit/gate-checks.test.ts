import fc from 'fast-check';
import { expect, test } from 'vitest';
import { approvalCard } from '../../cards/approval-card.ts';
import { terseGate } from '../../cards/terse-gate.ts';
import { plusMinutes } from '../../services/domain/instant.ts';
import { aGate, aJudgedGroup, aJudgement, aSample, aSignal } from '../builders.ts';
import { textById } from '../cards/read.ts';
import { aPlatformSummary } from '../platforms.ts';

test('of what is so whatever is deployed the gate says how old the oldest was when it was judged', () => {
  const signals = [
    aSignal({ control: 'azure-policy', category: 'policy', asOf: plusMinutes(aJudgement().at, -40) }),
    aSignal({ control: 'defender', category: 'runtime', asOf: plusMinutes(aJudgement().at, -2_900) }),
  ];
  const gate = textById(approvalCard(aGate({ judgement: aJudgement({ signals }) })), 'gate');

  expect(gate).toContain('✓ Azure Policy pass: azure-policy reported 40 minutes earlier');
  expect(gate).toContain('✓ Defender pass: defender reported 2 days earlier');
});

const PASSING = (['policy', 'runtime', 'platform'] as const).map((category) =>
  aSignal({ control: category, category }),
);
const gateWith = (judged: Parameters<typeof aJudgement>[0]) =>
  textById(approvalCard(aGate({ judgement: aJudgement({ signals: [aSignal(), ...PASSING], ...judged }) })), 'gate');
const summaryWith = (over: Parameters<typeof aPlatformSummary>[0]) => gateWith({ platform: aPlatformSummary(over) });
const SOUND = aPlatformSummary();

test('five signals pass for exactly this environment and connection, each with a page to look at', () => {
  const gate = gateWith({ platform: SOUND });

  expect(gate).toContain(
    '✓ Environment checks pass: our check is on (others: branch control), read 31 minutes earlier',
  );
  expect(gate).toContain('✓ Azure Policy pass: policy reported');
  expect(gate).toContain('✓ Defender pass: runtime reported');
  expect(gate).toContain('✓ Access validation pass: platform reported');
  expect(gate).toContain('✓ Identity breadth pass: payments-prod reaches a resource group as Contributor');
  for (const page of [
    '_environments/3',
    'PolicyMenuBlade',
    'SecurityMenuBlade',
    '_settings/permissions',
    'adminservices',
  ])
    expect(gate).toContain(page);
});

test('what was judged without reading the platform is unknown in one muted line, and never a pass', () => {
  const gate = gateWith({});

  expect(gate).toContain('? unknown, for the delivery platform was not read: Environment checks, Identity breadth');
  expect(gate).not.toMatch(/✓ (Environment checks|Identity breadth)/);
});

test.each([
  ['off', 'our check is disabled'],
  ['missing', 'our check is missing'],
] as const)('an environment in which our check is %s fails', (ours, words) => {
  const gate = summaryWith({ environment: { ...SOUND.environment, state: 'fail', ours } });

  expect(gate).toContain(`✗ Environment checks fail: ${words} (others: branch control)`);
});

test('an environment behind an approval of Azure DevOps speaks of that', () => {
  const environment = { ...SOUND.environment, asks: 'approval', others: [], disabled: 2 } as const;

  expect(summaryWith({ environment })).toContain('✓ Environment checks pass: the approval is on (others: 2 disabled)');
});

test('what could not be read is unknown with the reason and the age of what was known', () => {
  const why = 'give the bot Reader';
  const environment = { ...SOUND.environment, state: 'unknown', why } as const;
  const breadth = { ...SOUND.breadth, state: 'unknown', why } as const;
  const access = { ...SOUND.access, state: 'unknown', why } as const;
  const gate = summaryWith({ environment, access, breadth });

  for (const name of ['Environment checks', 'Access validation', 'Identity breadth'])
    expect(gate).toContain(`? ${name} unknown: give the bot Reader · last read 31 minutes earlier`);
});

test('that somebody’s access is not known takes nothing from what blocks', () => {
  const access = { state: 'unknown', why: 'give the bot Reader' } as const;
  const blocks = [aJudgedGroup({ category: 'platform' })];

  expect(gateWith({ blocks, platform: aPlatformSummary({ access }) })).toContain(
    '✗ Access validation fail: 1 finding blocking',
  );
  const absent = aSignal({ control: 'path', category: 'platform', state: 'unknown', why: 'absent' });
  expect(gateWith({ signals: [absent], platform: aPlatformSummary({ access }) })).toContain(
    '? Access validation unknown: no report was received for what is shipped (path)',
  );
});

const INCOMPLETE = aSignal({
  control: 'path',
  category: 'platform',
  state: 'unknown',
  why: 'incomplete',
  required: true,
});

test('that another part of the platform could not be read makes nobody’s access unknown', () => {
  const platform = (access: object) => ({
    signals: [INCOMPLETE],
    platform: aPlatformSummary({ access: access as never }),
  });

  expect(gateWith(platform(SOUND.access))).toContain('✓ Access validation pass: path reported 31 minutes earlier');
  const unread = { ...SOUND.access, state: 'unknown', why: 'give the bot Reader' };
  expect(gateWith(platform(unread))).toContain('? Access validation unknown: give the bot Reader');
});

const platformBlock = (rule: string, tool = 'azure-devops') => [
  aJudgedGroup({ category: 'platform', tool, rule, count: 2 }),
];

test.each([
  ['environment-missing', 'Environment checks fail: 2 findings blocking; our check is on'],
  ['connection-open-to-all', 'Identity breadth fail: 2 findings blocking; payments-prod reaches'],
  ['guest-reaches-production', 'Access validation fail: 2 findings blocking'],
  ['principal-grants-access', 'Access validation fail: 2 findings blocking'],
  ['branch-without-policies', 'Access validation fail: 2 findings blocking'],
])('what blocks by rule %s stands in the signal that it is about, and in no other', (rule, words) => {
  const gate = gateWith({ blocks: platformBlock(rule), platform: SOUND });

  expect(gate).toContain(`✗ ${words}`);
  expect(gate?.match(/✗/g)).toHaveLength(1);
});

test('what other tools find of the platform stands with access, and what could not be read in no signal', () => {
  const other = gateWith({ blocks: platformBlock('environment-missing', 'another'), platform: SOUND });
  expect(other).toContain('✗ Access validation fail: 2 findings blocking');
  expect(gateWith({ blocks: platformBlock('platform-not-readable'), platform: SOUND })).not.toContain('✗');
});

test('a connection that reaches too far fails by name, reach and role', () => {
  const breadth = { ...SOUND.breadth, state: 'fail', level: 'subscription', role: 'Owner', count: 3 } as const;

  expect(summaryWith({ breadth })).toContain(
    '✗ Identity breadth fail: payments-prod reaches a whole subscription as Owner, the widest of 3 connections',
  );
});

test('an environment that the contract does not know fails whatever Azure DevOps checks there', () => {
  const obstacles = [{ kind: 'unknown-environment', detail: 'prod' }] as const;

  expect(gateWith({ obstacles, platform: SOUND })).toContain(
    '✗ Environment checks fail: the contract does not know the environment',
  );
});

test('a signal without a control is not connected, and has no page', () => {
  const gate = gateWith({ signals: [], platform: SOUND });

  expect(gate).toContain('– not connected: Azure Policy, Defender, Access validation, Scans, Branch protection');
  expect(gate).not.toContain('PolicyMenuBlade');
});

const RANKS = ['pass', 'unknown', 'fail'] as const;

test('no line of the card is better than its record', () => {
  const state = fc.constantFrom(...RANKS);
  fc.assert(
    fc.property(state, state, fc.constantFrom('known', 'unknown'), (checks, reach, known) => {
      const gate = summaryWith({
        environment: { ...SOUND.environment, state: checks },
        access: { ...SOUND.access, state: known },
        breadth: { ...SOUND.breadth, state: reach },
      });
      expect(gate).toContain(` Environment checks ${checks}: `);
      expect(gate).toContain(` Identity breadth ${reach}: `);
      expect(gate).toContain(` Access validation ${known === 'known' ? 'pass' : 'unknown'}: `);
    }),
  );
});

test('a card without room for more keeps every state, and says it in fewer words without a link', () => {
  const why = 'x'.repeat(300);
  const platform = aPlatformSummary({ access: { ...SOUND.access, state: 'unknown', why } });
  const help = 'y'.repeat(300);
  const blocks = [aJudgedGroup({ because: help, samples: [aSample({ message: help, help })] })];
  const gate = aGate({ judgement: aJudgement({ blocks, platform, signals: [aSignal(), ...PASSING] }) });
  const text = textById(approvalCard(terseGate(gate)), 'gate');

  expect(text).toContain('✓ Environment checks pass: our check is on');
  expect(text).toMatch(/\? Access validation unknown: x{39}…/);
  expect(text).toContain('✓ Identity breadth pass: payments-prod');
  expect(text).not.toContain('://');
  expect(JSON.stringify(terseGate(gate))).not.toMatch(/y{111}/);
  expect(terseGate(aGate())).toEqual(aGate());
});
