import { expect, onTestFinished } from 'vitest';
import type { NativeSettings } from '../../bot/native.ts';
import { createAzureDevOps } from '../../services/azure-devops/azure-devops.ts';
import { createPatIdentity } from '../../services/azure-devops/identity.ts';
import { readHookEvent } from '../../services/azure-devops/read-hook-event.ts';
import { type Gate, orgOf, requestIdOf } from '../../services/domain/gate.ts';
import type { NativeApprovalRef } from '../../services/domain/native-approval.ts';
import { type PersonToken, PersonTokensUnavailableError } from '../../services/ports/person-tokens.ts';
import { COMMIT, TENANT } from '../builders.ts';
import { type AzureDevOpsSimulator, startAzureDevOps } from './azure-devops.ts';
import type { ApprovalInput } from './azure-devops-approvals.ts';
import type { SimulatedApproval, SimulatedRun } from './azure-devops-model.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from './core-world.ts';

export const HOOKS_URL = 'https://countersign.example/api/azure-devops/events';
const START = '2026-11-24T09:00:00.000Z';
const adele = { displayName: 'Adele Vance', uniqueName: 'adele.vance@contoso.example' };

type Name = keyof typeof PEOPLE;
const NAMES: Readonly<Record<Name, string>> = {
  alex: 'Alex Wilber',
  adele: 'Adele Vance',
  megan: 'Megan Bowen',
  isaiah: 'Isaiah Langer',
  lee: 'Lee Gu',
};

export interface NativeWorld {
  readonly world: CoreWorld;
  readonly simulator: AzureDevOpsSimulator;
  readonly run: SimulatedRun;
  /** Everything that was logged, by message. */
  readonly logged: { readonly message: string; readonly data: object }[];
  /** A stage begins to wait for these people in Azure DevOps; by default Alex alone. */
  ask(input?: Partial<ApprovalInput>, run?: SimulatedRun): SimulatedApproval;
  refOf(approval: SimulatedApproval): NativeApprovalRef;
  /** As if Azure DevOps had told of it. */
  tell(approval: SimulatedApproval, what?: 'pending' | 'completed'): Promise<void>;
  tellRun(kind: 'stage' | 'run', run?: SimulatedRun): Promise<void>;
  requestIdOf(approval: SimulatedApproval): string;
  gateOf(approval: SimulatedApproval): Promise<Gate | undefined>;
  kindsOf(approval: SimulatedApproval): Promise<string[]>;
  entriesOf(approval: SimulatedApproval): Promise<Record<string, unknown>[]>;
  /** Somebody approves in Azure DevOps itself. */
  decideInPortal(approval: SimulatedApproval, name: string): Promise<void>;
  /** The person's token as the token service has it from now on. */
  sign(name: Name, as?: 'in' | 'out' | 'silent'): void;
}

export interface NativeOptions {
  readonly native?: Partial<NativeSettings>;
  readonly signedIn?: readonly Name[];
  readonly policyDir?: string;
}

/** The core on the table in memory, with the real adapter to a simulated Azure DevOps over HTTP. */
export async function setNativeWorld(options: NativeOptions = {}): Promise<NativeWorld> {
  const clock: { world?: CoreWorld } = {};
  const simulator = await startAzureDevOps({ now: () => Date.parse(clock.world?.now ?? START) });
  onTestFinished(() => simulator.close());
  const organization = simulator.organizationUrl();
  const tokens = new Map<string, PersonToken | 'silent'>();
  const logged: NativeWorld['logged'] = [];
  const canSignIn = options.native?.canSignIn ?? true;
  const world = await createCoreWorld({
    ...(options.policyDir === undefined ? {} : { policyDir: options.policyDir }),
    organization,
    azureDevOps: createAzureDevOps({ organizations: [organization], identity: createPatIdentity(simulator.pat) }),
    native: { asService: false, canSignIn, hooksUrl: HOOKS_URL, ...options.native },
    personTokens: {
      tokenOf: async ({ oid }) => {
        const held = tokens.get(oid) ?? { kind: canSignIn ? 'sign-in-needed' : 'not-configured' };
        if (held === 'silent') throw new PersonTokensUnavailableError('switched off');
        return held;
      },
    },
    log: (message, data) => logged.push({ message, data }),
  });
  clock.world = world;
  const pipeline = simulator.addPipeline({ name: 'payments-api', repository: 'payments-api' });
  const run = simulator.queueRun({ pipeline, commit: COMMIT, requestedFor: adele });
  await world.meet(PEOPLE.alex);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  const refOf = ({ id, stage }: SimulatedApproval): NativeApprovalRef => ({
    organization,
    projectId: stage.run.pipeline.project.id,
    id,
  });
  const idOf = (approval: SimulatedApproval) => requestIdOf(orgOf(TENANT, organization), refOf(approval), 1);
  const entriesOf = async (approval: SimulatedApproval) =>
    ((await world.ports.gates.locate(idOf(approval)))?.evidence ?? []).map(
      ({ entry }) => JSON.parse(entry) as Record<string, unknown>,
    );
  const sign: NativeWorld['sign'] = (name, as = 'in') => {
    if (as === 'in') tokens.set(PEOPLE[name], { kind: 'token', token: simulator.signIn(NAMES[name]) });
    else tokens.set(PEOPLE[name], as === 'silent' ? 'silent' : { kind: 'sign-in-needed' });
  };
  for (const name of options.signedIn ?? []) sign(name);
  const received = async (body: object) => {
    const event = readHookEvent(body, [organization]);
    if (event.kind === 'unreadable') throw new Error(event.why);
    await world.core.eventReceived(event);
    await world.core.idle();
  };
  return {
    world,
    simulator,
    run,
    logged,
    ask: (input = {}, of = run) =>
      simulator.requestApproval(of, { stage: 'Deploy', environment: 'prod', approvers: [NAMES.alex], ...input }),
    refOf,
    tell: ({ id, stage }, what = 'pending') =>
      received({
        id: `event of ${id}`,
        eventType: `ms.vss-pipelinechecks-events.approval-${what}`,
        resource: { approval: { id }, projectId: stage.run.pipeline.project.id },
      }),
    tellRun: (kind, of = run) =>
      received({
        id: `event of run ${of.id}`,
        eventType: `ms.vss-pipelines.${kind}-state-changed-event`,
        resource: { run: { id: of.id }, projectId: of.pipeline.project.id },
      }),
    requestIdOf: idOf,
    gateOf: (approval) => world.core.approvals.find(idOf(approval)),
    kindsOf: async (approval) => (await entriesOf(approval)).map(({ kind }) => String(kind)),
    entriesOf,
    decideInPortal: (approval, name) => {
      const decision = { verdict: 'approve', comment: 'from the portal' } as const;
      const as = { kind: 'person', token: simulator.signIn(name) } as const;
      return world.ports.azureDevOps.decideApproval(refOf(approval), decision, as);
    },
    sign,
  };
}

/** A native approval that asks Alex in Azure DevOps and here, with its card sent. */
export async function anAskedApproval(options: NativeOptions & { readonly input?: Partial<ApprovalInput> } = {}) {
  const scene = await setNativeWorld(options);
  const approval = scene.ask(options.input);
  await scene.tell(approval);
  const gate = await scene.gateOf(approval);
  expect(gate?.state).toBe('asked');
  return { ...scene, approval, id: scene.requestIdOf(approval) };
}
