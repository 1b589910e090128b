import { expect, test } from 'vitest';
import { cardText } from '../../cards/card-text.ts';
import { unknownNameSentence, whoApprovesCard } from '../../cards/who-approves-card.ts';
import type { Way, WhoApproves } from '../../services/domain/who-approves.ts';
import { canBeApproved } from '../../services/domain/who-approves.ts';
import { BOB, CARLA, DAN } from '../builders.ts';
import { activityBytes, factValue, textById } from '../cards/read.ts';
import { anAnswer, aRoute, someApprovers } from '../routes.ts';

const own = aRoute({ source: 'routes.yaml:6', match: { service: 'payments-api', environment: 'prod' } });
const orders = aRoute({ source: 'routes.yaml:26', match: { service: 'orders-api', environment: 'prod' } });
const all = aRoute({ source: 'routes.yaml:34' });
const hotfix = aRoute({ source: 'routes.yaml:18', match: { pipeline: 'payments-hotfix' } });
const crowd = Array.from({ length: 500 }, (_, index) => ({ oid: `${index}`, name: `Approver ${index + 1}` }));
const noRoute = { kind: 'no-route', detail: 'payments-api in prod' } as const;
const tooFew = { kind: 'too-few-approvers', detail: 'group:x: 0 of 1 may decide', tell: 'group:leads' } as const;

/** What the section of the approvers says of a way that is special in this. */
const said = (way: Partial<Way>) => textById(whoApprovesCard(anAnswer([own], way)), 'gate') ?? '';

test('the route stands there with its place and why it is the narrowest', () => {
  const card = whoApprovesCard(anAnswer([own, orders, all]));

  expect(textById(card, 'title')).toBe('Who approves payments-api in prod');
  expect(textById(card, 'state')).toBe('✓ 2 people may approve it');
  expect(factValue(card, 'facts', 'Route')).toBe('routes.yaml:6');
  expect(factValue(card, 'facts', 'Why')).toBe(
    'it matches service payments-api and environment prod; a route for one service and environment is narrower than routes.yaml:34',
  );
  expect(textById(card, 'history')).toContain('routes.yaml:34: wider; environment prod matches');
  expect(textById(card, 'history')).toContain(
    'routes.yaml:26: environment prod matches; it is for service orders-api, and this is payments-api',
  );
});

test.each<[string, Partial<WhoApproves>, string, boolean]>([
  [
    'no approval is needed',
    { approval: 'none', choice: { possible: [], wider: [], differing: [] }, ways: [] },
    'Nobody has to',
    true,
  ],
  ['the environment is only observed', { observeUntil: '2027-02-01' }, 'nobody is asked before Mon 1 Feb 2027', true],
  ['no route matches', { obstacle: noRoute, ways: [] }, 'No approval route matches', false],
  [
    'the contract is missing',
    { obstacle: { kind: 'no-contract', detail: 'x' }, ways: [] },
    'No valid gating contract',
    false,
  ],
  [
    'the service itself cannot be read',
    { approval: 'none', obstacle: { kind: 'unknown-service', detail: 'x' }, ways: [] },
    'The catalog does not know this service',
    false,
  ],
  ['nothing stands in the way', {}, '2 people may approve it', true],
])('when %s the card says so, and whether anybody can approve', (_, over, words, possible) => {
  const answer = anAnswer([all], {}, over);

  expect(textById(whoApprovesCard(answer), 'state')).toContain(words);
  expect(textById(whoApprovesCard(answer), 'state')).toContain(possible ? '✓' : '✗ Nobody can approve it now');
  expect(canBeApproved(answer)).toBe(possible);
});

test('a route without enough people says so with who is told', () => {
  const card = whoApprovesCard(anAnswer([own], { obstacle: tooFew, levels: [someApprovers({ eligible: [] })] }));

  expect(textById(card, 'state')).toContain('The route asks for more people than may decide.');
  expect(factValue(card, 'facts', 'Details')).toBe('x: 0 of 1 may decide');
  expect(factValue(card, 'facts', 'Told')).toBe('leads');
});

test('where the run decides, each possible route has its people and says for which runs it is', () => {
  const answer = anAnswer([all, hotfix]);
  const card = whoApprovesCard(answer);

  expect(textById(card, 'state')).toContain('It depends on the run');
  expect(factValue(card, 'facts', 'Route')).toBe('routes.yaml:34');
  expect(factValue(card, 'facts', 'Why')).toBe('it matches environment prod, and no other route matches every run');
  expect(textById(card, 'gate')).toMatch(
    /For runs of pipeline payments-hotfix, by routes\.yaml:18 .* For every other run, by routes\.yaml:34 /,
  );
});

test('a route that cannot be asked is told from one beside it that can', () => {
  const answer = anAnswer([all, hotfix]);
  const [first, last] = answer.ways;
  if (first === undefined || last === undefined) throw new Error('two ways');
  const one = { ...answer, ways: [{ ...first, obstacle: tooFew }, last] };

  expect(canBeApproved(one)).toBe(true);
  expect(textById(whoApprovesCard(one), 'gate')).toContain('✗ It cannot be asked: x: 0 of 1 may decide');
});

test('when only some runs have a route the card does not promise one to every run', () => {
  expect(factValue(whoApprovesCard(anAnswer([hotfix])), 'facts', 'Route')).toBe('none for every run');
});

test('without a match the nearest route stands first, as such', () => {
  const card = whoApprovesCard(
    anAnswer([aRoute({ source: 'routes.yaml:2', match: { team: 'orders' } }), orders], {}, { obstacle: noRoute }),
  );

  expect(textById(card, 'history')).toMatch(/^Other routes ✗ routes\.yaml:26: the nearest; environment prod matches/);
});

test.each<[string, Partial<Way>, string]>([
  [
    'guests',
    { levels: [someApprovers({ excluded: [{ oid: 'd', name: DAN.name, why: 'guest' }] })] },
    '✗ Never: Dan Dorn (guest account)',
  ],
  [
    'people with an inactive membership',
    { levels: [someApprovers({ inactive: [{ group: 'release-managers', people: [{ oid: 'e', name: 'Eve' }] }] })] },
    '○ After activating release-managers: Eve',
  ],
  [
    'that inactive memberships are not known',
    { levels: [someApprovers({ inactiveUnknown: ['group:release-managers'] })] },
    '? Not known: who could activate a membership of release-managers',
  ],
  [
    'an empty group',
    { levels: [someApprovers({ empty: ['group:nobody'] })] },
    '✗ Empty, or not in the directory: nobody',
  ],
  ['a quorum', { levels: [someApprovers({ quorum: 2 })] }, '2 approvals from release-managers (2 people)'],
  ['levels in order', { levels: [someApprovers(), someApprovers()] }, 'Level 2: 1 approval'],
  ['whom every run excludes', {}, '✗ Excluded in each run: whoever asked for it and whoever wrote any of it'],
  ['a freeze', { levels: [someApprovers({ frozenUntil: '2027-01-03' })] }, 'frozen until'],
  [
    'that nobody is left over',
    { levels: [someApprovers({ eligible: [{ oid: BOB.oid, name: BOB.name }] })] },
    'Nobody is left over',
  ],
  [
    'who is out of reach',
    { told: { direct: [BOB, CARLA], unreachable: [CARLA] } },
    '✗ Not reachable before they install Countersign in Teams: Carla Cruz',
  ],
  ['that all are within reach', {}, '✓ All who get a card can be reached'],
  ['that reach was not checked', { told: { direct: [BOB] } }, '? Not checked: who of them can be reached'],
  ['a selection', { told: { direct: [BOB], unreachable: [] } }, 'the first 1 by name'],
  ['a channel', { told: { direct: [], channel: { name: 'a/b', isKnown: true } } }, '✓ A card goes to the channel a/b'],
  [
    'an unknown channel',
    { told: { direct: [], channel: { name: 'a/b', isKnown: false } } },
    '✗ The channel a/b is not known',
  ],
  [
    'an unchecked channel',
    { told: { direct: [], channel: { name: 'a/b' } } },
    '? Not checked: whether a card reaches the channel a/b',
  ],
])('the card names %s', (_, way, words) => {
  expect(said(way)).toContain(words);
});

test('with people to spare nobody is warned', () => {
  expect(said({})).not.toContain('left over');
});

test('of 500 people the first 15 are named and the others counted, within what Teams takes', () => {
  const answer = anAnswer([all], { levels: [someApprovers({ eligible: crowd })] });
  const card = whoApprovesCard(answer);

  expect(textById(card, 'gate')).toContain('Approver 15 and 485 more');
  expect(textById(card, 'gate')).not.toContain('Approver 16');
  expect(activityBytes(card, cardText(whoApprovesCard(answer)))).toBeLessThanOrEqual(60 * 1024);
});

test('the plain text says all that the card says', () => {
  const text = cardText(whoApprovesCard(anAnswer([own, all], {}, { problems: ['routes.yaml:3 no such group'] })));

  for (const said of [
    'Who approves payments-api in prod',
    'Route: routes.yaml:6',
    'Bob Baker, Carla Cruz',
    'no such group',
  ])
    expect(text).toContain(said);
});

test('an unknown name is answered with the nearest and what there is', () => {
  expect(unknownNameSentence('service', ['payments-api', 'orders-api'], 'payments-api')).toBe(
    'The catalog has no such service. Did you mean "payments-api"? It has payments-api and orders-api.',
  );
  expect(unknownNameSentence('environment', [], undefined)).toBe('The contract has no environments.');
});
