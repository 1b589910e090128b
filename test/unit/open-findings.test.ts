import { expect, test } from 'vitest';
import { NO_COMMIT } from '../../services/domain/scan-head.ts';
import { newestHeads } from '../../services/ports/open-findings.ts';
import { aScanHead } from '../scans.ts';
import { OTHER_COMMIT } from './judge-input.ts';

test('of each tool the newest report counts, and what is so whatever is deployed beside it', () => {
  const older = aScanHead({ reportId: 'older', receivedAt: '2026-11-20T09:00:00.000Z' });
  const newer = aScanHead({ reportId: 'newer', commit: OTHER_COMMIT, receivedAt: '2026-11-21T09:00:00.000Z' });
  const posture = aScanHead({ reportId: 'posture', commit: NO_COMMIT, receivedAt: '2026-11-22T09:00:00.000Z' });

  expect(newestHeads([older, posture, newer]).map(({ reportId }) => reportId)).toEqual(['posture', 'newer']);
});
