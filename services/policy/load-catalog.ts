import * as z from 'zod';
import { BASELINE_PROPERTY, BASELINE_TYPE, fullBranch, type Service } from '../domain/catalog.ts';
import { calendarSchema } from './calendar-schema.ts';
import { type Loaded, loadFile } from './load-file.ts';
import { guid, name, principal, scalar, text } from './scalars.ts';
import { entriesOf, member } from './written.ts';
import type { Source } from './yaml-text.ts';

const MOST_TYPES = 20;
const MOST_PROPERTIES = 30;

const resourceType = scalar('a type of Azure such as microsoft.web/sites', (text) => {
  const type = text.toLowerCase();
  return BASELINE_TYPE.test(type) ? type : undefined;
});
const resourceProperty = scalar(
  'a property such as properties.httpsOnly: kind, location, or a path below properties, sku or identity',
  (text) => (BASELINE_PROPERTY.test(text) ? text : undefined),
);

/** What of an environment's resources is compared with what was approved. */
const baseline = z
  .array(z.strictObject({ type: resourceType, properties: z.array(resourceProperty).min(1).max(MOST_PROPERTIES) }))
  .max(MOST_TYPES)
  .refine((all) => new Set(all.map(({ type }) => type)).size === all.length, {
    error: 'has a type twice; allowed: each type once',
  });

const environment = z
  .strictObject({
    subscription: text(300).exactOptional(),
    managementGroup: text(300).exactOptional(),
    resourceGroups: z.array(text(300)).default([]),
    tags: z.record(text(512), z.string().max(256)).exactOptional(),
    baseline: baseline.exactOptional(),
    /** Object or application ids of the identities of the release path; whoever else writes there is off it. */
    identities: z.array(guid).min(1).exactOptional(),
  })
  .transform(({ tags, ...rest }) => ({
    ...rest,
    ...(tags === undefined ? {} : { tags: new Map(Object.entries(tags)) }),
  }));

/** `environments:` of a service. */
export const environmentsSchema = z.record(name, environment);

const service = z
  .strictObject({
    owner: principal,
    lead: principal.exactOptional(),
    criticality: text(100).exactOptional(),
    team: text(300).exactOptional(),
    repositories: z.array(text(300)).default([]),
    pipelines: z.array(text(300)).default([]),
    paths: z.record(text(300), principal).default({}),
    environments: environmentsSchema.default({}),
    calendar: calendarSchema.exactOptional(),
    channel: text(300).exactOptional(),
    defaultBranch: text(400).transform(fullBranch).exactOptional(),
  })
  .transform(({ paths, environments, ...rest }) => ({
    ...rest,
    paths: Object.entries(paths).map(([glob, owner]) => ({ glob, owner })),
    environments: new Map(Object.entries(environments)),
  }));

const catalogSchema = z.strictObject({ kind: z.literal('Catalog'), services: z.record(name, service) });

/** A service and where it stands, `catalog.yaml:12`. */
export interface CatalogEntry {
  readonly source: string;
  readonly service: Service;
}

/** Reads catalog.yaml or one file of catalog/. */
export function loadCatalog(source: Source): Loaded<readonly CatalogEntry[]> {
  const loaded = loadFile(source, catalogSchema);
  if (loaded.kind === 'broken') return loaded;
  const { value, lineOf } = loaded.value;
  return {
    kind: 'loaded',
    value: Object.entries(value.services).map(([name, service]) => ({
      source: `${source.file}:${lineOf(['services', name])}`,
      service: { name, ...service },
    })),
  };
}

/** The services that a broken file speaks of, as far as it can be read. */
export function servicesNamed(data: unknown): readonly string[] {
  return entriesOf(member(data, 'services')).map(([name]) => name);
}
