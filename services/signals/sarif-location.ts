import { normalisePath } from '../domain/fingerprint.ts';
import { clamp, countOf, head, type JsonObject, listOf, member, objectOf, textOf } from './json-value.ts';

/** An `artifactLocation` (SARIF 2.1.0, 3.4) as written; resolved once the whole run is known. */
export interface WrittenPlace {
  readonly uri: string | undefined;
  readonly base: string | undefined;
  /** Into the run's artifacts. */
  readonly artifact: number | undefined;
  /** What is named where no file is: a function, a resource. */
  readonly logical: string | undefined;
}

const PATH_LIMIT = 400;
const URI_READ = 2_000;
/** Bases within bases; more is a circle. */
const BASE_HOPS = 16;

/** What the first location of a result says. */
interface FirstLocation {
  /** Without a location at least the file that was analysed, or nothing. */
  readonly place: WrittenPlace;
  readonly line: number | undefined;
  readonly snippet: string | undefined;
}

/** No file has more lines. */
const LINE_LIMIT = 0xffff_ffff;

/** Members are taken as they stand, because that is fast: no object inherits any of these names. */
export function readLocation({ locations, analysisTarget }: JsonObject): FirstLocation {
  const { physicalLocation, logicalLocations } = objectOf(listOf(locations)[0]) ?? NOTHING;
  const { artifactLocation, region } = objectOf(physicalLocation) ?? NOTHING;
  const { uri, uriBaseId, index } = objectOf(artifactLocation ?? analysisTarget) ?? NOTHING;
  const { startLine, snippet } = objectOf(region) ?? NOTHING;
  const line = countOf(startLine) ?? 0;
  return {
    place: {
      uri: shortText(uri),
      base: shortText(uriBaseId),
      artifact: countOf(index),
      logical: shortText(member(listOf(logicalLocations)[0], 'fullyQualifiedName')),
    },
    line: line === 0 || line > LINE_LIMIT ? undefined : line,
    snippet: textOf(objectOf(snippet)?.['text']),
  };
}

const NOTHING: JsonObject = {};

function shortText(value: unknown): string | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : head(text, URI_READ);
}

/** `originalUriBaseIds` and `artifacts` of one run. */
export class Places {
  readonly #bases = new Map<string, Pick<WrittenPlace, 'uri' | 'base'>>();
  readonly #artifacts: (Pick<WrittenPlace, 'uri' | 'base'> | undefined)[] = [];

  setBases(value: unknown): void {
    for (const [id, base] of Object.entries(objectOf(value) ?? {}).slice(0, 1_000)) {
      this.#bases.set(id, { uri: shortText(member(base, 'uri')), base: shortText(member(base, 'uriBaseId')) });
    }
  }

  addArtifact(artifact: unknown): void {
    const location = member(artifact, 'location');
    const uri = shortText(member(location, 'uri'));
    this.#artifacts.push(uri === undefined ? undefined : { uri, base: shortText(member(location, 'uriBaseId')) });
  }

  get artifacts(): number {
    return this.#artifacts.length;
  }

  /**
   * The path relative to the checkout. Relative parts of chained bases stay; a base that is absolute is a folder of
   * the build agent and is left out, because it differs from run to run.
   */
  pathOf(place: WrittenPlace): string | undefined {
    const file = place.uri === undefined ? this.#artifacts[place.artifact ?? -1] : place;
    if (file?.uri === undefined) return place.logical === undefined ? undefined : clamp(place.logical, PATH_LIMIT);
    return clamp(this.#resolve(file.uri, file.base), PATH_LIMIT);
  }

  #resolve(uri: string, base: string | undefined): string {
    if (isAbsolute(uri)) return normalisePath(this.#withoutRoot(uri));
    let whole = uri;
    let next = base;
    for (let hop = 0; next !== undefined && hop < BASE_HOPS; hop++) {
      const entry = this.#bases.get(next);
      if (entry?.uri === undefined || isAbsolute(entry.uri)) break;
      whole = `${entry.uri.replace(/\/$/, '')}/${whole}`;
      next = entry.base;
    }
    return normalisePath(whole);
  }

  #withoutRoot(uri: string): string {
    const roots = [...this.#bases.values()].flatMap(({ uri: root }) =>
      root !== undefined && isAbsolute(root) && root.endsWith('/') && uri.startsWith(root) ? [root.length] : [],
    );
    return uri.slice(Math.max(0, ...roots));
  }
}

function isAbsolute(uri: string): boolean {
  return /^(?:[a-z][a-z0-9+.-]+:|[a-z]:[/\\]|[/\\])/i.test(uri);
}
