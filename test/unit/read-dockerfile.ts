import { readFileSync } from 'node:fs';

const FILE = new URL('../../manifest/azure/Dockerfile', import.meta.url);

export interface Instruction {
  readonly name: string;
  readonly text: string;
}

/** The instructions of the image in order; comments are dropped, continued lines joined. */
export function readDockerfile(source = readFileSync(FILE, 'utf8')): readonly Instruction[] {
  const lines = source
    .replaceAll(/^\s*#.*\n/gm, '')
    .replaceAll(/\\\n/g, ' ')
    .split('\n');
  return lines
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const [, name = '', text = ''] = /^\s*(\S+)\s+(.*)$/.exec(line) ?? [];
      return { name: name.toUpperCase(), text };
    });
}

/** What the container runs, as a list. */
export function commandOf(instructions: readonly Instruction[]): readonly string[] {
  const last = instructions.findLast(({ name }) => name === 'CMD');
  return JSON.parse(last?.text ?? '[]') as string[];
}
