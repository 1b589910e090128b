import { expect, test } from 'vitest';
import { handlersOf } from '../../bot/handlers-of.ts';
import { gateCard } from '../../cards/gate-card.ts';
import { type CoreWorld, createCoreWorld } from '../fakes/core-world.ts';
import { aLife } from '../fakes/deployments.ts';
import { reconciled, sentTo } from '../fakes/digest-scene.ts';
import { actor, ask, CAST, exceptionAt, exceptionOf, grant, meetAll, nextOp, pass } from '../fakes/exception-scene.ts';
import type { Edit } from '../fakes/policy-folder.ts';
import { ORG } from '../fakes/triage-scene.ts';
import { grypeReport, sent, trivyReport } from '../fakes/vulnerable.ts';
import { scannerText } from '../unit/scanner-reports.ts';

const RULE = '      - when: { tier: production, exploitability: known-exploited, fixAvailable: true }\n';
const BLOCKED: Edit = [
  'contract.yaml',
  RULE,
  `      - { when: { tier: production, severity: [critical, high] }, then: block, group: release-integrity }\n${RULE}`,
];
const TARGET = { control: 'dependency-scanning' };
const TERMS = { until: '2026-12-20', reviewEvery: 'sprint', reason: 'The maintainers work on a fix for this one' };
const say = (world: CoreWorld, oid: string, text: string) =>
  handlersOf(world.core).runCommand(actor(oid), text, nextOp());

async function blockedLife() {
  const life = await aLife(BLOCKED);
  await meetAll(life.world);
  return life;
}

async function printsOf({ ports }: CoreWorld) {
  const { heads } = await ports.scopes.view({ org: ORG, service: 'payments-api', environment: '-' }, 'any');
  const printOf = (tool: string) =>
    heads.filter((head) => head.tool === tool).flatMap(({ groups }) => groups.flatMap((one) => one.fingerprints))[0] ??
    '';
  return { trivy: printOf('trivy'), grype: printOf('grype') };
}

test('a gate counts what Trivy and Grype both find once, and its card says who found it', async () => {
  const { world, deploy, gate } = await blockedLife();
  await sent(world, trivyReport());
  await sent(world, grypeReport());

  const blocked = await gate(await deploy());
  expect(blocked).toMatchObject({ state: 'blocked', judgement: { counts: { block: 1 } } });
  const [block] = blocked.judgement?.blocks ?? [];
  expect(block).toMatchObject({ tool: 'grype', count: 1, duplicates: [{ tool: 'trivy', rule: 'CVE-2026-0001' }] });
  expect(JSON.stringify(gateCard(blocked))).toContain('grype, also found by trivy');
});

test('what Azure Policy and Defender say of one resource is counted once too, and the card names both', async () => {
  const { world, deploy, gate } = await blockedLife();
  const send = (name: string) =>
    sent(world, JSON.parse(scannerText(name)), { environment: 'prod', timing: 'pre-deploy' });
  const { findings } = await send('azure-policy.json');
  expect(await send('defender-assessments.json')).toMatchObject({ findings: 1, decisions: { block: 1 } });

  const blocked = await gate(await deploy());
  expect(blocked).toMatchObject({ state: 'blocked', judgement: { counts: { block: findings } } });
  expect(JSON.stringify(gateCard(blocked))).toMatch(
    /(?:azure-policy, also found by defender|defender, also found by azure-policy)/,
  );
});

test('two versions of the package are two findings', async () => {
  const { world, deploy, gate } = await blockedLife();
  await sent(world, trivyReport());
  await sent(world, grypeReport({ version: '2.0.0' }));
  expect((await gate(await deploy())).judgement?.counts.block).toBe(2);
});

test('an exception names the finding by what both tools call it, covers it and hides one', async () => {
  const { world, deploy, gate } = await blockedLife();
  await sent(world, trivyReport());
  await sent(world, grypeReport());
  const { trivy, grype } = await printsOf(world);
  const requestId = await deploy();

  const { id, target, hides } = exceptionOf(await ask(world, { ...TARGET, requestId }, TERMS));
  expect(target.fingerprints).toEqual([trivy, grype].sort());
  expect(hides.count).toBe(1);
  await grant(world, id);
  expect(await gate(requestId)).toMatchObject({ state: 'asked', judgement: { counts: { block: 0 } } });
  await pass(world, 2);
  expect((await exceptionAt(world, id)).hides).toMatchObject({ count: 1 });
  expect((await exceptionAt(world, id)).hides).not.toHaveProperty('noneSince');
});

test('an exception covers what a tool that comes later finds of the same, unless it finds it worse', async () => {
  const { world, deploy, gate } = await blockedLife();
  await sent(world, trivyReport());
  const { id } = exceptionOf(await ask(world, { ...TARGET, requestId: await deploy({ run: 101 }) }, TERMS));
  await grant(world, id);

  await sent(world, grypeReport());
  const passed = await gate(await deploy({ run: 102 }));
  expect(passed).toMatchObject({ state: 'asked', judgement: { counts: { block: 0 } } });
  expect(passed.judgement?.warns.filter(({ exceptionId }) => exceptionId === id)).toMatchObject([
    { tool: 'trivy', count: 1, duplicates: [{ tool: 'grype' }] },
  ]);

  await sent(world, grypeReport({ severity: 'critical' }));
  expect(await gate(await deploy({ run: 103 }))).toMatchObject({
    state: 'blocked',
    judgement: { counts: { block: 1 }, blocks: [{ tool: 'grype', severity: 'critical', outgrown: [id] }] },
  });
});

test('an exception asked for by the name that the second tool has for it is one for the finding', async () => {
  const { world, deploy, gate } = await blockedLife();
  await sent(world, trivyReport());
  await sent(world, grypeReport());
  const requestId = await deploy();
  for (const fingerprint of Object.values(await printsOf(world))) {
    const { id } = exceptionOf(await ask(world, { ...TARGET, fingerprints: [fingerprint] }, TERMS));
    expect(id).toBe('EX-1');
  }
  await grant(world, 'EX-1');
  expect((await gate(requestId)).judgement?.counts.block).toBe(0);
});

test('a request for what one tool found is joined by one for the same by all of its names', async () => {
  const { world, deploy } = await blockedLife();
  await sent(world, trivyReport());
  const first = exceptionOf(await ask(world, { ...TARGET, requestId: await deploy({ run: 101 }) }, TERMS));
  await sent(world, grypeReport());
  const wish = { ...TARGET, requestId: await deploy({ run: 102 }), by: actor(CAST.diego) };
  expect(await ask(world, wish, TERMS)).toMatchObject({ kind: 'joined', exception: { id: first.id } });
  await sent(world, grypeReport({ severity: 'critical' }));
  const worse = { ...TARGET, requestId: await deploy({ run: 103 }) };
  expect(await ask(world, worse, TERMS)).toMatchObject({ kind: 'requested', exception: { id: 'EX-2' } });
});

test('a warning that two tools give is one line of the digest and of the list, and one word counts for both', async () => {
  const world = await createCoreWorld();
  await meetAll(world);
  await sent(world, trivyReport({ severity: 'medium' }));
  world.advance(1);
  await sent(world, grypeReport({ severity: 'medium' }));
  const { trivy, grype } = await printsOf(world);

  expect((await say(world, CAST.adele, 'findings payments-api prod')).text).toMatch(/trivy, also found by grype/);
  expect((await say(world, CAST.adele, `claim ${grype.slice(0, 12)}`)).text).toContain('you have it');
  expect((await say(world, CAST.adele, `claim ${trivy.slice(0, 12)}`)).text).toContain('you have it');
  expect((await world.ports.triage.of(ORG, 'payments-api')).size).toBe(1);
  expect((await say(world, CAST.adele, 'findings payments-api prod')).text).toContain('claimed by Adele Vance');

  const shown = (await say(world, CAST.adele, `finding ${grype.slice(0, 12)} payments-api`)).text;
  expect(shown).toContain('GHSA-aaaa-bbbb-cccc by grype');
  expect(shown).toContain('CVE-2026-0001 in payments-api');
  expect(shown).toMatch(/by trivy: first/);
  expect(shown).toMatch(/by grype: first/);

  await reconciled(world, '2026-11-24T08:05:00.000Z');
  const warnings = sentTo(world, CAST.adele).flatMap(({ parts }) => parts.flatMap(({ first }) => first));
  expect(warnings).toMatchObject([{ count: 1, tool: 'trivy', duplicates: [{ tool: 'grype' }], holder: {} }]);

  expect((await say(world, CAST.adele, `unclaim ${grype.slice(0, 12)}`)).text).toContain('nobody has');
  expect((await world.ports.triage.of(ORG, 'payments-api')).size).toBe(0);
});

test('a word that was given before the second tool came goes on counting, whichever tool stays', async () => {
  const world = await createCoreWorld();
  await meetAll(world);
  await sent(world, grypeReport({ severity: 'medium' }));
  const { grype } = await printsOf(world);
  await say(world, CAST.adele, `claim ${grype.slice(0, 12)}`);
  await sent(world, trivyReport({ severity: 'high' }));

  const listed = (await say(world, CAST.adele, 'findings payments-api prod')).text;
  expect(listed).toMatch(/high, trivy, also found by grype/);
  expect(listed).toContain('claimed by Adele Vance');
});
