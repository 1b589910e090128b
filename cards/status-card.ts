import type { IAdaptiveCard } from 'adaptivecards';
import type { DeliveryHealth, DigestHealth, HookHealth } from '../services/domain/delivery-health.ts';
import { organizationName } from '../services/domain/routing.ts';
import { banner, type CardElement, card, type Fact, fact, line, timedFact, title, words } from './card.ts';
import { cardText } from './card-text.ts';
import { shortCommit } from './gate-facts.ts';
import { listOf } from './names.ts';
import { inZone, localTime } from './show-time.ts';
import { evidenceFact, evidenceSection, retentionFact } from './status-evidence.ts';
import { offPathSection } from './status-off-path.ts';
import { platformSection } from './status-platform.ts';
import {
  channelsSection,
  clockFact,
  dueFact,
  heartbeatFact,
  problemsSection,
  processesFact,
  sourcesSection,
  throttledFact,
  unreachableSection,
  withoutAppFact,
} from './status-sections.ts';
import { signalsSection } from './status-signals.ts';
import { troublesOf } from './status-troubles.ts';
import { plain } from './text.ts';
import { unreachableName } from './unreachable-words.ts';

const NAME_MAX = 60;

export function statusCard(health: DeliveryHealth, zone?: string, name = 'Delivery status'): IAdaptiveCard {
  const troubles = troublesOf(health);
  const headline = troubles.length === 0 ? 'Everything is delivered' : `Needs attention: ${listOf(troubles, 5)}`;
  const body: CardElement[] = [
    title(name),
    banner('state', troubles.length === 0 ? 'good' : 'attention', [
      line(words(`${troubles.length === 0 ? '✓' : '✗'} ${headline}`, { weight: 'bolder' })),
    ]),
    { type: 'FactSet', id: 'facts', spacing: 'medium', facts: factsOf(health) },
    ...offPathSection(health),
    ...evidenceSection(health),
    ...unreachableSection(health),
    ...channelsSection(health),
    ...signalsSection(health),
    ...platformSection(health),
    ...sourcesSection(health),
    ...problemsSection(health),
  ];
  const spoken = `${name} on ${localTime(health.at)}. ${headline}.`;
  return inZone(card({ body, actions: [], fallbackText: spoken, speak: spoken }), zone);
}

export function statusText(health: DeliveryHealth, zone?: string): string {
  return cardText(statusCard(health, zone));
}

function commitOf({ commit }: NonNullable<DeliveryHealth['contract']>): string {
  return commit === undefined ? '' : ` of commit ${shortCommit(commit)}`;
}

function factsOf(health: DeliveryHealth): Fact[] {
  const { contract, deadLetters, unreachable, bypasses } = health;
  const since = health.waitingSince === undefined ? '' : `, the oldest since ${localTime(health.waitingSince)}`;
  const given = deadLetters.map(({ requestId, kind }) => `${plain(kind, 20)} of ${plain(requestId, 20)}`);
  return [
    fact('Store', health.store === 'ok' ? '✓ answers' : '✗ does not answer'),
    fact(
      'Contract',
      contract === undefined
        ? '✗ none: every gate is blocked'
        : `✓ version ${contract.version} (${contract.checksum.slice(0, 8)})${commitOf(contract)}`,
    ),
    timedFact('To be sent', health.waiting === 0 ? '✓ nothing' : `${health.waiting}${since}`),
    dueFact(health),
    fact('Given up', given.length === 0 ? '✓ nothing' : `✗ ${given.length}: ${listOf(given, 5)}`),
    fact(
      'Bypasses',
      bypasses.length === 0 ? '✓ none to be confirmed' : `✗ ${bypasses.length} to be confirmed: ${listOf(bypasses, 5)}`,
    ),
    fact('Not reachable', unreachable.length === 0 ? '✓ nobody' : `✗ ${listOf(unreachable.map(unreachableName), 5)}`),
    ...(health.unreachedExceptions.length === 0
      ? []
      : [fact('Exceptions', `✗ nobody who may grant can be reached: ${listOf(health.unreachedExceptions, 5)}`)]),
    ...withoutAppFact(health),
    ...(health.digests === undefined ? [] : [digestsFact(health.digests)]),
    ...heartbeatFact(health),
    ...evidenceFact(health),
    ...retentionFact(health),
    throttledFact(health),
    clockFact(health),
    processesFact(health),
    ...(health.hooks ?? []).map(hooksFact),
    timedFact('As of', localTime(health.at)),
  ];
}

/** That the job ran is told apart from there being nothing to say. */
function digestsFact({ sent, silent, claimed, unreachable, refused, lastAt }: DigestHealth): Fact {
  const parts = [
    `${sent} sent`,
    ...(silent === 0 ? [] : [`${silent} with nothing to say`]),
    ...(claimed === 0 ? [] : [`${claimed} under way`]),
    ...(unreachable === 0 ? [] : [`${unreachable} to nobody we can reach`]),
    ...(refused === 0 ? [] : [`✗ ${refused} that Teams does not take`]),
  ];
  const last = lastAt === undefined ? 'none was made yet' : `the last on ${localTime(lastAt)}`;
  return timedFact('Digests of 24 hours', `${listOf(parts, parts.length)}; ${last}`);
}

const HOOK_WORDS: Readonly<Record<HookHealth['state'], string>> = {
  ok: '✓ enabled',
  none: '✗ none sends here: create them in Project settings → Service hooks',
  incomplete: '✗ missing: create them in Project settings → Service hooks',
  'on-probation': '✗ on probation: our answers failed; Azure DevOps tries again by itself',
  disabled: '✗ disabled: enable it in Project settings → Service hooks',
  unknown: '✗ not known: the bot may not read them, or Azure DevOps did not answer',
};

function hooksFact({ organization, state, missing, lastEventAt }: HookHealth): Fact {
  const kinds = missing.map((type) => plain(type.split('.').at(-1) ?? '', NAME_MAX));
  const lacking = state === 'incomplete' ? ` (${listOf(kinds, 3)})` : '';
  const last = lastEventAt === undefined ? 'none since this process began' : localTime(lastEventAt);
  return timedFact(
    `Hooks of ${plain(organizationName(organization), NAME_MAX)}`,
    `${HOOK_WORDS[state]}${lacking}; last event: ${last}`,
  );
}
