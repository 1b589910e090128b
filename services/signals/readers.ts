import type { VerifyAttestation } from '../ports/attestation-verifier.ts';
import type { ReportReader, ReportRefusal } from '../ports/report-reader.ts';
import { ADVANCED_SECURITY } from './advanced-security.ts';
import { AZURE_ACTIVITY } from './azure-activity.ts';
import { AZURE_DEVOPS_AUDIT } from './azure-devops-audit.ts';
import { AZURE_POLICY } from './azure-policy.ts';
import { CHECKOV } from './checkov.ts';
import { CYCLONEDX } from './cyclonedx.ts';
import { DEFENDER } from './defender.ts';
import type { ReportFormat } from './element-format.ts';
import { GITLEAKS } from './gitleaks.ts';
import { GRYPE } from './grype.ts';
import { NPM_AUDIT } from './npm-audit.ts';
import { OPENVEX } from './openvex.ts';
import { OSV_SCANNER } from './osv-scanner.ts';
import { ARM_PLACES, otherFormatOf } from './other-formats.ts';
import { provenanceFormat } from './provenance.ts';
import { type ReportHead, readHead } from './report-head.ts';
import { SARIF } from './sarif.ts';
import { SNYK } from './snyk.ts';
import { TRIVY } from './trivy.ts';
import { TRUFFLEHOG } from './trufflehog.ts';

/** Every format of a scanner that is read. */
const FORMATS: readonly ReportFormat[] = [
  SARIF,
  TRIVY,
  GRYPE,
  SNYK,
  NPM_AUDIT,
  OSV_SCANNER,
  CHECKOV,
  GITLEAKS,
  TRUFFLEHOG,
  AZURE_POLICY,
  DEFENDER,
  ADVANCED_SECURITY,
  AZURE_ACTIVITY,
  AZURE_DEVOPS_AUDIT,
  OPENVEX,
  CYCLONEDX,
];

/**
 * Reads every report format that the product knows, told by its content; a name given must agree with it. Without `verify`
 * attestations are read, and none counts as verified.
 */
export function createReportReader(verify?: VerifyAttestation): ReportReader {
  const formats = [...FORMATS, provenanceFormat(verify)];
  return {
    async read(body, options) {
      const asked = options.format?.trim().toLowerCase();
      const named = formats.find(({ name }) => name === asked);
      if (asked !== undefined && named === undefined) return unread(`The format "${asked.slice(0, 40)}"`, formats);
      const { head, body: whole, close } = await readHead(body);
      const format = choose(formats, head, named);
      if (!('refused' in format)) return format.read(whole, options);
      await close();
      return format;
    },
  };
}

/** What nobody recognises is left to the reader that was named, else to that of SARIF, which says what is wrong. */
function choose(
  formats: readonly ReportFormat[],
  head: ReportHead,
  named: ReportFormat | undefined,
): ReportFormat | ReportRefusal {
  const [found, second] = formats.filter((format) => format.recognises(head));
  if (found !== undefined && second !== undefined) return ambiguous(found, second);
  if (found !== undefined && named !== undefined && found !== named) return mistaken(found, named);
  if (found !== undefined) return found;
  const other = otherFormatOf(head);
  if (other !== undefined) return unread(`This is ${other.title}, which`, formats, other.instead);
  const error = errorIn(head);
  if (error !== undefined) return error;
  if (head.value('') === null) return nothingSaid();
  if (named !== undefined) return named;
  return unrecognised(head, formats);
}

const ARM_TYPE = /^microsoft\.[a-z]{1,40}\/[a-z/]{1,80}$/i;

function unrecognised(head: ReportHead, formats: readonly ReportFormat[]): ReportFormat | ReportRefusal {
  if (head.isEmptyList('')) return emptyList();
  const type = ARM_PLACES.map((path) => String(head.value(path))).find((one) => ARM_TYPE.test(one));
  if (type !== undefined) return unread(`This is of type ${type}, which`, formats);
  if (head.isEmptyList('value')) return emptyPage();
  return head.has('value[]') ? unread('This is a page of another Microsoft REST API, which', formats) : SARIF;
}

/** What scanners write where a report should be: npm, Snyk and web services agree on the key, Azure DevOps has its own. */
function errorIn(head: ReportHead): ReportRefusal | undefined {
  const isError =
    ['error', 'errors', 'auditError', 'statusCode'].some((key) => head.has(key)) ||
    ['message', 'typeKey'].every((key) => head.has(key));
  if (!isError) return undefined;
  const code = String(head.value('error.code') ?? head.value('typeKey') ?? '');
  const which = /^[A-Za-z0-9_]{2,60}$/.test(code) ? ` (${code})` : '';
  const detail = `This is an error of the tool${which}, not a report. Mend the scan and send its report.`;
  return { refused: 'scan-failed', detail };
}

function unread(what: string, formats: readonly ReportFormat[], instead?: string): ReportRefusal {
  const known = formats.map(({ name }) => name).join(', ');
  const way = instead ?? `Known are ${known}. Have the tool write SARIF 2.1.0 and send that`;
  return { refused: 'unknown-format', detail: `${what} is not read. ${way}.` };
}

function ambiguous(one: ReportFormat, other: ReportFormat): ReportRefusal {
  const detail = `This could be ${one.title} or ${other.title}. Send the tool's own file, or have it write SARIF 2.1.0.`;
  return { refused: 'unknown-format', detail };
}

function mistaken(found: ReportFormat, named: ReportFormat): ReportRefusal {
  const detail = `This is ${found.title}, not ${named.title}. Leave "format" out, or say format=${found.name}.`;
  return { refused: 'unknown-format', detail };
}

function nothingSaid(): ReportRefusal {
  const detail =
    'The report is null: it does not say what was scanned. Have the tool write SARIF 2.1.0, or its own format with an empty list.';
  return { refused: 'unknown-format', detail };
}

function emptyList(): ReportRefusal {
  const detail =
    'The report is an empty list, which several tools write: say which with "format" (gitleaks, azure-activity, azure-devops-audit), or have the tool write SARIF 2.1.0.';
  return { refused: 'unknown-format', detail };
}

function emptyPage(): ReportRefusal {
  const detail =
    'The page is empty ("value": []), which many services write: say which with "format" (azure-policy, defender, advanced-security, azure-activity).';
  return { refused: 'unknown-format', detail };
}
