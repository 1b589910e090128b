import { calibrationsOf, type Measurement, mayGate } from './domain/calibration.ts';
import { type ScopeFacts, tallied } from './domain/calibration-facts.ts';
import type { Tallies, Window } from './domain/calibration-tally.ts';
import type { Service } from './domain/catalog.ts';
import type { Contract } from './domain/contract.ts';
import { deploymentsIn, habitsOf, habitsSince, type Pass, passOf } from './domain/exception-passes.ts';
import { MINUTES_A_DAY } from './domain/finding-history.ts';
import { orgOf } from './domain/gate.ts';
import { plusMinutes } from './domain/instant.ts';
import type { Actor } from './domain/person.ts';
import type { Refusal } from './domain/refusal.ts';
import type { ScanHead } from './domain/scan-head.ts';
import type { Clock } from './ports/clock.ts';
import type { ExceptionStore } from './ports/exception-store.ts';
import type { GateStore } from './ports/gate-store.ts';
import { inLanes } from './ports/lanes.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';
import type { ScopeKey, ScopeStore } from './ports/scope-store.ts';

type PersonActor = Actor & { readonly kind: 'person' };

interface Needs {
  readonly tenant: string;
  /** Addresses of the configured organizations. */
  readonly organizations: readonly string[];
  readonly clock: Clock;
  readonly policy: Policy;
  readonly scopes: Pick<ScopeStore, 'view' | 'eventsSince'>;
  readonly gates: Pick<GateStore, 'receivedSince'>;
  readonly exceptions: Pick<ExceptionStore, 'live'>;
  /** Why this person may read nothing, or undefined. */
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
}

export interface CalibrationQuestion {
  /** Absent: every control that may gate. */
  readonly control?: string;
  /** Days before now that count; 90 when left out. */
  readonly days?: number;
}

export type Calibrated =
  | Measurement
  | { readonly kind: 'no-contract'; readonly problems: readonly string[] }
  | { readonly kind: 'unknown-control'; readonly known: readonly string[] }
  /** It is evidence, whatever its findings are. */
  | { readonly kind: 'never-gates'; readonly control: string };

export type Calibrations = ReturnType<typeof createCalibrations>;

const DAYS = 90;
const MOST_SCOPES = 2_000;

/** How ready each control is to block, from the histories of all services. Changes nothing. Rejects with StoreUnavailableError. */
export function createCalibrations(needs: Needs) {
  // Whoever asks while it is being measured gets the same figures: it reads every scope.
  const running = new Map<number, Promise<Reading>>();
  const calibrate = async ({ control, days = DAYS }: CalibrationQuestion): Promise<Calibrated> => {
    const { contract, problems } = await needs.policy.current();
    if (contract === undefined) return { kind: 'no-contract', problems };
    const asked = control === undefined ? undefined : named(contract, control);
    if (asked !== undefined && asked.kind !== 'control') return asked;
    const reading = running.get(days) ?? measure(needs, days).finally(() => running.delete(days));
    running.set(days, reading);
    return answered(await reading, asked?.name);
  };
  return {
    /** For whoever runs the bot. */
    calibrate,
    calibrateFor: async (by: PersonActor, question: CalibrationQuestion): Promise<Calibrated | Refusal> =>
      (await needs.strangerBecause(by)) ?? calibrate(question),
  };
}

type Reading = Measurement | Extract<Calibrated, { kind: 'no-contract' }>;

/** People type names in any case. */
function named(contract: Contract, typed: string) {
  const same = (name: string) => name === typed || name.toLowerCase() === typed.toLowerCase();
  const control =
    contract.controls.find(({ name }) => name === typed) ?? contract.controls.find(({ name }) => same(name));
  if (control === undefined) {
    const known = contract.controls.filter(mayGate).map(({ name }) => name);
    return { kind: 'unknown-control', known } as const;
  }
  const { name } = control;
  return mayGate(control) ? ({ kind: 'control', name } as const) : ({ kind: 'never-gates', control: name } as const);
}

function answered(reading: Reading, control: string | undefined): Calibrated {
  if (reading.kind !== 'measured' || control === undefined) return reading;
  return { ...reading, calibrations: reading.calibrations.filter((one) => one.control === control) };
}

/** The policy is read once: one measurement never mixes two versions. */
async function measure(needs: Needs, days: number): Promise<Reading> {
  const policy = await needs.policy.current();
  const { contract, catalog, problems } = policy;
  if (contract === undefined) return { kind: 'no-contract', problems };
  const at = needs.clock.now();
  const window = { since: plusMinutes(at, -days * MINUTES_A_DAY), now: at };
  const names = ['-', ...contract.environments.keys()];
  const most = Math.floor(MOST_SCOPES / (names.length * needs.organizations.length));
  const all = [...catalog.services.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  const services = all.slice(0, most);
  const read = await inLanes(services, (service) => tallyOf(needs, { ...policy, contract }, service, names, window));
  const tallies = read.map(({ tallies }) => tallies);
  const [passes, live] = await Promise.all([passesSince(needs, contract, window), needs.exceptions.live()]);
  const habits = habitsOf(contract, { passes, exceptions: live.map(({ exception }) => exception) }, window);
  return {
    kind: 'measured',
    at,
    days,
    contractVersion: contract.version,
    deployments: deploymentsIn(passes, window),
    calibrations: calibrationsOf(contract, tallies, window, habits),
    services: services.length,
    leftOut: all.length - services.length,
    unknown: tallies.reduce((sum, { unknown }) => sum + unknown, 0),
    unkept: read.reduce((sum, { unkept }) => sum + unkept, 0),
  };
}

/** Of each request only what it tells of exceptions is kept. */
async function passesSince({ gates }: Needs, contract: Contract, window: Window): Promise<Pass[]> {
  const passes: Pass[] = [];
  for await (const gate of gates.receivedSince(habitsSince(contract, window))) {
    const pass = passOf(contract, gate);
    if (pass !== undefined) passes.push(pass);
  }
  return passes;
}

interface TalliedService {
  readonly tallies: Tallies;
  readonly unkept: number;
}

async function tallyOf(
  { scopes, tenant, organizations }: Needs,
  { contract, knownExploited }: PolicySnapshot & { readonly contract: Contract },
  service: Service,
  environments: readonly string[],
  window: Window,
): Promise<TalliedService> {
  const read: ScopeFacts[] = [];
  let unkept = 0;
  for (const organization of organizations) {
    for (const environment of environments) {
      const scope = { org: orgOf(tenant, organization), service: service.name, environment };
      const facts = await factsOf(scopes, scope, window);
      unkept += facts.unkept;
      read.push(facts);
    }
  }
  const facts = { service, scopes: read, ...(knownExploited === undefined ? {} : { knownExploited }) };
  return { tallies: tallied(contract, facts, window), unkept };
}

/** Two lists: what happened, then what is open there and what is let pass. */
async function factsOf(
  scopes: Needs['scopes'],
  scope: ScopeKey,
  { since }: Window,
): Promise<ScopeFacts & { readonly unkept: number }> {
  const { newest, events, unkept } = await scopes.eventsSince(scope, since);
  const view = await scopes.view(scope, [...new Set(newest.map(({ commit }) => commit))]);
  const isNewest = ({ tool, commit }: ScanHead) => newest.some((one) => one.tool === tool && one.commit === commit);
  const { vex, exceptions, pasts, spreads } = view;
  const { org, environment } = scope;
  const heads = vouched(view.heads.filter(isNewest));
  return { org, environment, heads, vex, exceptions, pasts, spreads, events, unkept };
}

/** Of one tool and category what Azure DevOps vouched for, where there is such a head. */
function vouched(heads: readonly ScanHead[]): ScanHead[] {
  const of = ({ tool, category }: ScanHead) => JSON.stringify([tool, category]);
  const confirmed = new Set(heads.filter(({ verified }) => verified).map(of));
  return heads.filter((head) => head.verified || !confirmed.has(of(head)));
}
