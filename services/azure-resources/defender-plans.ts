import * as z from 'zod';

const plan = z.looseObject({
  name: z.string(),
  properties: z.looseObject({ pricingTier: z.string(), deprecated: z.boolean().nullish() }),
});
/** Without it Defender still says what it recommends (foundational posture management). */
const POSTURE_PLAN = 'cloudposture';
const PLANS_NAMED = 6;

/** What to switch on: while a plan is off, nobody looks at what it is about, and the lists are as empty as where all is well. */
export function plansOff(plans: readonly unknown[]): string | undefined {
  const known = plans.map((one) => plan.safeParse(one).data);
  const current = known.filter((one) => one?.properties.deprecated !== true);
  const off = current
    .filter((one) => !isOn(one))
    .map((one) => (/^\w{1,40}$/.test(one?.name ?? '') ? one?.name : 'another'));
  if (current.length > 0 && off.length === 0) return undefined;
  const listed = off.slice(0, PLANS_NAMED).join(', ');
  const which =
    off.length === 0
      ? 'no plan of Defender is known'
      : `plans of Defender are off (${listed}${off.length > PLANS_NAMED ? ' …' : ''})`;
  return `${which}, so nothing is known to be clean: switch them on in this subscription (Defender for Cloud, Environment settings, Defender plans)`;
}

function isOn(one: z.output<typeof plan> | undefined): boolean {
  return one?.properties.pricingTier.toLowerCase() === 'standard' || one?.name.toLowerCase() === POSTURE_PLAN;
}
