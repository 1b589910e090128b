import { expect, test } from 'vitest';
import { confirmCard, tooManySentence } from '../../cards/confirm-card.ts';
import { groupAnswer, groupCard, groupSummary } from '../../cards/group-card.ts';
import { groupNote } from '../../cards/group-notes.ts';
import type { Gate } from '../../services/domain/gate.ts';
import {
  ANN,
  aCheck,
  aGate,
  aJudgedGroup,
  aJudgement,
  anApprovedGate,
  anAsk,
  aRun,
  aVote,
  aWarning,
  BOB,
} from '../builders.ts';
import { regions } from '../cards/group-samples.ts';
import { parseProblems } from '../cards/parse.ts';
import { activityBytes, buttonById, buttonsOf, inputIds, markdownIn, textById } from '../cards/read.ts';

const approvedAt = (n: number) => (index: number) => (index === n ? { ...settled(), revision: 1 } : {});
const settled = (): Partial<Gate> => {
  const { decision, votes } = anApprovedGate();
  return { state: 'approved', votes, ...(decision === undefined ? {} : { decision }) };
};
const itemsOf = (card: ReturnType<typeof groupCard>, id = 'approve') =>
  ((buttonById(card, id)?.data?.['items'] ?? []) as readonly { readonly requestId: string }[]).map(
    ({ requestId }) => requestId,
  );

test('each gate has its stage, environment, service, state and counts, and a button to see the whole of it', () => {
  const warned = aJudgement({ counts: { block: 0, warn: 3, monitor: 0 } });
  const card = groupCard(
    regions(2, (n) => (n === 1 ? { judgement: warned } : {})),
    { oid: BOB.oid },
  );

  const rows = textById(card, 'gate');
  expect(rows).toContain('prod-eu-west · Deploy eu-west · payments-api');
  expect(rows).toContain('prod-eu-north · Deploy eu-north · payments-api');
  expect(rows).toContain('0 block, 3 warn');
  expect(buttonById(card, 'view-2')?.data).toMatchObject({ verb: 'approval.view', requestId: regions(2)[1]?.id });
});

test('which blocks mean little is said once for all gates', () => {
  const eroded = [{ control: 'iac', owner: 'group:platform', share: 0.5, periods: 3 }] as const;
  const blocked = { state: 'blocked', judgement: aJudgement({ blocks: [aJudgedGroup()], eroded }) } as const;
  const said = textById(groupCard(regions(3, (n) => (n === 0 ? {} : blocked))), 'findings') ?? '';

  expect(said.split('its block means little')).toHaveLength(2);
  expect(said).toContain('at least 50 % of what iac blocks pass, for 3 periods of 30 days now');
});

test('one confirmation decides what waits for the reader, with the revisions that the card shows', () => {
  const gates = regions(3, (n) => ({ revision: n + 1 }));
  const card = groupCard([...gates.slice(0, 2), { ...(gates[2] ?? aGate()), ...settled() }], { oid: BOB.oid });

  for (const verdict of ['approve', 'reject'] as const) {
    const items = gates.slice(0, 2).map(({ id, revision }) => ({ requestId: id, revision }));
    expect(buttonById(card, verdict)?.data).toEqual({ verb: 'approval.decideMany', items, verdict });
  }
  expect(buttonById(card, 'approve')?.title).toBe('Approve all 2');
  expect(textById(card, 'title')).toBe('Approve 2 of 3 deployments of payments-api 20261123.4?');
  expect(inputIds(card)).toEqual(['comment']);
});

test('whoever is not asked, or has approved, cannot decide it on their card', () => {
  const quorum = anAsk({ levels: anAsk().levels.map((level) => ({ ...level, quorum: 2 })) });
  const gates = regions(2, (n) => ({ ask: quorum, votes: n === 0 ? [aVote()] : [] }));

  expect(itemsOf(groupCard(gates, { oid: BOB.oid }))).toEqual([gates[1]?.id]);
  expect(buttonById(groupCard(gates, { oid: ANN.oid }), 'approve')).toBeUndefined();
  expect(inputIds(groupCard(gates, { oid: ANN.oid }))).toEqual([]);
});

test('what is settled stays on the card with how it ended, by whom and with which comment', () => {
  const card = groupCard(regions(2, approvedAt(1)), { oid: BOB.oid });

  expect(textById(card, 'gate')).toContain('✓ Approved by you');
  expect(textById(card, 'state')).toContain('1 waiting for approval, ✓ 1 approved');
  expect(textById(card, 'history')).toMatch(
    /^Approved by you on .*UTC in prod-eu-north.*Azure DevOps was told of 0 of 1/,
  );
});

test('whoever has approved one of several is named with where and when, also while others are missing', () => {
  const quorum = anAsk({ levels: anAsk().levels.map((level) => ({ ...level, quorum: 2 })) });
  const gates = regions(3, (n) => ({ ask: quorum, votes: n === 0 ? [] : [aVote({ comment: 'looked at both' })] }));

  const history = textById(groupCard(gates, { oid: ANN.oid }), 'history');
  expect(history).toMatch(
    /^Approved by Bob Baker on Mon 23 Nov 2026, 10:05 UTC in prod-eu-north and prod-us-east “ looked at both ”$/,
  );
});

test("a card for everybody offers a view of one's own while something waits, and no longer", () => {
  expect(buttonById(groupCard(regions(2)), 'refresh')?.title).toBe('Show my view');
  expect(buttonById(groupCard(regions(2), { oid: BOB.oid, isPublic: true }), 'refresh')?.title).toBe('Show my view');
  expect(buttonById(groupCard(regions(2, () => settled())), 'refresh')?.title).toBe('Refresh');
});

test('where no card is shown, commands are named with the ids that wait for the reader, and only those', () => {
  const gates = regions(2, approvedAt(1));
  expect(groupCard(gates, { oid: BOB.oid })['fallbackText']).toContain(`Type "approve ${gates[0]?.id}" or`);
  expect(
    groupCard(
      regions(2, () => settled()),
      { oid: BOB.oid },
    )['fallbackText'],
  ).not.toContain('"approve');
});

test('a warning is named once with every place where it was met', () => {
  const judgement = aJudgement({ warns: [aWarning({ rule: 'same-rule' })] });
  const findings = textById(groupCard(regions(5, () => ({ judgement }))), 'findings');

  expect(findings?.match(/same-rule/g)).toHaveLength(1);
  expect(findings).toContain('in prod-eu-west, prod-eu-north, prod-us-east and 2 more');
});

test('what follows when nobody decides is said of checks and of native approvals', () => {
  const { organization, projectId } = aCheck();
  const native = (from: number) => (n: number) =>
    n < from ? {} : { door: { kind: 'approval' as const, organization, projectId, id: `${n}` } };
  const next = (from: number) => textById(groupCard(regions(2, native(from)), { oid: BOB.oid }), 'state');

  expect(next(2)).toContain('Without a decision by then its stage fails. Each');
  expect(next(0)).toContain('Without a decision by then it is left to Azure DevOps');
  expect(next(1)).toContain("its stage fails; an approval of Azure DevOps' own is left to Azure DevOps");
});

test('30 are shown and decided 20 at a time', () => {
  const card = groupCard(regions(30), { oid: BOB.oid });

  expect(itemsOf(card)).toHaveLength(20);
  expect(buttonById(card, 'approve')?.title).toBe('Approve the first 20');
  expect(textById(card, 'gate')).toContain('and 10 more');
});

const hostile = '<at>Everyone</at> [x](https://evil.example) \\\\\\\\ **b** '.repeat(300);

test('100 gates with hostile names stay under 60 KB, without a link or a mention', () => {
  const warns = Array.from({ length: 30 }, (_, n) => aWarning({ rule: `${n}${hostile}`, exceptionId: `EX-${n}` }));
  const gates = regions(100, (n) => ({
    ...(n % 2 === 0 ? settled() : {}),
    stage: hostile,
    environment: hostile,
    services: Array.from({ length: 8 }, () => hostile),
    run: aRun({ name: hostile, pipeline: { id: 1, name: hostile }, requestedFor: { name: hostile } }),
    judgement: aJudgement({ warns }),
  }));
  const notes = Array.from({ length: 20 }, () =>
    groupNote('x', { kind: 'refused', refusal: 'not-an-approver', gate: gates[1] ?? aGate() }, {}),
  ).flat();
  const card = groupCard(gates, {}, notes);

  expect(activityBytes(card, groupSummary(gates))).toBeLessThan(60 * 1024);
  expect(parseProblems(card)).toEqual([]);
  expect(JSON.stringify(card)).not.toContain('<at>');
  for (const text of markdownIn(card)) expect(text).not.toMatch(/[^\\]\]\(|[^\\]:\/\//);
});

test('the plain text names every id that can be typed', () => {
  const { text } = groupAnswer(regions(3));
  for (const { id } of regions(3)) expect(text).toContain(id);
});

test('what is typed about several is listed with what the person may decide, and one button decides that', () => {
  const gates = regions(3, approvedAt(2));
  const card = confirmCard({ gates, unknown: ['aaaaaaaaaaaaaaaa'], verdict: 'reject', comment: 'not today' }, BOB);

  expect(textById(card, 'title')).toBe('Reject 2 of 4 requests?');
  expect(textById(card, 'state')).toBe('Nothing is decided yet.');
  expect(textById(card, 'gate')).toContain('you may decide');
  expect(textById(card, 'gate')).toContain('not yours to decide now');
  expect(textById(card, 'error')).toContain('aaaaaaaaaaaaaaaa');
  expect(buttonsOf(card).filter(({ verb }) => verb === 'approval.decideMany')).toHaveLength(1);
  expect(buttonById(card, 'reject')?.data).toMatchObject({ verdict: 'reject', comment: 'not today' });
  expect(itemsOf(card, 'reject')).toEqual(gates.slice(0, 2).map(({ id }) => id));
});

test('whoever may decide nothing of what they typed has no button', () => {
  const card = confirmCard({ gates: regions(2), unknown: [], verdict: 'approve', comment: '' }, ANN);

  expect(buttonById(card, 'approve')).toBeUndefined();
  expect(textById(card, 'title')).toContain('none waits for you');
});

test('more than 20 ids are a sentence', () => {
  const ids = regions(21).map(({ id }) => id);

  expect(tooManySentence(ids)).toContain('21 requests');
  expect(tooManySentence([...ids.slice(0, 20), ...ids.slice(0, 20)])).toBeUndefined();
});
