import { describe, expect, test } from 'vitest';
import type { Section } from '../../services/domain/platform.ts';
import { aConnectionFact, aPlatform, aRoleFact, broken, OTHER, PAYMENTS, SHOP, section } from './connection-facts.ts';

describe('a project is told of', () => {
  test('that uses federation and still a secret', () => {
    const kept = aConnectionFact({
      id: '0e000000-0000-4000-8000-000000000002',
      name: 'old',
      credential: 'secret',
      clientId: 'x',
    });
    const found = broken(aPlatform([aConnectionFact(), kept])).get('project-mixes-credentials');
    expect(found).toMatchObject([{ subject: `project:${SHOP}`, places: [PAYMENTS] }]);
    expect(found?.[0]?.message).toContain('(azure-prod, azure-prod-plan) and still by credentials that are kept (old)');
  });

  const group = (over: object) =>
    section('variable-groups', [{ id: '7', name: 'pay', secretsHere: 0, openToAll: false, ...over }]);

  test.each([
    ['holds a secret itself', { secretsHere: 1 }, ['variable-group-secrets']],
    ['gives out secrets to every pipeline', { vault: 'kv', openToAll: true }, ['variable-group-open-to-all']],
    ['gives them to nobody could tell whom', { vault: 'kv', openToAll: undefined }, ['variable-group-not-known']],
    ['has no secrets, whoever may use it', { openToAll: true }, []],
    ['takes them from a vault for some pipelines', { vault: 'kv' }, []],
  ])('whose variable group %s', (_what, over, rules) => {
    const found = broken(aPlatform([aConnectionFact()], [aRoleFact()], group(over)));
    expect([...found.keys()]).toEqual(rules);
    for (const [violation] of found.values())
      expect(violation).toMatchObject({ subject: `variable-group:${SHOP}:7`, places: [PAYMENTS] });
  });

  test('but not for secrets where nothing of production is deployed from', () => {
    const elsewhere = { ...group({ secretsHere: 3 }), target: OTHER } as Section;
    expect([...broken(aPlatform([aConnectionFact()], [aRoleFact()], elsewhere)).keys()]).toEqual([]);
  });
});
