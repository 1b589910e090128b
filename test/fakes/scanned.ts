import type { Imported, Submission } from '../../services/findings.ts';
import { COMMIT } from '../builders.ts';
import type { CoreWorld } from './core-world.ts';

interface Scanned extends Partial<Omit<Submission, 'body'>> {
  /** Semgrep, whose findings the sample contract warns of, unless said otherwise. */
  readonly tool?: string;
  readonly complete?: boolean;
  /** Where every rule has its file; `src` unless said otherwise. */
  readonly folder?: string;
  /** Of every result. */
  readonly level?: 'error' | 'warning' | 'note';
  /** Of every rule: a CVSS score. */
  readonly score?: string;
}

/** A scan of the main branch that found one result for each of these rules; its answer. */
export async function scanned(
  { core }: Pick<CoreWorld, 'core'>,
  rules: readonly string[],
  { tool = 'semgrep', complete = true, folder = 'src', level = 'error', score, ...over }: Scanned = {},
): Promise<Imported> {
  const results = rules.map((ruleId) => ({
    ruleId,
    level,
    message: { text: `found by ${ruleId}` },
    locations: [
      { physicalLocation: { artifactLocation: { uri: `${folder}/${ruleId}.ts` }, region: { startLine: 7 } } },
    ],
  }));
  const scored =
    score === undefined ? {} : { rules: rules.map((id) => ({ id, properties: { 'security-severity': score } })) };
  const invocations = [{ executionSuccessful: complete }];
  const log = { version: '2.1.0', runs: [{ tool: { driver: { name: tool, ...scored } }, invocations, results }] };
  async function* body() {
    yield Uint8Array.from(Buffer.from(JSON.stringify(log)));
  }
  const said = { service: 'payments-api', commit: COMMIT, branch: 'refs/heads/main', ...over };
  const outcome = await core.findings.import({ ...said, body: body() });
  if (outcome.kind !== 'imported') throw new Error(JSON.stringify(outcome));
  await core.idle();
  return outcome;
}
