import type { IAdaptiveCard } from 'adaptivecards';
import { expect, test } from 'vitest';
import { handlersOf } from '../../bot/handlers-of.ts';
import { TENANT } from '../builders.ts';
import { buttonById, objectsIn } from '../cards/read.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { aLife } from '../fakes/deployments.ts';
import { exceptionAt, meetAll, nextOp } from '../fakes/exception-scene.ts';
import { scanned } from '../fakes/scanned.ts';
import { fenced, pageOf } from '../pages.ts';

// docs/how-to/request-and-renew-an-exception.md, followed by the people it is for.

const LINES = fenced(pageOf('docs/how-to/request-and-renew-an-exception.md'))
  .filter(({ language }) => language === 'chat')
  .flatMap(({ text }) => text.trim().split('\n'));

/** The line of the page that begins so, about the exception that there is. */
function lineOf(beginning: string): string {
  const line = LINES.find((one) => one.startsWith(beginning));
  if (line === undefined) throw new Error(`the page has no line "${beginning} …"`);
  return line.replace('EX-12', 'EX-1');
}

/** What a form holds when it is shown. */
function shownIn(card: IAdaptiveCard): Readonly<Record<string, unknown>> {
  const inputs = objectsIn(card).filter(({ type }) => String(type).startsWith('Input.'));
  return Object.fromEntries(inputs.filter(({ value }) => value !== undefined).map(({ id, value }) => [id, value]));
}

test('its lines ask for an exception, have it granted, reviewed and renewed, and what was blocked goes on', async () => {
  const life = await aLife();
  const { world } = life;
  await meetAll(world);
  await scanned(world, ['AVD-AZU-0012'], { tool: 'checkov', level: 'error' });
  const requestId = await life.deploy();
  expect((await life.gate(requestId)).state).toBe('blocked');
  const { runCommand, runAction } = handlersOf(world.core);
  const by = (oid: string) => ({ kind: 'person', tenant: TENANT, oid, name: 'as Teams shows it' }) as const;
  const say = async (oid: string, line: string) => {
    const answer = await runCommand(by(oid), line, nextOp());
    await world.core.idle();
    return answer;
  };
  const askFor = async ({ card }: Awaited<ReturnType<typeof say>>) => {
    const form = card as IAdaptiveCard;
    const data = { reasonClass: 'fix-scheduled', ...buttonById(form, 'submit')?.data, ...shownIn(form) };
    await runAction(by(PEOPLE.adele), { verb: 'exception.submit', data, op: nextOp() });
    await world.core.idle();
  };

  await askFor(await say(PEOPLE.adele, lineOf('request exception iac payments-api prod until')));
  expect((await exceptionAt(world, 'EX-1')).state).toBe('requested');
  expect((await say(PEOPLE.adele, lineOf('exceptions mine'))).text).toContain('EX-1');

  await say(PEOPLE.megan, lineOf('grant'));
  expect((await exceptionAt(world, 'EX-1')).state).toBe('active');
  expect((await life.gate(requestId)).state).not.toBe('blocked');

  expect((await say(PEOPLE.adele, lineOf('review EX-12 keep'))).text).toContain('In force');
  await say(PEOPLE.adele, lineOf('renew'));
  expect(await exceptionAt(world, 'EX-2')).toMatchObject({ state: 'requested', renewal: { renews: 'EX-1' } });
  expect((await exceptionAt(world, 'EX-1')).state).toBe('active');
});

test('its other lines refuse one that is asked for, and end one that is not needed', async () => {
  expect(lineOf('refuse')).toMatch(/^refuse EX-1 ./);
  expect(lineOf('review EX-12 close')).toBe('review EX-1 close');
});
