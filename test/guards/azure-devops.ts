import type { Guard } from './guard.ts';

const PROOF = 'services/azure-devops/prove-check.ts';
const VAULT = 'services/vault/aes-vault.ts';
const KEY_VAULT = 'services/vault/key-vault-vault.ts';

/** The doors between Azure DevOps and us. */
export const AZURE_DEVOPS: readonly Guard[] = [
  {
    against: ['T6'],
    guard: 'a run speaks only for a service that the catalog ties to it',
    patches: [
      {
        file: 'services/deliveries.ts',
        find: 'if (service !== undefined && speaksFor(service, origin))',
        replace: 'if (service !== undefined)',
      },
    ],
    tests: ['test/integration/check-hook.test.ts'],
    fails: 'a pipeline may speak for its own service only',
  },
  {
    against: ['T15'],
    guard: 'a service hook without the password is not read',
    patches: [
      {
        file: 'bot/hooks/events.ts',
        find: 'if (!isLetIn(request, secrets)) return sendProblem(response, UNAUTHENTICATED);',
        replace: '',
      },
    ],
    tests: ['test/hostile/hooks.test.ts'],
    fails: 'a caller with %s is answered 401, and Azure DevOps is asked nothing',
  },
  {
    against: ['T16'],
    guard: 'a check without the shared secret or role is not read',
    patches: [
      {
        file: 'bot/hooks/check.ts',
        find: 'if (refused !== undefined) return sendProblem(response, refused);',
        replace: '',
      },
    ],
    tests: ['test/integration/check-hook-refusals.test.ts'],
    fails: 'a check with %s is answered 401, and nothing else happens',
  },
  {
    against: ['T16'],
    guard: 'the plan of a check is that of its run',
    patches: [
      { file: PROOF, find: "if (stranger !== undefined) return { kind: 'unproven', why: stranger };", replace: '' },
    ],
    tests: ['test/contracts/azure-devops.test.ts'],
    fails: 'a plan that another run owns proves nothing',
  },
  {
    against: ['T16'],
    guard: 'the run of a check is the one that was named, of its project',
    patches: [
      {
        file: PROOF,
        find: 'if (build.id !== runId || !sameId(build.project.id, check.projectId))',
        replace: 'if (build.id < 0)',
      },
    ],
    tests: ['test/contracts/azure-devops.test.ts'],
    fails: 'a build that Azure DevOps says is of another project or of another number proves nothing',
  },
  {
    against: ['T17', 'I17'],
    guard: 'PlanUrl is a configured organization as a whole, or none',
    patches: [
      {
        file: 'bot/hooks/organization.ts',
        find: "return sent.replace(/\\/$/, '').toLowerCase() === configured.toLowerCase();",
        replace: 'return sent.toLowerCase().startsWith(configured.toLowerCase());',
      },
    ],
    tests: ['test/integration/plan-url.test.ts'],
    fails: 'PlanUrl %s is answered 403',
  },
  {
    against: ['T17', 'I17'],
    guard: 'no redirect takes a token along',
    patches: [
      {
        file: 'services/azure-devops/connection.ts',
        find: '{ allowRedirects: false,',
        replace: '{ allowRedirects: true,',
      },
    ],
    tests: ['test/contracts/azure-devops.test.ts'],
    fails: 'a redirect is not followed, and its target never sees the token',
  },
  {
    against: ['T17'],
    guard: 'no page elsewhere is shown to people as that of the run',
    patches: [
      {
        file: 'services/azure-devops/answers.ts',
        find: 'URL.canParse(href) && new URL(href).origin === new URL(organization).origin',
        replace: 'URL.canParse(href)',
      },
    ],
    tests: ['test/contracts/azure-devops.test.ts'],
    fails: 'a page of the run elsewhere is replaced by its address in the organization',
  },
  {
    against: ['T18', 'T34'],
    guard: 'a stage that went on without a decision of ours is told as a bypass',
    patches: [
      {
        file: 'services/domain/completed-elsewhere.ts',
        find: "const state = result === 'succeeded' ? 'bypassed' : 'abandoned';",
        replace: "const state = 'abandoned' as Gate['state'];",
      },
    ],
    tests: ['test/integration/reconcile.test.ts'],
    fails: 'a stage that went on without a decision is a bypass, and the owner of the contract is told',
  },
  {
    against: ['T18', 'T19'],
    guard: 'a deployment without any gate is off the release path',
    patches: [
      {
        file: 'services/domain/deployment-standing.ts',
        find: "return { kind: 'off-path', ...(newest === undefined ? {} : { gate: { id: newest.id, state: newest.state } }) };",
        replace: "return { kind: 'covered' };",
      },
    ],
    tests: ['test/unit/deployment-standing.test.ts'],
    fails: 'nothing here let it go on: it is off the release path',
  },
  {
    against: ['T19'],
    guard: 'a check that was switched off, changed or bypassed is told',
    patches: [
      {
        file: 'services/domain/off-path.ts',
        find: 'const isChecked = WEAKENED.test(operation) || PASSED_BY.test(operation);',
        replace: 'const isChecked = false;',
      },
    ],
    tests: ['test/integration/off-path-kinds.test.ts'],
    fails: '%s of a protected environment is told to whoever deploys there, of another one to nobody',
  },
  {
    against: ['T19'],
    guard: 'a production environment without a check of ours is a finding',
    patches: [
      {
        file: 'services/domain/platform-environment-rules.ts',
        find: 'ours(one).length > 0 || isHidden(one) || hasApproval(one)',
        replace: 'one !== undefined',
      },
    ],
    tests: ['test/unit/platform-environment-rules.test.ts'],
    fails: 'breaks %s alone, where that is all that is wrong',
  },
  {
    against: ['T21', 'I14'],
    guard: 'a sealed job token opens for its own request alone',
    patches: [
      { file: VAULT, find: '      cipher.setAAD(authenticated(context));', replace: '' },
      { file: VAULT, find: 'decipher.setAAD(authenticated(context));', replace: '' },
    ],
    tests: ['test/unit/aes-vault.test.ts'],
    fails: 'a text does not open in another context',
  },
  {
    against: ['T21', 'I14'],
    guard: 'a job token that Key Vault keeps shut opens for its own request alone, by the data key that it names',
    patches: [
      {
        file: KEY_VAULT,
        find: 'vault.seal(secret, within(version, wrapped, context))',
        replace: "vault.seal(secret, '')",
      },
      {
        file: KEY_VAULT,
        find: "vault.open(rest.join('.'), within(version, wrapped, context))",
        replace: "vault.open(rest.join('.'), '')",
      },
    ],
    tests: ['test/contracts/keys.test.ts'],
    fails: 'opens what it sealed, in the same context only',
  },
  {
    against: ['T30', 'I14'],
    guard: 'the log has fields of known names alone',
    patches: [{ file: 'bot/log.ts', find: '.filter(([name]) => fields.has(name))', replace: '.filter(() => true)' }],
    tests: ['test/unit/log.test.ts'],
    fails: 'a field that nobody listed is left out and counted, also where it looks harmless',
  },
  {
    against: ['T30', 'I14'],
    guard: 'a trace has the name of an error and not its text',
    patches: [
      {
        file: 'services/telemetry/otlp-telemetry.ts',
        find: 'span.setStatus({ code: SpanStatusCode.ERROR });',
        replace: 'span.setStatus({ code: SpanStatusCode.ERROR, message: String(error) });',
      },
    ],
    tests: ['test/integration/telemetry.test.ts'],
    fails: 'what fails is told by the name of its error, and never by its text',
  },
  {
    against: ['T21', 'I14'],
    guard: 'the job token is gone once Azure DevOps was told',
    patches: [{ file: 'services/verdicts.ts', find: 'dropToken: true,', replace: '' }],
    tests: ['test/hostile/canary.test.ts'],
    fails: 'an approved deployment leaves no secret anywhere, and its sealed token is gone once the verdict was told',
  },
];
