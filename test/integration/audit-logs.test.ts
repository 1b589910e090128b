import { readFile } from 'node:fs/promises';
import { expect, onTestFinished, test } from 'vitest';
import { type Answer, answerOf, type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { API_KEY } from '../fakes/countersign.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { aGateThatAsks, alex } from '../hostile/asked-gate.ts';

async function aScene(env: Readonly<Record<string, string>> = {}): Promise<CheckScene> {
  const scene = await setCheckScene(env);
  onTestFinished(() => scene.close());
  await scene.teams.install(alex);
  return scene;
}

/** The fixture as a pipeline sends it that says when nothing but of what. */
async function submit(scene: CheckScene, name: string, query: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const said = { service: 'payments-api', commit: 'd'.repeat(40), branch: 'refs/heads/main', ...query };
  const body = await readFile(new URL(`../fixtures/scanners/${name}`, import.meta.url), 'utf8');
  const request = { method: 'POST', headers: { 'X-Api-Key': API_KEY }, body };
  const answer = answerOf(await fetch(`${scene.url}/api/findings?${new URLSearchParams(said)}`, request));
  await scene.app.core.idle();
  return answer;
}

async function monitored(scene: CheckScene) {
  const answer = await scene.app.core.trends.trends('payments-api');
  if (answer.kind !== 'measured') throw new Error(JSON.stringify(answer));
  const { classes, weeks, unmatched } = answer.trends;
  const open = answer.trends.monitored.find(({ control }) => control === 'activity')?.open ?? 0;
  return { open, unmatched, fresh: classes.find(({ decision }) => decision === 'monitor')?.fresh, week: weeks.at(-1) };
}

test.each([
  ['azure-activity.json', 'azure-activity', 5, 2],
  ['azure-devops-audit.json', 'azure-devops-audit', 4, 3],
  ['azure-devops-audit-lines.json', 'azure-devops-audit', 2, 2],
])(
  'what %s tells is only counted, and asks nobody anew who was asked already',
  async (name, tool, results, findings) => {
    const scene = await aScene();
    const { id } = await aGateThatAsks(scene);
    const gate = await scene.app.core.approvals.find(id);
    const requests = scene.teams.requests.length;

    for (const timing of [{}, { timing: 'post-deploy' }, { timing: 'pre-deploy' }]) {
      const answer = await submit(scene, name, { commit: gate?.run.commit ?? '', ...timing });
      expect(answer).toMatchObject({
        status: 200,
        json: { tool, results, findings, decisions: { block: 0, warn: 0, monitor: findings } },
      });
    }

    expect(await scene.app.core.approvals.find(id)).toEqual(gate);
    expect(scene.teams.requests).toHaveLength(requests);
  },
);

test('what an audit log tells is in trends, by control, as new and by week; what a later one no longer has is gone', async () => {
  const scene = await aScene();
  await submit(scene, 'azure-devops-audit.json');
  expect(await monitored(scene)).toMatchObject({ open: 6, fresh: 3, unmatched: 0, week: { appeared: 3, gone: 0 } });

  await submit(scene, 'azure-devops-audit-export.json', { commit: 'e'.repeat(40) });
  expect(await monitored(scene)).toMatchObject({ open: 4, unmatched: 0, week: { appeared: 4, gone: 2 } });
});

test('a piece of a stream is open in trends too, and makes nothing gone', async () => {
  const scene = await aScene();
  await submit(scene, 'azure-devops-audit.json');
  const answer = await submit(scene, 'azure-devops-audit-lines.json', { commit: 'e'.repeat(40) });

  expect(answer.json['problems']).toContainEqual(expect.stringMatching(/^Nothing shows where these entries end/));
  expect(await monitored(scene)).toMatchObject({ open: 4, week: { appeared: 3, gone: 0 } });
});

test('nothing but the name of whoever did it is stored of a person', async () => {
  const scene = await aScene();
  for (const name of ['azure-activity', 'azure-activity-hub', 'azure-devops-audit', 'azure-devops-audit-events']) {
    expect((await submit(scene, `${name}.json`)).status).toBe(200);
  }
  const rows = (await scene.rows()).join('\n');
  expect(rows).toContain('Adele Vance');
  expect(rows).not.toMatch(/adele@|203\.0\.113|Mozilla|canary|Megan Bowen|aaaaaaaa-0000/i);
});

test('an audit log is evidence of what runs, without its sender having to say so', async () => {
  const edit = [
    'contract.yaml',
    /(timing: post-deploy \}\n +evidence: )\{\}/g,
    '$1{ required: [production], sameCommit: false }',
  ] as const;
  const scene = await aScene({ POLICY_DIR: await policyFolder(edit, ['routes.yaml', /^ +escalateTo: .*$/gm, '']) });
  const run = scene.azureDevOps.queueRun({
    pipeline: scene.azureDevOps.addPipeline({ name: 'payments-api', repository: 'payments-api' }),
  });
  const check = scene.azureDevOps.startCheck(run, { environment: 'prod', stage: 'Deploy', service: 'payments-api' });
  const id = String((await scene.send(check)).json['requestId']);
  await scene.app.core.idle();
  const missing = async () => {
    const gate = await scene.app.core.approvals.find(id);
    return gate?.judgement?.obstacles.map(({ detail }) => detail).filter((detail) => detail.startsWith('activity '));
  };
  expect(await missing()).toEqual(['activity (payments-api): absent']);
  await submit(scene, 'azure-activity.json');
  expect(await missing()).toEqual([]);
});
