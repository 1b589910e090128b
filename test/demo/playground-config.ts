import { readFile } from 'node:fs/promises';
import type { Person } from '../../services/domain/person.ts';
import { loadDirectory } from '../../services/policy/load-directory.ts';
import type { PlaygroundConfig, PlaygroundUser } from '../fakes/playground.ts';

/** The demo's Entra tenant; no tenant of anybody. */
export const DEMO_TENANT = '5c1f6a1e-3d0b-4c52-9a54-7e7f0d1c2b3a';
/** Who sits in front of the Playground: approves for payments-api and owns orders-api. */
const YOU = 'Alex Wilber';

/** Everybody in the directory file who may act, with their own object ids; one of them in front of the page. */
export async function readPeople(file: string): Promise<readonly Person[]> {
  const loaded = loadDirectory({ file, text: await readFile(file, 'utf8') });
  if (loaded.kind === 'broken') throw new Error(loaded.problems.join('\n'));
  return [...loaded.value.people.values()].filter(({ guest, disabled }) => !guest && !disabled);
}

/** The Playground of the demo's tenant. Throws unless the people are one of this name and five others. */
export function playgroundConfig(people: readonly Person[], yourName = YOU): PlaygroundConfig {
  const you = people.find(({ name }) => name === yourName);
  const [a, b, c, d, e, ...more] = people.filter((person) => person !== you).map(toUser);
  if (you === undefined || !a || !b || !c || !d || !e || more.length > 0)
    throw new Error(`the Playground takes ${yourName} and five others, the directory has ${people.length} people`);
  return {
    tenantId: DEMO_TENANT,
    bot: { id: '28:0f3d5a9c-6b1e-4f7a-8c2d-9e4b7a1d6c58', name: 'Countersign' },
    currentUser: toUser(you),
    users: [a, b, c, d, e],
    personalChat: { id: `personal-${you.oid}` },
    groupChat: { id: '19:releases@thread.v2', name: 'Releases' },
    team: {
      id: '19:deployments@thread.tacv2',
      name: 'Deployments',
      aadGroupId: '3f9e2b7c-5a41-4d80-b6c3-1e8d7f4a9b02',
      channels: [{ id: '19:payments@thread.tacv2', name: 'Payments' }],
    },
  };
}

function toUser({ oid, name, upn }: Person): PlaygroundUser {
  const [givenName = name, ...surname] = name.split(' ');
  return {
    id: `29:${oid}`,
    name,
    userPrincipleName: upn,
    aadObjectId: oid,
    givenName,
    surname: surname.join(' '),
    email: upn,
  };
}
