import { exceptionListCard } from '../../cards/exception-list-card.ts';
import type { Exception } from '../../services/domain/exception.ts';
import { type ExceptionList, type ExceptionListKind, listed } from '../../services/domain/exception-list.ts';
import type { Idle } from '../../services/domain/exception-use.ts';
import { ANN, BOB, TENANT } from '../builders.ts';
import { aRecord } from '../exceptions.ts';
import { NOW } from '../unit/judge-input.ts';
import { importListSamples } from './import-list-samples.ts';
import type { CardSample } from './samples.ts';

const ME = { oid: BOB.oid };
const END = {
  at: '2026-11-21T10:00:00.000Z',
  by: { kind: 'person' as const, tenant: TENANT, oid: ANN.oid, name: ANN.name },
  why: 'The key leaked again',
};

function aList(which: ExceptionListKind, rows: readonly [Exception, ...Idle[]][], more = 0): ExceptionList {
  const shown = rows.map(([exception, ...idle]) => listed(exception, NOW, idle));
  return { filter: { which }, at: NOW, rows: shown, more, unread: 0 };
}

/** The cards of `exceptions`. */
export function exceptionListSamples(): CardSample[] {
  const orders = { service: 'orders-api', control: 'iac' };
  const asked = aRecord({ id: 'EX-13', state: 'requested', target: orders, hides: { count: 3, at: NOW } });
  const lists = {
    open: aList('open', [[asked], [aRecord()], [aRecord({ id: 'EX-9', state: 'suspended' })]]),
    none: aList('mine', []),
    unused: aList('unused', [
      [aRecord({ target: orders }), { code: 'unused', since: '2026-11-02T00:00:00.000Z' }],
      [aRecord({ id: 'EX-4' }), { code: 'orphan', gone: 'control' }, { code: 'shadowed', by: 'EX-3' }],
      [aRecord({ id: 'EX-5' }), { code: 'outgrown', how: 'severity' }],
    ]),
    ended: aList(
      'ended',
      [[aRecord({ terms: { until: '2026-11-22' } })], [aRecord({ id: 'EX-4', state: 'revoked', end: END })]],
      7,
    ),
  };
  const shown = Object.entries(lists).map(([name, list]) => ({
    name: `exceptions-${name}`,
    card: exceptionListCard(list, ME),
  }));
  return [...shown, ...importListSamples()];
}
