import type { Answered } from '../../services/approvals.ts';
import type { Process } from './process.ts';
import type { Scene } from './scene.ts';

/** What one person was told about one wish. */
export interface Told {
  readonly oid: string;
  readonly op: string;
  readonly requestId: string;
  readonly answer: Answered;
  /** Whether the wish stood in the evidence when the answer reached the person. */
  readonly recorded: boolean;
  /** Whether the same wish was never under way twice at a time. */
  readonly alone: boolean;
}

/** What somebody was told about a word on an exception, or a request for one. */
export interface ToldOfException {
  readonly oid: string;
  readonly op: string;
  /** `done`, `requested`, `joined`, or why not. */
  readonly answer: string;
  /** As in Told. */
  readonly recorded: boolean;
  readonly alone: boolean;
}

export interface Cast {
  /** Those that are alive. */
  processes(): readonly Process[];
  readonly told: Told[];
  readonly toldOfExceptions: ToldOfException[];
  /** `accepted`, or why not. */
  readonly toldOfDrift: ToldOfException[];
  /** `isThere`: whether the exceptions were there when the answer came. */
  readonly toldOfImports: { readonly oid: string; readonly ids: readonly string[]; readonly isThere: boolean }[];
  /** How many times a report was sent. */
  sent: number;
  /** Wishes that are or were under way twice at a time. */
  readonly crossed: Set<string>;
  readonly underWay: Set<string>;
}

export type Event = (world: Scene, cast: Cast) => Promise<void>;
