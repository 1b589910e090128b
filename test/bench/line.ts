/** One figure, with what it is measured against in the same run. */
export interface Line {
  readonly figure: string;
  readonly unit: string;
  readonly value: number;
  readonly beside?: { readonly what: string; readonly value: number };
  /** `value` by `beside.value`. */
  readonly ratio?: number;
  readonly bar?: string;
  readonly met?: boolean;
}

interface Bar {
  readonly bar: string;
  readonly met: boolean;
}

const rounded = (value: number) => Number(value.toPrecision(4));

/** A figure beside another of the same unit. */
export function line(
  figure: string,
  unit: string,
  value: number,
  beside?: { readonly what: string; readonly value: number },
  bar?: Bar,
): Line {
  return {
    figure,
    unit,
    value: rounded(value),
    ...(beside && {
      beside: { what: beside.what, value: rounded(beside.value) },
      ratio: rounded(value / beside.value),
    }),
    ...bar,
  };
}
