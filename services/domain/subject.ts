import type { Canonical } from './canonical.ts';
import { canonicalJson } from './canonical.ts';
import { sha256 } from './checksum.ts';
import type { Contract, EnvironmentPolicy, Rule } from './contract.ts';
import type { Gate } from './gate.ts';
import { affectsDecision, type ControlSignal, type JudgedGroup, type Judgement } from './judgement.ts';
import type { RunSources } from './run.ts';

/**
 * What an approval is bound to (contract.md): no counts, times, report ids or monitored findings, so that only a
 * change that affectsDecision voids it.
 */
export function subjectChecksumOf(
  gate: Gate,
  sources: RunSources,
  judgement: Judgement,
  applies?: { readonly contract: Contract; readonly environment: EnvironmentPolicy },
): string {
  return sha256(
    canonicalJson({
      org: gate.org,
      project: gate.run.projectId,
      definition: gate.run.pipeline.id,
      run: gate.run.id,
      stage: gate.stage,
      environment: gate.environment,
      services: [...gate.services],
      attempt: gate.attempt,
      commits: distinct(sources.commits.map(({ commit }) => commit)),
      artifact: gate.artifact,
      rules: applies === undefined ? null : rulesFor(applies.contract, applies.environment, gate.services),
      findings: distinct([...judgement.blocks, ...judgement.warns].flatMap(boundFindings)),
      controls: distinct(judgement.signals.map((s) => `${s.service} ${s.control} ${boundState(s)}`)),
      obstacles: distinct(judgement.obstacles.map(({ kind }) => kind)),
    }),
  );
}

/** Neither how often something was seen nor in which order. */
function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort();
}

/** As if nothing had come of what stops nobody. */
function boundState(signal: ControlSignal): ControlSignal['state'] {
  return affectsDecision(signal) ? signal.state : 'unknown';
}

function boundFindings(group: JudgedGroup): string[] {
  const suffix = `${group.decision} ${group.exceptionId ?? '-'}`;
  if (group.fingerprints.length === 0)
    return [`${group.service} ${group.tool} ${group.rule} ${group.unlisted ?? 'unlisted'} ${suffix}`];
  return group.fingerprints.map((fingerprint) => `${group.service} ${fingerprint} ${suffix}`);
}

/** The rules that can apply here, these services' overrides among them: a contract change elsewhere voids nothing. */
function rulesFor(contract: Contract, environment: EnvironmentPolicy, services: readonly string[]): Canonical {
  const couldApply = ({ when }: Rule) =>
    (when.tier === undefined || when.tier.includes(environment.tier)) &&
    (when.environment === undefined || when.environment.includes(environment.name)) &&
    (when.service === undefined || when.service.some((service) => services.includes(service)));
  const applying = (rules: readonly Rule[]) =>
    rules.filter(couldApply).map((rule) => ({ ...rule, when: { ...rule.when }, escalate: rule.escalate.length }));
  return contract.controls
    .map((control) => ({
      name: control.name,
      signal: { ...control.signal },
      evidence: { ...control.evidence },
      decisions: applying(control.decisions),
      ...ifAny(services.map((service) => [service, applying(control.overrides.get(service) ?? [])] as const)),
    }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Left out where there is none, so that a contract without overrides binds as it did before there were any. */
function ifAny(overrides: readonly (readonly [string, readonly Canonical[]])[]): { readonly overrides?: Canonical } {
  const own = overrides.filter(([, rules]) => rules.length > 0);
  return own.length === 0 ? {} : { overrides: Object.fromEntries(own) };
}
