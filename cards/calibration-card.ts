import type { IAdaptiveCard } from 'adaptivecards';
import type { Calibration, Measurement } from '../services/domain/calibration.ts';
import { dayWords, type Figures, percent } from '../services/domain/calibration-figures.ts';
import { type ExceptionHabits, PERIOD_DAYS } from '../services/domain/exception-passes.ts';
import { ADVICE_WORDS, reasonWords } from './calibration-words.ts';
import {
  banner,
  type CardElement,
  card,
  type Fact,
  fact,
  line,
  row,
  section,
  sectionHead,
  timedFact,
  title,
  words,
} from './card.ts';
import { counted, grouped, nameOf, principalName } from './names.ts';
import { changeSection, RULE_MAX } from './rule-change.ts';
import { inZone, localTime, showDate } from './show-time.ts';
import { plain } from './text.ts';

const NAME_MAX = 64;
const CONTROLS_SHOWN = 40;

/** Of every control one line, what is ready to block first. */
export function calibrationCard(measured: Measurement, zone?: string): IAdaptiveCard {
  const { calibrations } = measured;
  const headline = headlineOf(calibrations);
  const more = calibrations.length - CONTROLS_SHOWN;
  const body: CardElement[] = [
    title('Calibration of controls'),
    banner('state', toneOf(calibrations), [
      line(words(headline, { weight: 'bolder' })),
      row('Write "calibration" and the name of a control for its figures and the change to make.'),
    ]),
    { type: 'FactSet', id: 'facts', spacing: 'medium', facts: basisFacts(measured) },
    section('findings', [
      sectionHead('Controls'),
      ...calibrations.slice(0, CONTROLS_SHOWN).map((one) => row(lineOf(one))),
      ...(more > 0 ? [line(words(`and ${more} more`, { isSubtle: true }))] : []),
    ]),
  ];
  const spoken = `Calibration of controls. ${headline}.`;
  return inZone(card({ body, actions: [], fallbackText: spoken, speak: spoken }), zone);
}

interface ControlView {
  readonly zone?: string | undefined;
  /** Characters of a rule that are shown. */
  readonly most?: number;
  /** It is sent to its owner, who did not ask. */
  readonly isUnasked?: boolean;
}

/** One control: its figures, what the advice rests on, and the change to paste. */
export function controlCalibrationCard(
  measured: Measurement,
  calibration: Calibration,
  { zone, most = RULE_MAX, isUnasked = false }: ControlView = {},
): IAdaptiveCard {
  const name = plain(calibration.control, NAME_MAX);
  const { symbol, word, tone } = ADVICE_WORDS[calibration.advice];
  const body: CardElement[] = [
    title(`Calibration of ${name}`),
    banner('state', tone, [
      line(words(`${symbol} ${word}`, { weight: 'bolder' })),
      ...(calibration.habits?.isEroded === true ? [row(ERODED)] : []),
      ...(isUnasked
        ? [row(`You are told once, as an owner of this control. "calibration ${name}" shows it again.`)]
        : []),
    ]),
    {
      type: 'FactSet',
      id: 'facts',
      spacing: 'medium',
      facts: [
        ...figureFacts(calibration.figures),
        ...habitFacts(calibration.habits),
        fact('Owner', principalName(calibration.owner)),
        ...basisFacts(measured),
      ],
    },
    section('gate', [
      sectionHead('Why'),
      ...calibration.reasons.map((reason) => row(reasonWords(reason, calibration.advice))),
    ]),
    ...changeSection(calibration.change, most),
  ];
  const spoken = `Calibration of ${name}: ${word}.`;
  return inZone(card({ body, actions: [], fallbackText: spoken, speak: spoken }), zone);
}

/** What should become of a control, as its owner is told. */
interface NewsShown {
  readonly calibration: Calibration;
  readonly measured: Measurement;
}

export function calibrationNewsCard({ calibration, measured }: NewsShown, zone?: string): IAdaptiveCard {
  return controlCalibrationCard(measured, calibration, { zone, isUnasked: true });
}

/** One line for notifications. Plain text. */
export function calibrationSummary({ calibration: { control, advice } }: NewsShown): string {
  return `${plain(control, NAME_MAX)}: ${ADVICE_WORDS[advice].word.toLowerCase()}`;
}

const ERODED = 'Eroded: exceptions let pass more of what it blocks than the contract allows, period after period.';

function headlineOf(calibrations: readonly Calibration[]): string {
  const count = (advice: Calibration['advice']) => calibrations.filter((one) => one.advice === advice).length;
  const [ready, down] = [count('ready-to-block'), count('step-down')];
  if (calibrations.length === 0) return 'The contract has no control that may stop a deployment';
  const readyWords = `${ready === 0 ? 'No' : ready} ${ready === 1 ? 'control is' : 'controls are'} ready to block`;
  return down === 0 ? readyWords : `${readyWords}, ${down} should step down`;
}

function toneOf(calibrations: readonly Calibration[]) {
  if (calibrations.some(({ advice }) => advice === 'step-down')) return 'warning';
  return calibrations.some(({ advice }) => advice === 'ready-to-block') ? 'good' : 'emphasis';
}

function lineOf({ control, advice, figures, habits }: Calibration): string {
  const { symbol, word } = ADVICE_WORDS[advice];
  const { open, appeared, gone, medianFixDays, recurrence, noiseShare } = figures;
  const parts = [
    `${grouped(open)} open (${grouped(appeared)} new)`,
    `${grouped(gone)} gone`,
    ...(medianFixDays === undefined ? [] : [`half within ${dayWords(medianFixDays)}`]),
    ...(recurrence === undefined ? [] : [`${percent(recurrence)} came back`]),
    ...(noiseShare === undefined ? [] : [`${percent(noiseShare)} noise`]),
    ...(habits?.isEroded === true ? ['eroded'] : []),
  ];
  return `${symbol} ${nameOf(control)}: ${word.toLowerCase()} – ${parts.join(', ')}`;
}

function figureFacts(figures: Figures): Fact[] {
  const { open, appeared, gone, cameBack, noise, noiseShare, recurrence, blocking, excepted, exceptedShare } = figures;
  const share = (value: number | undefined) => (value === undefined ? '' : ` (${percent(value)})`);
  return [
    fact('Open', `${grouped(open)}, of them ${grouped(appeared)} new; in ${counted(figures.services, 'service')}`),
    ...(figures.oldestDays === undefined ? [] : [fact('Oldest', dayWords(figures.oldestDays))]),
    fact('Gone', `${grouped(gone)}, of them ${grouped(cameBack)} came back${share(recurrence)}`),
    fact('Time until gone', timeWords(figures)),
    fact('Noise', `${grouped(noise)} suppressed or excepted${share(noiseShare)}`),
    ...(figures.blockRules === 0
      ? []
      : [
          fact(
            'Blocks',
            `${grouped(blocking)} in all environments; ${grouped(excepted)} more let pass by exceptions${share(exceptedShare)}`,
          ),
        ]),
    fact('Rules', rulesOf(figures)),
  ];
}

function timeWords({ medianFixDays, slowFixDays }: Figures): string {
  const parts = [
    ...(medianFixDays === undefined ? [] : [`half within ${dayWords(medianFixDays)}`]),
    ...(slowFixDays === undefined ? [] : [`90 % within ${dayWords(slowFixDays)}`]),
  ];
  return parts.length === 0 ? 'not known' : parts.join(', ');
}

/** How its exceptions are used; nothing where requests were not read, or there is nothing to say. */
function habitFacts(habits: ExceptionHabits | undefined): Fact[] {
  if (habits === undefined) return [];
  const { inForce, renewals, medianAgeDays = 0, oldestAgeDays = 0, deployments, exceptedDeployments, periods } = habits;
  const ages = `half of them for ${dayWords(medianAgeDays)}, the oldest for ${dayWords(oldestAgeDays)}`;
  const only = exceptedDeployments === 1 ? 'passed only by an exception from it' : 'passed only by exceptions from it';
  const known = periods.some((share) => share !== undefined);
  return [
    fact('Exceptions', inForce === 0 ? 'none in force' : `${inForce} in force, ${renewals} of them renewed; ${ages}`),
    fact('Production', `${grouped(exceptedDeployments)} of ${counted(deployments, 'deployment')} ${only}`),
    ...(known ? [fact('Excepted', periods.map(periodWords).join(', '))] : []),
  ];
}

function periodWords(share: number | undefined, n: number): string {
  const when = n === 0 ? `of the last ${PERIOD_DAYS} days` : `of the ${PERIOD_DAYS} before`;
  return `${share === undefined ? 'too few to say' : percent(share)} ${when}`;
}

function rulesOf({ blockRules, warnRules, dueDays, decideBy }: Figures): string {
  const due = dueDays === undefined ? '' : `, due ${dayWords(dueDays)}`;
  const decided = decideBy === undefined ? '' : `, to be decided by ${showDate(decideBy)}`;
  const since = warnRules === 0 ? '' : '; since when they warn is not known';
  return `${blockRules} block, ${warnRules} warn${due}${decided}${since}`;
}

function basisFacts(measured: Measurement): Fact[] {
  const { at, days, services, leftOut, contractVersion, unknown, unkept, deployments } = measured;
  const unread =
    leftOut === 0 ? '' : `; ${counted(leftOut, 'more was', 'more were')} not read, because there are too many`;
  const lost = [
    ...(unknown === 0 ? [] : [`${grouped(unknown)} gone of which no control is known`]),
    ...(unkept === 0 ? [] : [`${counted(unkept, 'event')} of large imports`]),
  ];
  return [
    timedFact('Measured', `${counted(days, 'day')} until ${localTime(at)}`),
    fact('Covers', `${counted(services, 'service')} under version ${contractVersion} of the contract${unread}`),
    fact(
      'Deployments',
      `${grouped(deployments.all)} let through to production, ${grouped(deployments.excepted)} only by an exception`,
    ),
    ...(lost.length === 0 ? [] : [fact('Not counted', lost.join(', '))]),
  ];
}
