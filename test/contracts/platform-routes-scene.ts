import { getPersonalAccessTokenHandler, WebApi } from 'azure-devops-node-api';
import { anAuditEntry } from '../fakes/audit-scene.ts';
import { guidOf } from '../fakes/azure-devops-model.ts';
import { aConnection } from '../fakes/platform-connections.ts';
import { startPlatform } from './section-scene.ts';

export const REVIEWERS = 'fa4e907d-c16b-4a4c-9dfa-4906e5d171dd';
/** A project with one of everything. */
export async function setShop() {
  const simulator = await startPlatform();
  const { project, people } = simulator;
  const pipeline = simulator.addPipeline({ name: 'deploy', repository: 'shop' });
  const repository = simulator.addRepository('shop-policies');
  const environment = simulator.addEnvironment('prod');
  simulator.addOurCheck(environment, {
    connection: simulator.addAddress('countersign', 'https://bot.example'),
    environment: 'prod',
    service: 'shop',
  });
  simulator.allowPipelines(environment, [pipeline]);
  simulator.deployTo('prod', simulator.queueRun({ pipeline }), { stage: 'Deploy' });
  const scope = [{ repositoryId: null, refName: 'refs/heads/main', matchKind: 'Exact' }];
  simulator.addPolicy(REVIEWERS, { minimumApproverCount: 1, creatorVoteCounts: false, scope });
  const uses = [{ pipeline, at: '2026-11-20T08:00:00Z' }];
  const connection = aConnection(project, 'azure', {
    uses,
    checks: [{ typeId: guidOf('approval') }],
    pipelines: [pipeline],
  });
  simulator.library.connections.push(connection);
  const variables = { key: { value: null, isSecret: true } };
  simulator.library.groups.push({ project, id: 7, name: 'pay', variables });
  const token = {
    displayName: 'laptop',
    scope: 'vso.code',
    validFrom: '2026-11-01T00:00:00Z',
    validTo: '2027-01-01T00:00:00Z',
  };
  const ann = people.addUser('Ann Arbor', { tokens: [{ ...token, authorizationId: guidOf('token') }] });
  const app = people.addServicePrincipal('Deployer');
  const group = people.addGroup('Leads', [ann], project);
  people.roles.set(`${project.id}_${environment.id}`, [{ subject: ann, role: 'Administrator' }]);
  people.permissions.set(project.id, [{ subject: ann, allow: 16_384, deny: 0 }]);
  people.audit.streams.push({ id: 1, displayName: 'splunk', status: 'enabled' });
  simulator.auditLog.entries.push({
    organization: 'contoso',
    entry: anAuditEntry('Token.PatCreateEvent', '2026-11-20T08:00:00Z'),
  });
  simulator.alerts.set(repository.id, [
    { alertId: 1, severity: 'high', title: 'a', alertType: 'code', state: 'active' },
  ]);
  const api = new WebApi(simulator.organizationUrl(), getPersonalAccessTokenHandler(simulator.pat, false));
  return { simulator, project, pipeline, repository, environment, connection, ann, app, group, api };
}

export type Shop = Awaited<ReturnType<typeof setShop>>;
