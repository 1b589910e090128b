import type { RecordedText, Said } from './recorded-entry.ts';
import { jsonNumber, jsonRecord, jsonText, jsonTexts } from './written-json.ts';

/** What people said of something that went on without a decision. */
export interface Explained {
  readonly explained?: RecordedWord;
  readonly confirmed?: RecordedWord;
}

export interface RecordedWord {
  readonly oid: string;
  readonly name?: RecordedText;
  /** ISO-8601 UTC. */
  readonly at: string;
}

/** A new explanation has to be confirmed anew. Empty for every other entry. */
export function explainedBy({ kind, oid = '', at, text }: Said): Explained {
  const name = text('name');
  const word = { oid, at, ...(name === undefined ? {} : { name }) };
  if (kind === 'bypass-confirmed') return { confirmed: word };
  return kind === 'bypass-explained' ? { explained: word } : {};
}

/** A deployment off the release path, as its evidence tells it. */
export interface RecordedOffPath extends Explained {
  readonly id: string;
  readonly services: readonly string[];
  readonly environment: string;
  /** ISO-8601 UTC; when it was done. */
  readonly at: string;
  readonly run: {
    readonly projectId: string;
    readonly id: number;
    readonly stage: string;
    readonly attempt: number;
  };
}

/** Of any other action off the release path undefined, and of one that does not name its run. */
export function recordedOffPath(aggregate: string, chain: readonly Said[]): RecordedOffPath | undefined {
  const data = chain[0]?.data ?? {};
  const run = jsonRecord(data['run']);
  const [projectId, id, stage] = [jsonText(run['project']), jsonNumber(run['id']), jsonText(run['stage'])];
  const [attempt, environment, at] = [jsonNumber(run['attempt']), jsonText(data['environment']), jsonText(data['at'])];
  if (data['kind'] !== 'deployment' || projectId === undefined || id === undefined || stage === undefined)
    return undefined;
  if (attempt === undefined || environment === undefined || at === undefined) return undefined;
  const [explained, confirmed] = [lastOf(chain, 'bypass-explained'), lastOf(chain, 'bypass-confirmed')];
  return {
    id: aggregate.split(' ').at(-1) ?? '',
    services: jsonTexts(data['services']),
    ...{ environment, at, run: { projectId, id, stage, attempt } },
    ...(explained === undefined ? {} : explainedBy(explained)),
    ...(confirmed === undefined ? {} : explainedBy(confirmed)),
  };
}

function lastOf(chain: readonly Said[], kind: string): Said | undefined {
  return chain.findLast((said) => said.kind === kind);
}
