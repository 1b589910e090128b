import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { onboard } from '../../bot/console/onboard.ts';
import { createPatIdentity } from '../../services/azure-devops/identity.ts';
import { createPipelines } from '../../services/azure-devops/pipelines.ts';
import { type Asset, assetOf } from '../../services/domain/asset.ts';
import { createOnboarding } from '../../services/onboarding.ts';
import { createFolderPolicy } from '../../services/policy/folder-policy.ts';
import { loadCatalog } from '../../services/policy/load-catalog.ts';
import { type Assets, AssetsUnavailableError } from '../../services/ports/assets.ts';
import { AzureDevOpsUnavailableError } from '../../services/ports/azure-devops.ts';
import { type AzureDevOpsSimulator, startAzureDevOps } from '../fakes/azure-devops.ts';
import { policyFolder } from '../fakes/policy-folder.ts';

const SUBSCRIPTION = '7d444840-9dc0-11d1-b245-5ffdce74fad2';

function anAsset(group: string, tags: Readonly<Record<string, string>> = {}, subscription = 'shop'): Asset {
  const asset = assetOf(`/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.Web/sites/x`);
  return { ...(asset as Asset), subscription, tags: new Map(Object.entries(tags)) };
}

const listing = (assets: readonly Asset[], unread: readonly string[] = []): Assets => ({
  find: async () => new Map(),
  list: async () => ({ assets, unread }),
});

/** The sample policy, an organization with the pipelines of its services and of checkout, which is in no catalog. */
async function setScene(assets?: Assets) {
  const simulator = await startAzureDevOps();
  onTestFinished(() => simulator.close());
  const organization = simulator.organizationUrl();
  const dir = await policyFolder();
  const policy = createFolderPolicy({ dir, clock: { now: () => '2026-11-24T09:00:00.000Z' } });
  const pipelines = createPipelines({ organizations: [organization], identity: createPatIdentity(simulator.pat) });
  const needs = { policy, pipelines, organizations: [organization], ...(assets === undefined ? {} : { assets }) };
  const known = simulator.addPipeline({ name: 'payments-api' });
  const build = simulator.addPipeline({ name: 'checkout-build', repository: 'checkout' });
  const deploy = simulator.addPipeline({ name: 'checkout-deploy', repository: 'monorepo' });
  for (const pipeline of [known, deploy]) simulator.deployTo('prod', simulator.queueRun({ pipeline }));
  const run = (service = 'checkout') => onboard(createOnboarding(needs), service);
  return { simulator, dir, build, deploy, run };
}

function serviceIn(lines: readonly string[]) {
  const loaded = loadCatalog({ file: 'catalog/checkout.yaml', text: lines.join('\n') });
  if (loaded.kind !== 'loaded') throw new Error(loaded.problems.join('\n'));
  return loaded.value[0]?.service;
}

const own = (
  simulator: AzureDevOpsSimulator,
  { repository }: ReturnType<AzureDevOpsSimulator['addPipeline']>,
  text: string,
) => simulator.addRepository(repository.name).push({ CODEOWNERS: text });

test('a draft has what pipelines, CODEOWNERS and tags say, and loads', async () => {
  const tags = { app: 'Checkout', env: 'prod', criticality: 'high', owner: 'jane@shop.example' };
  const test = { app: 'checkout', criticality: 'high' };
  const scene = await setScene(listing([anAsset('rg-a', tags), anAsset('rg-checkout-staging', test, 'shop-test')]));
  own(scene.simulator, scene.build, '* @shop/checkout-owners\n/infra/ @shop/platform\n');

  const { exitCode, lines } = await scene.run();

  expect(exitCode).toBe(0);
  expect(serviceIn(lines)).toMatchObject({
    name: 'checkout',
    owner: 'group:checkout-owners',
    criticality: 'high',
    repositories: ['checkout'],
    pipelines: ['checkout-build', 'checkout-deploy'],
    environments: new Map([
      ['prod', { subscription: 'shop', resourceGroups: ['rg-a'] }],
      ['staging', { subscription: 'shop-test', resourceGroups: ['rg-checkout-staging'] }],
    ]),
  });
  expect(lines.filter((line) => line.startsWith('# Look'))).toEqual([
    '# Look: copy CODEOWNERS of checkout to catalog/checkout.codeowners to give its paths their own owners',
    '# Look: repository monorepo is left out: every run of it could speak for checkout',
    '# Look: the tag owner of its resources says jane@shop.example',
  ]);
});

test('what could not be known stands in comments, and the draft loads all the same', async () => {
  const { run } = await setScene();
  const { exitCode, lines, remarks } = await run();

  expect(exitCode).toBe(0);
  expect(serviceIn(lines)).toMatchObject({ owner: 'group:checkout-owners', environments: new Map() });
  expect(lines.join('\n')).toMatch(/owner: "group:checkout-owners" # not known/);
  expect(lines.join('\n')).toMatch(
    /# lead: .*not known[\s\S]*# criticality: .*not known[\s\S]*# environments: .*not known/,
  );
  expect(lines.join('\n')).toContain('# Look: no CODEOWNERS file says whose it is');
  expect(remarks).toContain('Not read: Azure was not asked: locally there is no identity for it');
});

test('a pipeline that fits and may speak for another service already is named, and not in the draft', async () => {
  const { dir, run } = await setScene(listing([]));
  await mkdir(join(dir, 'catalog'));
  const other = 'kind: Catalog\nservices: { shop: { owner: "group:shop", pipelines: [checkout-deploy] } }\n';
  await writeFile(join(dir, 'catalog', 'shop.yaml'), other);
  const { lines } = await run();

  expect(serviceIn(lines)?.pipelines).toEqual(['checkout-build']);
  expect(lines).toContain('# Look: pipeline checkout-deploy fits too, and may speak for another service already');
});

test('production pipelines in no catalog are listed, and those that deploy elsewhere are not', async () => {
  const { simulator, run } = await setScene(listing([]));
  simulator.deployTo('staging', simulator.queueRun({ pipeline: simulator.addPipeline({ name: 'toys' }) }));
  const { remarks } = await run();

  expect(remarks?.[0]).toBe('1 production pipeline is in no catalog:');
  expect(remarks?.[1]).toContain('/contoso/Shop: checkout-deploy (repository monorepo)');
  expect(remarks?.join('\n')).not.toMatch(/toys|payments-api|checkout-build/);
});

test('where it cannot be read what deploys to production, all pipelines in no catalog are listed', async () => {
  const { simulator, run } = await setScene(listing([]));
  simulator.faults.add({ on: /environmentdeploymentrecords/, status: 403 });
  const { remarks } = await run();

  expect(remarks?.filter((line) => line.endsWith('where it deploys to could not be read'))).toHaveLength(2);
  expect(remarks?.join('\n')).toMatch(/Not read: deployments to prod of project Shop/);
});

test('without a contract nobody knows what is production: all pipelines in no catalog are listed', async () => {
  const { dir, run } = await setScene(listing([]));
  await rm(join(dir, 'contract.yaml'));
  const { remarks } = await run();

  expect(remarks?.[0]).toBe('2 production pipelines are in no catalog:');
  expect(remarks).toContain('Not read: no contract says which environments are production');
});

test('resources of no service are listed by group with their number, a tie with its names', async () => {
  const assets = [anAsset('rg-toys'), anAsset('RG-Toys'), anAsset('rg-payments-prod', {}, 'payments-prod')];
  const { dir, run } = await setScene(listing([...assets, anAsset('rg-both')]));
  const both = 'environments: { prod: { resourceGroups: [rg-both] } }';
  const file = ['a', 'b'].map((name) => `  ${name}: { owner: "group:x", ${both} }\n`).join('');
  await mkdir(join(dir, 'catalog'));
  await writeFile(join(dir, 'catalog', 'a.yaml'), `kind: Catalog\nservices:\n${file}`);
  const { remarks } = await run();

  expect(remarks).toContain('  shop/rg-toys: 2');
  expect(remarks).toContain('  shop/rg-both: 1, claimed equally by a and b');
  expect(remarks?.join('\n')).not.toContain('rg-payments-prod');
});

test('a service that is in the catalog, or whose file is broken, is not drafted', async () => {
  const { dir, run } = await setScene(listing([]));
  await mkdir(join(dir, 'catalog'));
  await writeFile(join(dir, 'catalog', 'broken.yaml'), 'kind: [');

  for (const service of ['Payments-API', 'broken']) {
    const { exitCode, lines, remarks } = await run(service);
    expect([exitCode, lines, remarks?.[0]]).toEqual([1, [], `${service} is in the catalog already.`]);
  }
});

test('a name that nothing has, and one that is no name, are answered with no', async () => {
  const { run } = await setScene(listing([]));

  expect(await run('nowhere')).toMatchObject({ exitCode: 1, lines: [] });
  expect((await run('check')).lines).toEqual([]);
  for (const name of ['', 'a b', '-x', "x'", 'x\ny']) {
    expect(await run(name)).toMatchObject({ exitCode: 1, remarks: [expect.stringContaining('is named by letters')] });
  }
});

test('Azure that does not answer is said and hides nothing else', async () => {
  const assets = {
    ...listing([]),
    list: () => Promise.reject(new AssetsUnavailableError('Azure Resource Graph failed')),
  };
  const { exitCode, remarks } = await (await setScene(assets)).run();

  expect(exitCode).toBe(0);
  expect(remarks).toContain('Not read: Azure Resource Graph failed');
});

test('Azure DevOps that does not answer rejects', async () => {
  const { simulator, run } = await setScene(listing([]));
  simulator.faults.add({ on: /definitions/, status: 503 });

  await expect(run()).rejects.toThrow(AzureDevOpsUnavailableError);
});

test('names from outside stay texts of one line', async () => {
  const evil = 'checkout-"]}\n  other: {owner: "group:evil"}\u202e # x';
  const assets = [anAsset('rg-"x', { app: 'checkout', env: 'prod', criticality: evil }, evil)];
  const { simulator, run } = await setScene(listing(assets));
  simulator.addPipeline({ name: evil, repository: evil });
  const { lines, remarks } = await run();

  expect([...lines, ...(remarks ?? [])].filter((line) => /[\n\r\u202e]/.test(line))).toEqual([]);
  expect(serviceIn(lines)).toMatchObject({ name: 'checkout', pipelines: expect.arrayContaining([evil]) });
  const text = lines.join('\n');
  expect(text.match(/^ {2}\S.*:$/gm)).toEqual(['  "checkout":']);
});

test('where people may not look, whose code it is stays open', async () => {
  const { simulator, build, run } = await setScene(listing([]));
  own(simulator, build, '* @shop/checkout-owners\n');
  simulator.faults.add({ on: /items/, status: 403 });

  expect((await run()).lines.join('\n')).toContain('# Look: no CODEOWNERS file says whose it is');
});
