import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Whichever is reached first. */
interface Size {
  readonly bytes?: number;
  readonly findings?: number;
}

export async function writeLargeSarif(file: string, size: Size): Promise<void> {
  await pipeline(Readable.from(sarifOf(size)), createWriteStream(file));
}

/** One run of one tool with 400 rules and as many results as it takes. */
function* sarifOf({ bytes = Number.POSITIVE_INFINITY, findings = Number.POSITIVE_INFINITY }: Size): Iterable<string> {
  const rules = Array.from({ length: 400 }, (_, n) => ({
    id: `RULE${n}`,
    shortDescription: { text: `rule ${n}` },
    help: { text: 'x'.repeat(600) },
    properties: { 'security-severity': String(n % 10) },
  }));
  let written = 0;
  const head = JSON.stringify({ name: 'semgrep', version: '1.0.0', rules });
  yield `{"version":"2.1.0","runs":[{"tool":{"driver":${head}},"results":[`;
  for (let n = 0; written < bytes && n < findings; n += 1) {
    const text = `${n === 0 ? '' : ','}${JSON.stringify(resultOf(n))}`;
    written += text.length;
    yield text;
  }
  yield ']}]}';
}

function resultOf(n: number) {
  const region = { startLine: (n % 2_000) + 1, startColumn: 3, snippet: { text: `const a = b + ${n}` } };
  const artifactLocation = { uri: `src/mod${n % 977}/file${n % 13}.ts`, uriBaseId: '%SRCROOT%' };
  return {
    ruleId: `RULE${n % 400}`,
    ruleIndex: n % 400,
    level: ['error', 'warning', 'note'][n % 3],
    message: { text: `Finding ${n} in module ${n % 977}, possible issue with "quotes" and input handling` },
    locations: [{ physicalLocation: { artifactLocation, region } }],
    partialFingerprints: { primaryLocationLineHash: `${((n * 2_654_435_761) >>> 0).toString(16)}:1` },
    properties: { tags: ['security', `external/cwe/cwe-${n % 900}`] },
  };
}
