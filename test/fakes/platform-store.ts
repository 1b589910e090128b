import type { Section } from '../../services/domain/platform.ts';
import type { PlatformSource } from '../../services/ports/platform-source.ts';
import type { PlatformStore } from '../../services/ports/platform-store.ts';

/** What is known of delivery platforms, as a switch: of every organization the same. */
export interface PlatformFake extends PlatformStore {
  sections: readonly Section[];
  /** How often it was asked for all of them. */
  calls: number;
}

export function fakePlatforms(sections: readonly Section[]): PlatformFake {
  const fake: PlatformFake = {
    sections,
    calls: 0,
    all: async () => {
      fake.calls += 1;
      return fake.sections.map((section) => ({ section, nextAt: '2027-12-31T00:00:00.000Z', version: '1' }));
    },
    put: async () => undefined,
    forget: async () => undefined,
    hint: async () => undefined,
    heeded: async () => undefined,
  };
  return fake;
}

/** What is known of a platform stands in the store already. */
export const READS_NOTHING: PlatformSource = {
  kinds: [],
  targets: async () => ({ targets: [], unseen: new Map(), calls: 0 }),
  read: () => Promise.reject(new Error('it reads nothing')),
};
