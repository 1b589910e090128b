import { expect, test } from 'vitest';
import { composePolicy, NO_POLICY } from '../../services/policy/compose-policy.ts';
import { loadProvenance } from '../../services/policy/load-provenance.ts';
import type { PolicyFile } from '../../services/ports/policy-source.ts';
import { aTrust } from '../attestations.ts';
import { SIGSTORE } from './read-attestations.ts';

const { trustedRoot } = SIGSTORE;
const { trustedRoot: _, transparencyLog: __, buildTypes: ___, ...written } = aTrust({ trustedRoot });
const TRUST = { kind: 'Provenance', ...written };

const trust = (value: unknown = TRUST): PolicyFile => ({
  file: 'provenance.yaml',
  text: JSON.stringify(value, null, 2),
});
const root = (value: unknown = trustedRoot): PolicyFile => ({
  file: 'trusted-root.json',
  text: JSON.stringify(value, null, 2),
});

test('both files together say whom to trust; a log is required and any build type is taken unless they say otherwise', () => {
  expect(loadProvenance([root(), trust()])).toEqual({ trust: aTrust({ trustedRoot }), problems: [] });
  const more = { transparencyLog: 'optional', buildTypes: 'https://example.com/*', builders: 'https://one.example' };
  expect(loadProvenance([root(), trust({ ...TRUST, ...more })]).trust).toMatchObject({
    transparencyLog: 'optional',
    buildTypes: ['https://example.com/*'],
    builders: ['https://one.example'],
  });
});

test('without both files nobody is trusted, and one alone is a problem that names the other', () => {
  expect(loadProvenance([])).toEqual({ problems: [] });
  expect(loadProvenance([trust()])).toEqual({
    problems: [expect.stringMatching(/^trusted-root\.json:1 file: is missing/)],
  });
  expect(loadProvenance([root()])).toEqual({
    problems: [expect.stringMatching(/^provenance\.yaml:1 file: is missing/)],
  });
});

test.each<[string, object, RegExp]>([
  ['no identities', { identities: [] }, /^provenance\.yaml:3 identities: has 0 entries; allowed: at least 1$/],
  ['an identity without issuer', { identities: [{ subject: 'x' }] }, /identities\[0\]\.issuer: is missing/],
  ['no builders', { builders: undefined }, /builders.*: is missing/],
  ['no sources', { sources: undefined }, /sources.*: is missing/],
  [
    'sources anywhere',
    { sources: ['**'] },
    /sources\[0\]: is "\*\*"; allowed: an address such as https:\/\/github\.com/,
  ],
  ['sources of any host', { sources: ['https://*/contoso/*'] }, /sources\[0\]: is /],
  ['sources over plain http', { sources: ['http://github.com/contoso/*'] }, /sources\[0\]: is /],
  ['a log perhaps', { transparencyLog: 'maybe' }, /transparencyLog: is "maybe"; allowed: required, optional$/],
  ['an unknown key', { trustEverybody: true }, /trustEverybody: is not a key here/],
])('%s: nobody is trusted, and file, line and field are named', (_name, change, problem) => {
  const loaded = loadProvenance([root(), trust({ ...TRUST, ...change })]);
  expect(loaded.trust).toBeUndefined();
  expect(loaded.problems).toEqual([expect.stringMatching(problem)]);
});

const [authority] = trustedRoot.certificateAuthorities;

test.each<[string, unknown, RegExp]>([
  ['of another kind', { ...trustedRoot, mediaType: 'x' }, /^trusted-root\.json:2 mediaType: is "x"/],
  ['without authority', { ...trustedRoot, certificateAuthorities: [] }, /certificateAuthorities: has 0 entries/],
  [
    'with a certificate that is none',
    { ...trustedRoot, certificateAuthorities: [{ ...authority, certChain: { certificates: [{ rawBytes: 'AAAA' }] } }] },
    /certificateAuthorities\[0\]\.certChain\.certificates\[0\]\.rawBytes: is "AAAA"; allowed: an X\.509 certificate/,
  ],
  [
    'with a log without key',
    { ...trustedRoot, tlogs: [{ logId: { keyId: 'AAAA' } }] },
    /tlogs\[0\]\.publicKey: is missing/,
  ],
])('a root %s trusts nobody', (_name, value, problem) => {
  const loaded = loadProvenance([root(value), trust()]);
  expect(loaded.trust).toBeUndefined();
  expect(loaded.problems).toEqual([expect.stringMatching(problem)]);
});

test('a root that says a thing twice, is no JSON or cannot be read trusts nobody', () => {
  const twice: PolicyFile = { file: 'trusted-root.json', text: '{"mediaType":"x","mediaType":"y"}' };
  const broken: PolicyFile = { file: 'trusted-root.json', text: '{' };
  const unread: PolicyFile = { file: 'trusted-root.json', fault: 'cannot be read' };
  for (const file of [twice, broken, unread]) {
    const loaded = loadProvenance([trust(), file]);
    expect(loaded.trust).toBeUndefined();
    expect(loaded.problems).not.toEqual([]);
  }
});

test('broken trust is no trust at once: the last good one does not stay in force', () => {
  const good = composePolicy([trust(), root()], NO_POLICY, '2026-11-28');
  expect(good.snapshot.provenance).toEqual(aTrust({ trustedRoot }));
  const { snapshot } = composePolicy([trust({ kind: 'Provenance' }), root()], good.good, '2026-11-28');
  expect(snapshot.provenance).toBeUndefined();
  expect(snapshot.problems.join('\n')).toContain('provenance.yaml:');
});
