import { exceptionRefusalText } from '../../cards/exception-words.ts';
import type { ExceptionRefusal } from '../../services/domain/exception-refusal.ts';
import { EXCEPTION_CODES } from '../exception-codes.ts';
import type { Problem } from '../problem.ts';
import { refusalProblem } from './refuse-person.ts';

/** The refusal is the code, its sentence the detail. */
export function exceptionProblem(why: ExceptionRefusal, viewer: { readonly oid: string }): Problem {
  if (why.code === 'stranger') return refusalProblem(why, viewer);
  const [field, reason] = [fieldOf(why), reasonOf(why)];
  return {
    status: EXCEPTION_CODES[why.code],
    code: why.code,
    detail: exceptionRefusalText(why, viewer),
    ...(field === undefined ? {} : { field }),
    ...(reason === undefined ? {} : { reason }),
  };
}

const FIELDS: Readonly<Partial<Record<ExceptionRefusal['code'], string>>> = {
  'unknown-service': 'service',
  'unknown-environment': 'environment',
  'unknown-control': 'control',
  'other-control': 'control',
  'no-exceptions': 'control',
  'unknown-finding': 'fingerprint',
  'scope-too-wide': 'fingerprint',
  'too-many-to-except': 'fingerprint',
  'reason-too-short': 'reason',
  'reason-class-unknown': 'reasonClass',
  'several-meant': 'owner',
  'nobody-meant': 'owner',
  'owner-unknown': 'owner',
  'owner-guest': 'owner',
  'owner-disabled': 'owner',
  'owner-empty': 'owner',
  date: 'until',
  'until-too-far': 'until',
  'review-unreadable': 'reviewEvery',
  'review-too-rare': 'reviewEvery',
  'unknown-exception': 'renews',
};

/** Of several that are missing all. */
function fieldOf(why: ExceptionRefusal): string | undefined {
  if (why.code === 'field-missing') return why.fields.join(', ');
  return why.code === 'text-too-long' ? why.field : FIELDS[why.code];
}

function reasonOf(why: ExceptionRefusal): string | undefined {
  if (why.code === 'date') return why.why.code;
  return why.code === 'wrong-state' ? why.state : undefined;
}
