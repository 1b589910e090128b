import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { METRICS } from '../../services/ports/telemetry.ts';
import { createOtlpTelemetry } from '../../services/telemetry/otlp-telemetry.ts';
import { type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { type Collector, startCollector } from '../fakes/collector.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { API_KEY, CHECK_KEY } from '../fakes/countersign.ts';

// One approval of the whole product over real ports, as a collector of OpenTelemetry sees it.

const alex = { oid: PEOPLE.alex, name: 'Alex Wilber' };
const COMMENT = 'looks-good-canary-5d1f';
const TRACE = 'c0ffee00c0ffee00c0ffee00c0ffee00';
const CALLER = 'ca11e400ca11e400';
const PATIENCE = { timeout: 20_000 };

let collector: Collector;
let scene: CheckScene;
let requestId: string;
let jobToken: string;
beforeAll(async () => {
  collector = await startCollector();
  const pace = { metricsEveryMs: 200, spansEveryMs: 50 };
  scene = await setCheckScene({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url }, { pace });
  await scene.teams.install(alex);
  requestId = await approveOne();
  await vi.waitFor(() => {
    expect(spansNamed('gate.outbox verdict')).toHaveLength(1);
    expect(values('gate.verdict.sent')).toHaveLength(1);
  }, PATIENCE);
});
afterAll(async () => {
  await scene.close();
  await collector.close();
});

async function approveOne(): Promise<string> {
  const { teams, azureDevOps } = scene;
  const check = scene.waiting();
  const { commit } = check.run;
  jobToken = check.token;
  await scene.report('semgrep-payments.sarif', { service: 'payments-api', commit });
  await scene.report('gitleaks-clean.sarif', { service: 'payments-api', commit });
  // Sampled out by its caller: that is not theirs to say.
  const answer = await scene.send(check, { headers: { traceparent: `00-${TRACE}-${CALLER}-00` } });
  expect(answer.status).toBe(200);
  const id = String(answer.json['requestId']);
  const message = await teams.until(() =>
    teams.messages().find((one) => ['approval.decide', id].every((part) => JSON.stringify(one).includes(part))),
  );
  await teams.press(alex, message, { verb: 'approval.decide', verdict: 'approve' }, { comment: COMMENT });
  await vi.waitFor(() => expect(azureDevOps.verdictOf(check)).toBe('succeeded'), PATIENCE);
  return id;
}

const spansNamed = (name: string) => collector.spans().filter((span) => span.name === name);
const values = (metric: string) => collector.points().filter((point) => point.metric === metric);

test('delivery, judgement, card, click and verdict of a request are one trace, that of its caller', () => {
  const received = spansNamed('POST /api/azure-devops/checks').find(({ traceId }) => traceId === TRACE);
  expect(received?.parentSpanId).toBe(CALLER);
  const [kept] = spansNamed('gate.receive');
  expect(kept).toMatchObject({
    traceId: TRACE,
    parentSpanId: received?.spanId,
    attributes: { 'gate.outcome': 'accepted', 'gate.request_id': requestId },
  });
  for (const name of ['gate.outbox judge', 'gate.outbox card', 'gate.click', 'gate.outbox verdict']) {
    const [span] = spansNamed(name);
    expect(span, name).toMatchObject({ traceId: TRACE, parentSpanId: kept?.spanId });
    expect(span?.attributes['gate.request_id']).toBe(requestId);
  }
});

test('calls to Azure DevOps and Teams stand below what they are made for', () => {
  const [verdict] = spansNamed('gate.outbox verdict');
  expect(spansNamed('azure-devops complete')).toEqual([
    expect.objectContaining({ traceId: TRACE, parentSpanId: verdict?.spanId }),
  ]);
  const cards = spansNamed('gate.outbox card').map(({ spanId }) => spanId);
  expect(cards).toContain(spansNamed('teams post')[0]?.parentSpanId);
});

test('a traceparent that is none begins a trace of its own', async () => {
  for (const wrong of [
    `00-${'0'.repeat(32)}-${CALLER}-01`,
    `00-${TRACE.toUpperCase()}-${CALLER}-01`,
    `ff-${TRACE}-${CALLER}-01`,
    'x',
  ]) {
    const before = spansNamed('GET /api/requests/:id').length;
    await scene.send(scene.waiting(), { headers: { traceparent: wrong, 'X-Countersign-Key': 'nobody' } });
    await fetch(`${scene.url}/api/requests/${requestId}`, { headers: { traceparent: `00-${TRACE}-${CALLER}-01` } });
    await expect.poll(() => spansNamed('GET /api/requests/:id')).toHaveLength(before + 1);
  }
  const refused = spansNamed('POST /api/azure-devops/checks').filter(
    (span) => span.attributes['http.response.status_code'] === '401',
  );
  expect(refused).toHaveLength(4);
  for (const span of [...refused, ...spansNamed('GET /api/requests/:id')]) {
    expect(span.traceId).not.toBe(TRACE);
    expect(span).not.toHaveProperty('parentSpanId', CALLER);
  }
});

test('an approval is counted where it happens', () => {
  const counted = (metric: string, labels: Readonly<Record<string, string>>) =>
    values(metric).find((point) => Object.entries(labels).every(([name, value]) => point.labels[name] === value))
      ?.value;
  expect(counted('gate.checks.received', { env: 'prod', result: 'accepted' })).toBe(1);
  expect(counted('gate.verdict.sent', { verdict: 'succeeded' })).toBe(1);
  expect(counted('gate.decision.duration', { decision: 'approved' })).toBe(1);
  expect(counted('gate.verdict.delay', { decision: 'approved' })).toBe(1);
  expect(counted('gate.click.ack.duration', { verb: 'approval.decide' })).toBe(1);
  expect(counted('gate.outbox.attempts', { kind: 'verdict', outcome: 'done' })).toBe(1);
  expect(
    counted('http.server.request.duration', {
      'http.route': '/api/azure-devops/checks',
      'http.response.status_code': '200',
    }),
  ).toBe(1);
  expect(counted('gate.storage.calls', { op: 'commit' })).toBeGreaterThan(5);
  expect(counted('gate.lease.changes', { to: 'held' })).toBe(1);
  for (const gauge of ['gate.outbox.age.max', 'gate.due.lag', 'gate.eventloop.lag'])
    expect(values(gauge)).toHaveLength(1);
});

test('what was refused is counted by its reason, and a name that nobody knows is no label', async () => {
  await scene.send(scene.waiting('payments-api', { environment: 'canary-environment' }));
  await scene.send(scene.waiting(), { headers: { 'X-Countersign-Key': 'nobody' } });
  await expect
    .poll(() => values('gate.auth.rejected').map(({ labels }) => labels['reason']))
    .toContain('unauthenticated');
  await expect
    .poll(() => values('gate.checks.received').find(({ labels }) => labels['result'] === 'invalid')?.labels['env'])
    .toBe('other');
});

test('no metric has a label that its table does not name, and none is an id, a name or a text', () => {
  const bad = collector.points().filter(({ metric, labels }) => {
    const known: readonly string[] = METRICS[metric as keyof typeof METRICS]?.labels ?? [];
    return Object.keys(labels).some((name) => !known.includes(name));
  });
  expect(bad).toEqual([]);
  const texts = collector.points().flatMap(({ labels }) => Object.values(labels));
  expect(texts.filter((text) => /[0-9a-f]{8}-|\s/.test(text) || text === requestId)).toEqual([]);
});

test('the collector got no token, no secret, no comment and no name', () => {
  const all = collector.bodies.join('\n');
  expect(all.length).toBeGreaterThan(1_000);
  expect(jobToken.length).toBeGreaterThan(10);
  for (const secret of [
    jobToken,
    scene.azureDevOps.pat,
    CHECK_KEY,
    API_KEY,
    COMMENT,
    'canary-environment',
    'Alex',
    'Adele',
    alex.oid,
    PEOPLE.adele,
  ])
    expect(all).not.toContain(secret);
});

test('what fails is told by the name of its error, and never by its text', async () => {
  const options = { endpoint: new URL(collector.url), instance: 'another', spansEveryMs: 20 };
  const telemetry = createOtlpTelemetry({ ...options, failed: () => undefined, recovered: () => undefined });
  const failing = telemetry.span('failing', {}, () => Promise.reject(new TypeError('canary-text-8812')));
  await expect(failing).rejects.toThrow('canary-text-8812');
  await telemetry.stop();
  expect(spansNamed('failing')).toEqual([expect.objectContaining({ attributes: { 'error.type': 'TypeError' } })]);
  expect(collector.bodies.join('\n')).not.toContain('canary-text-8812');
});

test.each([
  ['answers 500', { on: /v1/, status: 500 }],
  ['never answers', { on: /v1/, delayMs: 1 }],
])('a collector that %s keeps no gate from being decided, and is told of once', async (_what, fault) => {
  const untaken = () => scene.lines.filter((line) => line.includes('telemetry not taken by the collector'));
  const before = untaken().length;
  const mend = collector.faults.add(fault);
  await approveOne();
  // One line each for traces and metrics; a call that hangs has ten seconds.
  if ('status' in fault) await vi.waitFor(() => expect(untaken().length).toBeGreaterThan(before), PATIENCE);
  mend();
  expect(untaken().length - before).toBeLessThanOrEqual(2);
});

test('a collector that is gone keeps no gate from being decided, and no process from ending', async () => {
  await collector.close();
  await approveOne();
  const from = performance.now();
  await scene.app.stop();
  expect(performance.now() - from).toBeLessThan(15_000);
});
