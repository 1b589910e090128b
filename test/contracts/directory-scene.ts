import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { createFileDirectory } from '../../services/directory/file-directory.ts';
import { createGraphDirectory } from '../../services/directory/graph-directory.ts';
import { loadDirectory } from '../../services/policy/load-directory.ts';
import type { Directory } from '../../services/ports/directory.ts';
import { startGraph } from '../fakes/graph.ts';

export const ALEX = '6a090ea8-2d23-42f0-ae08-8772ed927db2';
export const ADELE = 'c2e34489-8d8a-4e19-9539-ef98ff5aee4e';
export const LEE = 'a334807a-aed6-4561-9069-6489fbe40623';
export const PAT = '78f1bdf8-c249-4648-bb9a-88502761ba65';
export const STRANGER = '1f21ced3-ef3b-424b-b7aa-6985319a5af6';
export const ODD = `O'Neil's & co, 50% #1/?`;

interface Who {
  readonly people: readonly {
    readonly oid: string;
    readonly name: string;
    readonly upn: string;
    readonly manager?: string;
    readonly guest?: boolean;
    readonly disabled?: boolean;
    readonly sameAs?: readonly string[];
  }[];
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly eligible: Readonly<Record<string, readonly string[]>>;
}

export const WHO: Who = {
  people: [
    { oid: ALEX, name: 'Alex', upn: 'Alex@Contoso.example' },
    { oid: ADELE, name: 'Adele', upn: 'adele@contoso.example', sameAs: [`Adele.O'Hara+git@Vance.example`] },
    { oid: LEE, name: 'Lee', upn: 'lee@contoso.example', manager: ALEX, disabled: true },
    {
      oid: PAT,
      name: 'Pat',
      upn: 'pat_partner.example#EXT#@contoso.example',
      guest: true,
      sameAs: ['pat@partner.example'],
    },
  ],
  groups: { leads: [ALEX, PAT], owners: [ADELE, ALEX], empty: [], [ODD]: [LEE] },
  eligible: { leads: [ADELE] },
};

export interface Scene {
  readonly directory: Directory;
  become(who: Who): Promise<void>;
  /** So long that nothing kept may be used any more. */
  later(): void;
  breakDown(): Promise<void>;
  close(): Promise<void>;
}

export async function fileScene(): Promise<Scene> {
  const folder = await mkdtemp(join(tmpdir(), 'directory-'));
  const file = join(folder, 'directory.yaml');
  const become = (who: Who) => writeFile(file, stringify({ kind: 'Directory', ...who }));
  await become(WHO);
  return {
    directory: createFileDirectory({ file, load: loadDirectory }),
    become,
    later: () => undefined,
    breakDown: () => rm(file),
    close: () => rm(folder, { recursive: true }),
  };
}

export async function graphScene(): Promise<Scene> {
  const graph = await startGraph();
  const idOf = (index: number) => `${index.toString().padStart(8, '0')}-aaaa-4bbb-8ccc-000000000000`;
  const become = async ({ people, groups, eligible }: Who) => {
    const names = Object.keys(groups);
    graph.world.users = people.map((one) => ({
      id: one.oid,
      displayName: one.name,
      userPrincipalName: one.upn,
      userType: one.guest === true ? 'Guest' : 'Member',
      accountEnabled: one.disabled !== true,
      mail: null,
      otherMails: one.sameAs ?? [],
      proxyAddresses: [],
      ...(one.manager === undefined ? {} : { manager: one.manager }),
    }));
    graph.world.groups = names.map((name, index) => ({
      id: idOf(index),
      displayName: name,
      members: groups[name] ?? [],
    }));
    graph.world.eligible = Object.entries(eligible).flatMap(([name, oids]) =>
      oids.map((oid) => ({ groupId: idOf(names.indexOf(name)), principalId: oid, accessId: 'member' })),
    );
  };
  await become(WHO);
  let now = 0;
  const { url, credential } = graph;
  return {
    directory: createGraphDirectory({ url, credential, allowLoopback: true, now: () => now }),
    become,
    later: () => {
      now += 60_000;
    },
    breakDown: async () => {
      graph.faults.add({ on: /./, status: 503 });
    },
    close: () => graph.close(),
  };
}
