import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CheckScene, expectProblem, setCheckScene } from '../fakes/check-scene.ts';
import { FOREIGN_PLAN_URLS } from '../hostile/addresses.ts';

// Azure DevOps itself is configured, and never called: the body behind a PlanUrl that is let through has no fields.
let scene: CheckScene;
beforeAll(async () => {
  scene = await setCheckScene({ AZURE_DEVOPS_ORGS: 'https://dev.azure.com/contoso,https://fabrikam.visualstudio.com' });
});
afterAll(() => scene.close());

const sendTo = (PlanUrl: string) => scene.send(scene.waiting(), { headers: { PlanUrl }, body: {} });

test.each([
  'https://dev.azure.com/contoso/',
  'https://dev.azure.com/contoso',
  'https://dev.azure.com/Contoso/',
  'https://fabrikam.visualstudio.com/',
])('PlanUrl %s is that of a configured organization', async (PlanUrl) => {
  expectProblem(await sendTo(PlanUrl), 400, 'field-invalid');
});

test.each(FOREIGN_PLAN_URLS)('PlanUrl %s is answered 403', async (PlanUrl) => {
  const answer = await sendTo(PlanUrl);
  expectProblem(answer, 403, 'unknown-organization');
  expect(answer.json['field']).toBe('PlanUrl');
  expect(answer.text).not.toContain('evil');
  expect(scene.azureDevOps.requests).toEqual([]);
});
