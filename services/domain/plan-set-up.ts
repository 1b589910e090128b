import { checkForm, differencesOf, KEY_GROUP, KEY_VARIABLE, mendedForm } from './check-form.ts';
import { type EnvironmentPolicy, isObserved } from './contract.ts';
import { placesNamed, servicesOfProject } from './platform-places.ts';
import {
  type FoundCheck,
  type FoundConnection,
  type FoundEnvironment,
  type FoundProject,
  isEnvironmentMeant,
  OWN_NAME,
  type SetUpItem,
  type SetUpScope,
  type SetUpWish,
} from './set-up.ts';

/** Events of which operations.md has Azure DevOps tell us, each with the version of its resource (Service hooks events). */
export const HOOK_EVENTS: ReadonlyMap<string, string> = new Map([
  ['ms.vss-pipelinechecks-events.approval-pending', '5.1-preview.1'],
  ['ms.vss-pipelinechecks-events.approval-completed', '5.1-preview.1'],
  ['ms.vss-pipelines.stage-state-changed-event', '5.1-preview.1'],
  ['ms.vss-pipelines.run-state-changed-event', '5.1-preview.1'],
  ['ms.vss-pipelinechecks-events.check-updated-event', '1.0-preview.1'],
]);

/** An environment of the catalog in a project. */
interface Guarded {
  readonly environment: FoundEnvironment;
  readonly services: readonly string[];
  /** Absent: the contract has no environment of this name. */
  readonly policy: EnvironmentPolicy | undefined;
}

/** Everything that a project needs, what is there of it, and what is to be done: the same for the same things, in the order in which it is done. */
export function planSetUp(wish: SetUpWish, only: SetUpScope | undefined, found: FoundProject): SetUpItem[] {
  const unread = found.unread.get('check');
  if (unread !== undefined) return [cannot(found, 'check', 'environments', unread)];
  const guarded = guardedIn(wish, found).filter(({ environment }) => isEnvironmentMeant(only, environment.name));
  const meant = guarded.filter(({ policy }) => policy !== undefined && isWanted(wish, policy));
  const checks = guarded.map((one) => checkItem(wish, found, one));
  if (meant.length === 0) return checks;
  const hooks = only?.environment === undefined ? hookItems(wish, found) : [];
  return [connectionItem(found), groupItem(wish, found), permissionItem(wish, found, meant), ...checks, ...hooks];
}

function guardedIn(wish: SetUpWish, found: FoundProject): Guarded[] {
  const services = servicesHere(wish, found);
  return found.environments.flatMap((environment) => {
    const places = placesNamed(services, environment.name, wish.catalog);
    if (places.length === 0) return [];
    const policy = policyOf(wish, environment.name);
    return [{ environment, services: places.map(({ service }) => service), policy }];
  });
}

function servicesHere({ catalog }: SetUpWish, { pipelines, repositories }: FoundProject): string[] {
  return servicesOfProject({ pipelines: [...pipelines.values()], repositories }, catalog);
}

/** Environments that the catalog gives a service and no project of it has. `projects`: all that hold something of the catalog. */
export function planMissing(wish: SetUpWish, projects: readonly FoundProject[]): SetUpItem[] {
  return [...wish.catalog.services.values()].flatMap(({ name: service, environments }) => {
    const own = projects.filter((one) => servicesHere(wish, one).includes(service));
    if (own.some(({ unread }) => unread.has('check'))) return [];
    const there = new Set(own.flatMap((one) => one.environments.map(({ name }) => name.toLowerCase())));
    const missing = [...environments.keys()].filter((name) => !there.has(name.toLowerCase()));
    const why =
      own.length === 0
        ? `no project that you may see has a pipeline or repository of ${service}`
        : `no project of ${service} has this environment: deploy to it by a deployment job, or name it in the catalog as Azure DevOps has it`;
    return missing
      .filter((name) => isWantedByName(wish, name))
      .map((name): SetUpItem => ({ kind: 'check', project: own[0]?.name ?? '-', name, step: 'cannot', why }));
  });
}

function policyOf({ contract }: SetUpWish, environment: string): EnvironmentPolicy | undefined {
  return [...contract.environments.values()].find(({ name }) => name.toLowerCase() === environment.toLowerCase());
}

function isWantedByName(wish: SetUpWish, environment: string): boolean {
  const policy = policyOf(wish, environment);
  return policy === undefined || isWanted(wish, policy);
}

function isWanted(wish: SetUpWish, policy: EnvironmentPolicy): boolean {
  return !wish.observeOnly || isObserved(policy, wish.now);
}

type Told = Pick<SetUpItem, 'step' | 'why' | 'change'>;

function item({ name: project }: FoundProject, kind: SetUpItem['kind'], name: string, told: Told): SetUpItem {
  return { kind, project, name, ...told };
}

function cannot(found: FoundProject, kind: SetUpItem['kind'], name: string, why: string): SetUpItem {
  return item(found, kind, name, { step: 'cannot', why });
}

/** The one that checks are made with: ours before anybody's, one that works before one that does not. */
function connectionOf({ connections }: FoundProject): FoundConnection | undefined {
  const rank = ({ isDisabled, isOwn }: FoundConnection) => (isDisabled ? 2 : 0) + (isOwn ? 0 : 1);
  return connections.toSorted((a, b) => rank(a) - rank(b) || (a.id < b.id ? -1 : 1))[0];
}

function connectionItem(found: FoundProject): SetUpItem {
  const unread = found.unread.get('service-connection');
  if (unread !== undefined) return cannot(found, 'service-connection', OWN_NAME, unread);
  const own = connectionOf(found);
  if (own === undefined)
    return item(found, 'service-connection', OWN_NAME, {
      step: 'create',
      why: 'checks call through it',
      change: { kind: 'service-connection' },
    });
  return own.isDisabled
    ? cannot(found, 'service-connection', own.name, 'somebody has disabled it: enable it in the project settings')
    : item(found, 'service-connection', own.name, { step: 'leave', why: 'leads to this bot' });
}

function groupItem({ hasKey }: SetUpWish, found: FoundProject): SetUpItem {
  const unread = found.unread.get('variable-group');
  if (unread !== undefined) return cannot(found, 'variable-group', KEY_GROUP, unread);
  if (found.group?.hasKey === true)
    return item(found, 'variable-group', KEY_GROUP, {
      step: 'leave',
      why: `has ${KEY_VARIABLE}; its value nobody can read`,
    });
  if (found.group !== undefined)
    return cannot(found, 'variable-group', KEY_GROUP, `is there without a secret ${KEY_VARIABLE}: add one to it`);
  return hasKey
    ? item(found, 'variable-group', KEY_GROUP, {
        step: 'create',
        why: `holds ${KEY_VARIABLE}, the key of the checks`,
        change: { kind: 'variable-group' },
      })
    : cannot(found, 'variable-group', KEY_GROUP, 'CHECK_SECRETS is empty: set it to what the bot has');
}

function permissionItem({ catalog }: SetUpWish, found: FoundProject, meant: readonly Guarded[]): SetUpItem {
  const named = meant.flatMap(({ services }) => services.flatMap((one) => catalog.services.get(one)?.pipelines ?? []));
  const names = new Set(named.map((name) => name.toLowerCase()));
  const wanted = [...found.pipelines].filter(([, name]) => names.has(name.toLowerCase()));
  const connection = connectionOf(found);
  const told = (step: Told['step'], why: string, pipelines: readonly number[] = []) =>
    item(found, 'pipeline-permissions', connection?.name ?? OWN_NAME, {
      ...{ step, why },
      ...(connection === undefined || pipelines.length === 0
        ? {}
        : { change: { kind: 'pipeline-permissions', connection: connection.id, pipelines } }),
    });
  if (wanted.length === 0)
    return told('leave', 'the catalog names no pipeline here: whoever administers the connection permits each once');
  if (connection !== undefined && connection.users === undefined)
    return told('cannot', found.unread.get('pipeline-permissions') ?? 'who may use the connection could not be read');
  if (connection?.users?.all === true) return told('leave', 'every pipeline may use the connection already');
  const missing = wanted.filter(([id]) => connection?.users?.pipelines.includes(id) !== true);
  if (missing.length === 0) return told('leave', `${wanted.length} of the catalog may use it`);
  const shown = missing.map(([, name]) => name).sort();
  return told(
    'change',
    `permit ${shown.join(', ')}`,
    missing.map(([id]) => id),
  );
}

function checkItem(wish: SetUpWish, found: FoundProject, guarded: Guarded): SetUpItem {
  const { environment, policy, services } = guarded;
  const told = (step: Told['step'], why: string, change?: Told['change']) =>
    item(found, 'check', environment.name, { ...{ step, why }, ...(change === undefined ? {} : { change }) });
  if (policy === undefined) return told('cannot', 'the contract has no environment of this name: add it there first');
  if (!isWanted(wish, policy))
    return told('leave', 'the contract enforces it: with --observe only what is observed is looked at');
  const effect = isObserved(policy, wish.now)
    ? `only observed until ${policy.observeUntil}`
    : 'enforced: what it blocks is stopped';
  const own = environment.checks.filter(({ calls }) => calls === 'us');
  if (own.length > 0) return ownItem(found, guarded, policy, own, told);
  if (environment.checks.some(({ calls }) => calls === 'unknown'))
    return told(
      'cannot',
      'has a check whose address you may not see: you need the role Reader of its service connection',
    );
  const form = checkForm(policy.name, services.length === 1 ? services[0] : undefined);
  const connection = readyConnection(found);
  const why = `${services.join(', ')}; ${effect}`;
  return connection === undefined
    ? told('create', why)
    : told('create', why, { kind: 'check', environment, connection, form });
}

/** Absent before there is a connection that works and a key: a check without them would stop whatever is deployed. */
function readyConnection(found: FoundProject): string | undefined {
  const connection = connectionOf(found);
  return found.group?.hasKey === true && connection?.isDisabled === false ? connection.id : undefined;
}

type TellCheck = (step: Told['step'], why: string, change?: Told['change']) => SetUpItem;

function ownItem(
  found: FoundProject,
  { environment, services }: Guarded,
  { name }: EnvironmentPolicy,
  own: readonly FoundCheck[],
  told: TellCheck,
): SetUpItem {
  const judged = own.map((check) => {
    const said = check.form?.body?.['service'];
    const service = services.length === 1 ? services[0] : services.find((one) => one === said);
    const wanted = checkForm(name, service);
    const wrong = check.form === undefined ? [] : differencesOf(check.form, wanted);
    return { check, wanted, wrong: [...(check.isDisabled ? ['it is disabled'] : []), ...wrong] };
  });
  const extra = own.length > 1 ? `; ${own.length} checks call this bot, each of which asks` : '';
  const [first] = judged.toSorted((a, b) => a.wrong.length - b.wrong.length);
  if (first === undefined || first.wrong.length === 0) return told('leave', `asks this bot${extra}`);
  const { check, wanted, wrong } = first;
  const why = `${wrong.join('; ')}${extra}`;
  if (check.form === undefined) return told('cannot', `${why}: it is an Azure Function check, change it by hand`);
  const form = mendedForm(check.form, wanted);
  const connection = readyConnection(found);
  return connection === undefined
    ? told('change', why)
    : told('change', why, { kind: 'check', environment, connection, form, id: check.id });
}

function hookItems({ hasPassword }: SetUpWish, found: FoundProject): SetUpItem[] {
  if (!hasPassword) return [];
  const unread = found.unread.get('hook-subscription');
  return [...HOOK_EVENTS.keys()].map((event) => {
    if (unread !== undefined) return cannot(found, 'hook-subscription', event, unread);
    const own = found.hooks.filter((hook) => hook.event === event);
    const working = own.find(({ status }) => !/^disabled/i.test(status));
    if (working !== undefined)
      return item(found, 'hook-subscription', event, { step: 'leave', why: `is ${working.status}` });
    // What is written is of this project: one of the whole organization would be lost to the others.
    const broken = own.find(({ isOfProject }) => isOfProject);
    return broken === undefined
      ? item(found, 'hook-subscription', event, {
          ...{ step: 'create', why: 'tells this bot as it happens' },
          change: { kind: 'hook-subscription', event },
        })
      : item(found, 'hook-subscription', event, {
          ...{ step: 'change', why: `is ${broken.status}: enable it` },
          change: { kind: 'hook-subscription', event, id: broken.id },
        });
  });
}
