import { verifyExport } from '../services/evidence-verification.ts';
import { createAnchoring } from './anchoring.ts';
import { createCalibrating } from './calibrating.ts';
import { createContractNoting } from './contract-noting.ts';
import { createDigesting } from './digests.ts';
import { createDrifting } from './drifting.ts';
import { createOperating } from './operating.ts';
import { createRetaining } from './retaining.ts';
import { createTrending } from './trends.ts';

type Needs = Parameters<typeof createAnchoring>[0] &
  Parameters<typeof createDigesting>[0] &
  Parameters<typeof createTrending>[0] &
  Parameters<typeof createCalibrating>[0] &
  Parameters<typeof createContractNoting>[0] &
  Parameters<typeof createDrifting>[0] &
  Parameters<typeof createOperating>[0] &
  Omit<Parameters<typeof createRetaining>[0], 'verify'>;

/** What people are told day by day and week by week, and of the contract, for as long as this process holds the lease. */
export function createRounds(needs: Needs) {
  const digesting = createDigesting(needs);
  const trending = createTrending(needs);
  const drifting = createDrifting(needs);
  const retain = createRetaining({ ...needs, verify: verifyExport });
  return {
    drifting,
    useCases: {
      ...digesting.useCases,
      ...trending.useCases,
      ...drifting.useCases,
      anchor: createAnchoring(needs),
      retain,
    },
    /** To be done one after the other. */
    all: [
      ...createOperating(needs),
      digesting.sendDue,
      trending.sendDue,
      createCalibrating(needs),
      createContractNoting(needs),
      retain,
    ],
  };
}
