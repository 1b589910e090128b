import fc from 'fast-check';
import { expect, test } from 'vitest';
import { reportOf } from './scanner-reports.ts';

const OBJECT_ID = 'http://schemas.microsoft.com/identity/claims/objectidentifier';

/** What one entry of either log says; few values, so that many entries are the same change. */
const anyFact = fc.record({
  who: fc.constantFrom('aaaaaaaa-0000-4000-8000-00000000000a', 'bbbbbbbb-0000-4000-8000-00000000000b'),
  what: fc.constantFrom('write', 'delete', 'read'),
  to: fc.constantFrom('Web', 'Shop'),
  status: fc.constantFrom('Started', 'Succeeded', 'Failed'),
  run: fc.constantFrom('c1', 'c2'),
  day: fc.integer({ min: 1, max: 28 }),
});
type Fact = typeof anyFact extends fc.Arbitrary<infer Value> ? Value : never;
type Cased = (id: string) => string;

const at = (day: number) => `2026-11-${String(day).padStart(2, '0')}T08:00:00Z`;

function activity({ who, what, to, status, run, day }: Fact, cased: Cased): object {
  return {
    operationName: { value: cased(`Microsoft.Web/sites/${what}`) },
    status: { value: status },
    claims: { name: 'Adele Vance', [OBJECT_ID]: cased(who) },
    correlationId: cased(run),
    resourceId: cased(`/subscriptions/s1/resourceGroups/rg/providers/Microsoft.Web/sites/${to}`),
    eventTimestamp: at(day),
  };
}

function audit({ who, what, to, day }: Fact, cased: Cased): object {
  const entry = { actionId: `Made.Up.${what}`, category: what === 'read' ? 'access' : 'modify', timestamp: at(day) };
  const scope = { scopeDisplayName: 'contoso', projectName: 'shop', actorDisplayName: 'Adele Vance' };
  return { ...entry, ...scope, actorUserId: cased(who), data: { RepoName: to, MemberId: cased(who) } };
}

/** Pages one after another, each but the last saying that another follows. */
function pagesOf(
  entries: readonly object[],
  cuts: readonly number[],
  page: (part: readonly object[], isLast: boolean) => object,
) {
  const bounds = [0, ...[...cuts].map((cut) => cut % (entries.length + 1)).sort((a, b) => a - b), entries.length];
  const parts = bounds.slice(1).map((end, index) => entries.slice(bounds[index], end));
  return parts.map((part, index) => JSON.stringify(page(part, index === parts.length - 1))).join('\n');
}

const LOGS = {
  'azure-activity': {
    write: activity,
    page: (value: readonly object[], isLast: boolean) => ({
      value,
      ...(isLast ? {} : { nextLink: 'https://next.example' }),
    }),
  },
  'azure-devops-audit': {
    write: audit,
    page: (entries: readonly object[], isLast: boolean) => ({ decoratedAuditLogEntries: entries, hasMore: !isLast }),
  },
} as const;

async function findingsOf(text: string, format: string) {
  const { findings, results, problems, scans } = await reportOf(text, { format });
  const known = findings.map(({ asset: _, ...finding }) => finding);
  return {
    results,
    problems: [...problems].sort(),
    scans,
    findings: known.sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1)),
  };
}

test.each(['azure-activity', 'azure-devops-audit'] as const)(
  'any order of the entries of %s, any pages and any case of their ids give the same findings',
  async (format) => {
    const { write, page } = LOGS[format];
    const cases: readonly Cased[] = [(id) => id, (id) => id.toUpperCase(), (id) => id.toLowerCase()];
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyFact, { maxLength: 12 }).chain((facts) =>
          fc.record({
            facts: fc.constant(facts),
            mixed: fc.shuffledSubarray(
              facts.map((_, index) => index),
              { minLength: facts.length },
            ),
            cuts: fc.array(fc.nat(), { maxLength: 4 }),
            casing: fc.array(fc.constantFrom(...cases), { minLength: 1, maxLength: 5 }),
          }),
        ),
        async ({ facts, mixed, cuts, casing }) => {
          const plain = facts.map((fact) => write(fact, (id) => id));
          const other = mixed.map((index, place) =>
            write(facts[index] as Fact, casing[place % casing.length] as Cased),
          );
          const once = await findingsOf(JSON.stringify(page(plain, true)), format);
          expect(await findingsOf(pagesOf(other, cuts, page), format)).toEqual(once);
          expect(once.results).toBe(facts.length);
        },
      ),
      { numRuns: 200 },
    );
  },
);

test('what several entries of one change are is counted: findings, joined and no findings make up the entries', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyFact, { maxLength: 12 }), async (facts) => {
      const value = facts.map((fact) => activity(fact, (id) => id));
      const { findings, results, problems } = await reportOf({ value }, { format: 'azure-activity' });
      const told = problems.map((line) => Number(/^(\d+) entr/.exec(line)?.[1] ?? Number.NaN));
      expect(told.reduce((sum, count) => sum + count, findings.length)).toBe(results);
    }),
  );
});
