export interface TeamsChannel {
  readonly team: string;
  /** `General` has its team's id and no name, as in Teams. */
  readonly channel: string;
}

interface Team {
  readonly id: string;
  name: string;
  /** Channel ids by their present names. */
  readonly channels: Map<string, string>;
}

export interface TeamsDirectory {
  /** Ids of the channel and its team; both come to be when first named. */
  ids(channel: TeamsChannel): { readonly team: string; readonly channel: string };
  renameChannel(channel: TeamsChannel, name: string): void;
  renameTeam(team: string, name: string): void;
  deleteChannel(channel: TeamsChannel): void;
  /** `/v3/teams/{id}` and `/v3/teams/{id}/conversations` of the connector; undefined for any other path. */
  answer(path: string): object | undefined;
}

const PATH = /^\/v3\/teams\/([^/]+)(\/conversations)?$/;

/** Id of a channel that was created under this name. */
export function channelId({ team, channel }: TeamsChannel): string {
  const slug = (name: string) => name.toLowerCase().replace(/[^a-z0-9]+/g, '-');
  return `19:${slug(team)}${channel === 'General' ? '' : `-${slug(channel)}`}@thread.tacv2`;
}

/** Teams and their channels. */
export function createTeamsDirectory(): TeamsDirectory {
  const teams: Team[] = [];
  const teamOf = (name: string): Team => {
    const known = teams.find((team) => team.name === name);
    if (known !== undefined) return known;
    const id = channelId({ team: name, channel: 'General' });
    const team = { id, name, channels: new Map([['General', id]]) };
    teams.push(team);
    return team;
  };
  const ids: TeamsDirectory['ids'] = (named) => {
    const team = teamOf(named.team);
    const channel = team.channels.get(named.channel) ?? channelId(named);
    team.channels.set(named.channel, channel);
    return { team: team.id, channel };
  };
  return {
    ids,
    renameChannel(named, name) {
      const { channel } = ids(named);
      const { channels } = teamOf(named.team);
      channels.delete(named.channel);
      channels.set(name, channel);
    },
    renameTeam(team, name) {
      teamOf(team).name = name;
    },
    deleteChannel({ team, channel }) {
      teamOf(team).channels.delete(channel);
    },
    answer(path) {
      const match = PATH.exec(path);
      const team = teams.find(({ id }) => id === decodeURIComponent(match?.[1] ?? ''));
      if (match === null || team === undefined) return undefined;
      if (match[2] === undefined) return { id: team.id, name: team.name };
      const conversations = [...team.channels].map(([name, id]) =>
        id === team.id ? { id, name: null } : { id, name },
      );
      return { conversations };
    },
  };
}
