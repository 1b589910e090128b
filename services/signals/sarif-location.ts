import { normalisePath } from '../domain/fingerprint.ts';
import { clamp, countOf, head, listOf, member, objectOf, textOf } from './json-value.ts';

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

/** The first location of a result; a result without one has at least the file that was analysed, or nothing. */
export function readPlace(result: unknown): WrittenPlace {
  const location = listOf(member(result, 'locations'))[0];
  const file = member(member(location, 'physicalLocation'), 'artifactLocation') ?? member(result, 'analysisTarget');
  return {
    ...readArtifactLocation(file),
    logical: shortText(member(listOf(member(location, 'logicalLocations'))[0], 'fullyQualifiedName')),
  };
}

/** The region of the first location. */
export function readRegion(result: unknown): {
  readonly line: number | undefined;
  readonly snippet: string | undefined;
} {
  const region = member(member(listOf(member(result, 'locations'))[0], 'physicalLocation'), 'region');
  return {
    line: countOf(member(region, 'startLine')) || undefined,
    snippet: textOf(member(member(region, 'snippet'), 'text')),
  };
}

export function readArtifactLocation(file: unknown): Pick<WrittenPlace, 'uri' | 'base' | 'artifact'> {
  return {
    uri: shortText(member(file, 'uri')),
    base: shortText(member(file, 'uriBaseId')),
    artifact: countOf(member(file, 'index')),
  };
}

function shortText(value: unknown): string | undefined {
  const text = textOf(value);
  return text === undefined ? undefined : head(text, URI_READ);
}

/** `originalUriBaseIds` and `artifacts` of one run. */
export class Places {
  readonly #bases = new Map<string, Pick<WrittenPlace, 'uri' | 'base'>>();
  readonly #artifacts: (Pick<WrittenPlace, 'uri' | 'base'> | undefined)[] = [];
  readonly #resolved = new Map<object, string>();

  setBases(value: unknown): void {
    for (const [id, base] of Object.entries(objectOf(value) ?? {}).slice(0, 1_000)) {
      this.#bases.set(id, readArtifactLocation(base));
    }
  }

  addArtifact(artifact: unknown): void {
    const { uri, base } = readArtifactLocation(member(artifact, 'location'));
    this.#artifacts.push(uri === undefined ? undefined : { uri, base });
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
    const known = this.#resolved.get(file);
    if (known !== undefined) return known;
    const path = clamp(this.#resolve(file.uri, file.base), PATH_LIMIT);
    this.#resolved.set(file, path);
    return path;
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
