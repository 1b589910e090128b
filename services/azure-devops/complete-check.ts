import type {
  TaskLog,
  TimelineRecord,
  TimelineRecordFeedLinesWrapper,
} from 'azure-devops-node-api/interfaces/TaskAgentInterfaces.js';
import type { CheckIds } from '../domain/gate.ts';
import { AzureDevOpsRefusedError, AzureDevOpsUnavailableError, type ToldVerdict } from '../ports/azure-devops.ts';
import { logAnswer } from './answers.ts';
import type { Call, Connection } from './connection.ts';
import { eventsPath, feedPath, logPath, logsPath, recordsPath } from './paths.ts';

/** What the run page shows of one line. */
const LONGEST_LINE = 1024;

type Write = Pick<Call, 'method' | 'path' | 'body' | 'contentType'>;

/**
 * The callback of a check in Callback mode ("Invoke Azure Function / REST API checks"): live lines, a stored log, then
 * the event that releases or fails the stage. The event alone decides; the rest explains and may be lost.
 */
export async function completeCheck(
  connection: Connection,
  authorization: string,
  check: CheckIds,
  verdict: ToldVerdict,
): Promise<void> {
  const call = (write: Write): Call => ({ organization: check.organization, authorization, ...write });
  const event = eventOf(check, verdict);
  const lines = linesOf(verdict);
  if (lines.length > 0) {
    await bestEffort(() => connection.send(call(feedOf(check, lines))));
    await bestEffort(() => storeLog(connection, call, check, lines));
  }
  await connection.send(call(event));
}

async function storeLog(
  connection: Connection,
  call: (write: Write) => Call,
  check: CheckIds,
  lines: readonly string[],
): Promise<void> {
  const log: TaskLog = { path: `logs\\${check.taskInstanceId}` };
  const created = await connection.read(call({ method: 'POST', path: logsPath(check), ...json(log) }), logAnswer);
  const { id } = created.value;
  const body = lines.map((line) => `${line}\n`).join('');
  await connection.send(
    call({ method: 'POST', path: logPath(check, id), body, contentType: 'application/octet-stream' }),
  );
  const record: TimelineRecord = { id: check.taskInstanceId, log: { id } };
  await connection.send(call({ method: 'PATCH', path: recordsPath(check), ...json({ value: [record], count: 1 }) }));
}

function feedOf(check: CheckIds, lines: readonly string[]): Write {
  const feed: TimelineRecordFeedLinesWrapper = { value: [...lines], count: lines.length };
  return { method: 'POST', path: feedPath(check), ...json({ startLine: null, endLine: null, ...feed }) };
}

function eventOf(check: CheckIds, verdict: ToldVerdict): Write {
  const { taskInstanceId: taskId, jobId } = check;
  return {
    method: 'POST',
    path: eventsPath(check),
    ...json({ name: 'TaskCompleted', taskId, jobId, result: verdict.result }),
  };
}

function linesOf(verdict: ToldVerdict): readonly string[] {
  return verdict.lines.flatMap((line) => line.split(/\r\n|\r|\n/)).map((line) => line.slice(0, LONGEST_LINE));
}

function json(body: unknown): { body: string } {
  return { body: JSON.stringify(body) };
}

async function bestEffort(explain: () => Promise<void>): Promise<void> {
  try {
    await explain();
  } catch (error) {
    if (error instanceof AzureDevOpsUnavailableError || error instanceof AzureDevOpsRefusedError) return;
    throw error;
  }
}
