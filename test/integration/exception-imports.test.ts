import { expect, test } from 'vitest';
import { handlersOf } from '../../bot/handlers-of.ts';
import { sha256 } from '../../services/domain/checksum.ts';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import type { ImportAnswer } from '../../services/exception-imports.ts';
import { openFindings } from '../../services/ports/open-findings.ts';
import { COMMIT } from '../builders.ts';
import { buttonById, objectsIn } from '../cards/read.ts';
import { type CoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { actor, exceptionAt, grant, nextOp, pass } from '../fakes/exception-scene.ts';
import {
  asked,
  assessed,
  aWorld,
  became,
  bring,
  chainOf,
  exemption,
  exemptionId,
  exemptions,
  rowsOf,
  SCOPE,
  TRIVY,
  unmanaged,
} from '../fakes/import-scene.ts';
import { aState, sent, vault } from '../fakes/signal-scene.ts';
import { by } from '../fakes/waiting-gate.ts';

const inputById = (card: unknown, id: string) => objectsIn(card).find((one) => one['id'] === id);

test('an entry without owner, kind, end or review is kept with who brought it in, listed as unmanaged, and covers nothing', async () => {
  const world = await aWorld();

  expect(became(await bring(world, TRIVY))).toEqual([
    { kind: 'unmanaged', missing: ['owner', 'reasonClass', 'until', 'reviewEvery'] },
  ]);

  const { all, evidence } = await world.ports.imports.read(SCOPE);
  expect(all).toMatchObject([{ entry: { name: 'CKV_AZURE_1', line: 2 }, by: { oid: PEOPLE.adele }, at: world.now }]);
  expect(evidence.map(({ entry }) => JSON.parse(entry))).toMatchObject([
    {
      kind: 'exceptions-imported',
      actor: { oid: PEOPLE.adele },
      data: { source: 'trivy', file: sha256(TRIVY), entries: 1, kept: 1, changed: 1, gone: 0 },
    },
  ]);
  expect(await unmanaged(world)).toEqual([['unmanaged', 'CKV_AZURE_1']]);
  expect(await unmanaged(world, 'PAYMENTS-API')).toHaveLength(1);
  expect(await unmanaged(world, 'orders-api')).toEqual([]);
  const { exceptions, requested } = await world.ports.scopes.view(SCOPE, 'any');
  expect([exceptions, requested]).toEqual([[], []]);
});

test('one that says everything is asked for in the name of whoever brings it in, on its own terms', async () => {
  const world = await aWorld();

  expect(became(await bring(world, exemptions(exemption())))).toEqual([{ kind: 'requested', ids: ['EX-1'] }]);

  expect(await exceptionAt(world, 'EX-1')).toMatchObject({
    state: 'requested',
    target: { control: 'azure-policy', fingerprints: [expect.any(String)] },
    terms: { owner: 'group:payments-owners', reasonClass: 'mitigated', until: '2026-11-30', ticket: 'PLAT-7' },
    askers: [{ by: { oid: PEOPLE.adele } }],
  });
  expect(await unmanaged(world)).toEqual([]);
  const kinds = (await chainOf(world)).map(({ entry }) => (JSON.parse(entry) as { kind: string }).kind);
  expect(kinds).toEqual(['exceptions-imported', 'import-requested']);
});

test('an exemption is asked for exactly what it lets pass in Azure: its assignment, its definitions, within its scope', async () => {
  const world = await aWorld();
  const initiative = { policyAssignmentId: '/subscriptions/1/providers/x/initiative' };
  await assessed(world, [
    aState(),
    aState(vault('keys2')),
    aState(vault(), { ...initiative, policyDefinitionReferenceId: 'purge' }),
    aState(vault(), { ...initiative, policyDefinitionReferenceId: 'soft-delete' }),
    aState(vault('keys', 'rg-payments-prod-2')),
  ]);
  const group = vault().split('/providers')[0] ?? '';
  const file = exemptions(
    exemption({}, 'one'),
    exemption({ id: exemptionId('group', group.toUpperCase()) }, 'group'),
    exemption({ ...initiative, policyDefinitionReferenceIds: ['PURGE'] }, 'reference'),
    exemption({ id: exemptionId('elsewhere', vault('keys3')) }, 'elsewhere'),
    exemption({ policyAssignmentId: '/subscriptions/1/providers/x/other' }, 'other'),
  );

  const answers = became(await bring(world, file));

  expect(answers.map(({ kind }) => kind)).toEqual(['requested', 'requested', 'requested', 'unmatched', 'unmatched']);
  const { heads } = await world.ports.scopes.view({ ...SCOPE, environment: '-' }, 'any');
  const groups = heads.flatMap((head) => (head.category === 'policy' ? head.groups : []));
  const samples = groups.flatMap((one) => one.samples);
  const meant = async (id: string) => {
    const { target } = await exceptionAt(world, id);
    return target.fingerprints?.map((print) => samples.find(({ fingerprint }) => fingerprint === print)?.message);
  };
  const ids = answers.flatMap((one) => (one.kind === 'requested' ? one.ids : []));
  expect(ids).toHaveLength(3);
  expect(await meant(ids[0] ?? '')).toHaveLength(1);
  expect(await meant(ids[1] ?? '')).toHaveLength(2);
  expect(await meant(ids[2] ?? '')).toEqual([expect.stringContaining('as purge')]);
});

test('the same file again changes nothing, whoever brings it in, and asks for nothing twice even when that was refused', async () => {
  const world = await aWorld();
  const file = exemptions(exemption(), exemption({ metadata: {} }, 'nobody'));
  await bring(world, file);
  const before = rowsOf(world);

  expect(became(await bring(world, file, { by: actor(PEOPLE.isaiah) }))[0]).toEqual({
    kind: 'requested',
    ids: ['EX-1'],
  });
  expect(rowsOf(world)).toEqual(before);

  const word = { id: 'EX-1', by: actor(PEOPLE.adele), op: nextOp(), why: 'no' };
  await world.core.exceptionDecisions.withdraw(word);
  await world.core.idle();
  await bring(world, file);
  expect(await asked(world)).toEqual([]);
  expect(await unmanaged(world)).toEqual([
    ['unmanaged', 'storage'],
    ['unmanaged', 'nobody'],
  ]);
});

test('what is refused on every road is refused here with the same sentence, and stays listed', async () => {
  const world = await aWorld();
  const [one] = became(await bring(world, exemptions(exemption({ expiresOn: '2027-11-30T23:59:00Z' }))));
  expect(one).toMatchObject({ kind: 'refused', why: { code: 'until-too-far', latest: expect.any(String) } });
  expect(await asked(world)).toEqual([]);
  expect(await unmanaged(world)).toEqual([['unmanaged', 'storage']]);
});

test('what has ended there is not kept, and one whose end has passed since is listed as ended', async () => {
  const world = await aWorld();
  const ended = exemption({ expiresOn: '2026-11-20T23:59:00Z' }, 'old');
  const open = exemption({ metadata: {}, expiresOn: '2026-11-25T23:59:00Z' }, 'soon');
  expect(became(await bring(world, exemptions(ended, open)))[0]).toEqual({ kind: 'ended', until: '2026-11-20' });
  expect(await unmanaged(world)).toEqual([['unmanaged', 'soon']]);
  await pass(world, 2);
  expect(await unmanaged(world)).toEqual([['ended', 'soon']]);
});

test('an entry that its file lacks is gone and kept, unless the file could not be read as a whole; back, it is listed again', async () => {
  const world = await aWorld();
  const [a, b] = [exemption({ metadata: {} }, 'a'), exemption({ metadata: {} }, 'b')];
  await bring(world, exemptions(a, b));
  await bring(world, TRIVY);
  expect(await bring(world, exemptions(a), { isWhole: false })).toMatchObject({ gone: 0 });
  expect(await unmanaged(world)).toHaveLength(3);

  expect(await bring(world, exemptions(a))).toMatchObject({ gone: 1 });
  expect((await unmanaged(world)).map(([, name]) => name)).toEqual(['a', 'CKV_AZURE_1']);
  const { all } = await world.ports.imports.read(SCOPE);
  expect(all.find(({ entry }) => entry.name === 'b')).toMatchObject({ goneAt: world.now });

  await bring(world, exemptions(a, b));
  expect(await unmanaged(world)).toHaveLength(3);
  expect(firstBrokenEntry(await chainOf(world))).toBeUndefined();
});

test('an import asks for so many at once, and the same file again for the rest; what is about the same joins', async () => {
  const world = await aWorld();
  const file = exemptions(...Array.from({ length: 52 }, (_, n) => exemption({}, `same ${n}`)));
  const kinds = (answer: ImportAnswer) => Map.groupBy(became(answer), ({ kind }) => kind);
  const first = kinds(await bring(world, file));
  expect([first.get('requested')?.length, first.get('later')?.length]).toEqual([50, 2]);
  expect(kinds(await bring(world, file)).get('requested')).toHaveLength(52);
  expect(await asked(world)).toEqual(['EX-1']);
  expect(await unmanaged(world)).toEqual([]);
});

test('what an exception in force covers already is no second request, and is not listed', async () => {
  const world = await aWorld();
  await bring(world, exemptions(exemption()));
  await grant(world, 'EX-1');
  const [one] = became(
    await bring(world, exemptions(exemption({ description: 'It is reached over a private endpoint alone' }))),
  );
  expect(one).toEqual({ kind: 'requested', ids: ['EX-1'] });
  expect(await asked(world)).toEqual(['EX-1']);
  expect(await unmanaged(world)).toEqual([]);
});

test('from the list a button opens the form with what is known; asked for, it leaves the list, and is back once that is over', async () => {
  const world = await aWorld();
  await bring(world, TRIVY);
  const { runCommand, runAction } = handlersOf(world.core);
  const { card, text } = await runCommand(by(PEOPLE.adele), 'exceptions unmanaged', nextOp());
  expect(text).toContain('It does not say the owner, the kind of reason, the last day and how often it is reviewed.');
  const pressed = card && buttonById(card, 'request-1');
  const form = await runAction(by(PEOPLE.adele), { verb: String(pressed?.verb), data: pressed?.data, op: nextOp() });
  expect(form.card && inputById(form.card, 'reason')).toMatchObject({
    value: 'The vendor mends it with the next release',
  });
  const submit = form.card && buttonById(form.card, 'submit');
  const said = { owner: 'group:payments-owners', reasonClass: 'no-fix-yet', until: '2026-11-30', reviewEvery: '7d' };
  await runAction(by(PEOPLE.adele), { verb: 'exception.submit', data: { ...submit?.data, ...said }, op: nextOp() });
  await world.core.idle();

  expect(await exceptionAt(world, 'EX-1')).toMatchObject({
    state: 'requested',
    target: { control: 'iac', fingerprints: [expect.any(String)] },
    terms: { reason: 'The vendor mends it with the next release' },
  });
  expect(await unmanaged(world)).toEqual([]);
  await world.core.exceptionDecisions.withdraw({ id: 'EX-1', by: actor(PEOPLE.adele), op: nextOp(), why: 'no' });
  await world.core.idle();
  expect(await unmanaged(world)).toEqual([['unmanaged', 'CKV_AZURE_1']]);
});

test('typed, it is the same form; an entry that is gone, or narrower than its rule, is a sentence', async () => {
  const world = await aWorld();
  await bring(world, `${TRIVY}    purls: ["pkg:npm/lodash"]\n  - id: CKV_AZURE_2\n`);
  const { all } = await world.ports.imports.read(SCOPE);
  const idOf = (name: string) => all.find(({ entry }) => entry.name === name)?.id;
  const { runCommand } = handlersOf(world.core);
  const type = async (id: string | undefined) =>
    runCommand(by(PEOPLE.adele), `request exception import ${id} payments-api prod until 2026-11-30`, nextOp());

  const { card } = await type(idOf('CKV_AZURE_2'));
  expect(card && inputById(card, 'until')).toMatchObject({ value: '2026-11-30' });
  expect((await type(idOf('CKV_AZURE_1'))).text).toContain('limited by pkg:npm/lodash');
  expect((await type('aaaaaaaaaaaaaaaa')).text).toContain('no such entry of another tool');
  expect((await runCommand(by(PEOPLE.adele), 'exceptions payments-api', nextOp())).text).toContain(
    '2 exceptions of other tools are answered for by nobody here',
  );
  await bring(world, TRIVY);
  expect((await type(idOf('CKV_AZURE_2'))).text).toContain('no such entry of another tool here any more');
});

test('whoever is unknown, and a place that the policy does not have, changes nothing', async () => {
  const world = await aWorld();
  const nobody = actor('00000000-0000-4000-8000-000000000000');
  expect(await bring(world, TRIVY, { by: nobody })).toMatchObject({ kind: 'refused', why: { code: 'stranger' } });
  expect(await bring(world, TRIVY, { control: 'moon' })).toMatchObject({ why: { code: 'unknown-control' } });
  expect((await world.ports.imports.read(SCOPE)).all).toEqual([]);
  expect(await world.core.importLists.list(nobody)).toMatchObject({ code: 'stranger' });
  expect(await world.core.importLists.list(actor(PEOPLE.adele), 'moon')).toMatchObject({ code: 'unknown-service' });
});

/** Defender has found the definition of `aState()` there. */
async function foundByDefender({ core }: CoreWorld): Promise<void> {
  const assessment = {
    id: `${vault()}/providers/Microsoft.Security/assessments/21300918`,
    name: '21300918',
    type: 'Microsoft.Security/assessments',
    properties: {
      resourceDetails: { source: 'Azure', id: vault() },
      displayName: 'Vaults should keep what is deleted',
      status: { code: 'Unhealthy' },
      metadata: { severity: 'High', policyDefinitionId: aState().policyDefinitionId },
    },
  };
  const said = { service: 'payments-api', commit: COMMIT, branch: 'refs/heads/main', timing: 'pre-deploy' } as const;
  expect(await core.findings.import({ ...said, body: sent({ value: [assessment] }) })).toMatchObject({ findings: 1 });
  await core.idle();
}

test.each(['before the exemption is asked for', 'after it was granted'])(
  'what Defender has found of the same definition, %s, blocks on: an exemption reaches its own assignment alone',
  async (when) => {
    const world = await aWorld();
    const isBefore = when.startsWith('before');
    if (isBefore) await foundByDefender(world);
    expect(became(await bring(world, exemptions(exemption())))).toEqual([{ kind: 'requested', ids: ['EX-1'] }]);
    expect((await exceptionAt(world, 'EX-1')).target.fingerprints).toHaveLength(1);
    const granted = await grant(world, 'EX-1', PEOPLE.isaiah);
    expect(granted).toMatchObject({ exception: { state: 'active' } });
    if (!isBefore) await foundByDefender(world);

    const policy = await world.ports.policy.current();
    const environment = policy.contract?.environments.get('prod');
    if (environment === undefined) throw new Error('no contract');
    const wanted = { scope: SCOPE, environment, withExceptions: true, now: world.now };
    const open = await openFindings(world.ports.scopes, policy, wanted);
    const blocking = open.filter(({ decision, control }) => decision === 'block' && control === 'azure-policy');
    expect(blocking.flatMap(({ tool, fingerprints }) => fingerprints.map(() => tool)).sort()).toEqual([
      'azure-policy',
      'defender',
    ]);
  },
);
