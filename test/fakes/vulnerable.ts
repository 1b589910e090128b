import type { Submission } from '../../services/findings.ts';
import { COMMIT } from '../builders.ts';
import type { CoreWorld } from './core-world.ts';

interface Flaw {
  readonly severity?: 'critical' | 'high' | 'medium';
  readonly version?: string;
}

/** As Trivy writes a vulnerable package of an npm lock file. */
export function trivyReport({ severity = 'high', version = '1.0.0' }: Flaw = {}): object {
  const flaw = {
    VulnerabilityID: 'CVE-2026-0001',
    PkgID: `left-pad@${version}`,
    PkgName: 'left-pad',
    PkgIdentifier: { PURL: `pkg:npm/left-pad@${version}` },
    InstalledVersion: version,
    Status: 'affected',
    Title: 'Made-up flaw',
    Severity: severity.toUpperCase(),
  };
  const result = { Target: 'package-lock.json', Class: 'lang-pkgs', Type: 'npm', Vulnerabilities: [flaw] };
  return { SchemaVersion: 2, ArtifactName: '.', ArtifactType: 'filesystem', Results: [result] };
}

/** As Grype writes the same: by its GitHub advisory, with the CVE beside it. */
export function grypeReport({ severity = 'high', version = '1.0.0' }: Flaw = {}): object {
  const word = `${severity.slice(0, 1).toUpperCase()}${severity.slice(1)}`;
  return {
    matches: [
      {
        vulnerability: { id: 'GHSA-aaaa-bbbb-cccc', severity: word, fix: { versions: [], state: 'not-fixed' } },
        relatedVulnerabilities: [{ id: 'CVE-2026-0001' }],
        artifact: {
          name: 'left-pad',
          version,
          type: 'npm',
          locations: [{ path: '/package-lock.json' }],
          purl: `pkg:npm/left-pad@${version}`,
        },
      },
    ],
    source: { type: 'directory', target: '.' },
    descriptor: { name: 'grype', version: '0.79.0' },
  };
}

/** A report of the main branch of payments-api. */
export async function sent({ core }: Pick<CoreWorld, 'core'>, report: object, over: Partial<Submission> = {}) {
  async function* body() {
    yield Uint8Array.from(Buffer.from(JSON.stringify(report)));
  }
  const said = { service: 'payments-api', commit: COMMIT, branch: 'refs/heads/main', ...over };
  const outcome = await core.findings.import({ ...said, body: body() });
  if (outcome.kind !== 'imported') throw new Error(JSON.stringify(outcome));
  await core.idle();
  return outcome;
}
