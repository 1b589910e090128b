import { type Canonical, canonicalJson } from '../domain/canonical.ts';
import { sha256 } from '../domain/checksum.ts';
import { type Contract, TIERS, type Tier } from '../domain/contract.ts';
import type { Principal } from '../domain/person.ts';
import { contractSchema } from './contract-schema.ts';
import { type Loaded, loadFile, wrong } from './load-file.ts';
import { duration } from './scalars.ts';
import { entriesOf, listOf, member } from './written.ts';
import { type Complaint, type Path, readYaml, type Source } from './yaml-text.ts';

/**
 * Reads contract.yaml (contract.md, "Load": shape only; whether its rules are wise is lint's). `today` is the ISO date
 * from which the 90 days of an observed environment count.
 */
export function loadContract(source: Source, today: string): Loaded<Contract> {
  const { data: written } = readYaml(source);
  const schema = contractSchema(today, { cadences: cadencesIn(written), tiers: tiersIn(written) });
  const loaded = loadFile(source, schema, (data) => [...unknownEnvironments(data), ...tiedControls(data)]);
  if (loaded.kind === 'broken') return loaded;
  const { value, data } = loaded.value;
  const controls = Object.entries(value.controls).map(([name, control]) => ({ name, ...control }));
  const owner = value.owner ?? (controls[0]?.owner.fallback as Principal);
  const { unownedAfter, ...limits } = value.limits;
  const environments = Object.entries(value.environments).map(([name, policy]) => [name, { name, ...policy }] as const);
  return {
    kind: 'loaded',
    value: {
      version: value.version,
      // Which control is the first is no part of what is written: keys have no order.
      checksum: sha256(canonicalJson(toCanonical({ ...Object.fromEntries(entriesOf(data)), owner }))),
      owner,
      operators: value.operators ?? owner,
      calendar: value.calendar,
      environments: new Map(environments),
      limits: { ...limits, unownedAfterDays: unownedAfter },
      reviews: {
        monitor: value.reviews.monitor ?? owner,
        ...(value.reviews.audit === undefined ? {} : { audit: value.reviews.audit }),
        everyDays: value.reviews.every,
        ...(value.reviews.postDeployAfter === undefined ? {} : { postDeployMinutes: value.reviews.postDeployAfter }),
        ...(value.reviews.baselineMax === undefined ? {} : { baselineDays: value.reviews.baselineMax }),
      },
      digest: value.digest,
      controls,
    },
  };
}

/** Canonical JSON knows integers only; a fraction keeps its shortest decimal form. */
function toCanonical(value: unknown): Canonical {
  if (Array.isArray(value)) return value.map(toCanonical);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, toCanonical(member)]));
  }
  if (typeof value === 'number') return Number.isSafeInteger(value) ? value : String(value);
  return typeof value === 'string' || typeof value === 'boolean' ? value : null;
}

function cadencesIn(data: unknown): Map<string, number> {
  const days = duration('days', { max: 365 });
  return new Map(
    entriesOf(member(member(data, 'calendar'), 'cadences')).flatMap(([name, cadence]) => {
      const every = days.safeParse(member(cadence, 'every'));
      return every.success ? [[name, every.data] as const] : [];
    }),
  );
}

function tiersIn(data: unknown): Map<string, Tier> {
  return new Map(
    entriesOf(member(data, 'environments')).flatMap(([name, environment]) => {
      const tier = TIERS.find((one) => one === member(environment, 'tier'));
      return tier === undefined ? [] : [[name, tier] as const];
    }),
  );
}

/** A rule for an environment that the contract does not have would silently never match. */
function unknownEnvironments(data: unknown): Complaint[] {
  const known = entriesOf(member(data, 'environments')).map(([name]) => name);
  return rulesIn(data).flatMap(({ path, rule }) => {
    const written = member(member(rule, 'when'), 'environment');
    const names = Array.isArray(written) ? written : [written];
    return names.flatMap((name, at) => {
      if (typeof name !== 'string' || known.includes(name)) return [];
      return [{ path: [...path, 'when', 'environment', at], message: wrong(name, known.join(', ')) }];
    });
  });
}

/** Two controls that both name what a finding is of would leave open whose it is. */
function tiedControls(data: unknown): Complaint[] {
  const signals = entriesOf(member(data, 'controls')).map(([name, parts]) => [name, member(parts, 'signal')] as const);
  return signals.flatMap(([name, signal], index) => {
    const earlier = signals.slice(0, index).find(([, other]) => areTied(signal, other));
    if (earlier === undefined) return [];
    const message = `is as narrow as that of ${earlier[0]}; allowed: other tools or rules, or one control of both (when.timing tells moments apart)`;
    return [{ path: ['controls', name, 'signal'], message }];
  });
}

function areTied(one: unknown, other: unknown): boolean {
  const category = member(one, 'category');
  return (
    typeof category === 'string' &&
    category === member(other, 'category') &&
    ['tools', 'rules'].every((key) => haveInCommon(listOf(member(one, key)), listOf(member(other, key))))
  );
}

function haveInCommon(some: readonly unknown[], others: readonly unknown[]): boolean {
  if (some.length === 0 || others.length === 0) return some.length === others.length;
  const names = others.map((name) => String(name).toLowerCase());
  return some.some((name) => names.includes(String(name).toLowerCase()));
}

/** Every rule as it was written, those of overrides too. */
function rulesIn(data: unknown): { readonly path: Path; readonly rule: unknown }[] {
  return entriesOf(member(data, 'controls')).flatMap(([control, parts]) => {
    const lists = [
      { path: ['decisions'], rules: listOf(member(parts, 'decisions')) },
      ...entriesOf(member(parts, 'overrides')).map(([service, rules]) => ({
        path: ['overrides', service],
        rules: listOf(rules),
      })),
    ];
    return lists.flatMap(({ path, rules }) =>
      rules.map((rule, index) => ({ path: ['controls', control, ...path, index], rule })),
    );
  });
}
