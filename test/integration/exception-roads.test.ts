import { afterAll, beforeAll, expect, test } from 'vitest';
import { requestException } from '../../bot/console/request-exception.ts';
import { handlersOf } from '../../bot/handlers-of.ts';
import { aBlockedGate, EXCEPTION_TERMS } from '../fakes/blocked-gate.ts';
import { answerOf, type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { AUDIENCE, createEntra, type Entra } from '../fakes/entra.ts';
import { actor, nextOp } from '../fakes/exception-scene.ts';

// Behaviour 39: whichever road somebody takes, the same is mandatory and the same is refused.

let entra: Entra;
let scene: CheckScene;
let print: string;
beforeAll(async () => {
  entra = await createEntra();
  scene = await setCheckScene({ API_AUDIENCE: AUDIENCE }, { entraKeys: entra.keys });
  [print = ''] = (await aBlockedGate(scene)).prints;
});
afterAll(() => scene.close());

type Wish = Readonly<Record<string, string | undefined>>;

const good = (): Wish => ({
  service: 'payments-api',
  environment: 'prod',
  control: 'secret-scanning',
  fingerprint: print,
  ...EXCEPTION_TERMS,
});

/** `baseline` is a word on the command line alone. */
const sent = (wish: Wish) => ({ ...filled(wish), ...(wish['baseline'] === undefined ? {} : { baseline: true }) });
const filled = (wish: Wish) => Object.fromEntries(Object.entries(wish).filter(([, value]) => value !== undefined));

async function overHttp(wish: Wish) {
  const response = await fetch(`${scene.url}/api/exceptions`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${await entra.person(PEOPLE.adele)}` },
    body: JSON.stringify(sent(wish)),
  });
  const { status, json } = await answerOf(response);
  return { status, code: json['code'], detail: String(json['detail']) };
}

async function onTheCommandLine({ fingerprint, reasonClass, ...rest }: Wish) {
  const call = { url: scene.url, token: () => entra.person(PEOPLE.adele), fetch };
  return requestException(
    call,
    filled({ ...rest, finding: fingerprint, class: reasonClass }) as Record<string, string>,
  );
}

/** By the button of the form. */
async function inChat(wish: Wish): Promise<string> {
  const { runAction } = handlersOf(scene.app.core);
  const verb = 'exception.submit';
  return (await runAction(actor(PEOPLE.adele), { verb, data: { verb, ...sent(wish) }, op: nextOp() })).text;
}

test.each<[string, Wish, string]>([
  ['no owner', { owner: undefined }, 'field-missing'],
  ['no kind of reason', { reasonClass: undefined }, 'field-missing'],
  ['no reason', { reason: undefined }, 'field-missing'],
  ['a blank reason', { reason: '   ' }, 'field-missing'],
  ['no last day', { until: undefined }, 'field-missing'],
  ['no review', { reviewEvery: undefined }, 'field-missing'],
  ['a reason that says nothing', { reason: 'later' }, 'reason-too-short'],
  ['a reason without end', { reason: 'x'.repeat(2_001) }, 'text-too-long'],
  ['a kind of reason of its own', { reasonClass: 'because' }, 'reason-class-unknown'],
  ['an owner whom nobody knows', { owner: 'nobody@contoso.example' }, 'owner-unknown'],
  ['a guest as owner', { owner: 'pat@partner.example' }, 'owner-guest'],
  ['an object id of nobody', { owner: 'user:00000000-0000-4000-8000-0000000000ff' }, 'owner-unknown'],
  ['a day that is none', { until: '2026-02-30' }, 'date'],
  ['a day that is over', { until: '2001-01-01' }, 'date'],
  ['a day in some month', { until: '01/02/2030' }, 'date'],
  ['a day beyond the maximum', { until: 'in 8 days' }, 'until-too-far'],
  ['a review that is none', { reviewEvery: 'sometimes' }, 'review-unreadable'],
  ['a review that is too rare', { reviewEvery: '3d' }, 'review-too-rare'],
  ['a finding that is not open', { fingerprint: 'f'.repeat(32) }, 'unknown-finding'],
  ['every secret that may come', { fingerprint: undefined }, 'scope-too-wide'],
  ['all secrets as the service comes in', { fingerprint: undefined, baseline: 'true' }, 'no-baseline'],
  ['another control', { control: 'sast' }, 'other-control'],
  ['a service that is none', { service: 'nobody-s' }, 'unknown-service'],
  ['an environment that is none', { environment: 'moon' }, 'unknown-environment'],
])('behaviour 39: %s is refused alike on every road', async (_what, over, code) => {
  const wish = { ...good(), ...over };
  const before = await scene.rows();
  const answered = await overHttp(wish);
  expect(answered.code).toBe(code);
  expect(await onTheCommandLine(wish)).toEqual({ exitCode: 1, lines: [], remarks: [answered.detail] });
  expect(await inChat(wish)).toContain(answered.detail);
  expect(await scene.rows()).toEqual(before);
});

test('behaviour 39: what is missing is named all at once on every road', async () => {
  const { service, environment, control, fingerprint } = good();
  const wish = { service, environment, control, fingerprint };
  const answered = await overHttp(wish);
  for (const words of ['owner', 'kind of reason', 'reason', 'last day', 'how often'])
    expect(answered.detail).toContain(words);
  expect(await onTheCommandLine(wish)).toMatchObject({ exitCode: 1, remarks: [answered.detail] });
  expect(await inChat(wish)).toContain(answered.detail);
});

test('behaviour 39: whatever road comes second finds what the first has asked for', async () => {
  const wish = good();
  const first = await onTheCommandLine(wish);
  expect(first).toMatchObject({
    exitCode: 0,
    lines: [expect.stringMatching(/^EX-\d+ is requested, until the end of /)],
  });
  const id = String(first.lines[0]).split(' ')[0] ?? '';
  expect((await overHttp(wish)).status).toBe(201);
  expect(await inChat(wish)).toContain(id);
  expect(await scene.app.core.exceptionViews.view(actor(PEOPLE.adele), id)).toMatchObject({
    target: { control: 'secret-scanning', service: 'payments-api', environment: 'prod', fingerprints: [print] },
    terms: { owner: 'group:payments-owners', reasonClass: 'fix-scheduled', reason: EXCEPTION_TERMS.reason },
    state: 'requested',
  });
});
