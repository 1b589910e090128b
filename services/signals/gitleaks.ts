import type { ReportRefusal } from '../ports/report-reader.ts';
import { type FormatSink, LIST, malformed, notA, type ReportFormat, readElements } from './element-format.ts';
import { type Found, FoundReport } from './found-report.ts';
import type { JsonPath } from './json-outline.ts';
import { countOf, member, objectOf, textOf } from './json-value.ts';
import { describeSecret } from './secret-value.ts';

/** gitleaks' own JSON: version 8 with capital letters, before that without. */
export const GITLEAKS: ReportFormat = {
  name: 'gitleaks',
  title: 'gitleaks JSON',
  recognises: (head) =>
    (head.has('[].RuleID') && head.has('[].File')) || (head.has('[].rule') && head.has('[].offender')),
  read: (body) => readElements(body, LIST, new GitleaksSink()),
};

class GitleaksSink implements FormatSink {
  readonly report = new FoundReport('gitleaks');
  readonly #scan = this.report.scan('gitleaks');
  #isList = false;

  opened(): undefined {
    this.#isList = true;
  }

  closed(): undefined {}

  value(path: JsonPath, value: unknown): ReportRefusal | undefined {
    if (path.length === 0) return notA('list', path);
    if (objectOf(value) === undefined) return notA('object', path);
    const found = Object.hasOwn(value as object, 'RuleID') ? leak(value) : oldLeak(value);
    if (found.rule === undefined) return malformed(`[${path[0]}] names no rule`);
    this.report.results++;
    this.report.add(this.#scan, found);
    return undefined;
  }

  finish(): ReportRefusal | undefined {
    if (!this.#isList) return malformed('The report is empty');
    this.#scan.categories.add('secret');
    return undefined;
  }
}

function leak(value: unknown): Found {
  const text = (key: string) => textOf(member(value, key));
  const what = text('Description') ?? text('RuleID') ?? 'A secret';
  const file = text('File');
  return secretFound(text('RuleID'), what, file, member(value, 'StartLine'), text('Secret'), text('Commit'));
}

/** Before version 8. */
function oldLeak(value: unknown): Found {
  const text = (key: string) => textOf(member(value, key));
  const rule = text('rule');
  return secretFound(
    rule,
    rule ?? 'A secret',
    text('file'),
    member(value, 'lineNumber'),
    text('offender'),
    text('commit'),
  );
}

/** Neither the match nor the commit's message, author and address are taken over. */
function secretFound(
  rule: string | undefined,
  what: string,
  path: string | undefined,
  line: unknown,
  written: string | undefined,
  commit: string | undefined,
): Found {
  const secret = describeSecret(written);
  return {
    category: 'secret',
    rule,
    // As for SARIF of the same tool, which rates nothing either.
    severity: 'medium',
    message: `${what}${secret?.ending ?? ''}`,
    path,
    line: countOf(line) || undefined,
    // What is in the history stays where it is: the commit tells it as well as the value does.
    identity: { ...(secret === undefined ? {} : { toolPrint: secret.checksum }), message: `${what} ${commit ?? ''}` },
  };
}
