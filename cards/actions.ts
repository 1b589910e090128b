import { z } from 'zod';
import { DIGEST_SECTIONS } from '../services/domain/digest.ts';
import type { ButtonData, ExecuteAction, Inputs } from './card.ts';

// A card carries ids, never records: the server reads everything again and authorises the person of the turn.
const requestId = z.string().regex(/^[a-z2-7]{16}$/, 'a request id is 16 characters of a–z and 2–7');
const revision = z.int().min(0);
const oid = z.guid();
const name = z.string().min(1).max(200);
/** As policy files may have it. */
export const WRITTEN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const writtenName = z.string().regex(WRITTEN_NAME);
const fingerprint = z.string().regex(/^[0-9a-f]{32}$/, 'a fingerprint is 32 hexadecimal characters');
const finding = { fingerprint, service: name, environment: name };
/** Far above what is allowed, so that a long comment gets a sentence and not a schema error. */
const comment = z.string().max(20_000);

const exceptionId = z.string().regex(/^EX-[1-9][0-9]{0,9}$/, 'an exception is EX- and a number');
/** The day on which the period of a review begins; of the audit with `-audit` behind it. */
const reviewId = z.union([z.iso.date(), z.templateLiteral([z.iso.date(), '-audit'])]);
/** What an input of a card sends; blank is missing, and what is wrong with it is said in a sentence. */
const input = z.string().max(20_000).exactOptional();
/** Everything that whoever asks for an exception fills in. */
const terms = {
  owner: input,
  reasonClass: input,
  reason: input,
  until: input,
  reviewEvery: input,
  mitigation: input,
  ticket: input,
};
/** What an exception is asked for. */
const wanted = {
  requestId: requestId.exactOptional(),
  fingerprint: fingerprint.exactOptional(),
  baseline: z.literal(true).exactOptional(),
  imported: z
    .string()
    .regex(/^[a-z2-7]{16}$/, 'an entry of another tool is 16 characters of a–z and 2–7')
    .exactOptional(),
  service: name,
  environment: name,
  /** What is asked for in the place of an entry of another tool says it. */
  control: name.exactOptional(),
};

/** What of one place is otherwise than approved; `only`: fingerprints with commas between them. */
const drifted = {
  org: z.string().regex(/^[a-z2-7]{10}$/, 'an organization is 10 characters of a–z and 2–7'),
  service: name,
  environment: name,
  revision,
  only: input,
};

/** What one confirmation can list. */
export const MOST_AT_ONCE = 20;
const requestIds = z.array(requestId).min(1).max(MOST_AT_ONCE);
const items = z
  .array(z.strictObject({ requestId, revision }))
  .min(1)
  .max(MOST_AT_ONCE)
  .refine((all) => new Set(all.map((item) => item.requestId)).size === all.length, 'each request once');

/** Every verb of a button with the exact data that comes back with it; anything else is refused. */
export const ACTION_DATA = {
  'approval.view': z.strictObject({ verb: z.literal('approval.view'), requestId, revision }),
  'approval.decide': z.strictObject({
    verb: z.literal('approval.decide'),
    requestId,
    revision,
    verdict: z.enum(['approve', 'reject', 'withdraw']),
    comment: comment.exactOptional(),
  }),
  'approval.delegate': z.strictObject({
    verb: z.literal('approval.delegate'),
    requestId,
    revision,
    to: oid.exactOptional(),
  }),
  'approval.remind': z.strictObject({
    verb: z.literal('approval.remind'),
    requestId,
    revision,
    to: oid.exactOptional(),
  }),
  'approval.viewMany': z.strictObject({ verb: z.literal('approval.viewMany'), requestIds }),
  'approval.decideMany': z.strictObject({
    verb: z.literal('approval.decideMany'),
    items,
    verdict: z.enum(['approve', 'reject']),
    comment: comment.exactOptional(),
  }),
  'exception.request': z.strictObject({ verb: z.literal('exception.request'), ...wanted }),
  'exception.submit': z.strictObject({
    verb: z.literal('exception.submit'),
    ...wanted,
    shown: z
      .string()
      .regex(/^[a-z2-7]{16}$/, 'what was shown is named by 16 characters of a–z and 2–7')
      .exactOptional(),
    ...terms,
  }),
  'finding.why': z.strictObject({ verb: z.literal('finding.why'), service: writtenName, fingerprint }),
  'digest.show': z.strictObject({ verb: z.literal('digest.show') }),
  'digest.more': z.strictObject({
    verb: z.literal('digest.more'),
    service: writtenName,
    section: z.enum(DIGEST_SECTIONS),
  }),
  'finding.claim': z.strictObject({ verb: z.literal('finding.claim'), ...finding }),
  'finding.snooze': z.strictObject({ verb: z.literal('finding.snooze'), ...finding, until: comment.exactOptional() }),
  'finding.assign': z.strictObject({ verb: z.literal('finding.assign'), ...finding, to: oid.exactOptional() }),
  'exception.decide': z.strictObject({
    verb: z.literal('exception.decide'),
    exceptionId,
    revision,
    verdict: z.enum(['approve', 'reject']),
    only: input,
    until: input,
    comment: input,
  }),
  'exception.renew': z.strictObject({ verb: z.literal('exception.renew'), exceptionId, revision, ...terms }),
  'exception.review': z.strictObject({
    verb: z.literal('exception.review'),
    exceptionId,
    revision,
    answer: z.enum(['keep', 'shrink', 'close', 'snooze']),
    only: input,
    until: input,
    comment: input,
  }),
  'exception.revoke': z.strictObject({ verb: z.literal('exception.revoke'), exceptionId, revision, comment: input }),
  'exception.handover': z.strictObject({ verb: z.literal('exception.handover'), exceptionId, revision, to: input }),
  'exception.withdraw': z.strictObject({ verb: z.literal('exception.withdraw'), exceptionId, revision }),
  'exception.view': z.strictObject({ verb: z.literal('exception.view'), exceptionId, revision }),
  'review.record': z.strictObject({ verb: z.literal('review.record'), reviewId, revision }),
  'trend.promote': z.strictObject({
    verb: z.literal('trend.promote'),
    control: name,
    revision: revision.exactOptional(),
  }),
  'drift.accept': z.strictObject({ verb: z.literal('drift.accept'), ...drifted }),
  'drift.except': z.strictObject({ verb: z.literal('drift.except'), ...drifted }),
  'bypass.explain': z.strictObject({
    verb: z.literal('bypass.explain'),
    requestId,
    revision,
    reason: comment.exactOptional(),
    ticket: comment.exactOptional(),
  }),
  'bypass.confirm': z.strictObject({ verb: z.literal('bypass.confirm'), requestId, revision }),
} as const;

export type Verb = keyof typeof ACTION_DATA;
export type ActionData<V extends Verb> = Readonly<z.infer<(typeof ACTION_DATA)[V]>>;

export interface Button<V extends Verb> {
  /** Unique in its card. */
  readonly id: string;
  readonly title: string;
  readonly data: ActionData<V>;
  /** `auto`: the card's inputs come with the click. */
  readonly inputs: Inputs;
  readonly style?: 'positive' | 'destructive';
}

/**
 * A button, with the same data as Action.Submit for clients without Action.Execute. Undefined when its data would be
 * refused when it comes back (a name from outside may be no name): a button that cannot work is not shown.
 */
export function button<V extends Verb>(wanted: Button<V>): ExecuteAction | undefined {
  const checked = ACTION_DATA[wanted.data.verb].safeParse(wanted.data);
  if (!checked.success) return undefined;
  const data: ButtonData = { ...wanted.data };
  return {
    type: 'Action.Execute',
    id: wanted.id,
    title: wanted.title,
    ...(wanted.style === undefined ? {} : { style: wanted.style }),
    verb: wanted.data.verb,
    data,
    associatedInputs: wanted.inputs,
    fallback: {
      type: 'Action.Submit',
      title: wanted.title,
      data,
      associatedInputs: wanted.inputs,
      msteams: { feedback: { hide: true } },
    },
  };
}
