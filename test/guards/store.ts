import type { Guard } from './guard.ts';
import { planted } from './planted.ts';

const GATES = 'services/tables/gate-store.ts';
const KEYS = 'services/tables/keys.ts';
const ROWS = 'services/tables/azure-rows.ts';
const GATE_STORE = ['test/contracts/gate-store.test.ts'];

const MARK =
  "before === undefined ? { kind: 'create', row, values } : { kind: 'replace', row, values, etag: before.etag };";

/** What is written, once, in order, under whose key. */
export const STORE: readonly Guard[] = [
  {
    against: ['T7', 'I10'],
    guard: 'every entry of evidence bears the checksum of all before it',
    patches: [
      {
        file: 'services/domain/evidence.ts',
        find: "if (link.hash !== linkHash(head.hash, link.entry)) return { broken: 'changed' };",
        replace: '',
      },
    ],
    tests: ['test/unit/evidence.test.ts'],
    fails: 'every change of a single character is found at its own entry',
  },
  {
    against: ['I10'],
    guard: 'a change goes on from the last entry of its chain',
    patches: [
      {
        file: GATES,
        find: 'nextEntry(last ?? EMPTY_CHAIN,',
        replace: 'nextEntry(last === undefined ? EMPTY_CHAIN : EMPTY_CHAIN,',
      },
    ],
    tests: GATE_STORE,
    fails: 'what create and commit return is what is read',
  },
  {
    against: ['T11', 'I1'],
    guard: 'a record is replaced only as it was read',
    patches: [
      {
        file: GATES,
        find: "{ kind: 'replace', row: HEADER, values, etag: from.etag }",
        replace: "{ kind: 'put', row: HEADER, values }",
      },
    ],
    tests: GATE_STORE,
    fails: 'a change of a header that was written since is lost, though nothing else is in its way',
  },
  {
    against: ['T11', 'I2'],
    guard: 'what was sealed is written once',
    patches: [{ file: GATES, find: '...onceWrites(from?.gate, gate, entry.seq),', replace: '' }],
    tests: GATE_STORE,
    fails: 'a sealed verdict is never written over',
  },
  {
    against: ['T2', 'I4'],
    guard: 'a request that is known already is not created again',
    patches: [
      { file: GATES, find: "{ kind: 'create', row: HEADER, values }", replace: "{ kind: 'put', row: HEADER, values }" },
      { file: GATES, find: "{ kind: 'create', row: TOKEN,", replace: "{ kind: 'put', row: TOKEN," },
      {
        file: GATES,
        find: "evidenceWrite(['e'], entry),",
        replace: "{ ...evidenceWrite(['e'], entry), kind: 'put' },",
      },
      {
        file: 'services/tables/gate-codec.ts',
        find: "kind: 'create',\n    row: outboxRow({ seq, kind }),",
        replace: "kind: 'put',\n    row: outboxRow({ seq, kind }),",
      },
    ],
    tests: GATE_STORE,
    fails: 'a second delivery of a known request is lost and changes nothing',
  },
  {
    against: ['I8'],
    guard: 'a commit is known as ours by what it wrote',
    patches: [
      {
        file: GATES,
        find: 'if (stored !== undefined && mine) return',
        replace: 'if (stored !== undefined && (mine || stored.evidence.some(({ op }) => op === change.op))) return',
      },
    ],
    tests: GATE_STORE,
    fails: 'a commit is ours by what it wrote, not by its operation id: the same click may have been refused elsewhere',
  },
  {
    against: ['I9'],
    guard: 'a change that leaves work has its hint before it is made',
    patches: [{ file: GATES, find: 'await remindBefore(needs, from, change);', replace: '' }],
    tests: GATE_STORE,
    fails: 'a hint stands before every change that leaves work, and for each moment to look again',
  },
  {
    against: ['I9'],
    guard: 'what is to be told is written together with the decision',
    patches: [{ file: GATES, find: '...outboxWrites(change, entry.seq, needs.instance),', replace: '' }],
    tests: GATE_STORE,
    fails: 'what create and commit return is what is read',
  },
  {
    against: ['I12'],
    guard: 'no change goes where the table of states does not lead',
    patches: [{ file: GATES, find: 'refuseIllegalMove(from?.gate, gate);', replace: '' }],
    tests: GATE_STORE,
    fails: 'a gate never goes from %s to %s, and the attempt leaves nothing behind',
  },
  {
    against: ['I13', 'T33'],
    guard: 'of several processes one sends the digest of a date',
    patches: [{ file: 'services/tables/digest-store.ts', find: MARK, replace: "{ kind: 'put', row, values };" }],
    tests: ['test/contracts/digest-store.test.ts'],
    fails: 'of several that claim the same digest one gets it',
  },
  {
    against: ['I13', 'T33'],
    guard: 'of several processes one nudges',
    patches: [{ file: 'services/tables/nudge-store.ts', find: MARK, replace: "{ kind: 'put', row, values };" }],
    tests: ['test/contracts/nudge-store.test.ts'],
    fails: 'of two who write the same record one is first, and the other looks again',
  },
  {
    against: ['I15'],
    guard: 'a row of another partition is never handed on',
    patches: [
      {
        file: ROWS,
        find: "if (partitionKey !== partition || typeof rowKey !== 'string') {",
        replace: "if (typeof rowKey !== 'string') {",
      },
    ],
    tests: ['test/integration/azure-table.test.ts'],
    fails: 'a row of another partition is never handed on',
  },
  {
    against: ['T27', 'I15'],
    guard: 'a name in a query is quoted',
    patches: [{ file: ROWS, find: 'odata`PartitionKey eq', replace: '`PartitionKey eq' }],
    tests: ['test/integration/azure-table.test.ts'],
    fails: 'every query names its partition, quotes doubled',
  },
  {
    against: ['T28'],
    guard: 'two names never have one key',
    patches: [
      {
        file: KEYS,
        find: 'return name.isWellFormed() ?',
        replace:
          "if (name !== '') return name.replaceAll(/[^a-z0-9.-]/g, '-').slice(0, 200);\n  return name.isWellFormed() ?",
      },
    ],
    tests: ['test/unit/keys.test.ts'],
    fails: 'different names never share a component',
  },
  {
    against: ['T28'],
    guard: 'no outside name enters a key as it is',
    patches: [{ file: KEYS, find: 'if (!COMPONENT.test(part))', replace: 'if (part === undefined)' }],
    tests: ['test/unit/keys.test.ts'],
    fails: '%j cannot enter a key without component()',
  },
  {
    against: ['I21'],
    guard: 'a gate is registered in its scopes before they are read',
    patches: [{ file: 'services/gates.ts', find: 'await enterScopes(needs.scopes, gate);', replace: '' }],
    tests: ['test/integration/register-then-read.test.ts'],
    fails: 'wherever a judgement and the wake-up of a report overtake each other, the gate is judged on the report',
  },
  {
    against: ['I22'],
    guard: 'of one stage of a pipeline only the newest run waits',
    patches: [
      {
        file: 'services/domain/assess.ts',
        find: "if (successor !== undefined) return { ...base, state: 'superseded', supersededBy: successor };",
        replace: '',
      },
    ],
    tests: ['test/integration/request-life.test.ts'],
    fails: 'a newer run takes the place of one that is blocked',
  },
  {
    against: ['I20'],
    guard: 'a record keeps what a newer version has written into it',
    patches: planted('a record is written with what this version knows of it'),
    tests: ['test/contracts/gate-store.test.ts'],
    fails: 'what a newer version has added to a record stays in it when this one writes it',
  },
];
