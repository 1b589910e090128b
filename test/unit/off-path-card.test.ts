import { expect, test } from 'vitest';
import { offPathAnswer, offPathCard, offPathSummary } from '../../cards/off-path-card.ts';
import { anOffPath } from '../cards/off-path-samples.ts';
import { parseProblems } from '../cards/parse.ts';
import { activityBytes, markdownIn } from '../cards/read.ts';

const HOSTILE =
  '\u202e[Approve](https://evil.example) ![x](https://evil.example/t.png) **bold** {{DATE(2020-01-01)}}\n# '.repeat(40);

test('hostile and endless texts become no Markdown, no link and no card that is too large', () => {
  const run = {
    ...(anOffPath().run as NonNullable<ReturnType<typeof anOffPath>['run']>),
    url: 'https://evil.example/run',
  };
  const action = anOffPath({
    ...{ what: HOSTILE, services: Array.from({ length: 50 }, () => HOSTILE), environment: HOSTILE },
    ...{ doneBy: [{ name: HOSTILE }], run: { ...run, name: HOSTILE, pipeline: HOSTILE } },
  });
  const card = offPathCard(action, {});

  expect(parseProblems(card)).toEqual([]);
  expect(markdownIn(card).join('\n')).not.toMatch(/(?<!\\)[[*#]|\{\{/);
  expect(activityBytes(card, offPathSummary(action))).toBeLessThan(28_000);
  expect(JSON.stringify(card.actions)).not.toContain('evil.example');
  expect(offPathSummary(action).length).toBeLessThanOrEqual(240);
});

test('whoever explained it is offered no button to confirm it, and what is confirmed offers neither', () => {
  const by = { kind: 'person', tenant: 't', oid: 'a', name: 'Ann' } as const;
  const said = { by, at: '2026-11-24T08:00:00.000Z' };
  const bypass = { explained: { ...said, reason: 'r', ticket: 'T', confirmers: [], accounts: [] } };
  const ids = (card: ReturnType<typeof offPathCard>) => (card.actions ?? []).map(({ id }) => id);

  expect(ids(offPathCard(anOffPath()))).toContain('explain');
  expect(ids(offPathCard(anOffPath({ bypass }), { oid: 'b' }))).toContain('confirm');
  expect(ids(offPathCard(anOffPath({ bypass }), { oid: 'a' }))).toEqual(['open-run', 'refresh']);
  expect(ids(offPathCard(anOffPath({ bypass: { ...bypass, confirmed: said } })))).toEqual(['open-run', 'refresh']);
  expect(offPathAnswer(anOffPath()).text).toContain(`explain ${anOffPath().id} TICKET reason`);
});
