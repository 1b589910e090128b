import type { Ladder } from './past.ts';
import { type ScanHead, unkeyed } from './scan-head.ts';
import { type Steps, visit } from './steps.ts';
import type { ScopedVex } from './vex.ts';

/**
 * Bytes, as JSON inside JSON, in which a row travels; and heads, each with at least one row of groups behind it. What one
 * transaction of the store takes (4 MiB, 100 writes), with room for its evidence.
 */
const LARGEST = 3_500_000;
export const MOST_HEADS = 35;
const MOST_ROWS = 72;
/** Of one finding's past: its fingerprint as base64, and its part of what is kept for all like it. */
const PRINT_BYTES = 24;
/** A document of statements, and the rows of those that it replaces; its parts are counted by their bytes. */
const VEX_ROWS = 26;

/** Refusals of what cannot be stored, or could not be judged. */
export const TOO_MANY_RULES = {
  kind: 'refused',
  refused: 'too-many-findings',
  detail:
    'the report has more tools, different rules or statements than can be judged together: let the scanner report fewer rules, or split the statements',
} as const;
export const TOO_MANY_DOCUMENTS = {
  kind: 'refused',
  refused: 'too-many-findings',
  detail:
    'the commit has more documents of VEX, or statements in them, than can be judged together (100, 20,000): put them into fewer documents, or send newer versions of those (@id, serialNumber)',
} as const;
const QUOTES = 2;
const BRACKETS = 2;

interface Imported {
  readonly heads: readonly ScanHead[];
  readonly ladders: readonly Ladder[];
  readonly vex?: ScopedVex;
}

/** The heads as they fit into one transaction, at need without what duplicates are told by; undefined: they do not. */
export function* fittingHeads({ heads, ...beside }: Imported): Steps<readonly ScanHead[] | undefined> {
  if (yield* fits({ heads, ...beside })) return heads;
  const shorter: ScanHead[] = [];
  for (const head of heads) shorter.push(yield* unkeyed(head));
  return (yield* fits({ heads: shorter, ...beside })) ? shorter : undefined;
}

function* fits({ heads, ladders, vex }: Imported): Steps<boolean> {
  const prints = ladders.reduce((sum, { rungs }) => sum + rungs.reduce((n, one) => n + one.fingerprints.length, 0), 0);
  const bytes = (yield* bytesOfHeads(heads)) + prints * PRINT_BYTES + (vex === undefined ? 0 : bytesOf(vex));
  const rows = 2 * heads.length + ladders.length + (vex === undefined ? 0 : VEX_ROWS);
  return bytes <= LARGEST && heads.length <= MOST_HEADS && rows <= MOST_ROWS;
}

/** As of all in one text: of which the pieces are as long, without their own quotes and with a comma after each but the last. */
export function* bytesOfHeads(heads: readonly ScanHead[]): Steps<number> {
  const commas = (list: readonly unknown[]) => Math.max(0, list.length - 1);
  let bytes = QUOTES + BRACKETS + commas(heads);
  for (const { groups, ...head } of heads) {
    bytes += bytesOf({ ...head, groups: [] }) - QUOTES + commas(groups);
    yield* visit(groups, (group) => {
      bytes += bytesOf(group) - QUOTES;
    });
  }
  return bytes;
}

function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(JSON.stringify(value)));
}
