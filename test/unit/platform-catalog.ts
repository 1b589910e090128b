import type { Catalog } from '../../services/domain/catalog.ts';

/** payments-api in prod and staging, as the sample policy has it. */
export function catalogOf(): Catalog {
  const prod = { subscription: 'payments-prod', resourceGroups: ['rg-payments-prod'] };
  const staging = { subscription: 'payments-test', resourceGroups: ['rg-payments-staging'] };
  return {
    broken: new Map(),
    services: new Map([
      [
        'payments-api',
        {
          ...{ name: 'payments-api', owner: 'group:payments-owners', repositories: ['payments-api'] },
          ...{ pipelines: ['payments-api'], paths: [] },
          environments: new Map([
            ['prod', prod],
            ['staging', staging],
          ]),
        },
      ],
    ]),
  };
}
