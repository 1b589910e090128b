import type { ReportRefusal } from '../ports/report-reader.ts';

/**
 * Which containers of a document are walked through; every other value is handed over whole. A value that is not of
 * the named kind is handed over whole too.
 */
export interface Outline {
  /** Opens a list: the outline of each element. */
  readonly each?: Outline;
  /** Opens an object: the outlines of named members, and of all others. */
  readonly members?: ReadonlyMap<string, Outline>;
  readonly rest?: Outline;
  /** Of the root only: values one after another (JSON Lines), told as elements of a list. */
  readonly sequence?: Outline;
}

/** From the root: keys and list positions. One array for the whole walk, valid during the call only. */
export type JsonPath = readonly (string | number)[];

/** Hears what the walk meets, in document order; a refusal ends it. */
export interface ElementSink {
  value(path: JsonPath, value: unknown): ReportRefusal | undefined;
  opened(path: JsonPath, kind: 'list' | 'object'): ReportRefusal | undefined;
  closed(path: JsonPath): ReportRefusal | undefined;
}

export interface JsonLimits {
  /** Containers within one another, the root included. */
  readonly maxDepth: number;
  /** Characters of one value that is handed over whole. */
  readonly maxElement: number;
  /** Members of one object that is walked through. */
  readonly maxMembers: number;
}
