import type { SimulatedSubscription } from './azure-devops-hooks.ts';
import { isSame } from './azure-devops-model.ts';
import { forbidden, listOf, type Route } from './azure-devops-rest.ts';
import { personOf } from './azure-devops-world.ts';

/** What is configured to be told; passwords are masked, headers and addresses are not. */
export const HOOK_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: /^hooks\/subscriptions$/,
    reply({ world, organization, caller, query }) {
      if (caller.kind === 'job') return forbidden('Access denied: View subscriptions is needed.');
      const consumer = query.get('consumerId');
      const own = world.hooks.subscriptions.filter((one) => isSame(one.organization, organization));
      return listOf(consumer === null || consumer === 'webHooks' ? own.map(subscriptionJson) : []);
    },
  },
];

const creator = personOf('Ann Arbor');

function subscriptionJson(subscription: SimulatedSubscription): object {
  const { id, eventType, status, probationRetries, project, url, username, pipelineId } = subscription;
  return {
    id,
    status,
    publisherId: 'pipelines',
    eventType,
    resourceVersion: '5.1-preview.1',
    consumerId: 'webHooks',
    consumerActionId: 'httpRequest',
    probationRetries,
    createdBy: { id: creator.id, displayName: creator.displayName, descriptor: creator.descriptor },
    publisherInputs: { ...(project === undefined ? {} : { projectId: project.id }), pipelineId },
    consumerInputs: { url, basicAuthUsername: username, basicAuthPassword: '********' },
  };
}
