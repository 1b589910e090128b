import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import project from '../package.json' with { type: 'json' };
import { packageTeamsApp } from './teams-package.ts';

const USAGE = `npm run package -- --bot-id GUID --url https://countersign.contoso.com --publisher "Contoso" --website https://contoso.com
  [--privacy URL] [--terms URL] [--app-version 1.2.3] [--out countersign.zip]
BOT_ID and PUBLIC_URL of the environment stand for the first two.`;

/** `npm run package`: the Teams app as a ZIP. Exit code 1 when it would not be taken, 2 when it could not be made. */
async function main(): Promise<number> {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: {
      'bot-id': { ...text, default: process.env['BOT_ID'] ?? '' },
      url: { ...text, default: process.env['PUBLIC_URL'] ?? '' },
      publisher: { ...text, default: '' },
      website: { ...text, default: '' },
      privacy: text,
      terms: text,
      'app-version': { ...text, default: project.version },
      out: { ...text, default: 'countersign.zip' },
    },
  });
  const { 'bot-id': botId, 'app-version': version, out, ...rest } = values;
  const made = await packageTeamsApp({ ...rest, botId, version });
  if ('problems' in made) {
    process.stderr.write(`${[...made.problems, '', USAGE].join('\n')}\n`);
    return 1;
  }
  await writeFile(out, made.zip);
  process.stdout.write(`${out}: ${made.zip.length} bytes, version ${version}. Upload it in the Teams admin center.\n`);
  return 0;
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
  return 2;
});
