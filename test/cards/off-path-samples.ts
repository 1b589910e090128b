import { offPathCard } from '../../cards/off-path-card.ts';
import type { OffPath } from '../../services/domain/off-path.ts';
import { aDecision, BOB } from '../builders.ts';
import { anExplainedBypass } from './bypass-samples.ts';
import type { CardSample } from './samples.ts';

export function anOffPath(over: Partial<OffPath> = {}): OffPath {
  const organization = 'https://dev.azure.com/contoso';
  return {
    ...{ id: 'bcdefghij2345672', kind: 'deployment', services: ['payments-api'], environment: 'prod', revision: 0 },
    ...{ at: '2026-11-23T22:40:00.000Z', raisedAt: '2026-11-23T22:44:00.000Z' },
    what: 'Stage Deploy of run 20261123.7 of pipeline payments-api-deploy in Shop deployed',
    run: {
      ...{ organization, projectId: '9d444840-9dc0-11d1-b245-5ffdce74fad2', project: 'Shop', id: 4711 },
      ...{ name: '20261123.7', pipeline: 'payments-api-deploy', stage: 'Deploy', attempt: 2 },
      url: `${organization}/Shop/_build/results?buildId=4711`,
    },
    gate: { id: 'abcdefghij234567', state: 'rejected' },
    doneBy: [{ id: 'a', name: 'Nestor Wilke' }],
    ...over,
  };
}

export function offPathSamples(): CardSample[] {
  const zone = 'Europe/Berlin';
  const { run: _, gate: __, ...plain } = anOffPath();
  const bypass = anExplainedBypass();
  const explained = anOffPath({ revision: 1, bypass });
  const confirmed = { ...bypass, confirmed: { by: aDecision().by, at: '2026-11-24T08:00:00.000Z' } };
  const check: OffPath = {
    ...{ ...plain, kind: 'check' },
    what: 'Nestor Wilke removed a check from Shop/Environment/prod, 2026-11-23 22:40 UTC',
  };
  const write: OffPath = {
    ...{ ...plain, kind: 'write', services: ['orders-api'] },
    what: 'Nestor Wilke deleted networksecuritygroups/orders-prod-nsg, 2026-11-23 22:40 UTC',
  };
  const use: OffPath = {
    ...{ ...plain, kind: 'use' },
    what: 'Pipeline nightly used service connection payments-prod, which it had not used when it was last approved',
  };
  return [
    { name: 'off-path-deployment', card: offPathCard(anOffPath(), { zone }) },
    { name: 'off-path-check', card: offPathCard(check, { zone }) },
    { name: 'off-path-write', card: offPathCard(write, { zone }) },
    { name: 'off-path-use', card: offPathCard(use, { zone }) },
    { name: 'off-path-nowhere', card: offPathCard({ ...check, services: [], environment: '-', doneBy: [] }, { zone }) },
    { name: 'off-path-refused', card: offPathCard(anOffPath(), { oid: BOB.oid, zone }, 'may-not-explain') },
    { name: 'off-path-explained', card: offPathCard(explained, { zone }) },
    { name: 'off-path-confirmed', card: offPathCard({ ...explained, bypass: confirmed }, { zone }) },
  ];
}
