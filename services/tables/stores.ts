import { createActivityStore } from './activity-store.ts';
import { createAnchors } from './anchors.ts';
import { createBaselineStore } from './baseline-store.ts';
import { createCalibrationNotes } from './calibration-notes.ts';
import { createContractVersions } from './contract-versions.ts';
import { createCovers } from './covers.ts';
import { createDigestStore } from './digest-store.ts';
import { createEvidenceLog } from './evidence-log.ts';
import { createEvidenceRecords } from './evidence-records.ts';
import { createExceptionStore } from './exception-store.ts';
import { createGateStore } from './gate-store.ts';
import { createImportStore } from './import-store.ts';
import { createOffPathStore } from './off-path-store.ts';
import { createPlatformStore } from './platform-store.ts';
import { createPostureStore } from './posture-store.ts';
import { createRefusedWords } from './refused-words.ts';
import { createRetentionStore } from './retention-store.ts';
import { createReviews } from './reviews.ts';
import { createScopeStore } from './scope-store.ts';
import { createSourceNotes } from './source-notes.ts';
import { createTimelines } from './timelines.ts';
import { createTriageStore } from './triage-store.ts';

/** Every store of records, on one table storage. */
export function createStores(
  needs: Parameters<typeof createGateStore>[0] &
    Parameters<typeof createExceptionStore>[0] &
    Parameters<typeof createEvidenceRecords>[0],
) {
  return {
    gates: createGateStore(needs),
    scopes: createScopeStore(needs),
    exceptions: createExceptionStore(needs),
    evidenceRecords: createEvidenceRecords(needs),
    evidenceLog: createEvidenceLog(needs),
    imports: createImportStore(needs),
    baselines: createBaselineStore(needs),
    postures: createPostureStore(needs),
    activity: createActivityStore(needs),
    anchors: createAnchors(needs),
    retention: createRetentionStore({ ...needs, evidenceLog: createEvidenceLog(needs), anchors: createAnchors(needs) }),
    offPaths: createOffPathStore(needs),
    timelines: createTimelines(needs),
    sourceNotes: createSourceNotes(needs),
    platforms: createPlatformStore(needs),
    triage: createTriageStore(needs),
    ...createCalibrationNotes(needs),
    contractVersions: createContractVersions(needs),
    covers: createCovers(needs),
    reviews: createReviews(needs),
    refusedWords: createRefusedWords(needs),
    ...createDigestStore(needs),
  };
}
