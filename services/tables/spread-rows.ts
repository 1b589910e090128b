import type { Spread } from '../domain/ladder.ts';
import type { ScopeKey, SpreadEntry } from '../ports/scope-store.ts';
import type { Row, Table, Values, Write } from '../ports/table.ts';
import { component, key } from './keys.ts';

function spreadPartition(org: string, rule: string): string {
  return key(org, 'spread', component(rule));
}

function entryRow({ service, environment }: ScopeKey, tool: string): string {
  return key(component(service), component(environment), component(tool));
}

export async function readSpread(table: Table, org: string, rule: string): Promise<SpreadEntry[]> {
  const rows = await table.list('find', spreadPartition(org, rule));
  return rows.map(({ values: { service, environment, tool, noted, since } }) => ({
    scope: { org, service: String(service), environment: String(environment) },
    tool: String(tool),
    noted: Number(noted),
    ...(since === undefined ? {} : { since: String(since) }),
  }));
}

export async function putSpread(table: Table, rule: string, { scope, tool, noted, since }: SpreadEntry): Promise<void> {
  const { service, environment } = scope;
  const values: Values = { rule, service, environment, tool, noted, ...(since === undefined ? {} : { since }) };
  await table.commit('find', spreadPartition(scope.org, rule), [{ kind: 'put', row: entryRow(scope, tool), values }]);
}

export function removeSpread(table: Table, rule: string, scope: ScopeKey, tool: string): Promise<void> {
  return table.remove('find', spreadPartition(scope.org, rule), entryRow(scope, tool));
}

/** In the scope itself, where judgements read it. */
export function spreadWrite(rule: string, { services, since }: Spread): Write {
  return { kind: 'put', row: key('p', component(rule)), values: { rule, services, since } };
}

export function decodeSpreads(rows: readonly Row[]): ReadonlyMap<string, Spread> {
  return new Map(
    rows.map(({ values: { rule, services, since } }) => [
      String(rule),
      { services: Number(services), since: Number(since) },
    ]),
  );
}
