import type { Report } from '../domain/finding.ts';
import type { ReadOptions, ReportReader, ReportRefusal } from '../ports/report-reader.ts';
import { readSarif } from './sarif.ts';

type Read = (body: AsyncIterable<Uint8Array>, options: ReadOptions) => Promise<Report | ReportRefusal>;

/** One reader per format. The first is taken when no format is named: it recognises and refuses the others' files. */
const READERS: ReadonlyMap<string, Read> = new Map([['sarif', readSarif]]);

/** Reads every report format that the product knows. */
export function createReportReader(): ReportReader {
  return {
    async read(body, options) {
      const format = options.format?.trim().toLowerCase() ?? 'sarif';
      const read = READERS.get(format);
      if (read !== undefined) return read(body, options);
      const known = [...READERS.keys()].join(', ');
      const detail = `The format "${format.slice(0, 40)}" is not read; known: ${known}. Have the tool write SARIF 2.1.0 and send that.`;
      return { refused: 'unknown-format', detail };
    },
  };
}
