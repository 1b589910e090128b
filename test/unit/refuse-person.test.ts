import { expect, test } from 'vitest';
import { refusalProblem } from '../../bot/hooks/refuse-person.ts';

test.each(['own-deployment', 'commit-author', 're-runner', 'exception-requester'] as const)(
  'whoever is excluded as %s is forbidden over HTTP: no other moment changes that',
  (refusal) => {
    expect(refusalProblem({ refusal }, {})).toMatchObject({ status: 403, code: refusal });
  },
);
