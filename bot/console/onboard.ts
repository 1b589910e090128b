import { plain } from '../../cards/text.ts';
import type { Draft } from '../../services/domain/onboarding.ts';
import type { Onboard, Onboarding } from '../../services/onboarding.ts';
import type { Outcome } from './outcome.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const TEXT_MAX = 300;

/** `onboard SERVICE`: the draft for standard output, what is in no catalog besides; no when there is nothing to draft. */
export async function onboard(onboarding: Onboard, service: string): Promise<Outcome> {
  if (!NAME.test(service)) {
    const sentence = 'A service is named by letters, digits, ".", "_" and "-", up to 100, a letter or digit first.';
    return { exitCode: 1, lines: [], remarks: [sentence] };
  }
  const found = await onboarding(service);
  const remarks = remarksOf(found);
  switch (found.entry.kind) {
    case 'drafted':
      return { exitCode: 0, lines: linesOf(found.entry.draft), remarks };
    case 'in-catalog':
      return { exitCode: 1, lines: [], remarks: [`${service} is in the catalog already.`, ...remarks] };
    case 'not-found': {
      const sentence = `No pipeline or repository that is in no catalog has a name that begins with ${service}, and no resource has it as a tag.`;
      return { exitCode: 1, lines: [], remarks: [sentence, ...remarks] };
    }
  }
}

/** YAML for `catalog/SERVICE.yaml`. A text of JSON is one of YAML too. */
function linesOf(draft: Draft): string[] {
  const { service, owner, criticality, repositories, pipelines, environments } = draft;
  return [
    `# Drafted by countersign onboard ${service}: look at every line, then keep it as catalog/${service}.yaml.`,
    ...draft.remarks.map((remark) => `# Look: ${shown(remark)}`),
    'kind: Catalog',
    'services:',
    `  ${text(service)}:`,
    owner === undefined
      ? `    owner: ${text(`group:${service}-owners`)} # not known: put the group of those who answer for it here`
      : `    owner: ${text(owner)}`,
    '    # lead: "group:NAME" # not known: where a warning goes that the owner leaves lying',
    criticality === undefined
      ? '    # criticality: high # not known; a word that rules may match'
      : `    criticality: ${text(criticality)}`,
    `    repositories: ${list(repositories)}`,
    `    pipelines: ${list(pipelines)}`,
    ...(environments.length === 0
      ? ['    # environments: { prod: { subscription: NAME, resourceGroups: [NAME] } } # not known']
      : ['    environments:']),
    ...environments.map(({ name, subscription, resourceGroups }) => {
      const within = subscription === undefined ? '' : `subscription: ${text(subscription)}, `;
      return `      ${text(name)}: { ${within}resourceGroups: ${list(resourceGroups)} }`;
    }),
  ];
}

function remarksOf({ pipelines, assets, unread }: Onboarding): string[] {
  return [
    pipelines.length === 0
      ? 'Every production pipeline that could be seen is in the catalog.'
      : `${pipelines.length} production ${pipelines.length === 1 ? 'pipeline is' : 'pipelines are'} in no catalog:`,
    ...pipelines.map(
      ({ organization, project, name, repository, deployedTo }) =>
        `  ${shown(`${organization}/${project}: ${name} (repository ${repository.name})`)}${deployedTo === undefined ? '; where it deploys to could not be read' : ''}`,
    ),
    ...(assets.length === 0 ? [] : ['Resources of no service in the catalog:']),
    ...assets.map(({ group, count, claimed }) => {
      const tie = claimed.length === 0 ? '' : `, claimed equally by ${claimed.join(' and ')}`;
      return `  ${shown(`${group}: ${count}${tie}`)}`;
    }),
    ...unread.map((what) => `Not read: ${shown(what)}`),
  ];
}

/** Signs that turn text round or hide it are written out. */
function text(value: string): string {
  return JSON.stringify(value).replace(/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, escaped);
}

/** By its units of UTF-16, as JSON has it. */
function escaped(sign: string): string {
  const units = Array.from({ length: sign.length }, (_, index) => sign.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}

function list(values: readonly string[]): string {
  return `[${values.map(text).join(', ')}]`;
}

/** On one line: it may come from outside. */
function shown(value: string): string {
  return plain(value, TEXT_MAX);
}
