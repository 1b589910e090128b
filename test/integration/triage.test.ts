import { expect, test } from 'vitest';
import type { TriageWish } from '../../services/triage.ts';
import { actor, CAST } from '../fakes/exception-scene.ts';
import { edited, policyFolder } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';
import { aWarning, evidenceOf, ORG, printIn, refusalOf, wish } from '../fakes/triage-scene.ts';

const PAT = '78f1bdf8-c249-4648-bb9a-88502761ba65';
const NOBODY = 'f0000000-0000-4000-8000-000000000000';

test('an owner claims a warning: it is theirs in every environment of its service, and the record says so', async () => {
  const { world, fingerprint } = await aWarning();

  const answer = await world.core.triage.claim(wish(fingerprint, CAST.adele));

  expect(answer).toMatchObject({
    kind: 'done',
    triage: { assignee: CAST.adele, by: CAST.adele, at: world.now },
    assignee: { name: 'Adele Vance' },
    finding: { places: [{ environment: 'prod' }, { environment: 'staging' }] },
  });
  expect(await evidenceOf(world, fingerprint)).toMatchObject([
    {
      kind: 'finding-claimed',
      actor: { oid: CAST.adele },
      data: { fingerprint, environments: ['prod', 'staging'], after: { assignee: CAST.adele } },
    },
  ]);
});

test('the beginning of a fingerprint is enough, and without a service it is looked for where the person is concerned', async () => {
  const { world, fingerprint } = await aWarning();
  const { service: _, ...short } = wish(fingerprint.slice(0, 8).toUpperCase(), CAST.diego);

  expect(await world.core.triage.claim(short)).toMatchObject({ kind: 'done', finding: { key: { fingerprint } } });

  const { service: _1, ...elsewhere } = wish(fingerprint.slice(0, 8), CAST.lee);
  // Lee belongs to the contract's owner, who may look everywhere, and owns nothing of payments.
  expect(refusalOf(await world.core.triage.claim(elsewhere))).toMatchObject({ code: 'not-concerned' });
});

test.each<[string, Partial<TriageWish>, object]>([
  ['of seven characters', { fingerprint: 'abcdef0' }, { code: 'fingerprint-unreadable' }],
  ['that is none', { fingerprint: "' or 1 eq 1" }, { code: 'fingerprint-unreadable' }],
  ['that nothing has', { fingerprint: '00000000' }, { code: 'unknown-finding', service: 'payments-api' }],
  ['of another service', { service: 'orders-api' }, { code: 'unknown-finding', service: 'orders-api' }],
  ['of no service', { service: 'nothing~-' }, { code: 'unknown-service', known: ['payments-api', 'orders-api'] }],
  ['in no environment', { environment: 'moon' }, { code: 'unknown-environment', known: ['prod', 'staging'] }],
])('a finding %s is refused and nothing is written', async (_what, over, why) => {
  const { world, fingerprint } = await aWarning();
  expect(refusalOf(await world.core.triage.claim(wish(fingerprint, CAST.adele, over)))).toMatchObject(why);
  expect(await world.ports.triage.of(ORG, 'payments-api')).toEqual(new Map());
});

test('a name of a service is known in any case of its letters, and never another one', async () => {
  const { world, fingerprint } = await aWarning();
  expect(await world.core.triage.claim(wish(fingerprint, CAST.adele, { service: 'Payments-API' }))).toMatchObject({
    finding: { key: { service: 'payments-api' } },
  });
});

test('two findings that begin alike are told apart by nobody: the person names more of it', async () => {
  const { world, fingerprint } = await aWarning();
  await scanned(world, ['weak-random'], { service: 'orders-api' });
  const { service: _, ...both } = wish(fingerprint.slice(0, 8), CAST.alex);
  const other = await printIn(world, 'orders-api');
  const why = refusalOf(await world.core.triage.claim(both));
  // The service is no part of a fingerprint: the same place in two repositories has the same one.
  expect(other).toBe(fingerprint);
  expect(why).toMatchObject({
    code: 'several-findings',
    found: [
      { service: 'orders-api', fingerprint },
      { service: 'payments-api', fingerprint },
    ],
  });
});

test.each<[string, string, object]>([
  [
    'neither an owner nor a lead',
    CAST.isaiah,
    { code: 'not-concerned', owners: ['group:payments-owners'], lead: 'group:payments-leads' },
  ],
  ['a guest', PAT, { code: 'stranger', refusal: 'guest' }],
  ['a stranger', NOBODY, { code: 'stranger', refusal: 'not-in-directory' }],
])('who is %s changes nothing, by no word', async (_who, oid, why) => {
  const { world, fingerprint } = await aWarning();
  const { triage } = world.core;
  const answers = [
    await triage.claim(wish(fingerprint, oid)),
    await triage.release(wish(fingerprint, oid)),
    await triage.snooze({ ...wish(fingerprint, oid), until: 'tomorrow' }),
    await triage.assign({ ...wish(fingerprint, oid), to: { kind: 'person', oid } }),
  ];
  for (const answer of answers) expect(refusalOf(answer)).toMatchObject(why);
  expect(await triage.offer(wish(fingerprint, oid))).toMatchObject(why);
  expect(await evidenceOf(world, fingerprint)).toEqual([]);
});

test('somebody of another tenant changes nothing', async () => {
  const { world, fingerprint } = await aWarning();
  const by = { ...actor(CAST.adele), tenant: '11111111-1111-4111-8111-111111111111' };
  expect(refusalOf(await world.core.triage.claim(wish(fingerprint, CAST.adele, { by })))).toEqual({
    code: 'stranger',
    refusal: 'wrong-tenant',
  });
});

test('a lead of the service may say something too, and whoever was named may hand it on', async () => {
  const { world, fingerprint } = await aWarning();
  const { triage } = world.core;
  const to = (oid: string) => ({ kind: 'person', oid }) as const;

  expect(await triage.assign({ ...wish(fingerprint, CAST.megan), to: to(CAST.isaiah) })).toMatchObject({
    triage: { assignee: CAST.isaiah, by: CAST.megan },
  });
  expect(await triage.assign({ ...wish(fingerprint, CAST.isaiah), to: to(CAST.lee) })).toMatchObject({ kind: 'done' });
  expect(refusalOf(await triage.release(wish(fingerprint, CAST.isaiah)))).toMatchObject({ code: 'not-concerned' });
  expect((await evidenceOf(world, fingerprint)).map(({ kind }) => kind)).toEqual([
    'finding-assigned',
    'finding-assigned',
  ]);
});

test('what somebody has is not taken by a claim, only given by an owner', async () => {
  const { world, fingerprint } = await aWarning();
  await world.core.triage.claim(wish(fingerprint, CAST.adele));

  const answer = await world.core.triage.claim(wish(fingerprint, CAST.diego));
  expect(refusalOf(answer)).toEqual({ code: 'claimed', name: 'Adele Vance' });

  const given = { ...wish(fingerprint, CAST.diego), to: { kind: 'person', oid: CAST.diego } as const };
  expect(await world.core.triage.assign(given)).toMatchObject({ triage: { assignee: CAST.diego } });
});

test('nobody is named who is a guest, disabled, unknown or one of two', async () => {
  const policyDir = await policyFolder([
    'directory.yaml',
    '  - oid: d20939b8-87c4-4046-b361-3c2c9a0a46e8',
    [
      '  - { oid: 10000000-0000-4000-8000-000000000002, name: Gone Gordon, upn: gone@contoso.example, disabled: true }',
      '  - { oid: 10000000-0000-4000-8000-000000000003, name: Isaiah Langer, upn: isaiah2@contoso.example }',
      '  - oid: d20939b8-87c4-4046-b361-3c2c9a0a46e8',
    ].join('\n'),
  ]);
  const { world, fingerprint } = await aWarning({ policyDir });
  const codes = [];
  for (const text of ['Pat Visitor', 'Gone Gordon', 'Bob Dylan', 'Isaiah Langer'])
    codes.push(
      refusalOf(await world.core.triage.assign({ ...wish(fingerprint, CAST.adele), to: { kind: 'typed', text } })),
    );
  expect(codes).toEqual([
    { code: 'assignee-guest', name: 'Pat Visitor' },
    { code: 'assignee-disabled', name: 'Gone Gordon' },
    { code: 'nobody-meant' },
    { code: 'several-meant' },
  ]);
});

test('a leaver has nothing: the next owner claims it without asking anybody', async () => {
  const policyDir = await policyFolder();
  const { world, fingerprint } = await aWarning({ policyDir });
  await world.core.triage.claim(wish(fingerprint, CAST.adele));
  await edited(policyDir, ['directory.yaml', '    name: Adele Vance\n', '    name: Adele Vance\n    disabled: true\n']);

  expect(refusalOf(await world.core.triage.release(wish(fingerprint, CAST.adele)))).toEqual({
    code: 'stranger',
    refusal: 'disabled',
  });
  expect(await world.core.triage.claim(wish(fingerprint, CAST.diego))).toMatchObject({
    kind: 'done',
    triage: { assignee: CAST.diego },
  });
});

test('a repeated click changes nothing and is answered as before', async () => {
  const { world, fingerprint } = await aWarning();
  const click = wish(fingerprint, CAST.adele);
  const first = await world.core.triage.claim(click);
  world.advance(1);

  const again = await world.core.triage.claim(click);

  expect(again).toMatchObject({ kind: 'done', triage: { at: first.kind === 'done' ? first.triage?.at : '' } });
  expect(await evidenceOf(world, fingerprint)).toHaveLength(1);
});

test('two who claim at the same moment: one has it, the other is told who', async () => {
  const { world, fingerprint } = await aWarning();
  const answers = await Promise.all([
    world.core.triage.claim(wish(fingerprint, CAST.adele)),
    world.core.triage.claim(wish(fingerprint, CAST.diego)),
  ]);
  expect(answers.map(({ kind }) => kind).sort()).toEqual(['done', 'refused']);
  expect(answers.map(refusalOf)).toContainEqual(expect.objectContaining({ code: 'claimed' }));
  expect(await evidenceOf(world, fingerprint)).toHaveLength(1);
});
