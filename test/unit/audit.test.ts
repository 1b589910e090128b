import { expect, test } from 'vitest';
import { auditCard } from '../../cards/audit-card.ts';
import { cardText } from '../../cards/card-text.ts';
import { type AuditBasis, auditChecksum, auditOf } from '../../services/domain/audit.ts';
import type { FindingEvent } from '../../services/domain/finding-event.ts';
import { aGate } from '../builders.ts';
import { anAudit } from '../cards/audit-samples.ts';
import { parseProblems } from '../cards/parse.ts';
import { activityBytes, markdownIn, textById } from '../cards/read.ts';
import { aRecord } from '../exceptions.ts';

const SINCE = '2026-11-16T00:00:00.000Z';
const NOW = '2026-11-24T09:00:00.000Z';
const BASIS: AuditBasis = {
  ...{ contractVersion: 1, services: 1, leftOut: 0, unkept: 0 },
  ...{ gates: [], exceptions: [], events: [], offPaths: [], activities: [], unknown: [], since: SINCE, now: NOW },
};
const seen = (over: Partial<FindingEvent> = {}): FindingEvent => ({
  ...{ kind: 'first-seen', at: '2026-11-20T10:00:00.000Z', tool: 'azure-activity', reportId: 'r1' },
  ...{ category: 'activity', rule: 'role-assignment-written' },
  ...over,
});

test('requests are counted by what became of them, of the time that is looked at', () => {
  const gates = [
    aGate({ state: 'approved', receivedAt: SINCE }),
    aGate({ state: 'approved', receivedAt: NOW }),
    aGate({ state: 'bypassed', receivedAt: NOW }),
    aGate({ state: 'rejected', receivedAt: '2026-11-15T23:59:59.999Z' }),
  ];

  expect(auditOf({ ...BASIS, gates }).requests).toEqual({ approved: 2, bypassed: 1 });
});

test('a stage that went on without a decision says how far it is explained', () => {
  const explained = {
    ...{ by: aRecord().askers[0].by, at: NOW, reason: 'r', ticket: 't', confirmers: [], accounts: [] },
  };
  const confirmed = { by: explained.by, at: NOW };
  const gates = [
    aGate({ id: 'a'.repeat(16), state: 'bypassed', receivedAt: '2026-11-20T01:00:00.000Z' }),
    aGate({ id: 'b'.repeat(16), state: 'bypassed', receivedAt: '2026-11-20T02:00:00.000Z', bypass: { explained } }),
    aGate({
      ...{ id: 'c'.repeat(16), state: 'bypassed', receivedAt: '2026-11-20T03:00:00.000Z' },
      bypass: { explained, confirmed },
    }),
  ];

  expect(auditOf({ ...BASIS, gates }).bypasses.map(({ standing }) => standing)).toEqual([
    ...['confirmed', 'explained', 'not-explained'],
  ]);
});

test('exceptions that came into force or ended in that time are told; one that never was in force is not', () => {
  const end = { at: '2026-11-21T09:00:00.000Z', why: 'done' };
  const { grantedAt: _, ...rejected } = aRecord({ id: 'EX-3', state: 'rejected', end });
  const exceptions = [
    aRecord({ id: 'EX-1', grantedAt: '2026-11-20T09:00:00.000Z', state: 'revoked', end }),
    aRecord({ id: 'EX-2', grantedAt: '2026-11-01T09:00:00.000Z' }),
    rejected,
  ];

  expect(auditOf({ ...BASIS, exceptions }).exceptions.map(({ exceptionId, kind }) => `${exceptionId} ${kind}`)).toEqual(
    [...['EX-1 ended', 'EX-1 granted']],
  );
});

test('what appeared of activity and platform is counted by service and rule; other categories and what is gone are not', () => {
  const events = [
    seen(),
    seen({ kind: 'reopened' }),
    seen({ kind: 'gone' }),
    seen({ category: 'sast' }),
    seen({ at: '2026-11-10T10:00:00.000Z' }),
    seen({ category: 'platform', rule: 'unprotected-branch' }),
  ];

  expect(auditOf({ ...BASIS, events: [{ service: 'payments-api', events }] }).changes).toEqual([
    { service: 'payments-api', category: 'activity', rule: 'role-assignment-written', count: 2 },
    { service: 'payments-api', category: 'platform', rule: 'unprotected-branch', count: 1 },
  ]);
});

test('the order of what it is made of changes nothing, and other figures have another checksum', () => {
  const gates = [aGate({ id: 'a'.repeat(16), state: 'bypassed', receivedAt: NOW }), aGate({ receivedAt: NOW })];
  const events = [{ service: 'payments-api', events: [seen(), seen({ rule: 'other' })] }];
  const one = auditOf({ ...BASIS, gates, events });
  const other = auditOf({
    ...{ ...BASIS, gates: gates.toReversed() },
    events: [{ service: 'payments-api', events: [seen({ rule: 'other' }), seen()] }],
  });

  expect(auditChecksum(other)).toBe(auditChecksum(one));
  expect(auditChecksum(auditOf({ ...BASIS, gates }))).not.toBe(auditChecksum(one));
});

test('its card says what became of the deployments, and what nobody has explained stands out', () => {
  const shown = auditCard(anAudit());
  const text = cardText(shown);

  expect(textById(shown, 'state')).toContain('9 deployments: 5 approved, 1 rejected, 2 without a decision, 1 waiting');
  expect(text).toContain('! not explained yet');
  expect(text).toContain('role-assignment-written · payments-api · activity, 3 findings');
  expect(parseProblems(shown)).toEqual([]);
});

test('hostile and endless names become no Markdown and no card that is too large', () => {
  const text = '](https://evil.example) <at>everyone</at> **bold** {{DATE(2026-01-01T00:00:00Z)}} \u202e'.repeat(200);
  const of = { service: text, environment: text, at: NOW };
  const shown = auditCard(
    anAudit({
      bypasses: Array(40).fill({
        ...of,
        requestId: text,
        runName: text,
        services: [text, text],
        standing: 'explained',
      }),
      exceptions: Array(40).fill({ ...of, exceptionId: text, control: text, kind: 'granted' }),
      changes: Array(40).fill({ service: text, category: 'activity', rule: text, count: 2 }),
    }),
  );

  expect(activityBytes(shown, cardText(shown))).toBeLessThanOrEqual(60 * 1024);
  expect(markdownIn(shown).join('\n')).not.toMatch(/(?<!\\)\]\(|<at>/);
});
