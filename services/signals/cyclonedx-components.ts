import { head, listOf, member, textOf } from './json-value.ts';

const MOST = 200_000;
const TEXT_LIMIT = 300;
/** Package URLs of operating systems. */
const OF_SYSTEM = /^pkg:(?:alpm|apk|deb|rpm)\//i;

export interface BomComponent {
  readonly name?: string;
  readonly version?: string;
  readonly purl?: string;
  readonly isOfSystem: boolean;
  /** From 1.7 on: it is of a range of versions (`versionRange`), of which nobody knows here what is in it. */
  readonly isRange?: boolean;
}

/** What a BOM is an inventory of, by its `bom-ref`. */
export class BomComponents {
  readonly #byRef = new Map<string, BomComponent>();

  /** Whatever it is made of too. */
  add(value: unknown): void {
    const ref = textOf(member(value, 'bom-ref'));
    if (ref !== undefined && !this.isTooMuch) this.#byRef.set(head(ref, TEXT_LIMIT), componentOf(value));
    for (const part of listOf(member(value, 'components'))) this.add(part);
  }

  get isTooMuch(): boolean {
    return this.#byRef.size > MOST;
  }

  /** Of `affects[].ref`: one of these, one of another BOM (BOM-Link), or itself a package URL. */
  packageOf(ref: string): BomComponent | undefined {
    const known = this.#byRef.get(head(ref, TEXT_LIMIT));
    if (known !== undefined) return known;
    const link = /^urn:cdx:[^#]{1,200}#(.+)$/.exec(ref)?.[1];
    const inOther = link === undefined ? ref : decoded(link);
    if (link !== undefined && this.#byRef.has(inOther)) return this.#byRef.get(inOther);
    return inOther.startsWith('pkg:') ? ofPurl(inOther) : undefined;
  }
}

function componentOf(value: unknown): BomComponent {
  const text = (key: string) => textOf(member(value, key));
  const [group, own, version, purl] = ['group', 'name', 'version', 'purl'].map(text);
  const name = [group, own].filter((part) => part !== undefined).join('/');
  return {
    ...(name === '' ? {} : { name: head(name, TEXT_LIMIT) }),
    ...(version === undefined ? {} : { version: head(version, TEXT_LIMIT) }),
    ...(purl === undefined ? {} : { purl: head(purl, TEXT_LIMIT) }),
    isOfSystem: OF_SYSTEM.test(purl ?? ''),
    ...(member(value, 'versionRange') == null ? {} : { isRange: true }),
  };
}

function ofPurl(written: string): BomComponent {
  const purl = head(written, TEXT_LIMIT);
  const [, name = purl, version] = /^pkg:[^/]+\/([^?#]+?)(?:@([^?#@/]+))?(?:[?#]|$)/.exec(purl) ?? [];
  return { name, ...(version === undefined ? {} : { version }), purl, isOfSystem: OF_SYSTEM.test(purl) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
