import { createRequire } from 'node:module';
import type * as AdaptiveCards from 'adaptivecards';
import { withoutCharts } from './charts.ts';
import teamsHostConfig from './teams-light.host-config.json' with { type: 'json' };

// The package's main file cannot be loaded by Node (imports without file endings); its bundle can, and parses without a DOM.
const library: typeof AdaptiveCards = createRequire(import.meta.url)('adaptivecards/dist/adaptivecards.js');

/** The newest version of the Adaptive Cards schema that Teams renders on every client. */
const teamsVersion = library.Versions.v1_5;

/**
 * What the renderer's own library finds wrong with a card, one sentence each, empty when it is fine: unknown elements, actions
 * and versions, values outside an enum, properties newer than version 1.5, inputs without an id, ids used twice, empty choices,
 * more actions than Teams shows. Of charts, which it does not know, exactly those of charts.ts are allowed, each with its numbers
 * as text.
 * Properties it does not know are passed over in silence.
 */
export function parseProblems(shown: object): string[] {
  const { card, problems } = withoutCharts(shown);
  const context = new library.SerializationContext(teamsVersion);
  const parsed = new library.AdaptiveCard();
  parsed.maxVersion = teamsVersion;
  parsed.hostConfig = new library.HostConfig(teamsHostConfig);
  parsed.parse(card, context);
  const found = Array.from({ length: context.eventCount }, (_, index) => context.getEventAt(index));
  return [
    ...typeProblems(card),
    ...problems,
    ...[...found, ...parsed.validateProperties().validationEvents].map(sentence),
  ];
}

/** Teams shows nothing without the type, the library assumes it. */
function typeProblems(card: object): string[] {
  return 'type' in card && card.type === 'AdaptiveCard' ? [] : ['The card\'s type must be "AdaptiveCard".'];
}

function sentence({ source, message }: AdaptiveCards.IValidationEvent): string {
  if (!(source instanceof library.CardObject)) return message;
  const id = source.id === undefined ? '' : ` "${source.id}"`;
  return `${source.getJsonTypeName()}${id}: ${message}`;
}
