import type { Guard } from './guard.ts';

const APPROVAL = 'services/domain/approval.ts';
const SEAL = 'services/domain/seal.ts';
const SUBJECT = 'services/domain/subject.ts';
const CLAIMS = 'services/domain/decision-claims.ts';

const SEALED = { tests: ['test/unit/seal.test.ts'], fails: 'nothing is sealed as succeeded when %s' };
const DECIDED = { tests: ['test/unit/approval.test.ts'], fails: 'a decision by %s settles nothing' };

/** Who decides, on what, and what is sealed of it. */
export const DECIDING: readonly Guard[] = [
  {
    against: ['T4', 'I6'],
    guard: 'a guest never decides',
    patches: [{ file: 'services/domain/exclusion.ts', find: "if (person.guest) return 'guest';", replace: '' }],
    tests: ['test/unit/exclusion.test.ts'],
    fails: 'a %s account never decides, whatever the route excludes',
  },
  {
    against: ['T5', 'I3'],
    guard: 'an approval counts at the seal only while its approver may still give it',
    patches: [{ file: SEAL, find: 'sameSubject && fresh.votesHold', replace: 'sameSubject' }],
    ...SEALED,
  },
  {
    against: ['T5', 'I3'],
    guard: 'whoever left, was disabled or is excluded by now carries no approval',
    patches: [
      {
        file: APPROVAL,
        find: 'const holding = backings.filter((backing) => holds(gate, backing));',
        replace: 'const holding = backings;',
      },
    ],
    tests: ['test/unit/still-holds.test.ts'],
    fails: 'an approval does not hold once the approver %s',
  },
  {
    against: ['T9', 'I6'],
    guard: 'one matching id or address excludes the requester and the authors',
    patches: [
      {
        file: 'services/domain/exclusion.ts',
        find: 'excludes.includes(rule) && isOneOf(identities)',
        replace: 'excludes.includes(rule) && identities.length > 9 && isOneOf(identities)',
      },
    ],
    tests: ['test/unit/exclusion.test.ts'],
    fails: 'one matching %s is enough to be excluded',
  },
  {
    against: ['T9', 'I3'],
    guard: 'one human counts once, by whichever account',
    patches: [
      {
        file: APPROVAL,
        find: "const free = open.filter((index) => !voted.has(ask.levels[index]?.route ?? ''));",
        replace: 'const free = open;',
      },
    ],
    tests: ['test/unit/approval.test.ts'],
    fails: 'one person counts once, whichever of their accounts approves',
  },
  {
    against: ['I3'],
    guard: 'an approval settles nothing before every level has its quorum',
    patches: [
      {
        file: APPROVAL,
        find: "if (openLevels(ask, votes).length > 0) return { kind: 'decided', gate: { ...gate, votes } };",
        replace: '',
      },
    ],
    tests: ['test/unit/approval.test.ts'],
    fails: 'with a quorum of two one approval leaves the gate waiting, and the second settles it',
  },
  {
    against: ['T12', 'I6'],
    guard: 'whoever the route does not ask has no seat, whatever card they were shown',
    patches: [
      {
        file: APPROVAL,
        find: "const NO_SEAT: Seat = { levels: [], refusal: 'not-an-approver' };",
        replace: 'const NO_SEAT: Seat = { levels: [0] };',
      },
    ],
    ...DECIDED,
  },
  {
    against: ['T10', 'I7'],
    guard: 'a click on an older revision decides nothing',
    patches: [
      {
        file: APPROVAL,
        find: "if (isStale(gate, attempt)) return refused('stale-revision');\n  const missing",
        replace: 'const missing',
      },
    ],
    ...DECIDED,
  },
  {
    against: ['T10', 'I7'],
    guard: 'an approval is sealed for what it was given for alone',
    patches: [{ file: SEAL, find: 'sameSubject && fresh.votesHold', replace: 'fresh.votesHold' }],
    ...SEALED,
  },
  {
    against: ['T10', 'I7'],
    guard: 'an approval is bound to the commits that are shipped',
    patches: [
      {
        file: SUBJECT,
        find: 'commits: distinct(sources.commits.map(({ commit }) => commit)),',
        replace: 'commits: [],',
      },
    ],
    tests: ['test/unit/subject.test.ts'],
    fails: 'another %s changes the checksum',
  },
  {
    against: ['T11', 'I12'],
    guard: 'a settled request takes no further decision',
    patches: [
      {
        file: APPROVAL,
        find: "if (isSettled(gate.state)) return 'already-decided';",
        replace: 'if (isSettled(gate.state)) return undefined;',
      },
    ],
    tests: ['test/unit/approval.test.ts'],
    fails: 'no order of clicks changes a settled gate',
  },
  {
    against: ['T20', 'I3', 'I5'],
    guard: 'what blocks by the last look before the seal is not let through',
    patches: [{ file: SEAL, find: "if (fresh.outcome === 'block' || gate.observed)", replace: 'if (gate.observed)' }],
    ...SEALED,
  },
  {
    against: ['T20'],
    guard: 'nothing is let through after its time',
    patches: [{ file: SEAL, find: 'reason === undefined || now >= gate.closesAt', replace: 'reason === undefined' }],
    ...SEALED,
  },
  {
    against: ['T20'],
    guard: 'what is no permission is not valid for a moment',
    patches: [
      {
        file: CLAIMS,
        find: 'isPermission ? plusMinutes(now, VALID_MINUTES) : now;',
        replace: 'isPermission || true ? plusMinutes(now, VALID_MINUTES) : now;',
      },
    ],
    tests: ['test/unit/decision-claims.test.ts'],
    fails: 'whatever the record, permission is a sealed success that stands, and nothing else lasts',
  },
  {
    against: ['T18'],
    guard: 'a deployment that went past its gate gets no signed permission',
    patches: [
      {
        file: CLAIMS,
        find: "if (state === 'abandoned' || state === 'bypassed') return { result: 'failed', reason: state };",
        replace: '',
      },
    ],
    tests: ['test/unit/decision-claims.test.ts'],
    fails: 'whatever the record, permission is a sealed success that stands, and nothing else lasts',
  },
  {
    against: ['I11'],
    guard: 'whatever is in the way of a judgement blocks',
    patches: [
      {
        file: 'services/domain/judge.ts',
        find: 'blocks.length > 0 || obstacles.length > 0 ?',
        replace: 'blocks.length > 0 ?',
      },
    ],
    tests: ['test/unit/judge.test.ts'],
    fails: 'an obstacle found before any finding blocks a gate that has no finding',
  },
  {
    against: ['I18'],
    guard: 'the order of what was found changes nothing that an approval is bound to',
    patches: [{ file: SUBJECT, find: 'return [...new Set(values)].sort();', replace: 'return [...new Set(values)];' }],
    tests: ['test/unit/subject.test.ts'],
    fails: 'no order matters: of findings, groups, controls, commits, signals or obstacles',
  },
  {
    against: ['I19'],
    guard: 'of several rules that may apply the strictest decides',
    patches: [
      {
        file: 'services/domain/judge.ts',
        find: '(outranks(next, best) ? next : best)',
        replace: '(outranks(next, best) ? best : next)',
      },
    ],
    tests: ['test/unit/judge-strictness.test.ts'],
    fails: 'a block rule that is announced for a later day takes nothing from what holds today',
  },
];
