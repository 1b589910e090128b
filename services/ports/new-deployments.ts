import type { DeploymentRecord } from '../domain/deployment-record.ts';
import type { Deployments, DevOpsEnvironment, RecordPage } from './deployments.ts';
import { SourceRefusedError } from './signal-source.ts';

const MOST_PAGES = 200;

/** As people know it. */
export function placeOf({ name, project }: DevOpsEnvironment): string {
  return `${name} of ${project}`;
}

/**
 * Records newest first, until a page that shows enough; rejects as the methods of Deployments do, and with SourceRefusedError where that
 * takes more than `mostPages`.
 */
export async function recordsAfter(
  deployments: Pick<Deployments, 'page'>,
  environment: DevOpsEnvironment,
  isEnough: (page: readonly DeploymentRecord[]) => boolean,
  mostPages = MOST_PAGES,
): Promise<Omit<RecordPage, 'next'>> {
  const records = new Map<number, DeploymentRecord>();
  let unreadable = 0;
  let next: string | undefined;
  for (let pages = 0; pages < mostPages; pages += 1) {
    const page = await deployments.page(environment, next);
    for (const record of page.records) records.set(record.id, record);
    unreadable += page.unreadable;
    next = page.next;
    if (next === undefined || isEnough(page.records)) return { records: [...records.values()], unreadable };
  }
  throw new SourceRefusedError(`${placeOf(environment)} has more deployments than are read`);
}
