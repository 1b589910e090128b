import type { Catalog } from './catalog.ts';
import type { Contract, EnvironmentPolicy } from './contract.ts';
import type { Gate } from './gate.ts';
import type { Obstacle } from './judgement.ts';
import type { RunSources } from './run.ts';

/** What stands in the way before any finding is looked at. */
export function obstaclesBefore(
  gate: Pick<Gate, 'services'>,
  sources: RunSources,
  { catalog, contract, environment }: { catalog: Catalog; contract: Contract; environment: EnvironmentPolicy },
): Obstacle[] {
  const unknown = gate.services
    .filter((name) => !catalog.services.has(name))
    .map((name): Obstacle => {
      return { kind: 'unknown-service', detail: catalog.broken.get(name) ?? name, tell: contract.owner };
    });
  if (environment.tier !== 'production') return unknown;
  const people = sources.unreadablePeople ?? [];
  const unread = sources.unreadable.filter((what) => !people.includes(what));
  // Whoever cannot be read could be any of the approvers; where none is needed, nobody is harmed.
  const strangers = environment.approval === 'required' ? people : [];
  return [
    ...unknown,
    ...unread.map((detail): Obstacle => ({ kind: 'missing-signal', detail })),
    ...strangers.map((detail): Obstacle => ({ kind: 'requester-unknown', detail })),
  ];
}

export function unknownEnvironment({ environment }: Pick<Gate, 'environment'>, contract: Contract): Obstacle {
  return { kind: 'unknown-environment', detail: environment, tell: contract.owner };
}
