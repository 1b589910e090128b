import { createExceptionLooks } from '../../services/exception-looks.ts';
import type { ExceptionStore } from '../../services/ports/exception-store.ts';
import { createDueIndex } from '../../services/tables/due-index.ts';
import { headerRow, headerValues } from '../../services/tables/exception-codec.ts';
import { createExceptionStore } from '../../services/tables/exception-store.ts';
import { scopePartition } from '../../services/tables/scope-views.ts';
import { CARLA, ORG, TENANT } from '../builders.ts';
import { aRecord } from '../exceptions.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';
import { aContract, aControl } from '../unit/judge-input.ts';
import { type Line, line } from './line.ts';

const RECORDS = 100_000;
const ENDING = 100;
const NOW = '2026-12-01T00:00:01.000Z';

/** The sweep over 100,000 exceptions of which 100 have just ended: what it reads and writes, in the table in memory. */
export async function exceptions(): Promise<readonly Line[]> {
  const table = createInMemoryTable();
  const clock = { now: () => NOW };
  const due = createDueIndex({ table, clock: { now: () => '2026-11-30T23:59:00.000Z' } });
  const random = { bytes: (count: number) => new Uint8Array(count) };
  const store: ExceptionStore = createExceptionStore({ table, due, clock, random, tenant: TENANT, orgs: [ORG] });
  for (let n = 1; n <= RECORDS; n += 1) {
    const isEnding = n <= ENDING;
    const until = isEnding ? '2026-11-30' : `2027-0${(n % 9) + 1}-15`;
    const exception = aRecord({ id: `EX-${n}`, terms: { until } });
    const { service, environment } = exception.target;
    const values = headerValues(exception, 'q~-');
    const scope = { org: ORG, service, environment };
    await table.commit('scope', scopePartition(scope), [
      { kind: 'put', row: headerRow(exception.id), values },
      { kind: 'put', row: `a~ex-${n}`, values: { exception: JSON.stringify({ id: exception.id }) } },
    ]);
    const at = isEnding ? '2026-12-01T00:00:00.000Z' : `${until}T08:00:00.000Z`;
    await due.remind({ kind: 'exception', ...scope, id: exception.id }, at);
  }
  const { look } = createExceptionLooks({
    clock,
    directory: OWNED,
    exceptions: store,
    nudges: { wasSaid: async () => true },
    policy: policyOf(),
    scopes: NOTHING_OPEN,
  });
  const sweep = createDueIndex({ table, clock });
  const before = table.calls.total;
  const taken = await sweep.take(NOW);
  const reading = table.calls.total - before;
  let ended = 0;
  for (const { hint } of taken) {
    if (hint.kind !== 'exception') continue;
    const stored = await look(hint, hint.id);
    if (stored?.exception.state === 'expired') ended += 1;
  }
  if (ended !== ENDING) throw new Error(`${ended} of ${ENDING} were found to have ended`);
  const calls = table.calls.total - before - reading;
  return [
    line(`finding the ${ENDING} that ended among ${RECORDS} exceptions`, 'calls', reading),
    line('noting the end of each', 'calls', calls / ENDING),
  ];
}

/** What is over is not counted any more. */
const NOTHING_OPEN = { view: () => Promise.reject(new Error('nothing is to be read of reports')) };
const OWNED = { membersOf: async () => [CARLA] };

function policyOf() {
  const contract = aContract(aControl());
  const nothing = { catalog: { services: new Map(), broken: new Map() }, routes: [], brokenRoutes: new Map() };
  return { current: async () => ({ contract, ...nothing, problems: [] }) };
}
