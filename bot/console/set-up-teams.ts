import { plain } from '../../cards/text.ts';
import type { AppInstallation, InstallApp } from '../../services/app-installations.ts';
import type { Policy } from '../../services/ports/policy.ts';
import type { Outcome } from './outcome.ts';

export interface TeamsNeeds {
  readonly installApp: InstallApp;
  readonly policy: Policy;
  /** The id in the manifest of the app that `npm run package` makes. */
  readonly botId: string;
}

type Options = Readonly<Record<string, string>>;
const TEXT_MAX = 1_000;
const CATALOG_ID = /^[0-9A-Za-z-]{1,100}$/;

/** `setup teams`: whoever routes may ask, and what becomes of the app for each; no where somebody cannot have it, or has it not and `--check` is given. */
export async function setUpTeams(open: () => Promise<TeamsNeeds>, options: Options): Promise<Outcome> {
  const { app: catalogId, check, apply } = options;
  if (check !== undefined && apply !== undefined) throw new Error('--check writes nothing: leave --apply out');
  if (catalogId !== undefined && !CATALOG_ID.test(catalogId))
    throw new Error('--app takes the id that the Teams admin center shows of the app');
  const { installApp, policy, botId } = await open();
  const { routes, problems, brokenRoutes } = await policy.current();
  if (routes.length === 0) throw new Error(['no routes are in force, so that nobody is asked', ...problems].join('\n'));
  const report = await installApp({
    ...{ routes, manifestId: botId, apply: apply !== undefined },
    ...(catalogId === undefined ? {} : { catalogId }),
  });
  const { app, installations, unread } = report;
  if (app === undefined) return { exitCode: 1, lines: [], remarks: [notThere(botId)] };
  const isLeft = ({ step, isDone }: AppInstallation) =>
    step === 'cannot' || (check !== undefined && step !== 'leave' && !isDone);
  return {
    exitCode: unread.length === 0 && installations.length > 0 && !installations.some(isLeft) ? 0 : 1,
    lines: installations.map(lineOf),
    remarks: [
      ...[...problems, ...brokenRoutes.values()].map((problem) => `Policy: ${shown(problem)}`),
      ...unread.map((what) => `Not looked at: ${shown(what)}`),
      summaryOf(installations, apply !== undefined),
    ],
  };
}

function notThere(botId: string): string {
  return `The app with the id ${botId} is not in the catalog of your organization, or not shown yet: npm run package -- --bot-id ${botId} --url https://HOST makes it; upload it in the Teams admin center (Teams apps, Manage apps). Until it is shown can take a day or two; --app takes its id there.`;
}

function wordOf({ step, isDone }: AppInstallation): string {
  return isDone ? 'installed' : step;
}

function lineOf(installation: AppInstallation): string {
  const { name, upn } = installation.person;
  return [wordOf(installation), name, upn, installation.why].map(shown).join('\t');
}

function summaryOf(installations: readonly AppInstallation[], isApplied: boolean): string {
  const counts = [...Map.groupBy(installations, wordOf)].map(([word, all]) => `${all.length} ${word}`);
  const isOpen = !isApplied && installations.some(({ step }) => step === 'install');
  return `${counts.join(', ') || 'Nobody'}.${isOpen ? ' Nothing was written: --apply does it.' : ''}`;
}

/** On one line: names come from outside. */
function shown(value: string): string {
  return plain(value, TEXT_MAX);
}
