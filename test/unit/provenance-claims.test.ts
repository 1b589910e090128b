import { expect, test } from 'vitest';
import { ARTIFACT, aPredicate, aStatement, BUILDER, SOURCE } from '../attestations.ts';
import { COMMIT, OLDER_COMMIT } from '../builders.ts';
import { readAttestations, SIGSTORE, TRUST, verdictOf } from './read-attestations.ts';

const { attest } = SIGSTORE;
const NOBODY = `sha256:${'f'.repeat(64)}`;

test.each([
  ['signer', { subject: 'https://github.com/evil/payments-api/.github/workflows/build.yml@refs/heads/main' }],
  [
    'branch of the signer',
    { subject: 'https://github.com/contoso/payments-api/.github/workflows/build.yml@refs/heads/x' },
  ],
  ['issuer', { issuer: 'https://token.actions.example.evil' }],
])('another %s than the policy allows is an untrusted identity', async (_, made) => {
  expect(verdictOf(await readAttestations(await attest(made)))).toBe('provenance/untrusted-identity');
});

test('issuer and subject must be of one entry of identities', async () => {
  const [allowed] = TRUST.identities;
  const identities = [
    { issuer: 'https://other.example', subject: allowed?.subject ?? '' },
    { issuer: allowed?.issuer ?? '', subject: 'https://github.com/other/**' },
  ];
  const read = await readAttestations(await attest(), { trust: SIGSTORE.trust({ identities }) });
  expect(verdictOf(read)).toBe('provenance/untrusted-identity');
});

test.each<[string, Parameters<typeof aPredicate>[0], string]>([
  ['builder', { builder: `${BUILDER}/evil` }, 'provenance/untrusted-builder'],
  ['repository', { uri: 'git+https://github.com/contoso/orders-api' }, 'provenance/other-source'],
  ['owner of the repository', { uri: 'git+https://github.com/evil/payments-api' }, 'provenance/other-source'],
  ['host', { uri: 'git+https://github.com.evil.example/contoso/payments-api' }, 'provenance/other-source'],
  ['port', { uri: 'git+https://github.com:8443/contoso/payments-api' }, 'provenance/other-source'],
  ['way to it', { uri: 'git+http://github.com/contoso/payments-api' }, 'provenance/other-source'],
  [
    'repository behind an encoded slash',
    { uri: 'https://github.com/contoso/x%2fpayments-api' },
    'provenance/other-source',
  ],
  ['folder', { uri: 'https://github.com/contoso/x/payments-api' }, 'provenance/other-source'],
  ['commit', { commit: OLDER_COMMIT }, 'provenance/other-commit'],
])('rightly signed, but of another %s', async (_, predicate, verdict) => {
  const bundle = await attest({ statement: aStatement({ predicate: aPredicate(predicate) }) });
  const read = await readAttestations(bundle);
  expect(verdictOf(read)).toBe(verdict);
  // What does not hold vouches for no artifact.
  expect(read).toMatchObject({ scans: [{ artifacts: [] }] });
});

test.each([
  'git+https://github.com/Contoso/Payments-API.git@refs/tags/v1',
  'https://user@github.com/contoso/payments-api/',
  `${SOURCE}@${COMMIT}`,
])('%s is the repository of the service', async (uri) => {
  const bundle = await attest({ statement: aStatement({ predicate: aPredicate({ uri }) }) });
  expect(verdictOf(await readAttestations(bundle, { repositories: ['contoso/payments-api'] }))).toBe('clean');
  expect(verdictOf(await readAttestations(bundle, { repositories: [SOURCE] }))).toBe('clean');
  expect(verdictOf(await readAttestations(bundle, { repositories: ['api'] }))).toBe('provenance/other-source');
  expect(verdictOf(await readAttestations(bundle, { repositories: [] }))).toBe('provenance/other-source');
});

test('a repository of Azure Repos is known by its name, in a project of any name', async () => {
  const uri = 'git+https://dev.azure.com/contoso/Online%20Shop/_git/payments-api';
  const bundle = await attest({ statement: aStatement({ predicate: aPredicate({ uri }) }) });
  const trust = SIGSTORE.trust({ sources: ['https://dev.azure.com/contoso/*/_git/*'] });
  expect(verdictOf(await readAttestations(bundle, { trust }))).toBe('clean');
  expect(verdictOf(await readAttestations(bundle))).toBe('provenance/other-source');
});

test('every commit that went into it counts, and one must be that of the report', async () => {
  const with2 = (uri: string, commit: string) => {
    const predicate = aPredicate();
    const { resolvedDependencies } = predicate.buildDefinition;
    const second = { uri, digest: { gitCommit: commit } };
    const buildDefinition = { ...predicate.buildDefinition, resolvedDependencies: [...resolvedDependencies, second] };
    return attest({ statement: aStatement({ predicate: { ...predicate, buildDefinition } }) });
  };
  const evil = await with2('git+https://github.com/evil/tool', OLDER_COMMIT);
  expect(verdictOf(await readAttestations(evil))).toBe('provenance/other-source');
  const own = await with2('git+https://github.com/contoso/common', OLDER_COMMIT);
  expect(verdictOf(await readAttestations(own, { repositories: ['payments-api', 'common'] }))).toBe('clean');
});

test('what the certificate says of the source must agree with what is claimed', async () => {
  const said = (uri: string, commit: string) => attest({ certified: { uri, commit } });
  expect(verdictOf(await readAttestations(await said(SOURCE, COMMIT)))).toBe('clean');
  const evil = await said('https://github.com/contoso/orders-api', COMMIT);
  expect(verdictOf(await readAttestations(evil))).toBe('provenance/other-source');
  expect(verdictOf(await readAttestations(await said(SOURCE, OLDER_COMMIT)))).toBe('provenance/other-commit');
  const long = await said(`https://github.com/contoso/${'x'.repeat(200)}`, COMMIT);
  expect(verdictOf(await readAttestations(long))).toBe('provenance/other-source');
});

test('provenance without source, builder or artifact proves none of them', async () => {
  const predicate = { buildDefinition: {}, runDetails: {} };
  const bundle = await attest({ statement: aStatement({ predicate, subject: [{ name: 'x', digest: { md5: 'a' } }] }) });
  expect(verdictOf(await readAttestations(bundle))).toBe(
    'provenance/untrusted-builder provenance/other-source provenance/other-commit provenance/other-artifact',
  );
});

test('where the policy names types of builds, another is not trusted', async () => {
  const buildTypes = ['https://actions.github.io/buildtypes/workflow/*'];
  const bundle = await attest();
  expect(verdictOf(await readAttestations(bundle, { trust: SIGSTORE.trust({ buildTypes }) }))).toBe('clean');
  const trust = SIGSTORE.trust({ buildTypes: ['https://example.com/*'] });
  expect(verdictOf(await readAttestations(bundle, { trust }))).toBe('provenance/untrusted-builder');
});

test('provenance of another artifact than the sender names is a finding', async () => {
  const bundle = await attest();
  expect(verdictOf(await readAttestations(bundle, { artifact: ARTIFACT }))).toBe('clean');
  expect(verdictOf(await readAttestations(bundle, { artifact: NOBODY }))).toBe('provenance/other-artifact');
});
