import type { IAdaptiveCard } from 'adaptivecards';
import { exceptionAnswer, exceptionNewsCard, exceptionSummary } from '../../cards/exception-card.ts';
import { exceptionFormAnswer } from '../../cards/exception-form.ts';
import { exceptionRefusedAnswer } from '../../cards/exception-refused-card.ts';
import { exceptionStepAnswer } from '../../cards/exception-step-card.ts';
import { importListCard, importListText } from '../../cards/import-list-card.ts';
import type { Exception } from '../../services/domain/exception.ts';
import type { ExceptionOffer } from '../../services/domain/exception-request.ts';
import { aSample } from '../builders.ts';
import { aGrantedException, anAsker, anExceptionVote, anOffer, NOW } from '../cards/shown-exceptions.ts';
import { gateSaying, type Lists } from './hostile-records.ts';

const ALL = { approver: true, owner: true, controlOwner: true };

/** An exception in which every field that somebody outside can write holds `text`. */
function exceptionSaying(text: string, lists: Lists): Exception {
  const times = (length: number) => ({ length: lists === 'long' ? length : 1 });
  const by = { kind: 'person', tenant: text, oid: text, name: text } as const;
  const asker = anAsker({ by, accounts: [text] });
  return aGrantedException(
    {
      target: { control: text, service: text, environment: text, fingerprints: Array.from(times(100), () => text) },
      terms: {
        owner: `user:${text}`,
        ownerName: text,
        reasonClass: 'mitigated',
        reason: text,
        until: '2026-12-04',
        review: { everyDays: 7, cadence: text },
        mitigation: text,
        ticket: text,
      },
      askers: [asker, ...Array.from(times(30), () => asker)],
      votes: Array.from(times(30), () => anExceptionVote({ by, comment: text, covers: { oid: text, name: text } })),
      asks: { approvers: `group:${text}`, quorum: 2 },
      renewal: { number: 1, of: 2, renews: text, renewedBy: text },
      overdrawnAt: NOW,
      end: { at: NOW, by, why: text },
    },
    { askedAt: NOW, missed: 1, outgrown: 'severity', last: { answer: 'keep', by, at: NOW, why: text } },
  );
}

function offerSaying(text: string, lists: Lists): ExceptionOffer {
  const times = (length: number) => ({ length: lists === 'long' ? length : 1 });
  const offer = anOffer();
  const sample = aSample({ message: text, path: text });
  return {
    ...offer,
    hidden: {
      ...offer.hidden,
      target: { control: text, service: text, environment: text },
      rules: Array.from(times(30), () => text),
      samples: Array.from(times(3), () => sample),
      owner: `group:${text}`,
    },
    owner: `group:${text}`,
    reviewEvery: text,
    expiry: { ...offer.expiry, approvers: `group:${text}` },
  };
}

/** The cards of exceptions in their states, of the form, and of what is asked on the way. */
export function exceptionCardsSaying(
  text: string,
  lists: Lists,
): { readonly card: IAdaptiveCard; readonly summary: string }[] {
  const exception = exceptionSaying(text, lists);
  const offer = offerSaying(text, lists);
  const viewer = { oid: 'x' };
  const gate = gateSaying(text, 'failed', lists);
  const filled = {
    owner: text,
    reasonClass: text,
    reason: text,
    until: text,
    reviewEvery: text,
    mitigation: text,
    ticket: text,
  };
  const news = { exception, topic: 'review', audience: { kind: 'person', oid: 'x' } } as const;
  const runAgain = [gate, gate, gate, gate];
  const said = [
    exceptionAnswer({ ...exception, state: 'requested' }, viewer, { standing: ALL, now: NOW, note: text }),
    exceptionAnswer({ ...exception, state: 'revoked' }, viewer, { standing: ALL }),
    exceptionFormAnswer({ offer, data: {}, viewer, filled, problem: { code: 'owner-unknown', owner: text } }),
    exceptionFormAnswer({ offer: { ...offer, pending: text }, data: {}, viewer, renews: exception }),
    exceptionStepAnswer(exception, 'handover', viewer, { code: 'owner-guest', owner: text }),
    exceptionRefusedAnswer({ code: 'unknown-control', known: [text, text] }, viewer, { requestId: gate.id }),
  ];
  const { by } = exception.askers[0];
  const terms = { ...filled, until: '2026-12-04' };
  const entry = { source: 'trivy', line: 1, name: text, rules: [text], paths: [text], narrowedBy: [], terms } as const;
  const imported = { id: text, service: text, environment: text, control: text, by, at: NOW, entry };
  const rows = [imported, { ...imported, entry: { ...entry, narrowedBy: [text] } }].map((one) => {
    return { imported: one, standing: 'unmanaged', over: [text] } as const;
  });
  const list = {
    at: NOW,
    rows: lists === 'long' ? Array.from({ length: 30 }, () => rows).flat() : rows,
    service: text,
  };
  return [
    { card: importListCard(list, viewer), summary: importListText(list, viewer) },
    { card: exceptionNewsCard({ ...news, runAgain }), summary: exceptionSummary({ ...news, runAgain }) },
    ...said.flatMap(({ card, text: spoken }) => (card === undefined ? [] : [{ card, summary: spoken }])),
  ];
}
