import { type Canonical, canonicalJson } from './canonical.ts';
import { coverage, type Grounds, groundsOf } from './condition.ts';
import { type Contract, type Control, compareStrictness, type DecisionClass, type Rule, rulesOf } from './contract.ts';

/** What became of one rule, or of the order of the rules that stayed. */
type Change =
  | { readonly kind: 'added'; readonly after: Rule }
  | { readonly kind: 'removed'; readonly before: Rule }
  | { readonly kind: 'tightened' | 'loosened'; readonly before: Rule; readonly after: Rule }
  | { readonly kind: 'reordered' };

export type RuleChange = Change & {
  readonly control: string;
  /** Absent: a rule for all. */
  readonly service?: string;
};

/** How many rules there are of each class, overrides among them. */
export function countRules({ controls }: Contract): Record<DecisionClass, number> {
  const counts = { block: 0, warn: 0, monitor: 0 };
  for (const { rule } of controls.flatMap(rulesOf)) counts[rule.then] += 1;
  return counts;
}

/**
 * Which rules came, went, or became stricter or milder: by class, by the day of `from`, or because the condition became
 * wider or narrower. Words such as `because` are no change. A control of another name is another control.
 */
export function diffContracts(before: Contract, after: Contract): RuleChange[] {
  const names = new Set([...after.controls, ...before.controls].map(({ name }) => name));
  return [...names].flatMap((name) => {
    const [old, current] = [before, after].map(({ controls }) => controls.find((control) => control.name === name));
    const grounds = groundsOf(after, (current ?? old) as Control);
    const services = new Set([...(old?.overrides.keys() ?? []), ...(current?.overrides.keys() ?? [])]);
    return [
      ...diffRules(old?.decisions ?? [], current?.decisions ?? [], grounds).map((change) => ({
        control: name,
        ...change,
      })),
      ...[...services].sort().flatMap((service) => {
        const changes = diffRules(old?.overrides.get(service) ?? [], current?.overrides.get(service) ?? [], grounds);
        return changes.map((change) => ({ control: name, service, ...change }));
      }),
    ];
  });
}

/** Two rules that are one rule before and after, and what became of it. */
interface Pair {
  readonly before: Rule;
  readonly after: Rule;
  readonly kind: 'same' | 'tightened' | 'loosened';
}

type Pairing = (before: Rule, after: Rule) => Pair['kind'] | undefined;

function diffRules(before: readonly Rule[], after: readonly Rule[], grounds: Grounds): Change[] {
  const equal = pairUp(before, after, byEqualCondition);
  const isFree = (side: 'before' | 'after') => (rule: Rule) => !equal.some((pair) => pair[side] === rule);
  const similar = pairUp(before.filter(isFree('before')), after.filter(isFree('after')), bySimilarCondition(grounds));
  const pairs = [...equal, ...similar];
  const changes: Change[] = [
    ...after.flatMap((rule): Change[] => {
      const pair = pairs.find((one) => one.after === rule);
      if (pair === undefined) return [{ kind: 'added', after: rule }];
      return pair.kind === 'same' ? [] : [{ kind: pair.kind, before: pair.before, after: rule }];
    }),
    ...before
      .filter((rule) => !pairs.some((pair) => pair.before === rule))
      .map((rule): Change => ({ kind: 'removed', before: rule })),
  ];
  return isReordered(before, after, pairs) ? [...changes, { kind: 'reordered' }] : changes;
}

/** Each rule once, in the order of what was before. */
function pairUp(before: readonly Rule[], after: readonly Rule[], pairing: Pairing): Pair[] {
  const pairs: Pair[] = [];
  for (const old of before) {
    for (const current of after) {
      const kind = pairs.some((pair) => pair.after === current) ? undefined : pairing(old, current);
      if (kind === undefined) continue;
      pairs.push({ before: old, after: current, kind });
      break;
    }
  }
  return pairs;
}

function byEqualCondition(before: Rule, after: Rule): Pair['kind'] | undefined {
  const [old, current] = [before, after].map(({ when }) => canonicalJson({ ...when } as Canonical));
  if (old !== current) return undefined;
  const order = compareRules(after, before);
  if (order === 0) return 'same';
  return order < 0 ? 'tightened' : 'loosened';
}

/** A wider or narrower condition; where class and width pull apart the one went and the other came. */
function bySimilarCondition(grounds: Grounds): Pairing {
  return (before, after) => {
    const isWider = coverage(before.when, after.when, grounds) === 'yes';
    const isNarrower = coverage(after.when, before.when, grounds) === 'yes';
    if (isWider === isNarrower) return undefined;
    // More that is monitored is less that is not.
    const towards = (isWider ? -1 : 1) * (after.then === 'monitor' ? -1 : 1);
    const order = compareRules(after, before);
    if (order !== 0 && order < 0 !== towards < 0) return undefined;
    return towards < 0 ? 'tightened' : 'loosened';
  };
}

/** Strictest first; of two blocks the one that begins earlier. */
function compareRules(a: Rule, b: Rule): number {
  const order = compareStrictness(a.then, b.then);
  if (order !== 0 || a.then !== 'block' || a.from === b.from) return order;
  return (a.from ?? '') < (b.from ?? '') ? -1 : 1;
}

function isReordered(before: readonly Rule[], after: readonly Rule[], pairs: readonly Pair[]): boolean {
  const places = [...pairs]
    .sort((a, b) => before.indexOf(a.before) - before.indexOf(b.before))
    .map((pair) => after.indexOf(pair.after));
  return places.some((place, index) => index > 0 && place < (places[index - 1] ?? 0));
}
