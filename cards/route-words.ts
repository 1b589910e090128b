import type { MatchKey, Route } from '../services/domain/route.ts';
import type { Considered, Narrower } from '../services/domain/route-choice.ts';
import { listOf } from './names.ts';
import { plain } from './text.ts';

const VALUE_MAX = 60;
const VALUES_SHOWN = 3;
const SOURCE_MAX = 80;

const KEY_WORDS: Readonly<Record<MatchKey, string>> = {
  service: 'service',
  environment: 'environment',
  pipeline: 'pipeline',
  resourceGroup: 'resource group',
  subscription: 'subscription',
  managementGroup: 'management group',
  team: 'team',
  project: 'project',
  organization: 'organization',
};

/** `routes.yaml:12`. */
export function sourceOf(route: Route): string {
  return plain(route.source, SOURCE_MAX);
}

/** Why a route is the narrowest of those that match; `isForRest`: of those that match every run. */
export function narrowerSentence(considered: Considered, narrower: Narrower, isForRest: boolean): string {
  const matched = listOf(keysShown(considered, considered.agrees), VALUES_SHOWN);
  if (narrower.by === 'alone')
    return `it matches ${matched}, and no other route ${isForRest ? 'matches every run' : 'does'}`;
  const over = sourceOf(narrower.over);
  const own = scopeOf(narrower.key);
  switch (narrower.by) {
    case 'key':
      return `it matches ${matched}; a route for one ${own} is narrower than ${over}`;
    case 'keys':
      return `it matches ${matched}; it asks for more than ${over}, which is for one ${own} too`;
    case 'place':
      return `it matches ${matched}; it stands before ${over}, which is as narrow`;
  }
}

/** `service` stands for service and environment together. */
function scopeOf(key: MatchKey): string {
  return key === 'service' ? 'service and environment' : KEY_WORDS[key];
}

/** For which runs a route is: `pipeline payments-deploy`. */
export function runsOf({ route, depends }: Considered): string {
  return listOf(keysShown({ route }, depends), VALUES_SHOWN);
}

/** What agrees, and the first that does not. */
export function heldSentence(considered: Considered): string {
  const { agrees, depends, differs } = considered;
  const parts = [
    ...(agrees.length === 0 ? [] : [`${listOf(keysShown(considered, agrees), VALUES_SHOWN)} ${matches(agrees)}`]),
    ...(depends.length === 0
      ? []
      : [`${runsOf(considered)} ${depends.length === 1 ? 'depends' : 'depend'} on the run`]),
    ...(differs === undefined ? [] : [differsSentence(considered.route, differs)]),
  ];
  return parts.join('; ');
}

function matches(keys: readonly MatchKey[]): string {
  return keys.length === 1 ? 'matches' : 'match';
}

function differsSentence(route: Route, { key, has }: NonNullable<Considered['differs']>): string {
  const wanted = `it is for ${keyShown(route, key)}`;
  if (has.length === 0) return `${wanted}, and the catalog names none here`;
  return `${wanted}, and this is ${listOf(
    has.map((value) => plain(value, VALUE_MAX)),
    VALUES_SHOWN,
  )}`;
}

function keysShown({ route }: Pick<Considered, 'route'>, keys: readonly MatchKey[]): string[] {
  return keys.map((key) => keyShown(route, key));
}

function keyShown(route: Route, key: MatchKey): string {
  return `${KEY_WORDS[key]} ${plain(route.match[key] ?? '', VALUE_MAX)}`;
}
