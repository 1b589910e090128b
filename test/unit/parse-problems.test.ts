import { expect, test } from 'vitest';
import { parseProblems } from '../cards/parse.ts';
import { cardSamples } from '../cards/samples.ts';

const aCard = (change: object) => ({ type: 'AdaptiveCard', version: '1.5', body: [], ...change });

test('a card that the renderer understands has no problems', () => {
  expect(parseProblems(aCard({ body: [{ type: 'TextBlock', text: 'Waiting' }] }))).toEqual([]);
});

test('an unknown element is a problem that names its type', () => {
  expect(parseProblems(aCard({ body: [{ type: 'Chart' }] }))).toEqual([expect.stringContaining('"Chart"')]);
});

test('an unknown action is a problem that names its type', () => {
  expect(parseProblems(aCard({ actions: [{ type: 'Action.Call' }] }))).toEqual([
    expect.stringContaining('"Action.Call"'),
  ]);
});

test('an input without an id is a problem', () => {
  expect(parseProblems(aCard({ body: [{ type: 'Input.Text', label: 'Comment' }] }))).toEqual([
    'Input.Text: All inputs must have a unique Id.',
  ]);
});

test('a value outside its enum is a problem that names the element and the value', () => {
  const body = [{ type: 'TextBlock', id: 'state', text: 'Waiting', color: 'purple' }];

  expect(parseProblems(aCard({ body }))).toEqual(['TextBlock "state": Invalid value "purple" for property "color".']);
});

test('an id used twice is a problem, also across containers', () => {
  const text = { type: 'TextBlock', id: 'title', text: 'Waiting' };

  expect(parseProblems(aCard({ body: [text, { type: 'Container', items: [text] }] }))).toEqual([
    'TextBlock "title": Duplicate Id "title".',
  ]);
});

test('a property newer than Teams renders is a problem', () => {
  const body = [{ type: 'Input.Text', id: 'comment', label: 'Comment', labelPosition: 'inline' }];

  expect(parseProblems(aCard({ body }))).toEqual([
    expect.stringContaining('"labelPosition" is supported in version 1.6'),
  ]);
});

test('a card version newer than Teams renders is a problem', () => {
  expect(parseProblems(aCard({ version: '1.6' }))).toEqual([expect.stringContaining('(1.6) is not supported')]);
});

test('a seventh action is a problem', () => {
  const actions = Array.from({ length: 7 }, (_, index) => ({ type: 'Action.Execute', title: `Action ${index}` }));

  expect(parseProblems(aCard({ actions }))).toEqual([
    expect.stringContaining('Maximum number of actions exceeded (6)'),
  ]);
});

test('a chart is allowed in the types that Teams has and we use, and only with its numbers as text', () => {
  const fallback = { type: 'TextBlock', text: '2026-11-23 +1', wrap: true };
  const chart = { title: 'Weeks', showTitle: true, targetWidth: 'atLeast:Standard', fallback };
  const line = { ...chart, type: 'Chart.Line', data: [{ legend: 'New', values: [{ x: '2026-11-23', y: 1 }] }] };
  const { fallback: _, ...silent } = line;

  expect(parseProblems(aCard({ body: [line] }))).toEqual([]);
  expect(parseProblems(aCard({ body: [silent] }))).toEqual([expect.stringContaining('Chart.Line fallback')]);
  expect(parseProblems(aCard({ body: [{ ...line, value: 1 }] }))).toEqual([expect.stringContaining('Chart.Line')]);
  expect(parseProblems(aCard({ body: [{ ...line, type: 'Chart.Pie' }] }))).toEqual([
    expect.stringContaining('"Chart.Pie"'),
  ]);
});

test('a card without its type is a problem', () => {
  expect(parseProblems({ version: '1.5', body: [] })).toEqual([expect.stringContaining('"AdaptiveCard"')]);
});

test.for(cardSamples())('the card sample $name has no problems', ({ card }) => {
  expect(parseProblems(card)).toEqual([]);
});
