import { expect, onTestFinished, test } from 'vitest';
import { calibrate } from '../../bot/console/calibrate.ts';
import { createShowCalibration } from '../../bot/handlers/show-calibration.ts';
import { createCalibrations } from '../../services/calibrations.ts';
import type { Measurement } from '../../services/domain/calibration.ts';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { ORGANIZATION, TENANT } from '../builders.ts';
import { textById } from '../cards/read.ts';
import { type CoreWorld, createCoreWorld, createCoreWorldOn, PEOPLE } from '../fakes/core-world.ts';
import { startCountersign } from '../fakes/countersign.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';
import { by } from '../fakes/waiting-gate.ts';

const DAY = 1_440;
const commit = (n: number) => n.toString(16).padStart(40, 'e');
const rules = (count: number) => Array.from({ length: count }, (_, n) => `rule-${n}`);
/** Findings that the sample warns of in production: ready once enough of them were mended. */
const READY = 'sast: ready to block – 2 open (2 new), 20 gone, half within 3 days, 0 % came back, 0 % noise';

/** Twenty-two findings of which all but two are gone three days later, in scans of other commits. */
async function mended(world: CoreWorld): Promise<void> {
  await scanned(world, rules(22), { commit: commit(1) });
  world.advance(3 * DAY);
  await scanned(world, rules(2), { commit: commit(2) });
  world.advance(DAY);
}

async function measured({ core }: Pick<CoreWorld, 'core'>, control?: string): Promise<Measurement> {
  const answer = await core.calibrations.calibrate(control === undefined ? {} : { control });
  if (answer.kind !== 'measured') throw new Error(JSON.stringify(answer));
  return answer;
}

test('what pipelines reported over time is measured, of every control but those that never gate', async () => {
  const world = await createCoreWorld();
  await mended(world);

  const { calibrations, services, leftOut, unknown, unkept } = await measured(world);
  const [first, ...others] = calibrations;
  expect(first).toMatchObject({ control: 'sast', advice: 'ready-to-block', owner: 'group:security-leads' });
  expect(first?.figures).toMatchObject({ open: 2, appeared: 2, gone: 20, cameBack: 0, medianFixDays: 3, services: 1 });
  expect(others.map(({ advice }) => advice)).toEqual(others.map(() => 'too-little'));
  expect(calibrations.map(({ control }) => control)).not.toContain('activity');
  expect([services, leftOut, unknown, unkept]).toEqual([2, 0, 0, 0]);
});

test('another branch counts for nothing, and a scan that found the same since moves the figures to its commit', async () => {
  const world = await createCoreWorld();
  await mended(world);
  await scanned(world, rules(9), { commit: commit(3), branch: 'refs/heads/feature' });
  await scanned(world, rules(2), { commit: commit(4), level: 'note' });

  expect((await measured(world, 'sast')).calibrations[0]?.figures).toMatchObject({ open: 2, gone: 20 });
});

test('days that are left out of the window are not counted', async () => {
  const world = await createCoreWorld();
  await mended(world);
  world.advance(10 * DAY);
  const answer = await world.core.calibrations.calibrate({ days: 10, control: 'SAST' });

  expect(answer).toMatchObject({ kind: 'measured', days: 10, calibrations: [{ figures: { gone: 0, appeared: 0 } }] });
});

test('in the chat: a table for the people of the directory, one control with its change, a sentence for what is none', async () => {
  const world = await createCoreWorld();
  await mended(world);
  const ask = createShowCalibration(world.core.calibrations);

  const { card, text } = await ask(by(PEOPLE.isaiah), undefined);
  expect(card && textById(card, 'state')).toContain('1 control is ready to block');
  expect(text).toContain(`✓ ${READY}`);
  const one = await ask(by(PEOPLE.isaiah), 'SAST');
  expect(one.card && textById(one.card, 'title')).toBe('Calibration of sast');
  expect(one.text).toContain('then: block, from: 2026-12-12, justification: "Say why.');
  expect((await ask(by(PEOPLE.isaiah), 'sats')).text).toContain('Did you mean "sast"?');
  expect((await ask(by(PEOPLE.isaiah), 'activity')).text).toContain('never stop a deployment');
});

test('typed in Teams, the command is answered with the card', async () => {
  const { teams, close } = await startCountersign();
  onTestFinished(close);
  const isaiah = { oid: PEOPLE.isaiah, name: 'Isaiah Langer' };
  await teams.install(isaiah);
  const ask = async (typed: string) => {
    expect((await teams.say(isaiah, typed)).status).toBe(200);
    return JSON.stringify(teams.messages().at(-1)?.activity);
  };

  expect(await ask('/Calibration')).toContain('No controls are ready to block');
  expect(await ask('calibration SAST')).toContain('Calibration of sast');
});

test('a stranger gets the refusal and nothing is read for them', async () => {
  const table = createInMemoryTable();
  const world = createCoreWorldOn(table);
  const before = { ...table.calls };
  const ask = createShowCalibration(world.core.calibrations);
  const answer = await ask(by('99999999-0000-4000-8000-000000000009'), undefined);

  expect(answer.card).toBeUndefined();
  expect(answer.text).toContain('your account was not found in the directory');
  expect(table.calls).toEqual(before);
});

test('on the command line: a table that is the same each time, one control in full, and what could not run', async () => {
  const world = await createCoreWorld();
  await mended(world);
  const { calibrations } = world.core;
  const run = (options: Parameters<typeof calibrate>[1] = {}) => calibrate(calibrations, options);

  const { lines, exitCode } = await run();
  expect(exitCode).toBe(0);
  expect(lines[0]).toMatch(
    /^control +advice +open +new +gone +back +half within +90 % within +noise +excepted +oldest +services$/,
  );
  expect(lines[1]?.split(/ {2,}/)).toEqual([
    'sast',
    'ready to block',
    '2',
    '2',
    '20',
    '0 %',
    '3 days',
    '3 days',
    '0 %',
    '-',
    '4 days',
    '1',
  ]);
  expect(await run()).toEqual(await run());
  expect((await run({ control: 'sast' })).lines.join('\n')).toContain(
    'As it could be:\n- { when: { tier: [production]',
  );
  await expect(run({ control: 'sats' })).rejects.toThrow('Did you mean "sast"?');
  for (const days of ['0', '731', '-1', '1.5', 'x']) await expect(run({ days })).rejects.toThrow('allowed: 1 to 730');
});

test('without a contract nothing is measured, and why is said', async () => {
  const world = await createCoreWorld({
    policyDir: await policyFolder(['contract.yaml', 'kind: GatingContract', 'kind: X']),
  });

  expect(await world.core.calibrations.calibrate({})).toMatchObject({ kind: 'no-contract' });
  await expect(calibrate(world.core.calibrations, {})).rejects.toThrow('No valid gating contract is in force.');
});

test('a store that does not answer is a fault, and the next one who asks is answered', async () => {
  let isDown = false;
  const world = await createCoreWorld({ fault: () => (isDown ? 'before' : 'ok') });
  await mended(world);
  isDown = true;
  await expect(measured(world)).rejects.toThrow(StoreUnavailableError);
  isDown = false;
  expect((await measured(world)).calibrations[0]).toMatchObject({ advice: 'ready-to-block' });
});

/** So many services, and what reading their scopes came to. */
async function paced(services: number) {
  const world = await createCoreWorld();
  const { policy, scopes, clock, gates, exceptions } = world.ports;
  const known = await policy.current();
  const [service] = known.catalog.services.values();
  if (service === undefined) throw new Error('the sample has a service');
  const names = Array.from({ length: services }, (_, n) => `service-${String(n).padStart(4, '0')}`);
  const catalog = { ...known.catalog, services: new Map(names.map((name) => [name, { ...service, name }])) };
  let [now, most, lists] = [0, 0, 0];
  const watched = async <T>(read: Promise<T>): Promise<T> => {
    now += 1;
    lists += 1;
    most = Math.max(most, now);
    return read.finally(() => {
      now -= 1;
    });
  };
  const calibrations = createCalibrations({
    tenant: TENANT,
    organizations: [ORGANIZATION],
    clock,
    policy: { current: async () => ({ ...known, catalog }) },
    scopes: {
      view: (...asked) => watched(scopes.view(...asked)),
      eventsSince: (...asked) => watched(scopes.eventsSince(...asked)),
    },
    gates,
    exceptions,
    strangerBecause: async () => undefined,
  });
  return { calibrations, counted: () => ({ most, lists }) };
}

test('at most eight scopes are read at once and 2,000 in all; how many services were left out is said', async () => {
  const { calibrations, counted } = await paced(700);

  // Each in every environment of the sample, and in the one that stands for all.
  expect(await calibrations.calibrate({})).toMatchObject({ services: 666, leftOut: 34 });
  expect(counted()).toEqual({ most: 8, lists: 2 * 3 * 666 });
});

test('whoever asks while it is being measured gets the same figures and reads nothing again', async () => {
  const { calibrations, counted } = await paced(10);
  const [one, other] = await Promise.all([calibrations.calibrate({}), calibrations.calibrate({ control: 'sast' })]);

  expect(counted().lists).toBe(2 * 3 * 10);
  expect(other).toMatchObject({ kind: 'measured', calibrations: [{ control: 'sast' }] });
  expect(one).toMatchObject({ kind: 'measured', services: 10 });
});
