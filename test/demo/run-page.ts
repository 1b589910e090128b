import type { AzureDevOpsSimulator } from '../fakes/azure-devops.ts';
import type { DemoRun } from './pipelines.ts';

const PAGE = /\/_build\/results\?buildId=(\d+)$/;
const SETTINGS = /\/(_environments|_settings)(?:[/?]|$)/;

/** The run that a card's "Open run" leads to, as HTML: its stage, and the log once there is one. */
export function runPage(
  path: string,
  runs: readonly DemoRun[],
  azureDevOps: Pick<AzureDevOpsSimulator, 'verdictOf' | 'logOf'>,
): string | undefined {
  const id = Number(PAGE.exec(path)?.[1]);
  const run = runs.find(({ check }) => check.run.id === id);
  if (run === undefined) return undefined;
  const { pipeline, name, requestedFor, branch, commit } = run.check.run;
  const result = azureDevOps.verdictOf(run.check);
  const title = `${pipeline.name} ${name}`;
  const state = result === undefined ? 'waits for the check Countersign' : stateWords(result);
  return pageOf(
    title,
    `<p>${escaped(`Requested by ${requestedFor.displayName} for ${branch} at ${commit.slice(0, 8)}, built as ${run.built.name}.`)}</p>
<h2>${escaped(`Stage “${run.check.stage}” ${state}`)}</h2>
<pre>${escaped(azureDevOps.logOf(run.check) ?? '')}</pre>`,
  );
}

/** What the other links of a card lead to: settings that are simulated, and cannot be changed on a page. */
export function settingsPage(path: string): string | undefined {
  const [, what] = SETTINGS.exec(path) ?? [];
  if (what === undefined) return undefined;
  const words = '<p>Here Azure DevOps would show what the card tells of, and let you mend it.</p>';
  return pageOf(what === '_environments' ? 'Environment' : 'Project settings', words);
}

function pageOf(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta http-equiv="refresh" content="2"><title>${escaped(title)}</title>
<style>body { font: 16px/1.5 sans-serif; max-width: 50em; margin: 2em auto; padding: 0 1em } pre { white-space: pre-wrap }</style></head>
<body>
<h1>${escaped(title)}</h1>
${body}
<p>Azure DevOps is simulated here; this page is all it has.</p>
</body>
</html>
`;
}

function stateWords(result: string): string {
  return result === 'succeeded' ? 'was released (succeeded)' : `was stopped (${result})`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
