import type { GateChange, GateStore } from '../services/ports/gate-store.ts';
import type { Core } from './core.ts';

interface Log {
  info(data: object, message: string): void;
  error(data: object, message: string): void;
}

/** The same use cases; what they refuse to people is in the log with its reason, without the person. */
export function tellRefusals(core: Core, log: Log): Core {
  const told = <T extends object>(useCase: T): T => answering(useCase, (answer, wish) => tell(answer, wish, log));
  const { approvals, delegations, reminders, bypasses, covering } = core;
  const { exceptionRequests, exceptionDecisions, exceptionReviews } = core;
  return {
    ...core,
    ...{ approvals: told(approvals), delegations: told(delegations), reminders: told(reminders) },
    ...{ bypasses: told(bypasses), covering: told(covering) },
    ...{ exceptionRequests: told(exceptionRequests), exceptionDecisions: told(exceptionDecisions) },
    exceptionReviews: told(exceptionReviews),
  };
}

/** The same store; that a stage went on without us, or holds another result, is in the log once it is committed. */
export function tellContradictions(gates: GateStore, log: Log): GateStore {
  const tellOf = ({ gate, evidence }: GateChange) => {
    const data = { requestId: gate.id, environment: gate.environment };
    if (evidence.kind === 'bypass-detected') log.error(data, 'stage went on without a decision');
    else if (evidence.kind === 'completed-without-us' && gate.verdict !== undefined)
      log.error(data, 'Azure DevOps holds another result than ours');
  };
  return {
    ...gates,
    commit: async (from, change) => {
      const committed = await gates.commit(from, change);
      if (committed.kind === 'committed') tellOf(change);
      return committed;
    },
  };
}

function answering<T extends object>(useCase: T, answered: (answer: unknown, wish: unknown) => void): T {
  return new Proxy(useCase, {
    get: (target, name, receiver) => {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return async (...given: readonly unknown[]) => {
        const answer: unknown = await Reflect.apply(member, target, given);
        answered(answer, given[0]);
        return answer;
      };
    },
  });
}

function tell(answer: unknown, wish: unknown, log: Log): void {
  if (Array.isArray(answer)) for (const one of answer) tell(one, undefined, log);
  if (typeof answer !== 'object' || answer === null || !('kind' in answer) || answer.kind !== 'refused') return;
  const { refusal, why, gate } = answer as { readonly [name: string]: unknown };
  const reason = codeIn(refusal) ?? codeIn(why) ?? 'refused';
  const id = typeof gate === 'object' && gate !== null && 'id' in gate ? { requestId: String(gate.id) } : {};
  const op = typeof wish === 'object' && wish !== null && 'op' in wish ? { op: String(wish.op) } : {};
  log.info({ reason, ...id, ...op }, 'wish refused');
}

function codeIn(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value !== null && 'code' in value ? String(value.code) : undefined;
}
