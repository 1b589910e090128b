import type { Patch } from '../patch.ts';

/** A design that looks right and is not. */
export interface Mutant {
  readonly name: string;
  /** The first of the hundred worlds; absent: 1. Of most ways to fail some are rare. */
  readonly from?: number;
  /** The promises of which it breaks one first, as the simulation names them. */
  readonly breaks: readonly string[];
  readonly patches: readonly Patch[];
}

const GATES = 'services/tables/gate-store.ts';

/** Each is a way in which such systems have lost or forged decisions; the simulation must find every one of them. */
export const MUTANTS: readonly Mutant[] = [
  {
    name: 'a conflict always means that somebody else was first',
    breaks: ['I8'],
    patches: [
      {
        file: GATES,
        find: 'if (stored !== undefined && mine) return',
        replace: 'if (error === undefined && mine) return',
      },
      {
        file: 'services/approvals.ts',
        find: "if (wasMine(stored, wish.op)) return { kind: 'decided', gate: stored.gate };",
        replace: '',
      },
    ],
  },
  {
    name: 'the outbox is written after the decision, not with it',
    breaks: ['I9', 'I21'],
    patches: [
      { file: GATES, find: '...outboxWrites(change, entry.seq, needs.instance),', replace: '' },
      {
        file: GATES,
        find: "return { kind: 'committed', stored: after(from, change, entry, etags, token) };",
        replace: `const later = outboxWrites(change, entry.seq, needs.instance);
          const more = later.length === 0 ? new Map() : await needs.table.commit('gate', gatePartition(gate.org, gate.id), later);
          return { kind: 'committed', stored: after(from, change, entry, new Map([...etags, ...more]), token) };`,
      },
    ],
  },
  {
    name: 'the last writer wins',
    // Whose record is overwritten first, and which promise that breaks, is the dice's.
    breaks: ['I1', 'I2', 'I10', 'I12'],
    patches: [
      {
        file: GATES,
        find: "{ kind: 'replace', row: HEADER, values, etag: from.etag }",
        replace: "{ kind: 'put', row: HEADER, values }",
      },
      {
        file: GATES,
        find: "evidenceWrite(['e'], entry),",
        replace: "{ ...evidenceWrite(['e'], entry), kind: 'put' },",
      },
      {
        file: GATES,
        find: '...onceWrites(from?.gate, gate, entry.seq),',
        replace: "...onceWrites(from?.gate, gate, entry.seq).map((write) => ({ ...write, kind: 'put' })),",
      },
    ],
  },
  {
    name: 'Azure DevOps is told before the decision is stored',
    breaks: ['I2'],
    patches: [
      {
        file: 'services/approvals.ts',
        find: 'const committed = await needs.gates.commit(stored, {\n    op: wish.op,\n    gate,',
        replace: `const { azureDevOps, vault } = needs;
  await azureDevOps.complete(gate.door, { result: wish.verdict === 'approve' ? 'succeeded' : 'failed', lines: [] }, await vault.open(stored.token, gate.id));
  const committed = await needs.gates.commit(stored, {\n    op: wish.op,\n    gate,`,
      },
    ],
  },
  {
    name: 'what was sealed is evaluated once more before it is told',
    // Its second look also holds passes up until others have overtaken their cards.
    breaks: ['I2', 'I9'],
    patches: [
      {
        file: 'services/verdicts.ts',
        find: 'const handover = await door.tell(stored, verdict);',
        replace: `const now = await needs.evaluate(stored.gate, () => openJobToken(needs.vault, stored), needs.clock.now());
    const holds = verdict.result !== 'succeeded' || now.outcome !== 'block';
    const handover = await door.tell(stored, holds ? verdict : { ...verdict, result: 'failed' });`,
      },
    ],
  },
  {
    name: 'scopes are read before the gate is registered in them',
    breaks: ['I21'],
    patches: [
      {
        file: 'services/gates.ts',
        find: 'await enterScopes(needs.scopes, gate);',
        replace: '',
      },
      {
        file: 'services/gates.ts',
        find: 'const next = reassessed(gate, evaluation, now);',
        replace: `await enterScopes(needs.scopes, gate);
  const next = reassessed(gate, evaluation, now);`,
      },
    ],
  },
  {
    name: 'a report is stored in two halves',
    breaks: ['I21'],
    patches: [
      {
        file: 'services/tables/scope-store.ts',
        find: "await table.commit('scope', scopePartition(change.scope), importWrites(needs, change, before));",
        replace: `const all = importWrites(needs, change, before);
    const isWake = ({ row }) => row.endsWith('~wake');
    await table.commit('scope', scopePartition(change.scope), all.filter((one) => !isWake(one)));
    await table.commit('scope', scopePartition(change.scope), all.filter(isWake));`,
      },
    ],
  },
  {
    name: 'a digest that was sent is due again until its day is over',
    breaks: ['I13'],
    patches: [
      {
        file: 'services/ports/digest-store.ts',
        find: "return mark.date > date || !(mark.outcome === 'claimed' || mark.outcome === 'unreachable');",
        replace: 'return mark.date > date;',
      },
    ],
  },
  {
    name: 'an approval in Azure DevOps is told again when nobody answered',
    breaks: ['I4'],
    patches: [
      {
        file: 'services/approval-door.ts',
        find: 'if (!ENDED.includes(approval.status)) return { completed: false };',
        replace: "if (approval.status !== 'canceled') return { completed: false };",
      },
      {
        file: 'services/approval-door.ts',
        find: "if (before?.status !== 'pending') throw notPending(gate);",
        replace: '',
      },
      {
        file: 'services/approval-door.ts',
        find: "if (approval?.status !== 'pending' || !approval.mayUpdate) return;",
        replace: '',
      },
      {
        file: 'services/approval-door.ts',
        find: 'if (!approval.mayUpdate) return;',
        replace: '',
      },
    ],
  },
  {
    name: 'a record is written with what this version knows of it',
    breaks: ['I20'],
    patches: [
      {
        file: 'services/tables/gate-codec.ts',
        find: 'gate: JSON.stringify(gate),',
        replace: 'gate: JSON.stringify({ ...gate, laterField: undefined }),',
      },
    ],
  },
  {
    name: 'a report of one organization is noted in all of them',
    breaks: ['I15'],
    patches: [
      {
        file: 'services/findings.ts',
        find: 'return { organizations: [agreeing.organization], run: agreeing };',
        replace: 'return { organizations: needs.organizations, run: agreeing };',
      },
    ],
  },
  {
    name: 'each entry of evidence is looked at once more',
    breaks: ['I16'],
    patches: [
      {
        file: GATES,
        find: 'return decode(await table.list(',
        replace: `for (const { row } of await table.list('gate', gatePartition(org, id)))
    if (row.startsWith('e~')) await table.get('gate', gatePartition(org, id), row);
  return decode(await table.list(`,
      },
    ],
  },
  {
    name: 'signals stand in a judgement in whatever order they come',
    breaks: ['I18'],
    patches: [
      {
        file: 'services/evaluation.ts',
        find: 'return { ...judgement, blocks: short(judgement.blocks),',
        replace: `const signals = Math.random() < 0.5 ? judgement.signals : judgement.signals.toReversed();
  return { ...judgement, signals, blocks: short(judgement.blocks),`,
      },
    ],
  },
  {
    name: 'a read of the platform that ended half-way passes for the whole',
    from: 20,
    breaks: ['I23'],
    patches: [
      {
        file: 'services/ports/section-reads.ts',
        find: 'if (next === undefined)\n      return { goesOn: false,',
        replace: 'if (next === undefined || facts !== undefined)\n      return { goesOn: false,',
      },
    ],
  },
  {
    name: 'what a scan finds is the new baseline',
    breaks: ['I23'],
    patches: [
      {
        file: 'services/drifts.ts',
        find: 'const noted = await noteDrift(needs, stored, drift);',
        replace: `const changed = { baseline: { ...baseline, entries: state.entries }, op: 'scan', at: needs.clock.now() };
    const evidence = { kind: 'baseline-taken', actor: { kind: 'countersign' }, data: {} };
    if (drift.items.length > 0) await needs.baselines.putBaseline(stored, { ...changed, evidence });
    const noted = await noteDrift(needs, stored, drift);`,
      },
    ],
  },
  {
    name: 'a card of drift is sent before anybody claims it',
    breaks: ['I13'],
    patches: [
      {
        file: 'services/drift-notices.ts',
        find: 'const claimed = await needs.baselines.putDrift(stored, { ...stored.drift, claim: needs.clock.now() });',
        replace: 'const claimed = stored;',
      },
    ],
  },
  {
    name: 'anybody may accept drift',
    from: 40,
    breaks: ['I6'],
    patches: [
      {
        file: 'services/domain/drift-refusal.ts',
        find: 'if (!eligible.some(({ oid }) => oid === by.oid))',
        replace: 'if (by.oid === undefined)',
      },
    ],
  },
  {
    name: 'what another tool lets pass is in force here once it is brought in',
    breaks: ['I5', 'I6'],
    patches: [
      {
        file: 'services/exception-requests.ts',
        find: "state: 'requested',",
        replace: "state: wish.imported === undefined ? 'requested' : 'active', grantedAt: now,",
      },
    ],
  },
  {
    name: 'an exception covers until somebody has noted that it is over',
    breaks: ['I5'],
    patches: [
      {
        file: 'services/domain/active-exception.ts',
        find: 'Date.parse(now) < Date.parse(exception.expiresAt) &&',
        replace: '(now === undefined || true) &&',
      },
    ],
  },
  {
    name: 'whoever asks for an exception may grant it',
    breaks: ['I6'],
    patches: [
      {
        file: 'services/exception-decisions.ts',
        find: "if (humans.some((human) => hasAsked(exception, human))) return { code: 'own-exception' };",
        replace: '',
      },
    ],
  },
];
