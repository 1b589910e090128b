import { expect, test } from 'vitest';
import { createListExceptions } from '../../bot/handlers/list-exceptions.ts';
import type { ExceptionFilter, ExceptionList } from '../../services/domain/exception-list.ts';
import type { TermsWish } from '../../services/domain/exception-terms.ts';
import type { OutsideException } from '../../services/domain/outside-exception.ts';
import { createExceptionLists } from '../../services/exception-lists.ts';
import { DirectoryUnavailableError } from '../../services/ports/directory.ts';
import { ORG } from '../builders.ts';
import { buttonById } from '../cards/read.ts';
import { type CoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { aLife } from '../fakes/deployments.ts';
import {
  actor,
  ask,
  exceptionAt,
  exceptionOf,
  grant,
  kindsOf,
  meetAll,
  nextOp,
  pass,
  TERMS,
} from '../fakes/exception-scene.ts';
import { edited } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';
import { by } from '../fakes/waiting-gate.ts';

/** The secret of the fixture blocks in production, and is excepted until the 30th unless said otherwise; such exceptions last 60 days. */
async function excepted(terms: TermsWish = {}) {
  const life = await aLife(
    ['contract.yaml', 'max: 7d\n      renewals: 1', 'max: 60d\n      renewals: 1'],
    ['contract.yaml', 'reviewEvery: 2d', 'reviewEvery: 30d'],
  );
  const { world } = life;
  await meetAll(world);
  await world.report('gitleaks-orders.sarif');
  const requestId = await life.deploy();
  const { id } = exceptionOf(await ask(world, { requestId }, terms));
  await grant(world, id);
  return { ...life, requestId, id };
}

async function listed(
  { core }: Pick<CoreWorld, 'core'>,
  which: ExceptionFilter['which'],
  { oid = PEOPLE.isaiah, service }: { oid?: string; service?: string } = {},
): Promise<ExceptionList> {
  const answer = await core.exceptionLists.list(actor(oid), { which, ...(service === undefined ? {} : { service }) });
  if ('code' in answer) throw new Error(JSON.stringify(answer));
  return answer;
}

const ids = ({ rows }: ExceptionList) => rows.map(({ exception }) => exception.id);

test('what is not over is listed for everybody, mine for those who own or asked for it', async () => {
  const { world, id } = await excepted();

  expect(ids(await listed(world, 'open'))).toEqual([id]);
  expect(ids(await listed(world, 'mine'))).toEqual([]);
  expect(ids(await listed(world, 'mine', { oid: PEOPLE.adele }))).toEqual([id]);
  expect(ids(await listed(world, 'mine', { oid: '136b7a8b-8bfb-4a8d-b680-bd2b183ee7cb' }))).toEqual([id]);
  expect(ids(await listed(world, 'open', { service: 'PAYMENTS-API' }))).toEqual([id]);
  expect(ids(await listed(world, 'open', { service: 'orders-api' }))).toEqual([]);
});

test('a service that nobody knows is a refusal with those that are known', async () => {
  const { world } = await excepted();
  for (const which of ['open', 'ended'] as const) {
    const answer = await world.core.exceptionLists.list(actor(PEOPLE.adele), { which, service: 'payment' });
    expect(answer).toMatchObject({ code: 'unknown-service', known: expect.arrayContaining(['payments-api']) });
  }
});

test('who may read nothing learns nothing, and a directory that is down is said', async () => {
  const { world } = await excepted();
  const stranger = { code: 'stranger', refusal: 'not-in-directory' };
  const nobody = actor('ffffffff-ffff-4fff-8fff-ffffffffffff');
  expect(await world.core.exceptionLists.list(nobody, { which: 'open' })).toEqual(stranger);
  expect(await world.core.exceptionLists.list(nobody, { which: 'ended' })).toEqual(stranger);

  const down = createExceptionLists({
    ...world.ports,
    orgs: [ORG],
    strangerBecause: async () => undefined,
    directory: { ...world.ports.directory, membersOf: () => Promise.reject(new DirectoryUnavailableError('down')) },
  });
  expect(await down.list(actor(PEOPLE.adele), { which: 'mine' })).toEqual({
    code: 'stranger',
    refusal: 'cannot-verify-now',
  });
});

test('one whose time is over is in no list of those in force, even before the sweep; it is among the ended', async () => {
  const { world, id } = await excepted();
  expect(ids(await listed(world, 'expiring'))).toEqual([id]);
  expect(ids(await listed(world, 'ended'))).toEqual([]);

  world.now = '2026-12-01T00:00:00.000Z';
  expect((await exceptionAt(world, id)).state).toBe('active');
  for (const which of ['open', 'mine', 'expiring', 'unused'] as const)
    expect(ids(await listed(world, which, { oid: PEOPLE.adele }))).toEqual([]);
  expect((await listed(world, 'ended')).rows).toMatchObject([{ standing: 'expired', exception: { id } }]);
});

test('revoked and withdrawn ones are among the ended, what ended last on top', async () => {
  const { world, id } = await excepted();
  await world.core.exceptionReviews.revoke({ id, by: actor(PEOPLE.megan), op: nextOp(), why: 'The key leaked again' });
  world.advance(10);
  const again = exceptionOf(await ask(world, { isListed: true }));
  await world.core.exceptionDecisions.withdraw({ id: again.id, by: actor(PEOPLE.adele), op: nextOp(), why: '' });

  const { rows } = await listed(world, 'ended', { service: 'payments-api' });
  expect(rows.map(({ standing }) => standing)).toEqual(['withdrawn', 'revoked']);
});

test('what hides nothing any more is noted by a look, listed after fourteen days, and not once it hides something again', async () => {
  const { world, id } = await excepted({ until: '2026-12-30', reviewEvery: '30d' });
  await world.report('gitleaks-clean.sarif');
  expect((await exceptionAt(world, id)).hides).not.toHaveProperty('noneSince');
  await pass(world, 7);
  const { hides } = await exceptionAt(world, id);
  expect(hides).toMatchObject({ count: 0, noneSince: expect.any(String) });
  expect(await kindsOf(world, id)).toContain('exception-counted');
  expect(ids(await listed(world, 'unused'))).toEqual([]);

  await pass(world, 14);
  expect((await listed(world, 'unused')).rows).toMatchObject([
    { exception: { id }, idle: [{ code: 'unused', since: hides.noneSince }] },
  ]);
  await world.report('gitleaks-orders.sarif');
  expect(ids(await listed(world, 'unused'))).toEqual([]);
});

test('the owner of an exception is asked as soon as a look finds that its finding is worse by now', async () => {
  const { world, deploy } = await aLife(['contract.yaml', 'reviewEvery: weekly-sync', 'reviewEvery: 30d']);
  await meetAll(world);
  await scanned(world, ['CKV_AZURE_1'], { tool: 'checkov', score: '8.0' });
  const requestId = await deploy();
  const terms = { until: '2026-12-20', reviewEvery: '26d' };
  const { id } = exceptionOf(await ask(world, { requestId, control: 'iac' }, terms));
  await grant(world, id);
  await pass(world, 6);
  expect((await exceptionAt(world, id)).reviews.askedAt).toBeUndefined();

  await scanned(world, ['CKV_AZURE_1'], { tool: 'checkov', score: '9.8' });
  await pass(world, 2);
  expect((await exceptionAt(world, id)).reviews).toMatchObject({ outgrown: 'severity', askedAt: expect.any(String) });
  expect(await kindsOf(world, id)).toContain('review-reopened');
  expect((await listed(world, 'unused')).rows).toMatchObject([{ idle: [{ code: 'outgrown', how: 'severity' }] }]);
});

test('an exception in force whose control is gone is listed as an orphan, with nothing else lost', async () => {
  const { world, id, policyDir } = await excepted();
  expect(ids(await listed(world, 'unused'))).toEqual([]);

  await edited(policyDir, ['contract.yaml', 'secret-scanning', 'secrets']);
  world.advance(5);
  const { rows } = await listed(world, 'unused');
  expect(rows).toMatchObject([{ exception: { id }, idle: [{ code: 'orphan', gone: 'control' }] }]);
});

test('what another tool lets pass is matched with what blocks here, covers nothing by itself, and is requested like any other', async () => {
  const { world, deploy, gate } = await aLife();
  await meetAll(world);
  await scanned(world, ['CKV_AZURE_1', 'CKV_AZURE_2'], { tool: 'checkov', score: '8.0' });
  const entry: OutsideException = {
    source: 'trivy',
    line: 1,
    name: 'storage',
    rules: ['ckv_azure_1'],
    paths: [],
    narrowedBy: [],
    terms: { ...TERMS, reviewEvery: 'weekly-sync' },
  };
  const place = { service: 'payments-api', environment: 'prod' };
  const [imported] = [await world.core.exceptionImports.judge([entry], place)].flat();
  if (imported === undefined || !('kind' in imported) || imported.kind !== 'complete') throw new Error('not matched');
  expect(imported.fingerprints).toHaveLength(1);
  expect((await gate(await deploy())).judgement?.blocks.map(({ rule }) => rule)).toEqual([
    'CKV_AZURE_1',
    'CKV_AZURE_2',
  ]);
  expect(ids(await listed(world, 'open'))).toEqual([]);

  const wish = { control: 'iac', fingerprints: imported.fingerprints };
  expect(exceptionOf(await ask(world, wish, entry.terms))).toMatchObject({ state: 'requested', target: wish });
  expect(await world.core.exceptionImports.judge([entry], { ...place, environment: 'moon' })).toMatchObject({
    code: 'unknown-environment',
  });
});

test('in the chat: the list as card and text, and a sentence for a service that nobody knows', async () => {
  const { world, id } = await excepted();
  const list = createListExceptions(world.core);

  const { card, text } = await list(by(PEOPLE.isaiah), { which: 'open' });
  expect(card && buttonById(card, 'view-1')?.data).toMatchObject({ verb: 'exception.view', exceptionId: id });
  expect(text).toContain(`${id} · secret-scanning in prod`);
  expect((await list(by(PEOPLE.isaiah), { which: 'open', service: 'payment' })).text).toMatch(
    /^The catalog has no such service. It has /,
  );
});
