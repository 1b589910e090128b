import type { ReportRefusal } from '../ports/report-reader.ts';
import { type FormatSink, malformed, notA, type ReportFormat, readElements, WHOLE } from './element-format.ts';
import { describeScan, type Found, FoundReport } from './found-report.ts';
import type { JsonPath } from './json-outline.ts';
import { countOf, member, objectOf, textOf } from './json-value.ts';
import { describeSecret } from './secret-value.ts';

/** TruffleHog 3's own JSON lines: results on standard output, what it did on standard error. */
export const TRUFFLEHOG: ReportFormat = {
  name: 'trufflehog',
  title: 'TruffleHog JSON lines',
  recognises: (head) =>
    (head.has('SourceMetadata') && head.has('DetectorName')) ||
    (head.value('logger') === 'trufflehog' && head.has('msg')),
  read: (body) => readElements(body, { sequence: WHOLE }, new TrufflehogSink()),
};

class TrufflehogSink implements FormatSink {
  readonly report = new FoundReport('trufflehog');
  readonly #scan = this.report.scan('trufflehog');
  #verified = 0;
  #toldVerified = 0;
  #hasEnd = false;
  #errors = 0;

  opened(): undefined {}

  closed(): undefined {}

  value(path: JsonPath, value: unknown): ReportRefusal | undefined {
    const line = `Line ${Number(path[0]) + 1}`;
    if (objectOf(value) === undefined) return notA('object', path);
    if (textOf(member(value, 'DetectorName')) !== undefined) this.#readSecret(value);
    else if (textOf(member(value, 'msg')) !== undefined) this.#readLog(value);
    else return malformed(`${line} is neither a result nor a message of TruffleHog`);
    return undefined;
  }

  finish(): ReportRefusal | undefined {
    if (!this.#hasEnd && this.report.results === 0) return unproven();
    this.#scan.categories.add('secret');
    if (!this.#hasEnd)
      this.report.incomplete(this.#scan, `There is no line "${END}" (send standard error too), so more may be missing`);
    if (this.#errors > 0) this.report.incomplete(this.#scan, `TruffleHog met ${this.#errors} errors`);
    if (this.#toldVerified > this.#verified)
      this.report.incomplete(
        this.#scan,
        `TruffleHog counts ${this.#toldVerified} verified secrets and lists ${this.#verified}`,
      );
    return undefined;
  }

  #readSecret(value: unknown): void {
    this.report.results++;
    if (member(value, 'Verified') === true) this.#verified++;
    this.report.add(this.#scan, secret(value));
  }

  #readLog(value: unknown): void {
    if (/^(?:error|fatal|panic)/i.test(textOf(member(value, 'level')) ?? '')) this.#errors++;
    if (member(value, 'msg') !== END) return;
    this.#hasEnd = true;
    this.#toldVerified += countOf(member(value, 'verified_secrets')) ?? 0;
    describeScan(this.#scan, member(value, 'trufflehog_version'), member(value, 'ts'));
  }
}

const END = 'finished scanning';

function unproven(): ReportRefusal {
  return {
    refused: 'no-scan',
    detail: `There is no result and no line "${END}": nothing shows that a scan took place. Send TruffleHog's standard error with its output (2>&1).`,
  };
}

/** `Raw`, `RawV2` and `ExtraData` stay out; `Redacted` is not always redacted. */
function secret(value: unknown): Found {
  const detector = textOf(member(value, 'DetectorName'));
  const isVerified = member(value, 'Verified') === true;
  const described = describeSecret(textOf(member(value, 'Raw')));
  const place = placeOf(member(member(value, 'SourceMetadata'), 'Data'));
  const what = `${detector} secret${isVerified ? ', verified: it works' : ''}`;
  return {
    category: 'secret',
    rule: detector,
    severity: isVerified ? 'critical' : 'medium',
    message: `${what}${described?.ending ?? ''}`,
    path: place.file,
    line: place.line,
    identity: {
      ...(described === undefined ? {} : { toolPrint: described.checksum }),
      message: `${detector} ${place.commit ?? ''}`,
    },
  };
}

/** `{ Git: { … } }`, `{ Filesystem: { … } }`, `{ Slack: { … } }` … */
function placeOf(data: unknown): {
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly commit: string | undefined;
} {
  const [kind, source] = Object.entries(objectOf(data) ?? {})[0] ?? [];
  return {
    file: textOf(member(source, 'file')) ?? kind,
    line: countOf(member(source, 'line')) || undefined,
    commit: textOf(member(source, 'commit')),
  };
}
