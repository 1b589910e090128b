import { expect, test } from 'vitest';
import { type Backing, type Standing, stillHolds } from '../../services/domain/approval.ts';
import { ANN, aGate, aLevel, anAsk, aVote, BOB, CARLA, DAN } from '../builders.ts';

const backed = (standing: Partial<Standing> = {}, vote = aVote()): Backing => ({
  vote,
  standing: { person: BOB, levels: [0], ...standing },
});
const LEVELS = anAsk().levels;

test('an approval holds while the approver may still decide', () => {
  expect(stillHolds(aGate(), LEVELS, [backed()])).toBe(true);
});

test.each<[string, Partial<Standing>]>([
  ['left the directory', { person: undefined }],
  ['left the group', { levels: [] }],
  ['was disabled', { person: { ...BOB, disabled: true } }],
  ['turned out to be the requester', { person: ANN }],
])('an approval does not hold once the approver %s', (_, standing) => {
  expect(stillHolds(aGate(), LEVELS, [backed(standing)])).toBe(false);
});

test('an approval in the place of somebody holds while the cover does', () => {
  const vote = aVote({ covers: { oid: CARLA.oid, name: CARLA.name } });
  const covered = [{ absent: CARLA, setBy: CARLA, levels: [0] }];
  const ofDan = [{ absent: DAN, setBy: DAN, levels: [0] }];

  expect(stillHolds(aGate(), LEVELS, [backed({ levels: [], covered }, vote)])).toBe(true);
  expect(stillHolds(aGate(), LEVELS, [backed({ levels: [] }, vote)])).toBe(false);
  expect(stillHolds(aGate(), LEVELS, [backed({ levels: [], covered: ofDan }, vote)])).toBe(false);
});

test('an approval in the place of one holds though its giver covers others too, unless the requester arranged it', () => {
  const vote = aVote({ covers: { oid: CARLA.oid, name: CARLA.name } });
  const carla = { absent: CARLA, setBy: CARLA, levels: [0] };
  const others = { absent: DAN, setBy: DAN, levels: [0] };

  expect(stillHolds(aGate(), LEVELS, [backed({ levels: [], covered: [others, carla] }, vote)])).toBe(true);
  const arranged = [{ ...carla, setBy: ANN }];
  expect(stillHolds(aGate(), LEVELS, [backed({ levels: [], covered: arranged }, vote)])).toBe(false);
});

test('two accounts that the directory now knows as one human fill one place', () => {
  const carla = backed({ person: CARLA }, aVote({ by: { ...aVote().by, oid: CARLA.oid } }));
  const two = [aLevel({ quorum: 2 })];

  expect(stillHolds(aGate(), two, [backed({ person: { ...BOB, sameAs: [CARLA.oid] } }), carla])).toBe(false);
  const forBob = aVote({ by: { ...aVote().by, oid: CARLA.oid }, covers: { oid: BOB.oid, name: BOB.name } });
  const covered = [{ absent: BOB, setBy: BOB, levels: [0] }];
  expect(stillHolds(aGate(), two, [backed(), backed({ person: CARLA, levels: [], covered }, forBob)])).toBe(false);
});

test('approvals hold while together they fill every level as it is asked now', () => {
  const carla = backed({ person: CARLA }, aVote({ by: { ...aVote().by, oid: CARLA.oid } }));
  const two = [aLevel({ quorum: 2 })];

  expect(stillHolds(aGate(), two, [backed(), carla])).toBe(true);
  expect(stillHolds(aGate(), two, [backed()])).toBe(false);
  const more = [aLevel(), aLevel({ frozenUntil: '2026-12-24' })];
  expect(stillHolds(aGate(), more, [backed({ levels: [0, 1] })])).toBe(false);
  expect(stillHolds(aGate(), more, [backed({ levels: [0, 1] }), carla])).toBe(true);
});

test('an approval of a gate that asks nobody, or whose sources are unknown, does not hold', () => {
  const { ask: _, ...unasked } = aGate();
  const { sources: __, ...unread } = aGate();

  expect(stillHolds(unasked, LEVELS, [backed()])).toBe(false);
  expect(stillHolds(unread, LEVELS, [backed()])).toBe(false);
});
