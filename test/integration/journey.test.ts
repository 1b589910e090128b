import { afterAll, beforeAll, expect, test } from 'vitest';
import { PEOPLE } from '../fakes/core-world.ts';
import { API_KEY, CHECK_KEY, type Countersign, startCountersign } from '../fakes/countersign.ts';
import { elementOf, wordsOf } from '../fakes/teams-card.ts';

const alex = { oid: PEOPLE.alex, name: 'Alex Wilber' };
const adele = { displayName: 'Adele Vance', id: PEOPLE.adele, uniqueName: 'adele.vance@contoso.example' };

const author = { name: 'Adele Vance', id: PEOPLE.adele };

let countersign: Countersign;
beforeAll(async () => {
  countersign = await startCountersign();
  await countersign.teams.install(alex);
});
afterAll(() => countersign.close());

function queueDeployment(service: string) {
  const { azureDevOps } = countersign;
  const build = azureDevOps.addPipeline({ name: service, repository: service });
  const deploy = azureDevOps.addPipeline({ name: `${service}-deploy`, repository: `${service}-deploy` });
  const built = azureDevOps.queueRun({ pipeline: build, requestedFor: adele, authors: [author] });
  const run = azureDevOps.queueRun({ pipeline: deploy, requestedFor: adele, authors: [author], consumes: [built] });
  return { built, check: azureDevOps.startCheck(run, { environment: 'prod', stage: 'Deploy', service }) };
}

test('a run that another build fed is released by one click of its approver', async () => {
  const { azureDevOps, teams, url, report } = countersign;
  const { built, check } = queueDeployment('payments-api');
  const query = { service: 'payments-api', commit: built.commit, runId: String(built.id) };
  expect(await (await report('semgrep-payments.sarif', query)).json()).toMatchObject({
    tool: 'semgrep',
    results: 2,
    decisions: { block: 0 },
  });
  expect((await report('gitleaks-clean.sarif', query)).status).toBe(200);

  const answer = await azureDevOps.deliver(check, `${url}/api/azure-devops/checks`, CHECK_KEY);
  expect(answer).toMatchObject({ taken: true, status: 200 });
  const message = await teams.until(() =>
    teams.messages().find((one) => JSON.stringify(one).includes('approval.decide')),
  );
  expect(wordsOf(teams.cardOf(message))).toContain('payments-api');

  const pressed = await teams.press(
    alex,
    message,
    { verb: 'approval.decide', verdict: 'approve' },
    { comment: 'looks good' },
  );
  expect(wordsOf(elementOf(pressed.value, 'state'))).toContain('pproved');
  await expect.poll(() => azureDevOps.verdictOf(check)).toBe('succeeded');
  expect(azureDevOps.events).toHaveLength(1);
  expect(azureDevOps.logOf(check)).toContain('Approved by Alex Wilber');
  const shared = () => teams.messages().find(({ id }) => id === message.id);
  await expect.poll(() => wordsOf(teams.cardOf(shared() ?? message))).toContain('Approved by you');
});

test('a service with a leaked secret is blocked, and its card says why and offers to ask for an exception', async () => {
  const { azureDevOps, teams, url, report } = countersign;
  const { built, check } = queueDeployment('orders-api');
  await report('gitleaks-orders.sarif', { service: 'orders-api', commit: built.commit });
  await azureDevOps.deliver(check, `${url}/api/azure-devops/checks`, CHECK_KEY);

  const message = await teams.until(() =>
    teams.messages().find((one) => JSON.stringify(one).includes('exception.request')),
  );
  expect(wordsOf(teams.cardOf(message))).toContain('secret-scanning');
  const pressed = await teams.press(alex, message, 'exception.request');
  expect(wordsOf(pressed.value)).toContain('security-leads');
  expect(azureDevOps.verdictOf(check)).toBeUndefined();
});

test('nothing that was logged holds a token or a secret', () => {
  const log = countersign.lines.join('\n');
  for (const secret of [countersign.azureDevOps.pat, CHECK_KEY, API_KEY]) expect(log).not.toContain(secret);
});
