import { expect, onTestFinished, test } from 'vitest';
import { answerOf, type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { API_KEY } from '../fakes/countersign.ts';
import { aGateThatAsks, alex, evidenceOf } from '../hostile/asked-gate.ts';

// The policy comes from a protected branch, on the whole product.

async function setScene(branch: 'protected' | 'unprotected'): Promise<CheckScene> {
  const scene = await setCheckScene({}, { branch });
  onTestFinished(() => scene.close());
  await scene.teams.install(alex);
  return scene;
}

const get = async ({ url }: CheckScene, path: string) =>
  answerOf(await fetch(`${url}${path}`, { headers: { 'X-Api-Key': API_KEY } }));

test('the commit is in every entry about a judged gate, in what the deploy job is told, and in the status', async () => {
  const scene = await setScene('protected');
  const commit = scene.repository?.refs.get('refs/heads/main')?.id;
  const { id } = await aGateThatAsks(scene);

  const { json } = await get(scene, `/api/requests/${id}/decision`);
  const health = await get(scene, '/health');
  const judged = (await evidenceOf(scene, id)).filter((entry) => JSON.stringify(entry).includes('"checksum"'));

  const [, claims = ''] = String(json['decision']).split('.');
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({ contract: { commit } });
  expect(health.json).toMatchObject({ contract: { commit }, policyProblems: [] });
  expect(judged.length).toBeGreaterThan(0);
  for (const entry of judged) expect(entry).toMatchObject({ data: { contract: { commit } } });
});

test('from a branch that is not protected nothing is taken: gates are blocked, and it is said what to do', async () => {
  const scene = await setScene('unprotected');

  const { json } = await scene.send(scene.waiting());
  await scene.app.core.idle();

  const gate = await scene.app.core.approvals.find(String(json['requestId']));
  const problem = expect.stringMatching(/the branch is not protected; allowed: a branch policy "Require a minimum/);
  expect(gate).toMatchObject({
    state: 'blocked',
    judgement: { obstacles: [{ kind: 'no-contract', detail: problem }] },
  });
  expect((await get(scene, '/health')).json).toMatchObject({ policyProblems: [problem] });
  expect((await get(scene, '/readyz')).status).toBe(200);
});
