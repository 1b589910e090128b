import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CheckScene, expectProblem, setCheckScene } from '../fakes/check-scene.ts';

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

test.each([
  'http://dev.azure.com/contoso/',
  'https://dev.azure.com.evil.example/contoso/',
  'https://evil.example/contoso/',
  'https://evil.example/dev.azure.com/contoso',
  'https://dev.azure.com@evil.example/contoso/',
  'https://user:secret@dev.azure.com/contoso/',
  'https://evil.example/#https://dev.azure.com/contoso/',
  'https://evil.example/?https://dev.azure.com/contoso/',
  'https://evil.example\\@dev.azure.com/contoso/',
  '//dev.azure.com/contoso/',
  '//evil.example/contoso/',
  'dev.azure.com/contoso/',
  'https:dev.azure.com/contoso/',
  'https:/dev.azure.com/contoso/',
  'https://dev.azure.com/contoso//',
  'https://dev.azure.com//contoso/',
  'https://dev.azure.com/otherorg/',
  'https://dev.azure.com/contoso-evil/',
  'https://dev.azure.com/contoso/../otherorg/',
  'https://dev.azure.com/otherorg/../contoso/',
  'https://dev.azure.com/%2e%2e/contoso/',
  'https://dev.azure.com/contoso/%2e%2e/otherorg/',
  'https://dev.azure.com/c%6fntoso/',
  'https://dev.azure.com/contoso%2f',
  'https://dev.azure.com/contoso/?x=1',
  'https://dev.azure.com/contoso/#x',
  'https://dev.azure.com./contoso/',
  'https://dev.azure.com:443/contoso/',
  'https://dev.azure.com:8443/contoso/',
  'https://dev\u00b7azure.com/contoso/',
  'https://dev.\u00e4zure.com/contoso/',
  'https://xn--dev-azure.com/contoso/',
  'https://contoso.visualstudio.com/',
  'https://[::1]/contoso/',
  'https://[::ffff:169.254.169.254]/contoso/',
  'https://127.0.0.1/contoso/',
  'https://2130706433/contoso/',
  'https://0x7f000001/contoso/',
  'https://0177.0.0.1/contoso/',
  'http://169.254.169.254/latest/meta-data/',
  'file:///etc/passwd',
  'gopher://127.0.0.1/',
  'javascript:alert(1)',
  'https://dev.azure.com/contoso/, https://dev.azure.com/contoso/',
  'https://dev.azure.com/contoso/\thttps://evil.example/',
])('PlanUrl %s is answered 403', async (PlanUrl) => {
  const answer = await sendTo(PlanUrl);
  expectProblem(answer, 403, 'unknown-organization');
  expect(answer.json['field']).toBe('PlanUrl');
  expect(answer.text).not.toContain('evil');
  expect(scene.azureDevOps.requests).toEqual([]);
});
