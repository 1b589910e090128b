import { expect, onTestFinished, test, vi } from 'vitest';
import { loadCatalog } from '../../services/policy/load-catalog.ts';
import { TENANT } from '../builders.ts';
import { startAzureDevOps } from '../fakes/azure-devops.ts';
import { commandLine } from '../fakes/command-line.ts';
import { policyFolder } from '../fakes/policy-folder.ts';

/** The command is a process that loads all adapters. */
vi.setConfig({ testTimeout: 60_000 });

async function onboard(service: string, over: Readonly<Record<string, string>> = {}) {
  const simulator = await startAzureDevOps();
  onTestFinished(() => simulator.close());
  simulator.addPipeline({ name: 'checkout' });
  const env = {
    COUNTERSIGN_LOCAL: 'true',
    BOT_TENANT_ID: TENANT,
    AZURE_DEVOPS_ORGS: simulator.organizationUrl(),
    AZURE_DEVOPS_TOKEN: simulator.pat,
    TOKEN_KEY: Buffer.alloc(32, 7).toString('base64'),
    POLICY_DIR: await policyFolder(),
    ...over,
  };
  return commandLine(env, ['onboard', service]);
}

test('onboard prints the file on standard output and all else beside it, without a store', async () => {
  const { code, out, error } = await onboard('checkout');

  expect(code).toBe(0);
  expect(loadCatalog({ file: 'catalog/checkout.yaml', text: out })).toMatchObject({
    kind: 'loaded',
    value: [{ service: { name: 'checkout', pipelines: ['checkout'] } }],
  });
  expect(error).toContain('Every production pipeline that could be seen is in the catalog.');
});

test('onboard ends with 1 for a service in the catalog, with 2 where Azure DevOps lets it read nothing', async () => {
  expect(await onboard('payments-api')).toMatchObject({ code: 1, out: '' });

  const { code, out, error } = await onboard('checkout', { AZURE_DEVOPS_TOKEN: 'wrong' });
  expect([code, out]).toEqual([2, '']);
  expect(error).toContain('Could not run: ');
});
