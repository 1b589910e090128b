import { type Asset, createPlaces } from './asset.ts';
import type { Catalog, Origin } from './catalog.ts';
import { servicesOf } from './catalog.ts';

/** A catalog entry as far as it can be told from outside; whoever owns the service completes it. */
export interface Draft {
  readonly service: string;
  /** Absent: not known. */
  readonly owner?: string;
  readonly criticality?: string;
  readonly repositories: readonly string[];
  readonly pipelines: readonly string[];
  readonly environments: readonly DraftEnvironment[];
  /** What could not be known, or has to be looked at, in words. */
  readonly remarks: readonly string[];
}

export interface DraftEnvironment {
  readonly name: string;
  readonly subscription?: string;
  readonly resourceGroups: readonly string[];
}

/** Whether something of this name is likely to be the service's: the name itself, or it and more behind a sign. */
export function fits(service: string, name: string): boolean {
  const own = name.split('/').at(-1)?.toLowerCase() ?? '';
  const wanted = service.toLowerCase();
  return own === wanted || (own.startsWith(wanted) && /^[-_. ]/.test(own.slice(wanted.length)));
}

export function isInCatalog(catalog: Catalog, origin: Origin): boolean {
  return servicesOf(catalog, origin).length > 0;
}

/** Those that carry the service's name as the value of any tag. */
export function taggedWith(assets: readonly Asset[], service: string): readonly Asset[] {
  const wanted = service.toLowerCase();
  return assets.filter(({ tags }) => [...tags.values()].some((value) => value.trim().toLowerCase() === wanted));
}

const ENVIRONMENT_TAGS = ['environment', 'env', 'stage'];

/** Where the assets of a service lie, and what of that could not be told. */
export function environmentsOf(
  assets: readonly Asset[],
  environments: readonly string[],
): { readonly environments: readonly DraftEnvironment[]; readonly remarks: readonly string[] } {
  const byName = Map.groupBy(assets, (asset) => environmentOf(asset, environments) ?? '');
  const stray = byName.get('') ?? [];
  const drafted = environments.flatMap((name) => {
    const own = byName.get(name) ?? [];
    return own.length === 0 ? [] : [draftEnvironment(name, own)];
  });
  const several = drafted.filter(({ subscriptions }) => subscriptions.length > 1);
  return {
    environments: drafted.map(({ subscriptions: [only, ...others], ...rest }) => ({
      ...rest,
      ...(only === undefined || others.length > 0 ? {} : { subscription: only }),
    })),
    remarks: [
      ...several.map(({ name, subscriptions }) => `${name} lies in several subscriptions: ${subscriptions.join(', ')}`),
      ...(stray.length === 0
        ? []
        : [`no tag or name says the environment of ${distinct(stray.map(groupName)).slice(0, 10).join(', ')}`]),
    ],
  };
}

/** By a tag, else by a part of the resource group's name. */
function environmentOf({ tags, resourceGroup = '' }: Asset, environments: readonly string[]): string | undefined {
  const said = [...tags].filter(([tag]) => ENVIRONMENT_TAGS.includes(tag.toLowerCase())).map(([, value]) => value);
  const parts = resourceGroup.split(/[-_.]/);
  return [said, parts]
    .map((words) => environments.find((name) => words.some((word) => word.toLowerCase() === name.toLowerCase())))
    .find((name) => name !== undefined);
}

function draftEnvironment(name: string, assets: readonly Asset[]) {
  const subscriptions = distinct(assets.map(({ subscription, subscriptionId }) => subscription ?? subscriptionId));
  return { name, subscriptions, resourceGroups: distinct(assets.flatMap(({ resourceGroup }) => resourceGroup ?? [])) };
}

/** The one value that these assets have under this tag; absent where they differ. */
export function tagOfAll(assets: readonly Asset[], tag: string): string | undefined {
  const values = distinct(
    assets.flatMap(({ tags }) => [...tags].flatMap(([name, value]) => (name.toLowerCase() === tag ? [value] : []))),
  );
  return values.length === 1 ? values[0] : undefined;
}

/** Resource groups with assets that no service, or more than one equally, has in the catalog. */
export interface UnknownAssets {
  readonly group: string;
  readonly count: number;
  /** Names of those that claim them equally. */
  readonly claimed: readonly string[];
}

export function unknownAssets(catalog: Catalog, assets: readonly Asset[]): readonly UnknownAssets[] {
  const placeOf = createPlaces(catalog);
  const unknown = assets.flatMap((asset) => {
    const place = placeOf(asset);
    if (place.kind === 'known') return [];
    const claimed = place.kind === 'tie' ? distinct(place.places.map(({ service }) => service)) : [];
    return [{ group: groupName(asset), claimed }];
  });
  const grouped = Map.groupBy(unknown, ({ group, claimed }) => JSON.stringify([group.toLowerCase(), claimed]));
  return [...grouped.values()].flatMap((found) => (found[0] ? [{ ...found[0], count: found.length }] : []));
}

function groupName({ subscription, subscriptionId, resourceGroup }: Asset): string {
  const within = subscription ?? subscriptionId;
  return resourceGroup === undefined ? within : `${within}/${resourceGroup}`;
}

/** Without regard to case; the first spelling stands. */
function distinct(texts: readonly string[]): string[] {
  return [...new Map(texts.toReversed().map((text) => [text.toLowerCase(), text])).values()].sort();
}
