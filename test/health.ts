import type { DeliveryHealth, OutOfReach } from '../services/domain/delivery-health.ts';

/** Delivery as it should be; a world's Monday at 10:00 UTC. */
export function aHealth(over: Partial<DeliveryHealth> = {}): DeliveryHealth {
  return {
    at: '2026-11-23T10:00:00.000Z',
    store: 'ok',
    waiting: 0,
    bypasses: [],
    offPaths: [],
    unreachedExceptions: [],
    deadLetters: [],
    unreachable: [],
    withoutApp: [],
    sources: [],
    clocks: [],
    processes: 1,
    policyProblems: [],
    contract: { version: 7, checksum: 'abcdef0123456789' },
    ...over,
  };
}

export function outOfReach(name: string, over: Partial<OutOfReach> = {}): OutOfReach {
  return { recipient: `user:${name}`, name, why: 'not-installed', waits: ['abcdefghijklmnop'], ...over };
}
