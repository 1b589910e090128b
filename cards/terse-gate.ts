import type { Gate } from '../services/domain/gate.ts';
import type { JudgedGroup } from '../services/domain/judgement.ts';
import type { PlatformSummary } from '../services/domain/platform-summary.ts';

const NAME_MAX = 40;
const TEXT_MAX = 110;

/** The same gate and states in fewer words and without links to the platform: for a card that has no room for more. */
export function terseGate(gate: Gate): Gate {
  const { judgement } = gate;
  if (judgement?.platform === undefined) return gate;
  const blocks = judgement.blocks.map(terseGroup);
  return { ...gate, judgement: { ...judgement, blocks, platform: tersePlatform(judgement.platform) } };
}

function terseGroup({ because, ...group }: JudgedGroup): JudgedGroup {
  return {
    ...group,
    ...(because === undefined ? {} : { because: cut(because, TEXT_MAX) }),
    samples: group.samples.map(({ help, ...sample }) => ({
      ...sample,
      message: cut(sample.message, TEXT_MAX),
      ...(help === undefined ? {} : { help: cut(help, TEXT_MAX) }),
    })),
  };
}

function tersePlatform({ organization, environment, access, breadth }: PlatformSummary): PlatformSummary {
  const { project: _, ...accessShown } = access;
  const { project: __, ...environmentShown } = environment;
  return {
    organization,
    environment: terse(environmentShown),
    access: terse(accessShown),
    breadth: {
      ...terse(breadth),
      connections: breadth.connections.map(({ id, name }) => ({ id, name: cut(name, NAME_MAX) })),
    },
  };
}

function terse<T extends { readonly why?: string }>(signal: T): T {
  return signal.why === undefined ? signal : { ...signal, why: cut(signal.why, NAME_MAX) };
}

function cut(text: string, max: number): string {
  return text.length <= max ? text : `${text.slice(0, max - 1)}…`;
}
