import type { ContractView } from '../../services/domain/contract-view.ts';
import type { Candidate, Gate, GateState } from '../../services/domain/gate.ts';
import type { JudgedGroup } from '../../services/domain/judgement.ts';
import type { Told, WhoApproves } from '../../services/domain/who-approves.ts';
import {
  aDecision,
  aGate,
  aJudgedGroup,
  aJudgement,
  aLevel,
  anAsk,
  aRelease,
  aRun,
  aRunSources,
  aSample,
  aSignal,
  aVote,
  aWarning,
  COMMIT,
  OLDER_COMMIT,
} from '../builders.ts';
import { anExplainedBypass } from '../cards/bypass-samples.ts';
import { aContractView, aRuleInForce } from '../cards/contract-samples.ts';
import { anAnswer, aRoute, someApprovers } from '../routes.ts';
import { platformSaying } from './hostile-postures.ts';

/** Somebody who is asked in every level of `gateSaying`. */
export const ASKED = 'asked';

/** How long the lists of a gate are: longer than any card shows, or one of each, which shows the same text. */
export type Lists = 'long' | 'short';

/** A gate in which every field that somebody outside can write holds `text`. */
export function gateSaying(text: string, state: GateState, lists: Lists = 'long'): Gate {
  const times = (length: number) => ({ length: lists === 'long' ? length : 1 });
  const principal = `group:${text}` as const;
  const identity = { name: text, uniqueName: text };
  const sample = aSample({ message: text, path: text, help: text });
  const by = { kind: 'person', tenant: text, oid: text, name: text } as const;
  const said = {
    rule: text,
    tool: text,
    because: text,
    owner: principal,
    samples: [sample, sample, sample],
    service: text,
    control: text,
    requested: [text, text],
    outgrown: [text],
    vex: { status: 'not-affected' as const, why: text },
  };
  const groups = (make: typeof aWarning, more: Partial<JudgedGroup>) =>
    Array.from(times(25), () => make({ ...said, ...more }));
  return aGate({
    state,
    escalatedAt: '2026-11-23T11:00:00.000Z',
    previous: aRelease({
      runName: text,
      commits: [{ commit: OLDER_COMMIT, repository: text, pipeline: text, runId: 4690 }],
    }),
    supersededBy: { requestId: text, runId: 4712, attempt: 1 },
    votes: Array.from(times(2), () => aVote({ by, comment: text })),
    changes: Array.from(times(9), () => ({ kind: 'signal', service: text, control: text, state: 'known' }) as const),
    environment: text,
    ...(state === 'blocked' ? { awaits: Array.from(times(9), () => text) } : {}),
    services: Array.from(times(8), () => text),
    artifact: text,
    run: aRun({
      name: text,
      branch: text,
      commit: lists === 'long' ? COMMIT : text,
      project: text,
      pipeline: { id: 1, name: text },
      repository: { id: text, name: text, type: 'TfsGit' },
      requestedFor: identity,
      requestedBy: identity,
    }),
    sources: aRunSources({
      commits: Array.from(times(9), (_, index) => ({
        commit: `${index}${text}`,
        repository: text,
        pipeline: text,
        runId: index,
      })),
      branches: Array.from(times(9), (_, index) => ({
        ...{ commit: text, repository: text, pipeline: text, runId: index, ref: text },
        protection: index % 2 === 0 ? ({ kind: 'protected' } as const) : ({ kind: 'unknown', why: text } as const),
      })),
      requesters: Array.from(times(9), () => identity),
      authors: Array.from(times(30), (_, index) => ({ name: `${index}${text}` })),
      unreadable: Array.from(times(20), () => text),
    }),
    ask: anAsk({
      levels: Array.from(times(3), (_, level) =>
        aLevel({
          route: text,
          from: Array.from(times(9), () => principal),
          escalatedTo: principal,
          frozenUntil: '2026-11-27',
          eligible: Array.from(times(15), (__, index) => ({
            oid: index === 0 ? ASKED : `${level} ${index}`,
            name: text,
            covers: { oid: text, name: text },
          })),
          excluded: Array.from(times(15), () => ({ oid: text, name: text, why: 'commit-author' as const })),
        }),
      ),
      unmatched: Array.from(times(10), () => text),
    }),
    judgement: aJudgement({
      platform: platformSaying(text),
      context: Array.from(times(10), () => ({ service: text, owner: principal, lead: principal, criticality: text })),
      blocks: state !== 'blocked' && state !== 'failed' ? [] : groups(aJudgedGroup, {}),
      warns: groups(aWarning, { exceptionId: text }),
      eroded: Array.from(times(12), (_, index) => {
        return { control: `${index}${text}`, owner: principal, share: 0.3, periods: 2 };
      }),
      obstacles: Array.from(times(20), () => ({ kind: 'no-route' as const, detail: text })),
      signals: Array.from(times(12), () =>
        aSignal({
          state: 'unknown',
          why: 'absent',
          service: text,
          control: text,
          owner: principal,
          tools: Array.from(times(9), () => text),
        }),
      ),
    }),
    ...(state === 'bypassed' && { bypass: anExplainedBypass({ reason: text, ticket: text, confirmers: [principal] }) }),
    decision: aDecision({ comment: text, by: { kind: 'person', tenant: 't', oid: 'o', name: text } }),
  });
}

/** An answer of several routes and levels in which every name holds `text`. */
export function answerSaying(text: string, lists: Lists): WhoApproves {
  const times = (length: number) => ({ length: lists === 'long' ? length : 1 });
  const principal = `group:${text}` as const;
  const people = Array.from(times(40), () => ({ oid: text, name: text }));
  const obstacle = { kind: 'too-few-approvers', detail: text, tell: principal } as const;
  const level = someApprovers({
    from: Array.from(times(9), () => principal),
    eligible: people,
    excluded: people.map((person) => ({ ...person, why: 'guest' })),
    empty: Array.from(times(9), () => principal),
    inactive: Array.from(times(9), () => ({ group: text, people })),
    inactiveUnknown: Array.from(times(9), () => principal),
  });
  const source = `routes/${text}.yaml:1`;
  const match = { pipeline: text, project: text };
  const routes = [
    ...Array.from(times(4), () => aRoute({ source, match })),
    ...Array.from(times(9), () => aRoute({ source, match: { team: text, environment: text } })),
    aRoute({ source, match: { environment: 'prod' } }),
    aRoute({ source, match: { environment: 'prod' } }),
  ];
  const way = { levels: Array.from(times(5), () => level), obstacle, told: toldSaying(text, people) };
  const answer = anAnswer(routes, way, { problems: Array.from(times(30), () => text) });
  return { ...answer, service: text, environment: text };
}

function toldSaying(text: string, people: readonly Candidate[]): Told {
  return { direct: people.slice(0, 15), unreachable: people, channel: { name: text, isKnown: false } };
}

/** A contract whose author writes this everywhere. */
export function contractSaying(text: string, lists: Lists): ContractView {
  const length = lists === 'long' ? 30 : 1;
  const escalate = [{ after: { seen: 3, withinDays: 14 }, to: 'block' as const }];
  const rule = {
    when: { path: [text], rule: [text, text] },
    justification: text,
    from: text,
    decideBy: text,
    escalate,
  };
  const owner = `group:${text}` as const;
  const rules = Array.from({ length }, () => aRuleInForce(rule, { control: text, service: text, owner }));
  const view = aContractView({
    commit: text,
    blocks: [{ group: 'secret-exposure', rules }, { rules }],
    ahead: rules,
    climbing: rules,
    overdue: rules,
    soon: rules,
    observed: Array.from({ length }, () => ({ environment: text, until: text })),
  });
  const knownExploited = Array.from({ length }, () => ({ file: text, count: 1, version: text, released: text }));
  return { ...view, at: text, readAt: text, knownExploited, problems: Array.from({ length }, () => text) };
}
