import { createServer } from 'node:net';
import { CannotStartError } from './cannot-start-error.ts';

/** Ports of 127.0.0.1; 0 takes a free one. */
export interface DemoPorts {
  readonly bot: number;
  readonly azureDevOps: number;
  readonly playground: number;
}

const WORDS: Readonly<Record<keyof DemoPorts, string>> = {
  bot: 'the bot',
  azureDevOps: 'the Azure DevOps simulator',
  playground: 'the Agents Playground',
};

/** Rejects with a CannotStartError that names every port which cannot be had, and the way out. */
export async function needFreePorts(ports: Partial<DemoPorts>): Promise<void> {
  const asked = Object.entries(ports) as [keyof DemoPorts, number][];
  const problems = await Promise.all(asked.map(([name, port]) => problemOf(name, port)));
  const lines = problems.filter((problem) => problem !== undefined);
  if (lines.length === 0) return;
  const wayOut =
    'Stop what uses it, or choose other ports (0 takes a free one): npm run demo -- --ports BOT,AZURE_DEVOPS,PLAYGROUND';
  throw new CannotStartError([...lines, wayOut].join('\n'));
}

async function problemOf(name: keyof DemoPorts, port: number): Promise<string | undefined> {
  const code = await codeOfListening(port);
  if (code === undefined) return undefined;
  return code === 'EADDRINUSE'
    ? `Port ${port} is taken; ${WORDS[name]} needs it.`
    : `Port ${port} cannot be used for ${WORDS[name]} (${code}).`;
}

/** Undefined when the port could be listened on. */
function codeOfListening(port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(undefined)));
  });
}
