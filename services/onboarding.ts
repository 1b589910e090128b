import type { Asset } from './domain/asset.ts';
import type { Catalog } from './domain/catalog.ts';
import { readCodeowners } from './domain/codeowners.ts';
import {
  type Draft,
  environmentsOf,
  fits,
  isInCatalog,
  taggedWith,
  tagOfAll,
  type UnknownAssets,
  unknownAssets,
} from './domain/onboarding.ts';
import { type Assets, AssetsUnavailableError, type ListedAssets } from './ports/assets.ts';
import { AzureDevOpsRefusedError } from './ports/azure-devops.ts';
import type { Pipeline, Pipelines } from './ports/pipelines.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';

interface Needs {
  readonly policy: Policy;
  readonly pipelines: Pipelines;
  /** Absent: Azure is not asked. */
  readonly assets?: Assets;
  readonly organizations: readonly string[];
}

export interface Onboarding {
  /** `in-catalog`: it stands there, or its file is broken. `not-found`: nothing in Azure DevOps or Azure has its name. */
  readonly entry: { readonly kind: 'drafted'; readonly draft: Draft } | { readonly kind: 'in-catalog' | 'not-found' };
  /** Pipelines that deploy to production, or might, and may speak for no service. */
  readonly pipelines: readonly Pipeline[];
  readonly assets: readonly UnknownAssets[];
  /** What could not be covered, in words. */
  readonly unread: readonly string[];
}

export type Onboard = (service: string) => Promise<Onboarding>;

/** Drafts a catalog entry and lists what is in no catalog. Changes nothing. Rejects as the methods of Pipelines do. */
export function createOnboarding(needs: Needs): Onboard {
  return async (service) => {
    const policy = await needs.policy.current();
    const environments = [...(policy.contract?.environments.values() ?? [])];
    const production = environments.filter(({ tier }) => tier === 'production').map(({ name }) => name);
    const [listed, azure] = await Promise.all([
      Promise.all(needs.organizations.map((organization) => needs.pipelines.list(organization, production))),
      assetsOf(needs.assets),
    ]);
    const pipelines = listed.flatMap((one) => one.pipelines);
    const noContract = policy.contract === undefined ? ['no contract says which environments are production'] : [];
    const strangers = pipelines.filter((pipeline) => !isInCatalog(policy.catalog, originOf(pipeline)));
    return {
      entry: await entryOf(needs.pipelines, policy, service, { pipelines, strangers, assets: azure.assets }),
      pipelines: strangers.filter(({ deployedTo }) => noContract.length > 0 || deployedTo?.length !== 0),
      assets: unknownAssets(policy.catalog, azure.assets),
      unread: [...noContract, ...listed.flatMap((one) => one.unread), ...azure.unread],
    };
  };
}

async function assetsOf(assets: Assets | undefined): Promise<ListedAssets> {
  if (assets === undefined) return { assets: [], unread: ['Azure was not asked: locally there is no identity for it'] };
  try {
    return await assets.list();
  } catch (error) {
    if (error instanceof AssetsUnavailableError) return { assets: [], unread: [error.message] };
    throw error;
  }
}

interface Found {
  readonly pipelines: readonly Pipeline[];
  /** Those that may speak for no service yet. */
  readonly strangers: readonly Pipeline[];
  readonly assets: readonly Asset[];
}

async function entryOf(
  pipelines: Pipelines,
  { catalog, contract }: PolicySnapshot,
  service: string,
  found: Found,
): Promise<Onboarding['entry']> {
  if (isKnown(catalog, service)) return { kind: 'in-catalog' };
  const fitting = found.strangers.filter(
    ({ name, repository }) => fits(service, name) || fits(service, repository.name),
  );
  const assets = taggedWith(found.assets, service);
  if (fitting.length === 0 && assets.length === 0) return { kind: 'not-found' };
  const owners = await ownersOf(pipelines, service, fitting);
  const places = environmentsOf(assets, [...(contract?.environments.keys() ?? [])]);
  const criticality = tagOfAll(assets, 'criticality');
  const shared = namesOf(fitting).filter((name) => !fits(service, name));
  const draft: Draft = {
    service,
    ...(owners.owner === undefined ? {} : { owner: owners.owner }),
    ...(criticality === undefined ? {} : { criticality }),
    repositories: namesOf(fitting).filter((name) => fits(service, name)),
    pipelines: [...new Set(fitting.map(({ name }) => name))],
    environments: places.environments,
    remarks: [
      ...owners.remarks,
      ...shared.map((name) => `repository ${name} is left out: every run of it could speak for ${service}`),
      ...taken(found, service).map((name) => `pipeline ${name} fits too, and may speak for another service already`),
      ...ownerTag(assets),
      ...places.remarks,
    ],
  };
  return { kind: 'drafted', draft };
}

function isKnown({ services, broken }: Catalog, service: string): boolean {
  return [...services.keys(), ...broken.keys()].some((name) => name.toLowerCase() === service.toLowerCase());
}

function taken({ pipelines, strangers }: Found, service: string): readonly string[] {
  return pipelines.filter((one) => !strangers.includes(one) && fits(service, one.name)).map(({ name }) => name);
}

function ownerTag(assets: readonly Asset[]): readonly string[] {
  const owner = tagOfAll(assets, 'owner');
  return owner === undefined ? [] : [`the tag owner of its resources says ${owner}`];
}

function namesOf(pipelines: readonly Pipeline[]): readonly string[] {
  return [...new Set(pipelines.map(({ repository }) => repository.name).filter((name) => name !== ''))];
}

/** Who owns everything in the repository of the service, as its CODEOWNERS says. */
async function ownersOf(pipelines: Pipelines, service: string, fitting: readonly Pipeline[]) {
  const own = fitting.find(({ repository }) => fits(service, repository.name));
  const text = own === undefined ? undefined : await orNothing(pipelines.codeowners(own));
  if (own === undefined || text === undefined) return { remarks: ['no CODEOWNERS file says whose it is'] };
  const { paths } = readCodeowners(text);
  const owner = paths.find(({ glob }) => glob === '**/*')?.owner;
  const file = `CODEOWNERS of ${own.repository.name}`;
  const hint = `copy ${file} to catalog/${service}.codeowners to give its paths their own owners`;
  const none = owner === undefined ? [`no team owns everything (*) in ${file}`] : [];
  return { ...(owner === undefined ? {} : { owner }), remarks: [...none, ...(paths.length > 0 ? [hint] : [])] };
}

/** Whose code it is can be asked of people where the bot may not look. */
async function orNothing(text: Promise<string | undefined>): Promise<string | undefined> {
  try {
    return await text;
  } catch (error) {
    if (error instanceof AzureDevOpsRefusedError) return undefined;
    throw error;
  }
}

function originOf({ name, repository }: Pipeline) {
  return { pipeline: name, repository: repository.name };
}
