import { expect } from 'vitest';
import type { SimulatedCheck } from './azure-devops-model.ts';
import type { CheckInput } from './azure-devops-world.ts';
import { PEOPLE } from './core-world.ts';
import { CHECK_KEY, type Countersign, type CountersignOptions, startCountersign } from './countersign.ts';
import { startWatchedTables, type WatchedTables } from './watched-tables.ts';

/** Of manifest/policy/directory.yaml. */
const adele = { displayName: 'Adele Vance', id: PEOPLE.adele, uniqueName: 'adele.vance@contoso.example' };
export const OTHER_CHECK_KEY = 'the-next-check-secret-for-tests';
/** Name → value; undefined leaves the header out. */
type Headers = Readonly<Record<string, string | undefined>>;

export interface Sent {
  /** Over those of the check's own delivery. */
  readonly headers?: Headers;
  /** In place of the check's own body: text, bytes, or what becomes JSON. */
  readonly body?: unknown;
  readonly method?: string;
}

export interface Answer {
  readonly status: number;
  readonly headers: globalThis.Headers;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
}

export interface CheckScene extends Countersign {
  readonly tables: WatchedTables;
  /** A deployment of this service waits for the check; by default prod. */
  waiting(service?: string, input?: Partial<CheckInput>): SimulatedCheck;
  /** Posts the check as Azure DevOps would, but for what is said otherwise. */
  send(check: SimulatedCheck, sent?: Sent): Promise<Answer>;
  /** Every row, once nothing is under way any more. */
  rows(): Promise<readonly string[]>;
}

/** What is noted day by day, or tried again, whatever anybody sends. */
const OF_ROUNDS = [
  /^countersignroll .*"partitionKey":"[^"]*~(?:contract|calibration|digest|review)"/,
  /^countersignlog .*"(?:partition|partitionKey)":"[^"]*~(?:contract|review|anchored|checkpoint)"/,
  /^countersigngate .*"rowKey":"o~[0-9]+~stage"/,
];

/** The whole product with a store that is watched, and checks that are delivered one header at a time. */
export async function setCheckScene(
  env: Readonly<Record<string, string>> = {},
  options: Omit<CountersignOptions, 'env' | 'tables'> & { readonly tables?: WatchedTables } = {},
): Promise<CheckScene> {
  const tables = options.tables ?? (await startWatchedTables());
  const settings = { CHECK_SECRETS: `${CHECK_KEY},${OTHER_CHECK_KEY}`, ...env };
  const countersign = await startCountersign({ ...options, tables: tables.connectionString, env: settings });
  const { azureDevOps, app, url } = countersign;
  return {
    ...countersign,
    tables,
    waiting(service = 'payments-api', input = {}) {
      const pipeline = azureDevOps.addPipeline({ name: `${service}-deploy`, repository: service });
      const run = azureDevOps.queueRun({ pipeline, requestedFor: adele });
      return azureDevOps.startCheck(run, { environment: 'prod', stage: 'Deploy', service, ...input });
    },
    async send(check, { headers = {}, body, method = 'POST' } = {}) {
      const delivery = azureDevOps.deliveryOf(check);
      const all = { 'X-Countersign-Key': settings.CHECK_SECRETS.split(',')[0], ...delivery.headers, ...headers };
      const given = Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined);
      const content = body === undefined ? delivery.body : contentOf(body);
      const request = { method, headers: given, ...(method === 'GET' ? {} : { body: content }) };
      return answerOf(await fetch(`${url}/api/azure-devops/checks`, request));
    },
    async rows() {
      await app.core.idle();
      return (await tables.rows()).filter((row) => !OF_ROUNDS.some((one) => one.test(row)));
    },
    async close() {
      await countersign.close();
      if (options.tables === undefined) await tables.close();
    },
  };
}

function contentOf(body: unknown): string | Uint8Array<ArrayBuffer> {
  if (typeof body === 'string') return body;
  return body instanceof Uint8Array ? Uint8Array.from(body) : JSON.stringify(body);
}

export async function answerOf(response: Response): Promise<Answer> {
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true;
  const json = isJson ? (JSON.parse(text) as Readonly<Record<string, unknown>>) : {};
  return { status: response.status, headers: response.headers, text, json };
}

/** Every refusal has this form (RFC 9457), whatever it is about. */
export function expectProblem(answer: Answer, status: number, code: string): void {
  expect(answer.json).toMatchObject({ status, code, type: `urn:countersign:problem:${code}` });
  expect(answer.status).toBe(status);
  expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  expect(answer.json['instance']).toBe(answer.headers.get('x-request-id'));
  expect(answer.json['instance']).toMatch(/^[0-9a-f-]{36}$/);
}
