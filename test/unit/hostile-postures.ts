import { postureCard, postureText } from '../../cards/posture-card.ts';
import { scopeCard } from '../../cards/scope-card.ts';
import { statusCard } from '../../cards/status-card.ts';
import type { PlatformSummary } from '../../services/domain/platform-summary.ts';
import type { ScopeMoment } from '../../services/domain/scope-overview.ts';
import { aJudgedGroup, aJudgement, aSignal, ORGANIZATION } from '../builders.ts';
import { aPosture } from '../cards/posture-samples.ts';
import { anOverview, aTimeline } from '../cards/scope-samples.ts';
import { aHealth } from '../health.ts';
import { aPlatformSummary } from '../platforms.ts';
import type { Lists } from './hostile-records.ts';

/** A platform in which every name holds `text`; two of its signals are read, the third is not. */
export function platformSaying(text: string): PlatformSummary {
  const { environment, breadth } = aPlatformSummary();
  const connection = { id: text, name: text, role: text, project: text };
  return aPlatformSummary({
    environment: { ...environment, project: text, environment: text },
    access: { state: 'unknown', why: text, project: text },
    breadth: { ...breadth, state: 'fail', role: text, connections: [connection, connection, connection], count: 9 },
  });
}

/** What speaks of environments and of the platform before them. */
export function postureCardsSaying(text: string, lists: Lists) {
  const many = { length: lists === 'long' ? 30 : 1 };
  const signal = aSignal({ control: text, category: 'policy', state: 'unknown', why: 'absent', required: false });
  const judged = aJudgement({
    platform: platformSaying(text),
    signals: Array.from(many, () => signal),
    blocks: [aJudgedGroup({ category: 'runtime', rule: text })],
  });
  const posture = aPosture({
    service: text,
    environment: text,
    context: { service: text, owner: `group:${text}`, lead: `group:${text}`, criticality: text },
    places: Array.from(many, () => ({ organization: ORGANIZATION, environment: text, judged })),
    rules: Array.from(many, (_, n) => ({
      ...{ organization: ORGANIZATION, rule: text, decision: 'warn', severity: 'high', count: 2, message: text },
      ...{ environments: [text, text], subject: n % 2 === 0 ? `connection:${text}` : text, project: text },
    })),
    unread: Array.from(many, () => ({ organization: ORGANIZATION, kind: 'people', name: text, why: text })),
  });
  const part = { organization: ORGANIZATION, kind: 'reach', target: text, name: text, isStale: true } as const;
  const kinds = aTimeline();
  const moments = Array.from(many, (_, n) => kinds[n % kinds.length]).flatMap((one) =>
    one === undefined ? [] : [withTexts(one, text)],
  );
  return [
    { card: postureCard(posture), summary: lists === 'long' ? postureText(posture) : '' },
    {
      card: statusCard(
        aHealth({ platform: Array.from(many, () => ({ ...part, unknown: { since: text, why: text } })) }),
      ),
      summary: '',
    },
    {
      card: scopeCard(anOverview({ timeline: { moments } })),
      summary: '',
    },
  ];
}

/** Every name and message of it is this text. */
function withTexts(moment: ScopeMoment, text: string): ScopeMoment {
  const fields = ['environment', 'requestId', 'actionId', 'runName', 'tool', 'message', 'exceptionId', 'by'] as const;
  const put = fields.flatMap((field) => {
    const value = moment[field as keyof ScopeMoment] as string | readonly string[] | undefined;
    return value === undefined ? [] : [[field, Array.isArray(value) ? [text] : text]];
  });
  return { ...moment, ...Object.fromEntries(put) };
}
