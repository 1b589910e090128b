import { readFileSync } from 'node:fs';
import type { Report } from '../../services/domain/finding.ts';
import type { Person } from '../../services/domain/person.ts';
import { composePolicy, NO_POLICY } from '../../services/policy/compose-policy.ts';
import { loadDirectory } from '../../services/policy/load-directory.ts';
import type { PolicySnapshot } from '../../services/ports/policy.ts';
import { createReportReader } from '../../services/signals/readers.ts';
import { PEOPLE } from '../fakes/core-world.ts';

// What every simulated world begins with: the sample policy, a stricter version of it, and reports of two scanners.

export const START = Date.parse('2026-11-24T09:00:00.000Z');
export const SERVICE = 'payments-api';
export const COMMITS = ['a'.repeat(40), 'b'.repeat(40)] as const;

const fileOf = (file: string) => ({
  file,
  text: readFileSync(new URL(`../../manifest/policy/${file}`, import.meta.url), 'utf8'),
});
const [sample, catalog, routes] = [fileOf('contract.yaml'), fileOf('catalog.yaml'), fileOf('routes.yaml')];

/** So short that exceptions end, run out of renewals and use up their budget within one world. */
export const LIMITS = { maxDays: 2, renewals: 1 } as const;
/** Who grants exceptions from a control, and how many of them it takes. */
export const GRANTING = {
  'secret-scanning': { group: 'security-leads', quorum: 1 },
  sast: { group: 'exception-board', quorum: 2 },
} as const;

const contract = {
  ...sample,
  text: [
    [
      '      max: 7d\n      renewals: 1\n      reviewEvery: 2d',
      '      max: 2d\n      renewals: 1\n      reviewEvery: 1d',
    ],
    [
      '{ max: 60d, renewals: 2, reviewEvery: sprint, approvers: "group:security-leads" }\n    decisions:\n      # The narrow',
      '{ max: 2d, renewals: 1, reviewEvery: 1d, approvers: "group:exception-board", quorum: 2 }\n    decisions:\n      # The narrow',
    ],
    ['exceptionsPerService: 5', 'exceptionsPerService: 3'],
  ].reduce((text, [find = '', replace = '']) => {
    if (text.split(find).length !== 2) throw new Error(`the sample has no longer once: ${find}`);
    return text.replace(find, replace);
  }, sample.text),
};
const stricter = contract.text
  .replace(/^version: 1$/m, 'version: 2')
  .replace(/rule: \["\*\*hardcoded-cred\*\*".*\]/, 'rule: ["**"]');
const TODAY = '2026-11-24';

/** Who has to approve in production: levels in order, each with a quorum of distinct people of its groups. */
export interface Crew {
  readonly name: string;
  readonly levels: readonly { readonly quorum: number; readonly groups: readonly string[] }[];
}

export const CREWS: readonly Crew[] = [
  { name: 'one', levels: [{ quorum: 1, groups: ['payments-leads'] }] },
  { name: 'two', levels: [{ quorum: 2, groups: ['payments-leads', 'orders-leads'] }] },
  {
    name: 'levels',
    levels: [
      { quorum: 1, groups: ['payments-leads'] },
      { quorum: 1, groups: ['release-managers'] },
    ],
  },
];
/** Asked too once nobody has answered for three working hours. */
export const ESCALATED_TO = 'release-managers';

const SAMPLE_LEVEL = '      - { quorum: 1, from: ["group:payments-leads"] }';

function routesOf({ levels }: Crew) {
  if (!routes.text.includes(SAMPLE_LEVEL)) throw new Error('the sample has another level');
  const lines = levels.map(({ quorum, groups }) => {
    const from = groups.map((group) => `"group:${group}"`).join(', ');
    return `      - { quorum: ${quorum}, from: [${from}] }`;
  });
  return { ...routes, text: routes.text.replace(SAMPLE_LEVEL, lines.join('\n')) };
}

/** By crew and version: 0 is none at all, 1 lets code findings pass as warnings, 2 blocks each of them in production. */
export const POLICIES: ReadonlyMap<Crew, readonly PolicySnapshot[]> = new Map(
  CREWS.map((crew) => {
    const compose = (...contracts: readonly { readonly file: string; readonly text: string }[]) =>
      composePolicy([...contracts, catalog, routesOf(crew)], NO_POLICY, TODAY).snapshot;
    return [crew, [compose(), compose(contract), compose({ ...contract, text: stricter })]];
  }),
);

export interface DirectoryState {
  readonly people: ReadonlyMap<string, Person>;
  /** Group name → object ids. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
}

export const DIRECTORY: DirectoryState = readDirectory();

function readDirectory(): DirectoryState {
  const loaded = loadDirectory(fileOf('directory.yaml'));
  if (loaded.kind === 'broken') throw new Error(loaded.problems.join('\n'));
  const { people, groups } = loaded.value;
  return { people, groups: new Map(groups).set('exception-board', [PEOPLE.megan, PEOPLE.lee, PEOPLE.isaiah]) };
}

export const APPROVERS = [PEOPLE.alex, PEOPLE.megan] as const;
export const GUEST = '78f1bdf8-c249-4648-bb9a-88502761ba65';
/** Owns the service, as Adele does. */
export const DIEGO = '136b7a8b-8bfb-4a8d-b680-bd2b183ee7cb';
export const EVERYBODY = [...Object.values(PEOPLE), DIEGO, GUEST];

/** What a scanner found: nothing, something that is always blocked, or something that version 2 alone blocks. */
export type Content = 'clean' | 'leak' | 'other leak' | 'weakness';
export interface ScannerReport {
  readonly tool: 'gitleaks' | 'semgrep';
  readonly content: Content;
}

export const REPORTS: readonly ScannerReport[] = [
  { tool: 'gitleaks', content: 'clean' },
  { tool: 'gitleaks', content: 'leak' },
  { tool: 'gitleaks', content: 'other leak' },
  { tool: 'semgrep', content: 'clean' },
  { tool: 'semgrep', content: 'weakness' },
];

const reader = createReportReader();
const read = new Map<ScannerReport, Report>();
for (const report of REPORTS) read.set(report, await readSarif(report));

/** As the product's own reader reads it. */
export function reportOf(report: ScannerReport): Report {
  const found = read.get(report);
  if (found === undefined) throw new RangeError('no such report');
  return found;
}

/** What blocks where it is found, by its content: the control that has it, and its fingerprint. */
export const BLOCKING: ReadonlyMap<Content, { readonly control: keyof typeof GRANTING; readonly fingerprint: string }> =
  new Map(
    REPORTS.flatMap((report) =>
      reportOf(report).findings.map(({ fingerprint }) => [
        report.content,
        { control: report.tool === 'gitleaks' ? 'secret-scanning' : 'sast', fingerprint },
      ]),
    ),
  );

async function readSarif({ tool, content }: ScannerReport): Promise<Report> {
  const result = {
    ruleId: tool === 'gitleaks' ? 'generic-api-key' : 'weak-hash',
    level: 'warning',
    message: { text: `${content} in the code` },
    locations: [{ physicalLocation: { artifactLocation: { uri: `src/${content}.ts` }, region: { startLine: 7 } } }],
  };
  const results = content === 'clean' ? [] : [result];
  const bytes = Buffer.from(
    JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver: { name: tool } }, results }] }),
  );
  async function* body() {
    yield Uint8Array.from(bytes);
  }
  const outcome = await reader.read(body(), {});
  if ('refused' in outcome) throw new Error(outcome.detail);
  return outcome;
}
