import { isSame, type Reply, type SimulatedPlan, type SimulatedRecord } from './azure-devops-model.ts';
import { type Asked, listOf, notFound, type Route, visibleProject } from './azure-devops-rest.ts';

type InPlan = (plan: SimulatedPlan, asked: Asked, ids: readonly string[]) => Reply;

const PLAN = 'distributedtask/hubs/([^/]+)/plans/([^/]+)';

/** The callback protocol of a check: plan, timeline, live feed, stored log and the event that ends it. */
export const PLAN_ROUTES: readonly Route[] = [
  planRoute('GET', '', ({ id, hub, owner, project }) => ({
    status: 200,
    body: { planId: id, planType: hub, scopeIdentifier: project.id, owner: { id: owner.id, name: owner.name } },
  })),
  planRoute('GET', '/timelines/([^/]+)', timeline),
  planRoute('PATCH', '/timelines/([^/]+)/records', updateRecords),
  planRoute('POST', '/timelines/([^/]+)/records/([^/]+)/feed', feed),
  planRoute('POST', '/logs', createLog),
  planRoute('POST', '/logs/(\\d+)', appendLog),
  planRoute('POST', '/events', event),
];

function planRoute(method: string, path: string, reply: InPlan): Route {
  return {
    method,
    path: new RegExp(`^${PLAN}${path}$`, 'i'),
    reply(asked, [hub = '', planId = '', ...ids]) {
      const plan = asked.world.plans.get(planId.toLowerCase());
      const project = visibleProject(asked);
      if (plan === undefined || project === undefined || plan.project !== project || !isSame(plan.hub, hub))
        return notFound(`The plan ${planId} could not be found.`);
      return reply(plan, asked, ids);
    },
  };
}

function timeline(plan: SimulatedPlan, { query }: Asked, [id = '']: readonly string[]): Reply {
  if (!isSame(id, plan.id)) return notFound(`The timeline ${id} could not be found.`);
  const records = query.get('includeRecords') === 'true' ? { records: plan.records.map(recordJson) } : {};
  return { status: 200, body: { id: plan.id, changeId: 13, ...records } };
}

function recordJson(record: SimulatedRecord): object {
  return { ...record, currentOperation: null, percentComplete: null, workerName: null, order: 1 };
}

function updateRecords(plan: SimulatedPlan, asked: Asked): Reply {
  const given = parsed<{ value?: { id: string; log?: { id: number } }[] }>(asked);
  for (const { id, log } of given?.value ?? []) {
    const record = plan.records.find((known) => isSame(known.id, id));
    if (record !== undefined && log !== undefined) record.log = log;
  }
  return listOf(plan.records.map(recordJson));
}

function feed(plan: SimulatedPlan, asked: Asked, [, recordId = '']: readonly string[]): Reply {
  if (!plan.records.some(({ id }) => isSame(id, recordId)))
    return notFound(`The record ${recordId} could not be found.`);
  plan.feed.push(...(parsed<{ value?: string[] }>(asked)?.value ?? []));
  return { status: 204 };
}

function createLog(plan: SimulatedPlan, asked: Asked): Reply {
  const log = { id: plan.logs.length + 1, path: parsed<{ path?: string }>(asked)?.path ?? '', text: '' };
  plan.logs.push(log);
  return { status: 200, body: { path: log.path, lineCount: 0, id: log.id, location: null } };
}

function appendLog(plan: SimulatedPlan, { body }: Asked, [logId]: readonly string[]): Reply {
  const log = plan.logs.find(({ id }) => String(id) === logId);
  if (log === undefined) return notFound(`The log ${logId} could not be found.`);
  log.text += body;
  return { status: 200, body: { id: log.id, path: log.path, lineCount: log.text.split('\n').length - 1 } };
}

/**
 * The sample answers 204 and the specification says 200: the first is given. What a completed task answers is not
 * documented: the same verdict is taken again, another one is refused.
 */
function event(plan: SimulatedPlan, asked: Asked): Reply {
  const given = parsed<{ name?: string; taskId?: string; jobId?: string; result?: string }>(asked);
  const { name = '', taskId = '', jobId = '', result = '' } = given ?? {};
  if (name === 'TaskAssigned' || name === 'TaskStarted') return { status: 204 };
  const reply = takeVerdict(plan, name, taskId, jobId, result);
  asked.world.events.push({ planId: plan.id, taskId, jobId, result, status: reply.status });
  return reply;
}

function takeVerdict(plan: SimulatedPlan, name: string, taskId: string, jobId: string, result: string): Reply {
  const task = plan.records.find(({ id, type }) => type === 'Task' && isSame(id, taskId));
  if (name !== 'TaskCompleted' || (result !== 'succeeded' && result !== 'failed')) return refused('unknown event');
  if (task === undefined || !isSame(task.parentId ?? '', jobId)) return refused('no such task in this plan');
  if (task.state === 'completed')
    return task.result === result ? { status: 204 } : refused('the task is already completed');
  task.state = 'completed';
  task.result = result;
  return { status: 204 };
}

function refused(message: string): Reply {
  return { status: 400, body: { $id: '1', message, typeKey: 'InvalidRequestException' } };
}

function parsed<T>({ body }: Asked): T | undefined {
  try {
    return JSON.parse(body) as T;
  } catch {
    return undefined;
  }
}
