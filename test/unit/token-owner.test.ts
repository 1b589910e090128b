import { expect, test } from 'vitest';
import { createTokenOwner } from '../../services/directory/token-owner.ts';

const OID = '6A090EA8-2D23-42F0-AE08-8772ED927DB2';
const TID = '7d1f3c52-0a4e-4a35-9a57-3f0c9d7b8e11';

const token = (claims: object) =>
  ['{"alg":"none"}', JSON.stringify(claims), ''].map((part) => Buffer.from(part).toString('base64url')).join('.');
const owner = (claims: object) =>
  createTokenOwner({ getToken: async () => ({ token: token(claims), expiresOnTimestamp: 0 }) })();

test('a person is who Entra says that they are, by object id and tenant', async () => {
  const person = { kind: 'person', tenant: TID, oid: OID.toLowerCase() };
  expect(await owner({ oid: OID, tid: TID, name: 'Olga', upn: 'o@x' })).toEqual({ ...person, name: 'Olga' });
  expect(await owner({ oid: OID, tid: TID, upn: 'o@x' })).toEqual({ ...person, name: 'o@x' });
});

test('an application is no person, whatever it is called', async () => {
  expect(await owner({ oid: OID, tid: TID, appid: 'app', idtyp: 'app', name: 'Olga' })).toEqual({
    kind: 'pipeline',
    name: 'Olga',
  });
  expect(await owner({ oid: OID, tid: TID, appid: 'app' })).toEqual({ kind: 'pipeline', name: 'app' });
});

test('a token that names nobody, and none, is an error', async () => {
  await expect(owner({ tid: TID, name: 'Olga' })).rejects.toThrow('names nobody');
  await expect(createTokenOwner({ getToken: async () => null })()).rejects.toThrow('az login');
});
