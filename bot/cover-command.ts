/** What `cover …` asks for; the names are as written. */
export type CoverCommand =
  | { readonly kind: 'list' }
  /** `absent` undefined: the person who writes. */
  | { readonly kind: 'set'; readonly absent?: string; readonly cover: string; readonly until: string }
  | { readonly kind: 'end'; readonly absent?: string };

const FORMS: readonly (readonly [RegExp, (words: Readonly<Record<string, string>>) => CoverCommand])[] = [
  [/^$/, () => ({ kind: 'list' })],
  [/^me off$/i, () => ({ kind: 'end' })],
  [/^(?<absent>.+) off$/i, ({ absent = '' }) => ({ kind: 'end', absent })],
  [/^me (?:by )?(?<cover>.+) until (?<until>.+)$/i, ({ cover = '', until = '' }) => ({ kind: 'set', cover, until })],
  [
    /^(?<absent>.+) by (?<cover>.+) until (?<until>.+)$/i,
    ({ absent = '', cover = '', until = '' }) => ({ kind: 'set', absent, cover, until }),
  ],
];

/** Undefined for what is none of its forms. */
export function readCoverCommand(words: string): CoverCommand | undefined {
  for (const [form, command] of FORMS) {
    const match = form.exec(words.trim());
    if (match !== null) return command({ ...match.groups });
  }
  return undefined;
}
