import { armKey } from '../domain/asset.ts';
import { SEVERITIES, type Severity } from '../domain/finding.ts';
import { isArmId, scopeOf, timeIn } from './azure-ids.ts';
import { field, propertiesOf, textIn, textsIn } from './azure-page.ts';
import type { FoundReport } from './found-report.ts';
import { type JsonObject, listOf } from './json-value.ts';
import type { State } from './latest-states.ts';
import { SEVERITY_WORDS } from './severity.ts';

const WORDS: ReadonlyMap<string, Severity> = new Map([
  ...SEVERITY_WORDS,
  ...['informational', 'information', 'silent'].map((word) => [word, 'info'] as const),
]);

/**
 * An alert of any version, or a row of the table `SecurityAlert` of Log Analytics. Each that is raised has an id of its own: what is the same finding when it is raised again is
 * its type on a resource. Whoever may dismiss it there is no approver here, so that is a suppression, not an end.
 */
export function alertState(entry: JsonObject, report: FoundReport): State | 'nameless' {
  const own = propertiesOf(entry);
  const type = textIn(own, 'alertType', 'alertName', 'alertDisplayName');
  if (type === undefined) return 'nameless';
  const words = textsIn(own, 'status', 'state').map((word) => word.toLowerCase());
  const isResolved = words.length > 0 && words.every((word) => word === 'resolved');
  const asset = resourceOf(entry, own);
  const entity = textIn(own, 'compromisedEntity') ?? '';
  const title = textIn(own, 'alertDisplayName', 'displayName') ?? type;
  return {
    of: textIn(own, 'systemAlertId', 'instanceId') ?? textIn(entry, 'name', 'id') ?? '',
    ...(isResolved ? { cleared: 'resolved' } : {}),
    found: {
      category: 'runtime',
      rule: type,
      severity: isResolved
        ? 'medium'
        : strictestOf(textsIn(own, 'severity', 'reportedSeverity', 'alertSeverity'), report),
      message: entity === '' ? title : `${title} (${entity})`,
      path: asset === undefined ? undefined : armKey(asset),
      help: stepsIn(field(own, 'remediationSteps')),
      suppressed: words.length > 0 && words.every((word) => word === 'dismissed' || word === 'resolved'),
      asset,
      // When it was raised, not when somebody changed it: the end of one alert is none of a later one.
      at: timeIn(own, ...['timeGeneratedUtc', 'timeGenerated', 'reportedTimeUtc', 'detectedTimeUtc', 'startTimeUtc']),
      identity: { message: entity.toLowerCase() },
    },
  };
}

/** Of several words the strictest; the flat schema defines one and requires the other. */
export function strictestOf(words: readonly string[], report: FoundReport): Severity {
  const known = words.length === 0 ? [report.severity(undefined)] : words.map((word) => report.severity(word, WORDS));
  return SEVERITIES.find((severity) => known.includes(severity)) ?? 'medium';
}

/** What it is about, else what it is kept under. */
function resourceOf(entry: JsonObject, own: unknown): string | undefined {
  const named = listOf(field(own, 'resourceIdentifiers')).map((one) => textIn(one, 'azureResourceId'));
  const told = textsIn(own, 'azureResourceId', 'associatedResource', 'resourceId');
  return [...named, ...told, scopeOf(textIn(entry, 'id'))].find(isArmId);
}

/** A list of steps, one text, or a list written as text. */
function stepsIn(written: unknown): string | undefined {
  const steps = typeof written === 'string' ? [written] : listOf(written).filter((step) => typeof step === 'string');
  return steps.join(' ').trim() || undefined;
}
