import { evidenceCard } from '../../cards/evidence-card.ts';
import { EMPTY_CHAIN, type EvidenceDraft, type EvidenceEntry, nextEntry } from '../../services/domain/evidence.ts';
import { plusMinutes } from '../../services/domain/instant.ts';
import type { Actor } from '../../services/domain/person.ts';
import { seenEvidence } from '../../services/domain/seen-evidence.ts';
import { ANN, BOB, CARLA, TENANT } from '../builders.ts';
import type { CardSample } from './samples.ts';

/** What `evidence ID` shows: all of it, with a text erased, broken, and more than fits. */
export function evidenceSamples(): CardSample[] {
  const chain = chainOf(STORY);
  const cardOf = (entries: readonly EvidenceEntry[]) => evidenceCard(seenEvidence(ID, entries), 'Europe/Berlin');
  return [
    { name: 'evidence-whole', card: cardOf(chain) },
    { name: 'evidence-erased', card: cardOf(chain.map((entry) => without(entry, 'comment'))) },
    { name: 'evidence-broken', card: cardOf(chain.map(withOtherVerdict)) },
    { name: 'evidence-overflowing', card: cardOf(chainOf(Array.from({ length: 30 }, () => STORY).flat())) },
  ];
}

const ID = 'bix2e5p42bu5qtgn';
const RECEIVED_AT = '2026-11-23T09:30:00.000Z';
const COUNTERSIGN: Actor = { kind: 'countersign' };

const STORY: readonly EvidenceDraft[] = [
  { kind: 'received', actor: COUNTERSIGN, data: {} },
  { kind: 'judged', actor: COUNTERSIGN, data: { verdict: 'ask', revision: 1 } },
  { kind: 'refused', actor: personOf(ANN), data: { refusal: 'own-deployment', revision: 1 } },
  {
    kind: 'decided',
    actor: personOf(BOB),
    data: { verdict: 'approve', revision: 1 },
    texts: { comment: 'Runbook checked.' },
  },
  {
    kind: 'decided',
    actor: personOf(CARLA),
    data: { verdict: 'approve', revision: 1 },
    texts: { comment: 'Agreed with the on-call engineer; the release notes and the rollback plan are in the run.' },
  },
  { kind: 'verdict-sealed', actor: COUNTERSIGN, data: { result: 'succeeded', reason: 'approved' } },
  { kind: 'told', actor: COUNTERSIGN, data: { result: 'succeeded' } },
];

function personOf({ oid, name }: { readonly oid: string; readonly name: string }): Actor {
  return { kind: 'person', tenant: TENANT, oid, name };
}

/** A quarter of an hour between one entry and the next. */
function chainOf(drafts: readonly EvidenceDraft[]): EvidenceEntry[] {
  const chain: EvidenceEntry[] = [];
  for (const [n, draft] of drafts.entries()) {
    const written = { aggregate: ID, at: plusMinutes(RECEIVED_AT, 15 * n), op: `op ${n}`, salt: `salt ${n}` };
    chain.push(nextEntry(chain.at(-1) ?? EMPTY_CHAIN, draft, written));
  }
  return chain;
}

function without(entry: EvidenceEntry, field: string): EvidenceEntry {
  return { ...entry, texts: Object.fromEntries(Object.entries(entry.texts).filter(([name]) => name !== field)) };
}

function withOtherVerdict(entry: EvidenceEntry): EvidenceEntry {
  return { ...entry, entry: entry.entry.replace('"verdict":"approve"', '"verdict":"reject"') };
}
