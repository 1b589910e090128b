import { expect, test } from 'vitest';
import { operationOfCall } from '../../bot/hooks/operation-of-call.ts';
import { ANN, aGate, BOB } from '../builders.ts';

const call = { requestId: 'abcdefghij234567', key: '', fields: { verdict: 'approve' } };

test('the same call of one person is one operation, until the request has changed or an approval was taken back', () => {
  const op = operationOfCall(BOB.oid, call, aGate());

  expect(operationOfCall(BOB.oid, call, aGate())).toBe(op);
  expect(operationOfCall(ANN.oid, call, aGate())).not.toBe(op);
  expect(operationOfCall(BOB.oid, { ...call, fields: { verdict: 'withdraw' } }, aGate())).not.toBe(op);
  expect(operationOfCall(BOB.oid, call, aGate({ revision: 2 }))).not.toBe(op);
  expect(operationOfCall(BOB.oid, call, aGate({ withdrawals: 1 }))).not.toBe(op);
});

test('what a key names stays the same operation whatever is taken back meanwhile', () => {
  const keyed = { ...call, key: 'one', fields: { verdict: 'withdraw', revision: 1 } };

  expect(operationOfCall(BOB.oid, keyed, aGate({ withdrawals: 1 }))).toBe(operationOfCall(BOB.oid, keyed, aGate()));
  expect(operationOfCall(BOB.oid, { ...keyed, key: 'two' }, aGate())).not.toBe(
    operationOfCall(BOB.oid, keyed, aGate()),
  );
});
