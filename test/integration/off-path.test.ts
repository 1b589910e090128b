import { describe, expect, test } from 'vitest';
import { handlersOf } from '../../bot/handlers-of.ts';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import { freshTables } from '../contracts/fresh-tables.ts';
import { cardReaders, setAuditScene } from '../fakes/audit-scene.ts';
import { actor, CAST, nextOp } from '../fakes/exception-scene.ts';

// Whoever owns the scope, and whoever reviews the audit, hear within 15 minutes of what was done beside the release path, once.

const OWNERS_AND_REVIEWERS = [CAST.adele, CAST.diego, CAST.lee].sort();
const REASON = 'The shop was down and nobody of the leads could be reached.';

describe.each(freshTables())('off the release path, on %s', (_name, newTable) => {
  test('a deployment without a decision raises its card within 15 minutes, once for each of them, however often it is seen', async () => {
    const scene = await setAuditScene(await newTable());
    await scene.pass(0);
    const run = scene.deploy();
    for (let n = 0; n < 3; n += 1) await scene.pass();
    await scene.round(scene.world.restart());

    expect(cardReaders(scene)).toEqual(OWNERS_AND_REVIEWERS);
    expect(scene.cards()[0]?.offPath).toMatchObject({
      ...{ kind: 'deployment', services: ['payments-api'], environment: 'prod' },
      run: { id: run.id, name: run.name, stage: 'Deploy', attempt: 1 },
    });
    const { raisedAt = '', at: done = '' } = scene.cards()[0]?.offPath ?? {};
    expect(Date.parse(raisedAt) - Date.parse(done)).toBeLessThanOrEqual(15 * 60_000);
  });

  test('a process that dies between reading and recording leaves it to the next one', async () => {
    const scene = await setAuditScene(await newTable());
    await scene.pass(0);
    scene.deploy();
    const { create } = scene.world.ports.offPaths;
    let reached = () => {};
    const died = new Promise<void>((resolve) => {
      reached = resolve;
    });
    // Dead: nothing of it ever goes on.
    Object.assign(scene.world.ports.offPaths, {
      create: () => {
        reached();
        return new Promise(() => {});
      },
    });
    scene.world.advance(5);
    await scene.world.core.reconcile();
    await died;
    Object.assign(scene.world.ports.offPaths, { create });
    expect(scene.cards()).toEqual([]);

    scene.world.advance(5);
    await scene.round(scene.world.restart());

    expect(cardReaders(scene)).toEqual(OWNERS_AND_REVIEWERS);
  });

  test('a process that dies between recording and telling leaves the telling to the next one, within 15 minutes', async () => {
    const scene = await setAuditScene(await newTable());
    await scene.pass(0);
    scene.deploy();
    const { putTold } = scene.world.ports.offPaths;
    let reached = () => {};
    const died = new Promise<void>((resolve) => {
      reached = resolve;
    });
    Object.assign(scene.world.ports.offPaths, {
      putTold: async (...asked: Parameters<typeof putTold>) => {
        await putTold(...asked);
        reached();
        return new Promise(() => {});
      },
    });
    scene.world.advance(5);
    await scene.world.core.reconcile();
    await died;
    Object.assign(scene.world.ports.offPaths, { putTold });
    // Until its claim is old it may be at it still.
    await scene.round(scene.world.restart());
    expect(scene.cards()).toEqual([]);

    scene.world.advance(5);
    await scene.round(scene.world.restart());

    expect(cardReaders(scene)).toEqual(OWNERS_AND_REVIEWERS);
  });

  test('two processes at once tell it once', async () => {
    const scene = await setAuditScene(await newTable());
    await scene.pass(0);
    scene.deploy();
    scene.world.advance(5);
    const other = scene.world.restart();
    await Promise.all([scene.round(), scene.round(other)]);
    await scene.round();

    expect(cardReaders(scene)).toEqual(OWNERS_AND_REVIEWERS);
  });

  test('it is explained by an owner and confirmed by another one, as a bypass is, with its evidence', async () => {
    const scene = await setAuditScene(await newTable());
    await scene.pass(0);
    scene.deploy();
    await scene.pass();
    const { id = '', revision = 0 } = scene.cards()[0]?.offPath ?? {};
    const { runAction, runCommand } = handlersOf(scene.world.core);
    const click = (oid: string, data: object) =>
      runAction(actor(oid), { verb: (data as { verb: string }).verb, data, op: nextOp() });
    const explain = { verb: 'bypass.explain', requestId: id, revision, reason: REASON, ticket: 'INC-1' };

    expect((await scene.world.core.status.deliveryHealth()).offPaths).toMatchObject([
      { id, kind: 'deployment', services: ['payments-api'], environment: 'prod' },
    ]);

    expect((await click(CAST.isaiah, explain)).text).toContain('nor own its services');
    expect((await click(CAST.diego, explain)).text).toContain('waits for payments-owners');
    expect((await runCommand(actor(CAST.diego), `confirm ${id}`, nextOp())).text).toContain(
      'somebody else has to confirm',
    );
    expect((await runCommand(actor(CAST.adele), `confirm ${id}`, nextOp())).text).toContain('confirmed by you');
    await scene.world.core.idle();
    expect((await scene.world.core.status.deliveryHealth()).offPaths).toEqual([]);

    const chain = (await scene.world.ports.offPaths.read(id))?.evidence ?? [];
    expect(firstBrokenEntry(chain)).toBeUndefined();
    expect(chain.map(({ entry }) => JSON.parse(entry).kind)).toEqual([
      ...['off-path-detected', 'bypass-explained', 'bypass-confirmed'],
    ]);
    expect(new Set(scene.cards().map(({ offPath }) => offPath.bypass?.confirmed?.by.oid))).toEqual(
      new Set([CAST.adele]),
    );
    expect((await runCommand(actor(CAST.isaiah), `why ${id}`, nextOp())).text).toContain('Deployed without a decision');
  });

  test('whoever could not be reached is told once they can', async () => {
    const scene = await setAuditScene(await newTable());
    scene.world.teams.answer = (to) => (to.id.endsWith(CAST.adele) ? { kind: 'unavailable' } : undefined);
    await scene.pass(0);
    scene.deploy();
    await scene.pass();
    expect(cardReaders(scene)).toEqual([CAST.diego, CAST.lee].sort());

    scene.world.teams.answer = () => undefined;
    await scene.pass();
    await scene.pass();

    expect(cardReaders(scene)).toEqual(OWNERS_AND_REVIEWERS);
  });
});
