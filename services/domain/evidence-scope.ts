import type { CheckpointHead } from './checkpoint.ts';

/** A scope as it is written: `service`, or `service/environment`. */
export const SCOPE_FORM = /^[^/]+(?:\/[^/]+)?$/;

/** Whether a chain is about a scope: what names no environment is about all of its services. Absent: every chain is. */
export function isInScope(
  { services, environment = EVERY }: Pick<CheckpointHead, 'services' | 'environment'>,
  scope: string | undefined,
): boolean {
  if (scope === undefined) return true;
  const [service = '', wanted = environment] = scope.split('/');
  return services.includes(service) && (environment === EVERY || environment === wanted);
}

const EVERY = '-';
