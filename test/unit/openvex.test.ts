import { expect, test } from 'vitest';
import { vexKeysOf } from '../../services/domain/vex.ts';
import { readReport } from './read-sarif.ts';
import { reportOf } from './scanner-reports.ts';

const CONTEXT = 'https://openvex.dev/ns/v0.2.0';
const documentOf = (...statements: readonly object[]) => ({ '@context': CONTEXT, statements });
const keys = (ids: readonly string[], purl: string) => vexKeysOf(ids, purl);

test('a document is statements and no scan: it finds nothing and proves nothing clean', async () => {
  const report = await reportOf('openvex.json');

  expect(report).toMatchObject({ format: 'openvex', results: 7, scans: [], findings: [] });
  expect(report.vex).toMatchObject({
    id: 'https://example.com/vex/payments-api',
    version: 2,
    at: '2026-11-21T08:00:00.000Z',
  });
});

test('each statement is kept by its vulnerability and package, at its own time or that of the document', async () => {
  const { vex } = await reportOf('openvex.json');
  const at = '2026-11-21T08:00:00.000Z';

  expect(vex?.statements).toHaveLength(5);
  expect(vex?.statements).toEqual(
    expect.arrayContaining([
      {
        keys: keys(['CVE-2026-0001', 'GHSA-aaaa-bbbb-cccc'], 'pkg:npm/left-pad@1.0.0'),
        status: 'not-affected',
        at,
        why: 'vulnerable_code_not_in_execute_path: The parser is never called.',
      },
      {
        keys: keys(['CVE-2026-0002'], 'pkg:deb/debian/openssl@3.0.1'),
        status: 'affected',
        at,
        why: 'Update to 3.0.2.',
      },
      { keys: keys(['CVE-2026-0003'], 'pkg:pypi/requests'), status: 'fixed', at, why: '' },
      { keys: keys(['CVE-2026-0004'], 'pkg:pypi/requests'), status: 'under-investigation', at, why: '' },
    ]),
  );
});

test('what applies to nothing, says nothing that is known or does not say why changes nothing, and is told', async () => {
  const { vex, problems } = await reportOf('openvex.json');

  expect(problems).toContain('1 entry: names no package URL, or no CVE, GHSA or the like: it applies to nothing');
  expect(problems).toContain('1 entry: its status is none of OpenVEX: it changes nothing');
  expect(problems).toContain('1 entry: not affected without a justification or impact statement: it changes nothing');
  const unexplained = vex?.statements.filter((one) => one.keys === keys(['CVE-2026-0006'], 'pkg:pypi/requests'));
  expect(unexplained).toMatchObject([{ status: 'under-investigation' }]);
});

test('a document inside an in-toto statement is read as the document', async () => {
  expect(await reportOf('openvex-intoto.json')).toMatchObject({
    results: 1,
    vex: { id: 'https://example.com/vex/signed', version: 3, statements: [{ status: 'affected' }] },
  });
});

test('a product that names its parts speaks of these alone, also where none of them is a package URL', async () => {
  const products = [{ '@id': 'pkg:npm/whole', subcomponents: [{ '@id': 'lib' }] }];
  const report = await reportOf(documentOf({ vulnerability: 'CVE-2026-0001', products, status: 'affected' }));
  expect(report.vex?.statements).toEqual([]);

  const old = {
    vulnerability: 'CVE-2026-0001',
    products: ['pkg:oci/a'],
    subcomponents: ['pkg:npm/b'],
    status: 'fixed',
  };
  expect((await reportOf(documentOf(old))).vex?.statements).toMatchObject([
    { keys: keys(['CVE-2026-0001'], 'pkg:npm/b') },
  ]);
});

test('a document without an id is known by what it says, in whatever order it says it', async () => {
  const one = { vulnerability: 'CVE-2026-0001', products: ['pkg:npm/a'], status: 'affected' };
  const other = { vulnerability: 'CVE-2026-0002', products: ['pkg:npm/a'], status: 'affected' };
  const [forward, backward, less] = [
    await reportOf(documentOf(one, other)),
    await reportOf(documentOf(other, one)),
    await reportOf(documentOf(one)),
  ];

  expect(forward?.vex).toEqual(backward?.vex);
  expect(less?.vex?.id).not.toBe(forward?.vex?.id);
});

test('a document without statements is refused', async () => {
  expect(await readReport(documentOf())).toMatchObject({ refused: 'no-scan' });
});

test('more statements than can be judged together are refused, and the way out is said', async () => {
  const products = Array.from({ length: 20_001 }, (_, n) => `pkg:npm/a${n}`);
  const report = documentOf({ vulnerability: 'CVE-2026-0001', products, status: 'affected' });
  expect(await readReport(report)).toMatchObject({
    refused: 'too-many-findings',
    detail: expect.stringContaining('Split it'),
  });
});
