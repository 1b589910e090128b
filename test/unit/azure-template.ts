import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Bicep, createBicepReader, type Declaration, Expression, type Members, type Value } from './read-bicep.ts';

export const FOLDER = fileURLToPath(new URL('../../manifest/azure/', import.meta.url));
export const FILES = readdirSync(FOLDER).filter((name) => name.endsWith('.bicep'));

export const readBicep = await createBicepReader();
export const files: ReadonlyMap<string, Bicep> = new Map(FILES.map((name) => [name, readBicep(source(name))]));

export function source(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8');
}

/** What the file declares. */
export function bicep(name: string): Bicep {
  const found = files.get(name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

/** Its declarations of a kind. */
export function of(name: string, kind: Declaration['kind']): readonly Declaration[] {
  return bicep(name).declarations.filter((declaration) => declaration.kind === kind);
}

export function members(value: Value | undefined): Members {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Expression) return {};
  return value as Members;
}

/** Member of a member: `at(body, 'properties', 'publicAccess')`; what is computed as its source. */
export function at(value: Value | undefined, ...path: readonly (string | number)[]): unknown {
  const found = path.reduce<Value | undefined>(
    (inner, step) => (Array.isArray(inner) ? inner[Number(step)] : members(inner)[step]),
    value,
  );
  return plain(found);
}

export function plain(value: Value | undefined): unknown {
  if (value instanceof Expression) return `=${value.source}`;
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, plain(inner)]));
}

export function resource(file: string, type: string, symbol?: string): Value {
  const found = of(file, 'resource').filter(
    (one) => one.type.startsWith(`${type}@`) && !one.existing && (symbol === undefined || one.symbol === symbol),
  );
  if (found.length !== 1 || found[0]?.value === undefined) throw new Error(`${file} has ${found.length} of ${type}`);
  return found[0].value;
}

/** Every value in a value, itself first; of a call its arguments too. */
export function* within(value: Value): Generator<Value> {
  yield value;
  if (typeof value !== 'object' || value === null) return;
  const inner = value instanceof Expression ? value.arguments : Object.values(value);
  for (const one of inner) yield* within(one as Value);
}

/** Whether a parameter is kept out of what Azure shows of a deployment. */
export function isSecure({ decorators }: Declaration): boolean {
  return decorators.some(({ called }) => called === 'secure');
}

/** Settings of the container: by name the literal, `=source` where it is computed, `secret NAME` where it is one. */
export function settings(): Readonly<Record<string, string>> {
  const { properties = null } = members(resource('app.bicep', 'Microsoft.App/containerApps'));
  const containers = members(members(properties)['template'])['containers'] as readonly Value[];
  const given = [...within(members(containers[0])['env'] ?? null)].filter((one) => 'name' in members(one));
  return Object.fromEntries(
    given.map((one) => [
      String(at(one, 'name')),
      'secretRef' in members(one) ? `secret ${at(one, 'secretRef')}` : String(at(one, 'value')),
    ]),
  );
}
