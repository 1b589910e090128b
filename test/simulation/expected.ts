import type { Gate } from '../../services/domain/gate.ts';
import type { Row } from '../../services/ports/table.ts';
import type { Content } from './scenery.ts';

/** Of one scope: commit and tool → what the newest report found. */
export type Heads = ReadonlyMap<string, Content>;

/** The scan heads among the rows of a scope, told apart by their keys alone. */
export function headsIn(rows: readonly Row[], contents: ReadonlyMap<string, Content>): Heads {
  const heads = new Map<string, Content>();
  for (const { row, values } of rows) {
    const [prefix, commit, , tool, more] = row.split('~');
    // What is of no commit is the bot's own word on the delivery platform, which blocks nothing here.
    if (prefix !== 's' || commit === '-' || more !== undefined) continue;
    const content = contents.get(String(values['reportId']));
    if (content === undefined) throw new Error(`nobody sent the report behind ${row}`);
    heads.set(`${commit} ${tool}`, content);
  }
  return heads;
}

/** Whether an exception lets this pass in this environment. */
export type Covered = (content: Content, environment: string) => boolean;

/** The sample contract in a few lines: what may go on by these heads under this version (see scenery.ts, POLICIES). */
export function passes(
  version: number,
  { environment, run }: Pick<Gate, 'environment' | 'run'>,
  heads: readonly Heads[],
  covered: Covered,
) {
  if (version === 0) return false;
  const of = (tool: string) => heads.flatMap((one) => one.get(`${run.commit} ${tool}`) ?? []);
  const [secrets, code] = [of('gitleaks'), of('semgrep')];
  const isFine = (content: Content) => content === 'clean' || covered(content, environment);
  if (!secrets.every(isFine)) return false;
  if (environment !== 'prod') return true;
  if (secrets.length === 0 || code.length === 0) return false;
  return version === 1 || code.every(isFine);
}
