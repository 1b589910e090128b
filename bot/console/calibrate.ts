import { controlCalibrationCard } from '../../cards/calibration-card.ts';
import { ADVICE_WORDS, unmeasuredSentence } from '../../cards/calibration-words.ts';
import { cardText } from '../../cards/card-text.ts';
import type { Calibrations } from '../../services/calibrations.ts';
import type { Calibration, Measurement } from '../../services/domain/calibration.ts';
import { dayWords, percent } from '../../services/domain/calibration-figures.ts';
import { nearest } from '../nearest.ts';
import type { Outcome } from './outcome.ts';

const MOST_DAYS = 730;

/** `contract calibrate [--days N] [--control NAME]`: a table of all, or all that is known of one. */
export async function calibrate(
  calibrations: Pick<Calibrations, 'calibrate'>,
  { days: written, control }: { readonly days?: string; readonly control?: string },
): Promise<Outcome> {
  const days = written === undefined ? undefined : daysOf(written);
  const answer = await calibrations.calibrate({
    ...(days === undefined ? {} : { days }),
    ...(control === undefined ? {} : { control }),
  });
  if (answer.kind !== 'measured') throw new Error(unmeasuredSentence(answer, (known) => nearest(control ?? '', known)));
  const [only] = control === undefined ? [] : answer.calibrations;
  if (only === undefined) return { exitCode: 0, lines: tableOf(answer.calibrations), remarks: remarksOf(answer) };
  const shown = controlCalibrationCard(answer, only, { most: Number.POSITIVE_INFINITY });
  return { exitCode: 0, lines: cardText(shown).split('\n') };
}

function daysOf(written: string): number {
  const days = /^\d{1,4}$/.test(written) ? Number(written) : 0;
  if (days < 1 || days > MOST_DAYS) throw new Error(`--days is "${written}"; allowed: 1 to ${MOST_DAYS}`);
  return days;
}

const COLUMNS = [
  'control',
  'advice',
  'open',
  'new',
  'gone',
  'back',
  'half within',
  '90 % within',
  'noise',
  'excepted',
  'oldest',
];

function tableOf(calibrations: readonly Calibration[]): string[] {
  const rows = [[...COLUMNS, 'services'], ...calibrations.map(cellsOf)];
  const widths = (rows[0] ?? []).map((_, n) => Math.max(...rows.map((cells) => cells[n]?.length ?? 0)));
  return rows.map((cells) =>
    cells
      .map((cell, n) => cell.padEnd(widths[n] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** What is not known is a dash. */
function cellsOf({ control, advice, figures, habits }: Calibration): string[] {
  const took = (days: number | undefined) => (days === undefined ? '-' : dayWords(days));
  const share = (value: number | undefined) => (value === undefined ? '-' : percent(value));
  const {
    open,
    appeared,
    gone,
    recurrence,
    medianFixDays,
    slowFixDays,
    noiseShare,
    oldestDays,
    services,
    exceptedShare,
  } = figures;
  return [
    control,
    ADVICE_WORDS[advice].word.toLowerCase(),
    ...[open, appeared, gone].map(String),
    share(recurrence),
    took(medianFixDays),
    took(slowFixDays),
    share(noiseShare),
    habits?.isEroded === true ? `${share(exceptedShare)} eroded` : share(exceptedShare),
    took(oldestDays),
    String(services),
  ];
}

function remarksOf({ leftOut, unknown, unkept }: Measurement): string[] {
  return [
    ...(leftOut === 0 ? [] : [`${leftOut} services were not read, because they are too many.`]),
    ...(unknown === 0 ? [] : [`Not counted: ${unknown} findings that are gone and of which no control is known.`]),
    ...(unkept === 0 ? [] : [`Not counted: ${unkept} events that large imports did not keep.`]),
  ];
}
