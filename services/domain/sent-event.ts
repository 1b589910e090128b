/** Of what an event is, in the schema of Event Grid or of CloudEvents 1.0 (both with all that they require); undefined: it is no event. */
export function eventTypeOf(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { id, eventType, subject, specversion, type, source } = value as Readonly<Record<string, unknown>>;
  const [written, ...required] = specversion === undefined ? [eventType, id, subject] : [type, id, source, specversion];
  return [written, ...required].every((one) => typeof one === 'string') && written !== '' ? String(written) : undefined;
}

/** Whether an event of this type says something that is read here; all others are somebody else's. */
export function isSignal(type: string): boolean {
  return /^microsoft\.policyinsights\.policystate(created|changed|deleted)$/i.test(type);
}

const NAMED = 3;

/** What was not taken of so many events that came together, in words; undefined: nothing. */
export function passedOverWords(
  { foreign, unread }: { readonly foreign: readonly string[]; readonly unread: readonly string[] },
  count: number,
): string | undefined {
  const missing = foreign.length + unread.length;
  if (missing === 0) return undefined;
  const types = [...new Set(foreign.map((type) => (/^[\w.-]{1,80}$/.test(type) ? type : 'another type')))];
  const listed = types.slice(0, NAMED).join(', ');
  const whose =
    types.length === 0
      ? []
      : [
          `${listed} ${types.length > NAMED ? 'and others are' : 'is'} no signal; have the subscription send PolicyStateCreated, PolicyStateChanged and PolicyStateDeleted alone`,
        ];
  return [
    `of ${count} events that came together ${missing} said nothing that is kept`,
    ...whose,
    ...unread.slice(0, NAMED),
  ].join('; ');
}
