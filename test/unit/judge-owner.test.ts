import { expect, test } from 'vitest';
import type { Service } from '../../services/domain/catalog.ts';
import { judge } from '../../services/domain/judge.ts';
import type { ScanHead } from '../../services/domain/scan-head.ts';
import { aScanHead } from '../scans.ts';
import { aContract, aControl, aGroup, aJudgedService, anInput, aService } from './judge-input.ts';

const paths: Service['paths'] = [
  { glob: 'src/**', owner: 'group:backend' },
  { glob: 'src/pay/**', owner: 'group:payments-core' },
];

function ownersOf(head: Partial<ScanHead>, service = aService({ paths })): string[] {
  const services = [aJudgedService({ service, heads: [aScanHead({ groups: [aGroup()], ...head })] })];
  return judge(anInput({ services })).blocks.map(({ owner }) => owner);
}

test('the owner of a finding is that of its service', () => {
  expect(ownersOf({}, aService())).toEqual(['group:payments-owners']);
});

test('the first path of the catalog in which a finding lies names its owner', () => {
  const knownGlobs = paths.map(({ glob }) => glob);

  expect(ownersOf({ knownGlobs, groups: [aGroup({ pathGlobs: knownGlobs })] })).toEqual(['group:backend']);
  expect(ownersOf({ knownGlobs, groups: [aGroup({ pathGlobs: ['src/pay/**'] })] })).toEqual(['group:payments-core']);
});

test('what the import noted of all findings goes before the path of a sample', () => {
  const knownGlobs = paths.map(({ glob }) => glob);

  expect(ownersOf({ knownGlobs, groups: [aGroup({ pathGlobs: [] })] })).toEqual(['group:payments-owners']);
});

test('a path that came into the catalog after the import is asked of the first sample', () => {
  expect(ownersOf({ knownGlobs: [] })).toEqual(['group:backend']);
  expect(ownersOf({ knownGlobs: [], groups: [aGroup({ samples: [] })] })).toEqual(['group:payments-owners']);
  const elsewhere = [{ fingerprint: 'f', message: 'm', path: 'docs/keys.md' }];
  expect(ownersOf({ knownGlobs: [], groups: [aGroup({ samples: elsewhere })] })).toEqual(['group:payments-owners']);
});

test('a control that owns its findings itself asks nobody else', () => {
  const contract = aContract(aControl({ owner: { from: 'control', fallback: 'group:platform' } }));
  const services = [aJudgedService({ service: aService({ paths }) })];

  expect(judge(anInput({ contract, services })).blocks[0]?.owner).toBe('group:platform');
});

test('a finding that no control claims warns and is owned by the owner of the contract', () => {
  const contract = aContract(aControl({ signal: { category: 'sast' } }));

  const judgement = judge(anInput({ contract }));

  expect(judgement).toMatchObject({ verdict: 'pass', warns: [{ owner: 'group:devsecops', count: 1 }] });
  expect(judgement.warns[0]).not.toHaveProperty('control');
});
