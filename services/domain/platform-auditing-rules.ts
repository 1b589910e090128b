import type { AuditingFact } from './people-facts.ts';
import { type Platform, sectionsOf, type Violation } from './platform.ts';
import type { PlatformRule } from './platform-rules.ts';

type Stream = AuditingFact['streams'][number];

/** A stream in one of these takes what happens to where it is kept. */
const RUNNING = ['enabled', 'backfilling'];
const BY_PEOPLE = 'disabledbyuser';
const DELETED = 'deleted';

/** What there is to say of the record of what people do to the platform itself. */
export const AUDITING_RULES: readonly PlatformRule[] = [
  rule('auditing-off', ({ isOn }) =>
    isOn === true
      ? []
      : [
          {
            subject: 'auditing',
            message:
              isOn === false
                ? 'Auditing is off: nobody can tell who changed checks, permissions or tokens'
                : 'Nothing shows that auditing is on: the audit log has no entry of the last days',
            help: 'Under Policies of the organization turn on "Log Audit Events"; it needs an organization that is connected to Microsoft Entra.',
          },
        ],
  ),
  rule('audit-stream-missing', ({ streams }) =>
    streams.some(({ status }) => status.toLowerCase() !== DELETED)
      ? []
      : [
          {
            subject: 'audit-streams',
            message:
              'The audit log is streamed nowhere: Azure DevOps deletes its entries after 90 days, and whoever administers it can change what is recorded',
            help: 'Under Auditing of the organization add a stream to Azure Monitor, Event Grid or Splunk.',
          },
        ],
  ),
  rule('audit-stream-disabled', ({ streams }) =>
    streams
      .filter(({ status }) => status.toLowerCase() === BY_PEOPLE)
      .map((stream) => ({
        subject: `audit-stream:${stream.id}`,
        message: `Audit stream ${stream.name} was disabled by somebody: what happens since then is kept for 90 days only`,
        help: 'Find out who did it in the audit log, and enable it again under Auditing of the organization, or delete it.',
      })),
  ),
  rule('audit-stream-failing', ({ streams }) =>
    streams.filter(isFailing).map((stream) => ({
      subject: `audit-stream:${stream.id}`,
      message: `Audit stream ${stream.name} does not run: its status is ${stream.status}`,
      help: 'Under Auditing of the organization look at the stream, and renew the key or address by which it delivers.',
    })),
  ),
];

/** Disabled by Azure DevOps itself, or in a state that says neither that it runs nor that it does not. */
function isFailing({ status }: Stream): boolean {
  const known = status.toLowerCase();
  return !RUNNING.includes(known) && known !== BY_PEOPLE && known !== DELETED;
}

function rule(
  id: string,
  tell: (facts: AuditingFact) => readonly Pick<Violation, 'subject' | 'message' | 'help'>[],
): PlatformRule {
  return {
    id,
    severity: 'medium',
    reads: ['auditing'],
    violations: (platform) =>
      sectionsOf(platform, 'auditing').flatMap(({ known }) =>
        known === undefined ? [] : tell(known.facts).map((one) => ({ ...one, places: [], link: linkOf(platform) })),
      ),
  };
}

function linkOf({ organization }: Platform): string {
  return `${organization}/_settings/audit`;
}
