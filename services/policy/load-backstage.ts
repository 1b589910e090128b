import * as z from 'zod';
import { fullBranch, type Service } from '../domain/catalog.ts';
import type { Principal } from '../domain/person.ts';
import { environmentsSchema } from './load-catalog.ts';
import { loadFile, shapeOf, wrong } from './load-file.ts';
import { guid, name, principal, text } from './scalars.ts';
import { member } from './written.ts';
import { readYamlDocuments, type Source, type YamlText } from './yaml-text.ts';

/** A service and where it stands, or what is wrong with the document and whose it is, as far as that can be told. */
export type BackstageEntity =
  | { readonly source: string; readonly service: Service }
  | { readonly problems: readonly string[]; readonly named?: string };

/** Whether a file is Backstage's; ours begin with `kind` alone. */
export function isBackstage(text: string): boolean {
  return /^(?:\{\s*)?["']?apiVersion["']?\s*:\s*["']?[\w.]*backstage\.io\//m.test(text);
}

const KIND = /^component$/i;
const API = /^backstage\.io\//;

/**
 * The components of a file of Backstage entities as services; all other kinds are passed over. After the public
 * descriptor format (backstage.io/docs/features/software-catalog/descriptor-format, …/references for owners,
 * …/well-known-annotations) and the annotations of the Azure DevOps plugin. What Backstage has no field for stands in
 * annotations that begin with `countersign/`. A broken document concerns its own service alone.
 */
export function loadBackstage(source: Source): readonly BackstageEntity[] {
  return readYamlDocuments(source).flatMap((doc) => entityOf(source.file, doc));
}

function entityOf(file: string, doc: YamlText): readonly BackstageEntity[] {
  const kind = member(doc.data, 'kind');
  const isOther = typeof kind === 'string' && !KIND.test(kind);
  const api = member(doc.data, 'apiVersion');
  if (doc.problems.length === 0 && typeof api !== 'string') {
    const message = wrong(api, 'an apiVersion of Backstage; a file of another kind holds one document');
    return [{ problems: [doc.say({ path: ['apiVersion'], message })] }];
  }
  // Other apiVersions are kinds that plugins add.
  if (isOther || (typeof api === 'string' && !API.test(api))) return [];
  const loaded = shapeOf(doc, component);
  if (loaded.kind === 'broken') return [{ problems: loaded.problems, ...namedIn(doc.data) }];
  const { value, lineOf } = loaded.value;
  return [{ source: `${file}:${lineOf(['metadata', 'name'])}`, service: value }];
}

function namedIn(data: unknown): { readonly named?: string } {
  const named = member(member(data, 'metadata'), 'name');
  return typeof named === 'string' ? { named } : {};
}

const OWNERS =
  'group:default/team, team, user:object-id, or the annotation countersign/owner with group:name or user:object-id';

/** Groups by name; a person's name in Backstage is no object id, and a group of another namespace may be another group. */
const ownerReference = z.string({ error: (issue) => wrong(issue.input, OWNERS) }).transform((reference, context) => {
  const owner = ownerOf(reference);
  if (owner !== undefined) return owner;
  context.addIssue({ code: 'custom', message: wrong(reference, OWNERS) });
  return z.NEVER;
});

function ownerOf(reference: string): Principal | undefined {
  const [, kind = 'group', namespace = 'default', named = ''] =
    /^(?:(group|user):)?(?:([^:/\s]+)\/)?([^:/\s]+)$/i.exec(reference) ?? [];
  if (named === '' || namespace.toLowerCase() !== 'default') return undefined;
  if (kind.toLowerCase() === 'group') return `group:${named}`;
  const oid = guid.safeParse(named).data;
  return oid === undefined ? undefined : `user:${oid}`;
}

/** The text of an annotation holds YAML or JSON of its own. */
const environmentsText = z.string().transform((written, context) => {
  const loaded = loadFile({ file: 'environments', text: written }, environmentsSchema);
  if (loaded.kind === 'loaded') return loaded.value.value;
  const message = `holds what cannot be read: ${loaded.problems.join('; ')}`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const annotations = z.object({
  'countersign/owner': principal.exactOptional(),
  'countersign/lead': principal.exactOptional(),
  'countersign/criticality': text(100).exactOptional(),
  'countersign/team': text(300).exactOptional(),
  'countersign/environments': environmentsText.exactOptional(),
  'countersign/channel': text(300).exactOptional(),
  'countersign/default-branch': text(400).transform(fullBranch).exactOptional(),
  'dev.azure.com/project-repo': text(300).exactOptional(),
  'dev.azure.com/build-definition': text(3000).exactOptional(),
  'github.com/project-slug': text(300).exactOptional(),
  'backstage.io/source-location': z.string().exactOptional(),
});
type Annotations = z.output<typeof annotations>;

const component = z
  .object({
    metadata: z.object({
      name,
      labels: z.object({ 'countersign/criticality': text(100).exactOptional() }).default({}),
      annotations: annotations.default({}),
    }),
    spec: z.unknown().optional(),
  })
  .transform(({ metadata: { name, labels, annotations }, spec }, context): Service => {
    const owner = annotations['countersign/owner'] ?? ownerIn(spec, context);
    if (owner === undefined) return z.NEVER;
    const criticality = annotations['countersign/criticality'] ?? labels['countersign/criticality'];
    const team = annotations['countersign/team'] ?? (owner.startsWith('group:') ? owner.slice(6) : undefined);
    const lead = annotations['countersign/lead'];
    const channel = annotations['countersign/channel'];
    const defaultBranch = annotations['countersign/default-branch'];
    return {
      name,
      owner,
      ...(lead === undefined ? {} : { lead }),
      ...(criticality === undefined ? {} : { criticality }),
      ...(team === undefined ? {} : { team }),
      repositories: repositoriesIn(annotations),
      pipelines: listIn(annotations['dev.azure.com/build-definition']),
      paths: [],
      environments: new Map(Object.entries(annotations['countersign/environments'] ?? {})),
      ...(channel === undefined ? {} : { channel }),
      ...(defaultBranch === undefined ? {} : { defaultBranch }),
    };
  });

function ownerIn(spec: unknown, context: z.RefinementCtx): Principal | undefined {
  const read = ownerReference.safeParse(member(spec, 'owner'));
  for (const { message } of read.error?.issues ?? [])
    context.addIssue({ code: 'custom', path: ['spec', 'owner'], message });
  return read.data;
}

/** As builds name them: without the project in Azure Repos, with the owner on GitHub. */
function repositoriesIn(annotations: Annotations): readonly string[] {
  const [, ...ofProject] = (annotations['dev.azure.com/project-repo'] ?? '').split('/');
  const found = [
    ofProject.join('/'),
    annotations['github.com/project-slug'] ?? '',
    repositoryAt(annotations['backstage.io/source-location'] ?? ''),
  ];
  return [...new Set(found.filter((repository) => repository !== ''))];
}

/** `url:https://…` of Azure Repos or GitHub; elsewhere it says nothing that a build could be recognised by. */
function repositoryAt(location: string): string {
  const url = URL.parse(location.replace(/^url:/, ''));
  const [owner = '', ...rest] = (url?.pathname ?? '').split('/').filter((part) => part !== '');
  if (url?.hostname === 'github.com') return rest[0] === undefined ? '' : `${owner}/${rest[0].replace(/\.git$/, '')}`;
  const isAzure = url?.hostname === 'dev.azure.com' || url?.hostname.endsWith('.visualstudio.com') === true;
  const at = rest.indexOf('_git');
  return isAzure && at !== -1 ? decoded(rest[at + 1] ?? '') : '';
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function listIn(written = ''): readonly string[] {
  return written
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '');
}
