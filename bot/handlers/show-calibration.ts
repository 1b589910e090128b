import { calibrationCard, controlCalibrationCard } from '../../cards/calibration-card.ts';
import { unmeasuredSentence } from '../../cards/calibration-words.ts';
import { cardText } from '../../cards/card-text.ts';
import { refusalSentence } from '../../cards/words.ts';
import type { Calibrations } from '../../services/calibrations.ts';
import type { Answer, TurnPerson } from '../answer.ts';
import { nearest } from '../nearest.ts';

/** For the people of the directory, the control's owner among them. */
export function createShowCalibration(calibrations: Pick<Calibrations, 'calibrateFor'>) {
  return async (by: TurnPerson, control: string | undefined): Promise<Answer> => {
    const answer = await calibrations.calibrateFor(by, control === undefined ? {} : { control });
    if (typeof answer === 'string') return { text: refusalSentence(answer) };
    if (answer.kind !== 'measured')
      return { text: unmeasuredSentence(answer, (known) => nearest(control ?? '', known)) };
    const [only] = control === undefined ? [] : answer.calibrations;
    const { zone } = by;
    const card = only === undefined ? calibrationCard(answer, zone) : controlCalibrationCard(answer, only, { zone });
    return { text: cardText(card), card };
  };
}
