import type { Catalog } from '../domain/catalog.ts';
import type { PlatformFacts, Section, SectionKey, SectionKind, SectionOf } from '../domain/platform.ts';
import type { PlatformSetting } from '../domain/platform-places.ts';

/** A part of a platform that there is to be read. */
export interface PlatformTarget extends SectionKey {
  /** As people know the project, organization or subscription. */
  readonly name: string;
}

/** What there is to be read, and what the catalog names and the bot cannot see, with what to do about it. */
export interface PlatformTargets {
  readonly targets: readonly PlatformTarget[];
  readonly unseen: ReadonlyMap<string, string>;
}

/** A part of a section: all of it together with those before it, once there is no `next`. */
export interface SectionPart<K extends SectionKind> {
  readonly facts: PlatformFacts[K];
  /** Where it goes on: opaque JSON text that holds whatever was read so far; absent: these are all the facts. */
  readonly next?: string;
}

/** What a read may use. */
export interface SectionRead<K extends SectionKind> {
  readonly target: PlatformTarget & { readonly kind: K };
  /** What was known before: what seldom changes and costs a call each need not be asked for anew. */
  readonly before?: SectionOf<K>['known'];
  /** Everything that is known of the platform: which environments and connections lead to production. */
  readonly sections: readonly Section[];
  /** By which is told what leads to production; absent: everything may. */
  readonly setting?: Pick<PlatformSetting, 'catalog' | 'contract'>;
  /** Of an earlier part. */
  readonly next?: string;
  /** Calls that this part may make, at least one. */
  readonly calls: number;
  /** Somebody said that it has changed, or it is the day's turn: nothing is taken from before. */
  readonly isHinted: boolean;
  /** Ids of things that are said to have changed, where nothing else is: nothing of these is taken from before. */
  readonly things?: readonly string[];
}

/** What an answer cost. */
export interface Cost {
  readonly calls: number;
  /** Seconds for which the organization asks to be left alone, or until its allowance is whole again. */
  readonly retryAfter?: number;
}

/**
 * A delivery platform as it is now. Each method rejects with SourceUnavailableError (nothing is lost, try again) or SourceRefusedError (what is
 * missing is named) of signal-source.ts.
 */
export interface PlatformSource {
  /** What it reads; only of these it knows what there is. */
  readonly kinds: readonly SectionKind[];
  /**
   * What the catalog's services are built in and deployed through, in one organization (URL). `sections`: what is known so far; what
   * projects hold is read first, and the rest of a project is a target from then on.
   */
  targets(organization: string, catalog: Catalog, sections: readonly Section[]): Promise<PlatformTargets & Cost>;
  read<K extends SectionKind>(organization: string, read: SectionRead<K>): Promise<SectionPart<K> & Cost>;
}
