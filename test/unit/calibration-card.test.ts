import { expect, test } from 'vitest';
import { renderNews } from '../../bot/render.ts';
import { calibrationCard, controlCalibrationCard } from '../../cards/calibration-card.ts';
import { cardText } from '../../cards/card-text.ts';
import type { Change } from '../../services/domain/calibration-change.ts';
import { aMeasurement, calibrationOf, READY } from '../cards/calibration-samples.ts';
import { factValue, textById } from '../cards/read.ts';

const MEASURED = aMeasurement();
const CHANGE: Change = {
  index: 0,
  before: '- { then: block }',
  after: ['- { then: warn }'],
  choices: 1,
  superfluous: [],
};

test('every control has one line, what is ready first, each with its word and figures', () => {
  const card = calibrationCard(MEASURED);

  expect(textById(card, 'state')).toContain('1 control is ready to block, 1 should step down');
  const [, first, second, third] = cardText(card).split('\n').slice(-4);
  expect([first, second, third].join('\n')).toBe(
    [
      '✓ secret-scanning: ready to block – 3 open (2 new), 24 gone, half within 2 days, 4.2 % came back, 0 % noise',
      '✗ iac: should step down – 12 open (0 new), 0 gone, 66.7 % noise',
      '○ provenance: too little to say – 0 open (0 new), 0 gone',
    ].join('\n'),
  );
});

test('one control has its figures, what they are measured by, and both rules to paste, letter for letter', () => {
  const calibration = calibrationOf(MEASURED, 'secret-scanning');
  const card = controlCalibrationCard(MEASURED, calibration);

  expect(textById(card, 'state')).toBe('✓ Ready to block');
  expect(factValue(card, 'facts', 'Gone')).toBe('24, of them 1 came back (4.2 %)');
  expect(factValue(card, 'facts', 'Oldest')).toBe('120 days');
  expect(factValue(card, 'facts', 'Rules')).toContain('since when they warn is not known');
  expect(textById(card, 'gate')).toContain('✓ came back: 4.2 % (at most 10 %)');
  const { before = '', after = [] } = calibration.change ?? {};
  const lines = cardText(card).split('\n');
  expect(lines.slice(-6)).toEqual([
    'Rule 1 of its decisions as it stands:',
    before,
    'As it could be:',
    ...after,
    'Paste it into contract.yaml, say why, and raise its version. Nothing was changed.',
  ]);
});

test('its owner, who did not ask, is told why they are told, with the same change', () => {
  const calibration = calibrationOf(MEASURED, 'iac');
  const { card, summary } = renderNews({ calibration, measured: MEASURED, to: 'oid' });
  const shown = cardText(card as ReturnType<typeof calibrationCard>);

  expect(summary).toBe('iac: should step down');
  expect(shown).toContain('You are told once, as an owner of this control. "calibration iac" shows it again.');
  for (const rule of calibration.change?.after ?? ['no change']) expect(shown).toContain(rule);
  expect(cardText(controlCalibrationCard(MEASURED, calibration))).not.toContain('You are told');
});

test('why a block should step down is marked as what speaks against it', () => {
  const card = controlCalibrationCard(MEASURED, calibrationOf(MEASURED, 'iac'));

  expect(textById(card, 'gate')).toContain('✗ noise: 66.7 % (at most 30 % of what blocks)');
  expect(factValue(card, 'facts', 'Blocks')).toContain('24 in all environments; 0 more let pass by exceptions');
});

test('which of several rules is meant, and what is no stricter beside the change, is left to whoever makes it', () => {
  const calibration = calibrationOf(MEASURED, 'iac');
  const shown = (over: Partial<Change>) =>
    cardText(controlCalibrationCard(MEASURED, { ...calibration, change: { ...CHANGE, ...over } }));

  expect(shown({})).not.toMatch(/choose|Remove/);
  expect(shown({ choices: 2 })).toContain('of 2 such rules choose the one they are about');
  const services = Array.from({ length: 7 }, (_, n) => `svc-${n}`);
  expect(shown({ superfluous: services })).toContain('the overrides of svc-0, svc-1, svc-2, svc-3, svc-4 and 2 more.');
  expect(shown({ superfluous: ['<at>all</at>'] })).not.toContain('<at>');
});

test('what there is nothing to say of has no change to make', () => {
  expect(textById(controlCalibrationCard(MEASURED, calibrationOf(MEASURED, 'provenance')), 'history')).toBeUndefined();
});

test('what was not read and not counted is said', () => {
  const card = calibrationCard(aMeasurement(undefined, { leftOut: 12, unknown: 3, unkept: 150 }));

  expect(factValue(card, 'facts', 'Covers')).toContain('12 more were not read');
  expect(factValue(card, 'facts', 'Not counted')).toBe(
    '3 gone of which no control is known, 150 events of large imports',
  );
});

test('a hundred controls and the longest rules that are shown stay below 28 KB; a longer rule is left to the command line', () => {
  const bytes = (card: object) => Buffer.byteLength(JSON.stringify(card));
  const names = Array.from({ length: 100 }, (_, n) => `${n}_`.padEnd(100, '_'));
  const many = aMeasurement(names.map((name) => ({ ...READY, name })));
  expect(bytes(calibrationCard(many))).toBeLessThan(28 * 1_024);
  expect(cardText(calibrationCard(many))).toContain('and 60 more');

  const calibration = calibrationOf(MEASURED, 'secret-scanning');
  const ofLength = (length: number) => ({
    ...calibration,
    change: { ...CHANGE, before: '"'.repeat(length), after: ['"'.repeat(length), '"'.repeat(length)] },
  });
  expect(bytes(controlCalibrationCard(MEASURED, ofLength(2_000)))).toBeLessThan(28 * 1_024);
  expect(cardText(controlCalibrationCard(MEASURED, ofLength(2_000)))).toContain('"'.repeat(2_000));
  expect(cardText(controlCalibrationCard(MEASURED, ofLength(2_001)))).toContain('too long for a card');
  const onTheCommandLine = controlCalibrationCard(MEASURED, ofLength(9_000), { most: Number.POSITIVE_INFINITY });
  expect(cardText(onTheCommandLine)).toContain('"'.repeat(9_000));
});

test('how exceptions are used is said of one control, and that it is eroded on every card of it', () => {
  const habits = {
    inForce: 3,
    renewals: 1,
    medianAgeDays: 12,
    oldestAgeDays: 40,
    deployments: 20,
    exceptedDeployments: 4,
    periods: [0.3, undefined],
    isEroded: true,
  };
  const calibration = { ...calibrationOf(MEASURED, 'iac'), habits };
  const card = controlCalibrationCard(MEASURED, calibration);

  expect(factValue(card, 'facts', 'Exceptions')).toBe(
    '3 in force, 1 of them renewed; half of them for 12 days, the oldest for 40 days',
  );
  expect(factValue(card, 'facts', 'Production')).toBe('4 of 20 deployments passed only by exceptions from it');
  expect(factValue(card, 'facts', 'Excepted')).toBe('30 % of the last 30 days, too few to say of the 30 before');
  expect(factValue(card, 'facts', 'Deployments')).toBe('40 let through to production, 5 only by an exception');
  expect(textById(card, 'state')).toContain('Eroded');
  expect(cardText(calibrationCard({ ...MEASURED, calibrations: [calibration] }))).toContain('noise, eroded');
  expect(textById(controlCalibrationCard(MEASURED, calibrationOf(MEASURED, 'iac')), 'state')).not.toContain('Eroded');
});
