import { guidOf, type SimulatedProject } from './azure-devops-model.ts';

/** Somebody or something with an account in an organization, and what is said of it in each of Azure DevOps' services. */
export interface PlatformSubject {
  readonly kind: 'user' | 'group' | 'servicePrincipal';
  readonly descriptor: string;
  /** Storage key. */
  readonly id: string;
  /** As security lists name it. */
  readonly legacyDescriptor: string;
  readonly displayName: string;
  readonly principalName: string;
  readonly origin: 'aad' | 'msa' | 'vsts';
  readonly originId: string;
  /** Of a group: the project that it belongs to; absent: the organization. */
  readonly project?: string;
  readonly metaType?: string;
  readonly status?: string;
  readonly lastAccessedDate?: string;
  readonly dateCreated?: string;
  /** Descriptors of whoever stands in this group. */
  members: string[];
  /** Personal access tokens, as they are answered. */
  tokens: object[];
}

/** Who may do what in an organization, without the network. */
export interface PlatformPeople {
  readonly subjects: PlatformSubject[];
  /** By `{project id}_{environment id}`: who has which role there. */
  readonly roles: Map<string, { readonly subject: PlatformSubject; readonly role: string }[]>;
  /** By project id: entries of the access control list of its pipelines. */
  readonly permissions: Map<
    string,
    { readonly subject: PlatformSubject; readonly allow: number; readonly deny: number }[]
  >;
  readonly audit: { streams: object[]; entries: object[] };
  addUser(name: string, over?: Partial<PlatformSubject>): PlatformSubject;
  addServicePrincipal(name: string, over?: Partial<PlatformSubject>): PlatformSubject;
  /** `project`: its id; absent: of the organization. */
  addGroup(
    name: string,
    members?: readonly PlatformSubject[],
    project?: { readonly id: string; readonly name: string },
  ): PlatformSubject;
  /** The one of this name. */
  group(name: string): PlatformSubject;
  /** A group of Entra, of which Azure DevOps knows no members. */
  addEntraGroup(name: string, oid?: string): PlatformSubject;
}

const ORGANIZATION = 'contoso';

/** What every organization has, with nothing in it that anybody could find fault with. */
export function usualPeople(projects: readonly SimulatedProject[], now: () => number): PlatformPeople {
  const people = nobody();
  people.addGroup('Project Collection Administrators');
  people.addGroup('Project Collection Service Accounts');
  for (const project of projects) people.addGroup('Project Administrators', [], project);
  people.audit.streams = [{ id: 1, displayName: 'sentinel', consumerType: 'AzureMonitorLogs', status: 'enabled' }];
  people.audit.entries = [{ id: '1', timestamp: new Date(now()).toISOString(), actionId: 'AuditLog.AccessLog' }];
  return people;
}

function nobody(): PlatformPeople {
  const subjects: PlatformSubject[] = [];
  const add = (subject: PlatformSubject): PlatformSubject => {
    subjects.push(subject);
    return subject;
  };
  const account = (prefix: string, name: string) => ({
    descriptor: `${prefix}.${Buffer.from(guidOf(`${prefix} ${name}`)).toString('base64url')}`,
    id: guidOf(`key ${name}`),
    displayName: name,
    originId: guidOf(`oid ${name}`),
    members: [],
    tokens: [],
  });
  return {
    subjects,
    roles: new Map(),
    permissions: new Map(),
    audit: { streams: [], entries: [] },
    addUser(name, over = {}) {
      const principalName = `${name.toLowerCase().replaceAll(/[^a-z]+/g, '.')}@contoso.example`;
      const legacyDescriptor = `Microsoft.IdentityModel.Claims.ClaimsIdentity;tenant\\${principalName}`;
      const said = { metaType: 'member', status: 'active', lastAccessedDate: '2026-11-20T08:00:00Z' };
      return add({
        kind: 'user',
        ...account('aad', name),
        legacyDescriptor,
        principalName,
        origin: 'aad',
        ...said,
        ...over,
      });
    },
    addServicePrincipal(name, over = {}) {
      const own = account('aadsp', name);
      const legacyDescriptor = `Microsoft.VisualStudio.Services.Claims.AadServicePrincipal;tenant\\${own.originId}`;
      const said = { metaType: 'application', status: 'active', lastAccessedDate: '0001-01-01T00:00:00Z' };
      return add({
        kind: 'servicePrincipal',
        ...own,
        legacyDescriptor,
        principalName: own.originId,
        origin: 'aad',
        ...said,
        ...over,
      });
    },
    addGroup(name, members = [], project) {
      const scope = project?.name ?? ORGANIZATION;
      const own = account('vssgp', `[${scope}]\\${name}`);
      return add({
        kind: 'group',
        ...own,
        legacyDescriptor: `Microsoft.TeamFoundation.Identity;S-1-9-${own.id}`,
        displayName: name,
        principalName: `[${scope}]\\${name}`,
        origin: 'vsts',
        originId: own.id,
        members: members.map(({ descriptor }) => descriptor),
        ...(project === undefined ? {} : { project: project.id }),
      });
    },
    group(name) {
      const found = subjects.find(({ kind, displayName }) => kind === 'group' && displayName === name);
      if (found === undefined) throw new Error(`no group ${name}`);
      return found;
    },
    addEntraGroup(name, oid = guidOf(`oid group ${name}`)) {
      const own = account('aadgp', name);
      const legacyDescriptor = `Microsoft.TeamFoundation.Identity;S-1-9-${own.id}`;
      const principalName = `[TEAM FOUNDATION]\\${name}`;
      return add({ kind: 'group', ...own, legacyDescriptor, principalName, origin: 'aad', originId: oid });
    },
  };
}
