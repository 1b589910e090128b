import * as z from 'zod';

// Charts of Teams, which the renderer's library does not know (Microsoft, "Charts in Adaptive Cards").
const text = z.string().min(1).max(200);
const numbers = z.int();
const chart = {
  title: text,
  showTitle: z.literal(true),
  targetWidth: z.literal('atLeast:Standard'),
  fallback: z.looseObject({ type: z.literal('TextBlock'), text: z.string().min(1).max(2_000), wrap: z.literal(true) }),
};
const CHARTS = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('Chart.Line'),
    ...chart,
    data: z
      .array(
        z.strictObject({
          legend: text,
          values: z
            .array(z.strictObject({ x: z.iso.date(), y: numbers }))
            .min(1)
            .max(52),
        }),
      )
      .min(1)
      .max(6),
  }),
  z.strictObject({
    type: z.literal('Chart.HorizontalBar.Stacked'),
    ...chart,
    data: z
      .array(
        z.strictObject({
          title: text,
          data: z
            .array(
              z.strictObject({
                legend: text,
                value: numbers.min(0),
                color: z.enum(['good', 'warning', 'attention', 'neutral']),
              }),
            )
            .min(1)
            .max(6),
        }),
      )
      .min(1)
      .max(12),
  }),
]);

/** A card in which each chart of a type that is used here stands as its fallback, and what is wrong with the charts. */
export function withoutCharts(card: object): { readonly card: object; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const plain = (part: unknown): unknown => {
    if (Array.isArray(part)) return part.map(plain);
    if (typeof part !== 'object' || part === null) return part;
    if (!('type' in part) || !CHARTS.options.some(({ shape }) => shape.type.value === part.type))
      return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, plain(value)]));
    const checked = CHARTS.safeParse(part);
    if (checked.success) return checked.data.fallback;
    problems.push(...checked.error.issues.map(({ path, message }) => `${part.type} ${path.join('.')}: ${message}`));
    return { type: 'TextBlock', text: '' };
  };
  return { card: plain(card) as object, problems };
}
