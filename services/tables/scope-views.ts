import type { Release } from '../domain/release.ts';
import { NO_COMMIT } from '../domain/scan-head.ts';
import type { Contender } from '../domain/supersession.ts';
import type { ScopeKey, ScopeView } from '../ports/scope-store.ts';
import type { PlacedRow, Row, Table, Values } from '../ports/table.ts';
import { decodeGrants, decodeJudged, GRANTS, IN_FORCE, REQUESTED } from './exception-codec.ts';
import { decodeHeads } from './head-codec.ts';
import { component, key, prefixRange } from './keys.ts';
import { decodeLadders, toolsIn } from './ladder-codec.ts';
import { decodeSpreads } from './spread-rows.ts';
import { decodeVex } from './vex-codec.ts';

/** More commits than this are filtered after reading: a query holds few ranges. */
const COMMIT_RANGES = 4;

/** Of the last release of a scope; of `-`, with the environment behind it. */
export const RELEASE = 'r';
/** Pasts (`l`), late exceptions (`n`), how far rules have spread (`p`), requested exceptions (`q`), the last release; wake-ups lie between. One range: a query holds few. */
export const KNOWN_HERE = { from: 'l~', before: `${RELEASE}~` };

/** What a view holds besides scan heads. */
const BESIDE_HEADS = [prefixRange(IN_FORCE), KNOWN_HERE, prefixRange('w')];

export function scopePartition(scope: ScopeKey): string {
  return key(scope.org, 's', component(scope.service), component(scope.environment));
}

/** What is so whatever is deployed is read with what is deployed. */
export async function readView(table: Table, scope: ScopeKey, wanted: readonly string[] | 'any'): Promise<ScopeView> {
  const commits = wanted === 'any' ? wanted : [...wanted, NO_COMMIT];
  const narrow = commits !== 'any' && commits.length <= COMMIT_RANGES;
  const heads = narrow ? commits.map((commit) => prefixRange(key('s', component(commit)))) : [prefixRange('s')];
  const rows = await table.list('scope', scopePartition(scope), { ranges: [...BESIDE_HEADS, ...heads] });
  const known = viewOf(rows);
  if (commits === 'any') return known;
  const isAsked = ({ commit }: { readonly commit: string }) => commits.includes(commit);
  return { ...known, heads: known.heads.filter(isAsked), vex: known.vex.filter(isAsked) };
}

export async function readViews(
  table: Table,
  { org, service }: Omit<ScopeKey, 'environment'>,
  environments: readonly string[],
): Promise<ReadonlyMap<string, ScopeView>> {
  const ranges = [...BESIDE_HEADS, prefixRange('s')];
  const rows: PlacedRow[] = [];
  for await (const row of table.across('scope', prefixRange(key(org, 's', component(service))), ranges)) rows.push(row);
  const byPartition = Map.groupBy(rows, ({ partition }) => partition);
  return new Map(
    environments.map((environment) => [
      environment,
      viewOf(byPartition.get(scopePartition({ org, service, environment })) ?? []),
    ]),
  );
}

function viewOf(rows: readonly Row[]): ScopeView {
  const of = (prefix: string) => rows.filter(({ row }) => row.startsWith(`${prefix}~`));
  const last = rows.find(({ row }) => row === RELEASE)?.values['release'];
  return {
    heads: decodeHeads(of('s')),
    vex: decodeVex(of('s')),
    exceptions: of(IN_FORCE).map(decodeJudged),
    requested: of(REQUESTED).map(decodeJudged),
    grants: new Map([...decodeGrants(of(GRANTS))].map(([control, { grants }]) => [control, grants])),
    contenders: of('w').map(({ values }) => contenderOf(values)),
    pasts: decodeLadders(of('l')),
    openTools: toolsIn(of('l')),
    spreads: decodeSpreads(of('p')),
    ...(last === undefined ? {} : { release: JSON.parse(String(last)) as Release }),
  };
}

function contenderOf({ requestId, line, runId, attempt }: Values): Contender {
  return { requestId: String(requestId), line: String(line), runId: Number(runId), attempt: Number(attempt) };
}
