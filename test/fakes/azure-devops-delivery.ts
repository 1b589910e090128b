import type { SimulatedCheck } from './azure-devops-model.ts';

/** What Azure DevOps sends to the check's URL; the names are the defaults of the Invoke REST API task. */
export interface CheckDelivery {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface DeliveryAnswer {
  /** Azure DevOps' own rule: below 400 within 3 seconds. */
  readonly taken: boolean;
  /** Absent when nothing came in time. */
  readonly status?: number;
  readonly body: string;
}

const ANSWER_WITHIN_MS = 3_000;

export function deliveryOf(check: SimulatedCheck, baseUrl: string): CheckDelivery {
  const { run, plan, stage, environment, service, artifact } = check;
  return {
    headers: {
      'Content-Type': 'application/json',
      PlanUrl: `${baseUrl}/${plan.project.organization}/`,
      ProjectId: plan.project.id,
      HubName: plan.hub,
      PlanId: plan.id,
      JobId: check.jobId,
      TimelineId: plan.id,
      TaskInstanceId: check.taskInstanceId,
      AuthToken: check.token,
    },
    body: JSON.stringify({
      runId: String(run.id),
      stage,
      environment,
      ...(service === undefined ? {} : { service }),
      ...(artifact === undefined ? {} : { artifact }),
    }),
  };
}

/** One try; Azure DevOps makes up to ten of the same delivery. */
export async function postDelivery(delivery: CheckDelivery, url: string, key: string): Promise<DeliveryAnswer> {
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { ...delivery.headers, 'X-Countersign-Key': key },
      body: delivery.body,
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    return { taken: answer.status < 400, status: answer.status, body: await answer.text() };
  } catch {
    return { taken: false, body: '' };
  }
}
