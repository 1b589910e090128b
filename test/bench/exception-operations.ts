import { ORG } from '../builders.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { actor, CAST, TERMS } from '../fakes/exception-scene.ts';
import { scanned } from '../fakes/scanned.ts';
import { receive } from './history.ts';
import { atOnce, type Figure, type Scene } from './scene.ts';

// The life of exceptions of payments-api in prod, while nobody waits there: docs/storage.md, "Budgets".

const SCOPE = { org: ORG, service: 'payments-api', environment: 'prod' };

/** A deployment that this secret blocked to its end; everybody whose request waited there has been told. */
async function aBlockedGate(scene: Scene, rule: string, commit: string): Promise<string> {
  const { world } = scene;
  await nobodyWaits(scene);
  const { sources } = world.azureDevOps;
  const [source] = sources.commits;
  if (source !== undefined) world.azureDevOps.sources = { ...sources, commits: [{ ...source, commit }] };
  await scanned(world, [], { commit });
  await scanned(world, [rule], { commit, tool: 'gitleaks' });
  const requestId = await receive(world, scene.next());
  await world.core.outbox.drain(ORG, requestId);
  world.azureDevOps.sources = sources;
  await nobodyWaits(scene);
  const state = (await world.core.approvals.find(requestId))?.state;
  if (state !== 'expired') throw new Error(`the gate is ${state} instead of expired`);
  // Numbers come in blocks of 50.
  await world.ports.exceptions.nextId(`warm ${rule}`);
  return requestId;
}

/** Two days on: nothing waits for so long. */
async function nobodyWaits({ world }: Scene): Promise<void> {
  world.advance(48 * 60);
  for (const id of await world.ports.scopes.waiting(SCOPE)) await world.core.runDue({ kind: 'gate', org: ORG, id });
  await world.core.idle();
  for (const oid of Object.values(CAST)) await world.meet(oid);
}

interface Answer {
  readonly kind: string;
  readonly exception?: { readonly id: string };
}

interface Counted {
  readonly id: string;
  readonly whole: readonly string[];
}

/** All calls of it; of which exception. */
async function counting({ world, counted }: Scene, say: () => Promise<Answer>): Promise<Counted> {
  counted.made();
  const answer = await say();
  await world.core.idle();
  if (answer.exception === undefined || answer.kind === 'refused') throw new Error(JSON.stringify(answer));
  return { id: answer.exception.id, whole: known(counted.made()) };
}

/** Without what a process reads now and then: conversations, and who is away. */
function known(made: readonly string[]): string[] {
  return made.filter((call) => !/^(conv|roll) /.test(call));
}

/** Nothing that follows comes before the answer. */
function inTwo(what: string, { whole }: Counted, before: readonly string[], after: readonly string[]): Figure[] {
  return [
    atOnce(`${what}, before the answer`, whole.slice(0, before.length), ...before),
    atOnce(`${what}, in all`, whole, ...before, ...after),
  ];
}

/** Until the second day from now. */
function wish({ world }: Scene, requestId: string, op: string) {
  const until = new Date(Date.parse(world.now) + 2 * 86_400_000).toISOString().slice(0, 10);
  const terms = { ...TERMS, until, reviewEvery: 'daily' };
  return { by: actor(PEOPLE.adele), ...SCOPE, control: 'secret-scanning', requestId, terms, op };
}

const word = (id: string, oid: string, op: string) => ({ id, by: actor(oid), op });
const approval = { verdict: 'approve', comment: '' } as const;

/** Whether it was done before, findings of two scopes, what is known of exceptions there, its number and place, hint, create. */
const ASKED = [
  'sys list',
  ...['scope list', 'scope list', 'scope list'],
  'open list',
  'sys get',
  'sys commit',
  'sys commit',
];
const WRITTEN = ['due commit', 'scope commit'];
/** Its first change in five minutes has its chain noted. */
const NOTED = ['log commit', ...WRITTEN];
const SAID = ['scope list', ...WRITTEN];
/** Wake-ups, who waits, done; read again. */
const WOKEN = ['scope list', 'scope list', 'scope remove', 'scope list'];
const SHOWN = ['due commit', 'open commit', 'scope commit'];
const OVER = [...WOKEN, 'open remove', 'scope commit'];

const life = {
  name: 'an exception is requested in 19 calls, granted in 14, reviewed in 9, renewed in 19 and 16 unless its service has many reports, and revoked in 9',
  run: async (scene: Scene): Promise<readonly Figure[]> => {
    const { world, counted } = scene;
    const { exceptionRequests: requests, exceptionDecisions: decisions, exceptionReviews: reviews } = world.core;
    const requestId = await aBlockedGate(scene, 'life-key', 'a1'.repeat(20));
    const first = wish(scene, requestId, 'budget ask');
    const asked = await counting(scene, () => requests.request(first));
    const again = await counting(scene, () => requests.request(first));
    const click = { ...word(asked.id, PEOPLE.megan, 'budget grant'), ...approval };
    const granted = await counting(scene, () => decisions.decide(click));
    const later = await counting(scene, () => decisions.decide(click));
    const keep = { ...word(asked.id, CAST.diego, 'budget keep'), answer: 'keep', why: 'still needed' } as const;
    const kept = await counting(scene, () => reviews.review(keep));
    counted.made();
    await world.ports.scopes.view({ ...SCOPE, environment: '-' }, 'any');
    const anyCommit = counted.made();
    const more = { ...wish(scene, requestId, 'budget renew'), by: actor(CAST.diego), renews: asked.id };
    const renewal = await counting(scene, () => requests.request(more));
    const anew = { ...word(renewal.id, PEOPLE.lee, 'budget anew'), ...approval };
    const renewed = await counting(scene, () => decisions.decide(anew));
    const revoke = { ...word(renewal.id, PEOPLE.megan, 'budget revoke'), why: 'mended' };
    const revoked = await counting(scene, () => reviews.revoke(revoke));
    const grant = ['scope list', 'scope list', 'gate list', 'open list', ...WRITTEN];
    return [
      ...inTwo('exception requested', asked, [...ASKED, 'gate list', ...NOTED], [...WOKEN, ...SHOWN]),
      atOnce('the same request again', again.whole, 'sys list', 'scope list'),
      ...inTwo('exception granted', granted, grant, [...WOKEN, ...SHOWN, 'gate list']),
      atOnce('the same grant again', later.whole, 'scope list'),
      ...inTwo('review answered', kept, SAID, [
        'scope list',
        'scope list',
        'gate list',
        'due commit',
        'open commit',
        'scope remove',
      ]),
      ...inTwo('renewal requested', renewal, [...ASKED, ...anyCommit, ...NOTED], [...WOKEN, ...SHOWN]),
      ...inTwo('renewal granted', renewed, [...grant, 'scope list', 'due commit'], [...WOKEN, ...SHOWN, 'gate list']),
      ...inTwo('exception revoked', revoked, SAID, OVER),
    ];
  },
};

const looks = {
  name: 'exceptions of a service are listed in 1 call, a look at one takes 4, its expiry 10',
  run: async (scene: Scene): Promise<readonly Figure[]> => {
    const { world, counted } = scene;
    const { exceptionRequests: requests, exceptionDecisions: decisions, exceptionLists: lists } = world.core;
    const requestId = await aBlockedGate(scene, 'look-key', 'b2'.repeat(20));
    const { id } = await counting(scene, () => requests.request(wish(scene, requestId, 'look ask')));
    await counting(scene, () => decisions.decide({ ...word(id, PEOPLE.megan, 'look grant'), ...approval }));
    await lists.list(actor(PEOPLE.adele), { which: 'open', service: 'payments-api' });
    const listed = counted.made();
    const look = async () => {
      await world.core.runDue({ kind: 'exception', ...SCOPE, id });
      await world.core.idle();
      return known(counted.made());
    };
    const early = await look();
    world.advance(4 * 1_440);
    return [
      atOnce('exceptions of a service, listed', listed, 'open list'),
      atOnce(
        'look at an exception too early',
        early,
        'scope list',
        'scope list',
        'gate list',
        'open get',
        'due commit',
      ),
      atOnce('look at an exception that has expired', await look(), 'log commit', ...SAID, ...OVER),
    ];
  },
};

export const EXCEPTION_OPERATIONS = [life, looks];
