import type { JudgedGroup } from './judgement.ts';
import type { SectionKind } from './platform.ts';
import { PLATFORM_RULES } from './platform-rule-table.ts';
import { PLATFORM_TOOL, UNREAD_RULE } from './platform-rules.ts';

/** The signals of an approval card that rules of the platform belong to. */
export type PlatformRow = 'environment' | 'access' | 'breadth';

const OF_ROW: readonly (readonly [PlatformRow, readonly SectionKind[]])[] = [
  ['environment', ['environments', 'project']],
  ['breadth', ['connections']],
];
const ROWS: ReadonlyMap<string, PlatformRow> = new Map(
  PLATFORM_RULES.map(({ id, reads }) => [
    id,
    OF_ROW.find(([, kinds]) => reads.every((kind) => kinds.includes(kind)))?.[0] ?? 'access',
  ]),
);

/** Undefined: of none, for what cannot be read is unknown in the signals that depend on it and in no other. */
export function rowOf({ tool, rule }: Pick<JudgedGroup, 'tool' | 'rule'>): PlatformRow | undefined {
  if (tool !== PLATFORM_TOOL) return 'access';
  return rule === UNREAD_RULE ? undefined : (ROWS.get(rule) ?? 'access');
}
