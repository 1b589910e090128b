import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('../../manifest/pipelines/verify-decision.mjs', import.meta.url));

export interface Ended {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

/** Runs the script as a step of a deploy job, with the variables that Azure Pipelines sets. */
export function verifyDecision(env: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT, ...args], { env }, (failure, out, error) =>
      resolve({ code: failure === null ? 0 : Number(failure.code), out, error }),
    );
  });
}

export interface AnsweringServer {
  readonly url: string;
  /** Path without its query → what is answered with 200, or a status. */
  readonly answers: Map<string, string | number>;
  close(): Promise<void>;
}

/** A server that says at each address what it is told to say. */
export async function startAnswering(): Promise<AnsweringServer> {
  const answers = new Map<string, string | number>();
  const server = createServer((request, response) => {
    const answer = answers.get(URL.parse(request.url ?? '', 'http://x')?.pathname ?? '') ?? 404;
    response.writeHead(typeof answer === 'number' ? answer : 200, { Location: '/elsewhere' });
    response.end(typeof answer === 'number' ? '' : answer);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answers,
    close: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}
