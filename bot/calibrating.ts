import { createCalibrationRounds } from '../services/calibration-rounds.ts';
import type { Calibrations } from '../services/calibrations.ts';
import type { CalibrationNotes } from '../services/ports/calibration-notes.ts';
import type { Clock } from '../services/ports/clock.ts';
import type { Directory } from '../services/ports/directory.ts';
import type { Conversations, Notifier } from '../services/ports/notifier.ts';
import type { Policy } from '../services/ports/policy.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly calibrationNotes: CalibrationNotes;
  readonly conversations: Conversations;
  readonly notifier: Notifier;
  readonly calibrations: Calibrations;
  /** Goes on while others are answered. */
  readonly later: (work: Promise<void>) => void;
  readonly log: { warn(data: object, message: string): void };
}

/** The daily look at every control. It reads all scopes and requests, so nothing that is due waits for it. */
export function createCalibrating(needs: Needs): () => void {
  const { run } = createCalibrationRounds({
    ...needs,
    measure: async () => {
      const answer = await needs.calibrations.calibrate({});
      return answer.kind === 'measured' ? answer : undefined;
    },
    failed: (owner, why) => needs.log.warn({ owner, err: why }, 'owner of a control not told today'),
  });
  return () =>
    needs.later(run().catch((err: unknown) => needs.log.warn({ err }, 'controls could not be measured, tried again')));
}
