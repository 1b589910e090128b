import type { Cadence, Contract, Control, EnvironmentPolicy, Rule } from '../domain/contract.ts';

/** Raised whenever a member of `Contract` comes or changes: what was kept in another form is not read any more. */
const FORM = 1;
/** Characters: a row holds 1 MiB of UTF-16. */
const MOST = 400_000;

type Entries<T> = readonly (readonly [string, T])[];

interface Kept extends Omit<Contract, 'calendar' | 'environments' | 'controls'> {
  readonly calendar: Omit<Contract['calendar'], 'cadences'> & { readonly cadences?: Entries<Cadence> };
  readonly environments: Entries<EnvironmentPolicy>;
  readonly controls: readonly (Omit<Control, 'overrides'> & { readonly overrides: Entries<readonly Rule[]> })[];
}

/** JSON in which maps are lists of pairs, by name; undefined when it is more than a row holds. */
export function encodeContract(contract: Contract): string | undefined {
  const text = JSON.stringify({ form: FORM, contract }, (_, value: unknown) =>
    value instanceof Map ? [...(value as Map<string, unknown>)].sort(([a], [b]) => (a < b ? -1 : 1)) : value,
  );
  return text.length > MOST ? undefined : text;
}

/** The inverse; undefined for another form. */
export function decodeContract(text: string): Contract | undefined {
  const { form, contract } = JSON.parse(text) as { readonly form: number; readonly contract: Kept };
  if (form !== FORM) return undefined;
  const { cadences, ...calendar } = contract.calendar;
  return {
    ...contract,
    calendar: { ...calendar, ...(cadences === undefined ? {} : { cadences: new Map(cadences) }) },
    environments: new Map(contract.environments),
    controls: contract.controls.map((control) => ({ ...control, overrides: new Map(control.overrides) })),
  };
}
