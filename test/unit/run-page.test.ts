import { expect, test } from 'vitest';
import { gateCard } from '../../cards/gate-card.ts';
import { aGate, aRun } from '../builders.ts';
import { objectsIn } from '../cards/read.ts';

test('a page outside the configured organization gets no link', () => {
  for (const url of [
    'https://evil.example/run',
    'javascript:alert(1)',
    'https://dev.azure.com@evil.example/',
    'http://dev.azure.com/x',
    '',
  ]) {
    const card = gateCard(aGate({ run: aRun({ url }) }));

    expect(objectsIn(card).filter((object) => 'url' in object)).toEqual([]);
    expect(JSON.stringify(card)).not.toContain('evil.example');
  }
});
