#!/usr/bin/env node
// The last look of a deploy job: goes on only with a signed decision of Countersign for exactly this deployment.
// Node 18 or later, nothing to install. Ends with 0 when it may go on, 1 when it may not, 2 when nobody can tell.
import { createHash, createPublicKey, verify } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

const TYP = 'countersign-decision+jwt';
const TRIES = 3;
const PAUSE_MS = 2_000;
const TIMEOUT_MS = 20_000;
/** How far the clock of this machine may be behind. */
const SKEW_SECONDS = 60;

/** Option → where Azure Pipelines has it, and what it is. */
const NEEDED = {
  url: ['COUNTERSIGN_URL', 'address of Countersign'],
  organization: ['SYSTEM_COLLECTIONURI', 'address of the Azure DevOps organization'],
  run: ['BUILD_BUILDID', 'id of the run'],
  stage: ['SYSTEM_STAGENAME', 'name of the stage'],
  commit: ['BUILD_SOURCEVERSION', 'commit of the run'],
  environment: ['COUNTERSIGN_ENVIRONMENT', 'environment, as the check names it'],
};
const OPTIONAL = {
  service: ['COUNTERSIGN_SERVICE', 'service, where a stage deploys several'],
  artifact: ['COUNTERSIGN_ARTIFACT', 'artifact that the check named'],
  request: ['COUNTERSIGN_REQUEST', 'request id; looked up by run, stage and environment when left out'],
  'subject-checksum': ['COUNTERSIGN_SUBJECT_CHECKSUM', 'checksum of what was approved, where it is known'],
  'key-id': ['COUNTERSIGN_KEY_IDS', 'thumbprints of the keys that count, separated by commas'],
  jwks: ['COUNTERSIGN_JWKS', 'file with the keys that count, in place of those at the address'],
};

class CouldNotTellError extends Error {}
class NotPermittedError extends Error {}

function settingsOf(args, env) {
  const known = { ...NEEDED, ...OPTIONAL };
  const options = Object.fromEntries(Object.keys(known).map((name) => [name, { type: 'string' }]));
  const { values } = parseArgs({ args, options: { ...options, help: { type: 'boolean' } }, strict: true });
  if (values.help) return undefined;
  const read = Object.entries(known).map(([name, [variable]]) => [name, (values[name] ?? env[variable] ?? '').trim()]);
  const settings = Object.fromEntries(read);
  const missing = Object.keys(NEEDED).filter((name) => settings[name] === '' || isUnset(settings[name]));
  if (missing.length > 0) {
    const names = missing.map((name) => `--${name} (${NEEDED[name][0]})`).join(', ');
    throw new CouldNotTellError(`${names} must be given`);
  }
  for (const name of Object.keys(OPTIONAL)) if (isUnset(settings[name])) settings[name] = '';
  return { ...settings, url: addressOf(settings.url), auth: authOf(env) };
}

/** A pipeline variable that is not set arrives as its own name. */
function isUnset(value) {
  return /^\$\([^()]*\)$/.test(value);
}

function addressOf(text) {
  const url = URL.canParse?.(text) === false ? undefined : new URL(text);
  const isLoopback = url?.protocol === 'http:' && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
  if (url?.protocol !== 'https:' && !isLoopback) throw new CouldNotTellError('--url must be a https:// address');
  return url.href.replace(/\/+$/, '');
}

function authOf({ COUNTERSIGN_TOKEN: token = '', COUNTERSIGN_API_KEY: key = '' }) {
  if (token.trim() !== '' && !isUnset(token)) return { Authorization: `Bearer ${token.trim()}` };
  if (key.trim() !== '' && !isUnset(key)) return { 'X-Api-Key': key.trim() };
  throw new CouldNotTellError('COUNTERSIGN_TOKEN must hold a token for Countersign');
}

/** The text at this address. Tried again while nobody answers; anything but 200 ends it. */
async function get(url, headers = {}) {
  let failure = '';
  for (let n = 0; n < TRIES; n += 1) {
    if (n > 0) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    try {
      const response = await fetch(url, { headers, redirect: 'error', signal: AbortSignal.timeout(TIMEOUT_MS) });
      const text = await response.text();
      if (response.status === 200) return text;
      failure = `answered ${response.status} ${shown(text.slice(0, 300))}`;
      if (response.status < 500 && response.status !== 429) break;
    } catch (error) {
      failure = `did not answer: ${shown(error.cause?.code ?? error.message)}`;
    }
  }
  throw new CouldNotTellError(`${url.split('?')[0]} ${failure}`);
}

/** The latest request for this stage and environment; several services are told apart by name only. */
async function requestIdOf({ url, auth, request, organization, run, stage, environment, service }) {
  if (request !== '') return request;
  const query = new URLSearchParams({ organization, runId: run, stage, environment });
  if (service !== '') query.set('service', service);
  const { requests } = parsed(await get(`${url}/api/requests?${query}`, auth), 'list of requests');
  if (!Array.isArray(requests) || requests.length === 0)
    throw new NotPermittedError(`Countersign was never asked about stage ${shown(stage)} in ${shown(environment)}`);
  if (new Set(requests.map(({ services }) => JSON.stringify(services))).size > 1)
    throw new CouldNotTellError('this stage asked for several services: say which one by --service');
  return String(requests[0].id);
}

async function keysOf({ url, jwks }) {
  if (jwks === '') return parsed(await get(`${url}/.well-known/jwks.json`), 'key set').keys;
  const text = await readFile(jwks, 'utf8').catch((error) => {
    throw new CouldNotTellError(`--jwks ${jwks} cannot be read (${error.code})`);
  });
  return parsed(text, 'key set').keys;
}

/** Kinds of keys that Countersign signs with (RFC 8037, RFC 7518), each by its own algorithm alone. */
const KINDS = {
  EdDSA: { kty: 'OKP', crv: 'Ed25519', digest: null },
  ES256: { kty: 'EC', crv: 'P-256', digest: 'sha256' },
};

/** The claims of this JWS (RFC 7515) if one of these keys signed it, one of the pinned ones where there are any. */
function claimsOf(jws, keys, pinned) {
  const [head = '', body = '', signature = '', ...rest] = jws.trim().split('.');
  const header = parsed(Buffer.from(head, 'base64url').toString('utf8'), 'header of the decision');
  const kind = Object.hasOwn(KINDS, header.alg) ? KINDS[header.alg] : undefined;
  if (rest.length > 0 || kind === undefined || header.typ !== TYP || 'crit' in header)
    throw new NotPermittedError('the answer is no signed decision of Countersign');
  const key = (Array.isArray(keys) ? keys : []).find((one) => one?.kid === header.kid);
  if (key?.kty !== kind.kty || key.crv !== kind.crv || typeof key.x !== 'string')
    throw new NotPermittedError('the decision is signed by a key that is not among the keys of Countersign');
  if (pinned.length > 0 && !pinned.includes(thumbprintOf(key)))
    throw new NotPermittedError(`the decision is signed by key ${thumbprintOf(key)}, which is none of --key-id`);
  const isGenuine = verify(
    kind.digest,
    Buffer.from(`${head}.${body}`),
    { key: publicKeyOf(key), dsaEncoding: 'ieee-p1363' },
    Buffer.from(signature, 'base64url'),
  );
  if (!isGenuine) throw new NotPermittedError('the signature of the decision is wrong: it was changed on its way');
  return parsed(Buffer.from(body, 'base64url').toString('utf8'), 'decision');
}

function publicKeyOf({ kty, crv, x, y }) {
  try {
    return createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
  } catch {
    throw new NotPermittedError('the decision is signed by a key that is none');
  }
}

/** RFC 7638, so that it does not matter what a key calls itself; `y` is left out where the key has none. */
function thumbprintOf({ crv, kty, x, y }) {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
}

/** Everything in which this decision is not permission for this deployment, in words. */
function reasonsAgainst(claims, wanted, requestId, nowSeconds) {
  if (claims.result !== 'succeeded') return [`the decision is ${shown(claims.result)} (${shown(claims.reason)})`];
  return [...doubts(claims, nowSeconds), ...differences(comparisons(claims, wanted, requestId))];
}

function doubts({ exp, iat, validUntil, subjectChecksum, sealedAt }, nowSeconds) {
  const isFresh = Number.isInteger(exp) && nowSeconds < exp;
  const isBegun = Number.isInteger(iat) && iat <= nowSeconds + SKEW_SECONDS;
  const isSealed = /^[0-9a-f]{64}$/.test(subjectChecksum ?? '') && typeof sealedAt === 'string';
  return [
    ...(isFresh ? [] : [`the decision was valid until ${shown(validUntil)} only`]),
    ...(isBegun ? [] : ['the decision comes from the future: set the clock of this machine']),
    ...(isSealed ? [] : ['the decision does not say what was approved']),
  ];
}

/** What, as the decision says it, and as this job is; a wish that was not given is not compared. */
function comparisons(claims, wanted, requestId) {
  const services = Array.isArray(claims.services) ? claims.services : [];
  return [
    ['request', claims.sub, requestId],
    ['issuer', sameCase(claims.iss ?? wanted.url), sameCase(wanted.url)],
    ['organization', sameCase(claims.organization), sameCase(wanted.organization)],
    ['run', String(claims.run?.id), wanted.run],
    ['stage', claims.stage, wanted.stage],
    ['environment', claims.environment, wanted.environment],
    ['commit', sameCase(claims.commit), sameCase(wanted.commit)],
    ['service', services.find((name) => name === wanted.service) ?? services.join(', '), wanted.service],
    ['artifact', claims.artifact, wanted.artifact],
    ['subject checksum', claims.subjectChecksum, wanted['subject-checksum']],
  ];
}

function differences(pairs) {
  return pairs
    .filter(([, said, wanted]) => wanted !== '' && said !== wanted)
    .map(([what, said, wanted]) => `${what} is ${shown(said)}, not ${shown(wanted)}`);
}

function sameCase(text) {
  return String(text).toLowerCase().replace(/\/+$/, '');
}

function parsed(text, what) {
  try {
    const value = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value;
  } catch {}
  throw new CouldNotTellError(`the ${what} cannot be read`);
}

/** Outside text in a log of Azure Pipelines, where `##` would begin a command to the agent. */
function shown(value) {
  return (JSON.stringify(value) ?? 'missing').replaceAll('#', '\\u0023').slice(0, 400);
}

async function main() {
  const settings = settingsOf(process.argv.slice(2), process.env);
  if (settings === undefined) return help();
  const pinned = settings['key-id'].split(',').flatMap((id) => (id.trim() === '' ? [] : [id.trim()]));
  const requestId = await requestIdOf(settings);
  const decision = `${settings.url}/api/requests/${encodeURIComponent(requestId)}/decision`;
  const jws = await get(decision, { ...settings.auth, Accept: 'application/jose' });
  const claims = claimsOf(jws, await keysOf(settings), pinned);
  const reasons = reasonsAgainst(claims, settings, requestId, Date.now() / 1_000);
  if (reasons.length > 0) throw new NotPermittedError(reasons.join('; '));
  const isPinned = pinned.length > 0 || settings.jwks !== '';
  process.stdout.write(
    `May go on: request ${shown(requestId)}, ${shown(claims.reason)}, sealed ${shown(claims.sealedAt)}, valid until ${shown(claims.validUntil)}\n${
      isPinned
        ? ''
        : 'The signing key is not pinned: give --key-id, so that nobody who answers at the address can sign.\n'
    }`,
  );
  return 0;
}

function help() {
  const line = ([name, [variable, meaning]]) => `  --${name.padEnd(18)}${meaning} (${variable})\n`;
  process.stdout.write(`verify-decision.mjs, with a token in COUNTERSIGN_TOKEN\n`);
  process.stdout.write([...Object.entries(NEEDED), ...Object.entries(OPTIONAL)].map(line).join(''));
  return 0;
}

/** Whatever goes wrong, the deployment does not go on. */
process.exitCode = await main().catch((error) => {
  const isRefusal = error instanceof NotPermittedError;
  process.stderr.write(
    `${isRefusal ? 'Must not go on' : 'Could not be checked, so must not go on'}: ${error.message}\n`,
  );
  return isRefusal ? 1 : 2;
});
