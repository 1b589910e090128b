import { type DeliveryHealth, isBehind, isSkewed } from '../services/domain/delivery-health.ts';

/** What needs somebody, in a few words each; empty: everything is delivered. */
export function troublesOf(health: DeliveryHealth): string[] {
  return [
    ...(health.store === 'ok' ? [] : ['the store does not answer']),
    ...(health.contract === undefined ? ['no contract is in force'] : []),
    ...(health.deadLetters.length === 0 ? [] : ['something was given up']),
    ...(health.bypasses.length === 0 ? [] : ['a bypass is not confirmed']),
    ...(health.unreachable.length === 0 ? [] : ['somebody cannot be reached']),
    ...(health.unreachedExceptions.length === 0 ? [] : ['an exception is asked for of nobody who can be reached']),
    ...(health.policyProblems.length === 0 ? [] : ['the policy has problems']),
    ...((health.hooks ?? []).every(({ state }) => state === 'ok') ? [] : ['service hooks need attention']),
    ...(health.heartbeat?.isMissing === true ? ['the daily heartbeat is missing'] : []),
    ...(isBehind(health) ? ['what is due is not carried out'] : []),
    ...(health.clocks.some(isSkewed) ? ['a clock is wrong'] : []),
  ];
}
