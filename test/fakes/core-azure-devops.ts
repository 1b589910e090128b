import {
  type AzureDevOps,
  AzureDevOpsRefusedError,
  AzureDevOpsUnavailableError,
} from '../../services/ports/azure-devops.ts';
import type { CoreWorld } from './core-world.ts';

/** Azure DevOps as the switches of a world say it is; what it is told ends up in `told`. */
export function fakeAzureDevOps(switches: CoreWorld['azureDevOps'], told: CoreWorld['told']): AzureDevOps {
  const unlessDown = () => {
    if (switches.down) throw new AzureDevOpsUnavailableError('switched off');
  };
  return {
    prove: async () => {
      unlessDown();
      if (switches.proof === 'unproven') return { kind: 'unproven', why: 'the plan is not owned by the run' };
      return { kind: 'proven', run: switches.run, attempt: 1, completed: switches.proof === 'completed' };
    },
    sources: async () => {
      unlessDown();
      if (switches.sourcesDown) throw new AzureDevOpsUnavailableError('switched off');
      const { commits } = switches.sources;
      const main = { ref: 'refs/heads/main', repositoryId: '99999999-9999-4999-8999-999999999999' };
      return { branches: commits.map((commit) => ({ ...commit, ...main })), ...switches.sources };
    },
    protection: async () => {
      unlessDown();
      return switches.protection;
    },
    checkState: async () => {
      unlessDown();
      const result = switches.completed ?? told.at(-1)?.result;
      return result === undefined ? { completed: false } : { completed: true, result };
    },
    complete: async (check, verdict) => {
      unlessDown();
      told.push({ ...verdict, check });
    },
    findRuns: async () => [switches.run],
    approval: async () => undefined,
    pendingApprovals: async () => ({ approvals: [], unread: [] }),
    decideApproval: async (ref) => {
      throw new AzureDevOpsRefusedError(`there is no approval ${ref.id}`, 404);
    },
    stage: async () => undefined,
    hookSubscriptions: async () => [],
  };
}
