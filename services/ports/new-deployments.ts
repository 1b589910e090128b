import type { DeploymentRecord, Deployments, DevOpsEnvironment, RecordPage } from './deployments.ts';
import { SourceRefusedError } from './signal-source.ts';

const MOST_PAGES = 200;

/** As people know it. */
export function placeOf({ name, project }: DevOpsEnvironment): string {
  return `${name} of ${project}`;
}

/**
 * Records newest first, until one that is known; the last page shows what came just before that as well. Rejects as the methods of
 * Deployments do.
 */
export async function recordsAfter(
  deployments: Pick<Deployments, 'page'>,
  environment: DevOpsEnvironment,
  isKnown: (record: DeploymentRecord) => boolean,
): Promise<Omit<RecordPage, 'next'>> {
  const records = new Map<number, DeploymentRecord>();
  let unreadable = 0;
  let next: string | undefined;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await deployments.page(environment, next);
    for (const record of page.records) records.set(record.id, record);
    unreadable += page.unreadable;
    next = page.next;
    if (next === undefined || page.records.some(isKnown)) return { records: [...records.values()], unreadable };
  }
  throw new SourceRefusedError(`${placeOf(environment)} has more deployments than are read`);
}
