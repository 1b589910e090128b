import type { Answered } from '../../services/approvals.ts';
import type { Telemetry } from '../../services/ports/telemetry.ts';
import type { Core } from '../core.ts';
import type { Backstage } from './backstage.ts';

/** What comes in: deliveries of checks, and what people wish. */
export function createMeasuredCore(
  core: Core,
  { telemetry, backstage }: { readonly telemetry: Telemetry; readonly backstage: Backstage },
): Core {
  const clicked = (from: number, answered: Answered): void => {
    const outcome = answered.kind === 'refused' ? answered.refusal : 'decided';
    if (answered.kind === 'refused') telemetry.count('gate.authz.denied', { reason: answered.refusal });
    if (answered.gate === undefined) return;
    const { id, state, traceparent } = answered.gate;
    const attributes = { 'gate.request_id': id, 'gate.state': state, 'gate.outcome': outcome };
    telemetry.spanned('gate.click', { from, parent: traceparent, attributes });
  };
  const { deliveries, approvals, reconcile } = core;
  return {
    ...core,
    deliveries: {
      receive: (delivery) =>
        telemetry.span('gate.receive', {}, async (note) => {
          const labels = {
            org: organizationIn(delivery.check.organization),
            ...backstage.environment(delivery.environment),
          };
          let result = 'failed';
          try {
            const receipt = await deliveries.receive(delivery);
            result = receipt.kind;
            if (receipt.kind === 'accepted') note({ 'gate.request_id': receipt.requestId });
            return receipt;
          } finally {
            note({ 'gate.outcome': result });
            telemetry.count('gate.checks.received', {
              ...labels,
              ...backstage.environment(delivery.environment),
              result,
            });
          }
        }),
    },
    approvals: {
      ...approvals,
      decide: async (wish) => {
        const from = Date.now();
        const answered = await approvals.decide(wish);
        clicked(from, answered);
        return answered;
      },
      decideMany: async (wishes) => {
        const from = Date.now();
        const all = await approvals.decideMany(wishes);
        for (const one of all) if (one.kind !== 'unanswered') clicked(from, one);
        return all;
      },
    },
    reconcile: () => backstage.counting(reconcile),
  };
}

/** One of those that are configured: the last part of its address, or its host. */
function organizationIn(url: string): string {
  const { pathname, hostname } = new URL(url);
  return pathname.split('/').filter(Boolean).at(-1) ?? hostname;
}
