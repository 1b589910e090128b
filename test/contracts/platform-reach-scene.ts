import { createReachReader } from '../../services/azure-devops/platform-reach.ts';
import type { ReachFact } from '../../services/domain/platform.ts';
import type { PlatformSubject } from '../fakes/platform-people.ts';
import { anEnvironment, environmentsOf, type PeopleScene, peopleScene } from './platform-people-scene.ts';

interface ReachScene extends PeopleScene {
  readonly groups: Readonly<Record<'project' | 'collection', PlatformSubject>>;
  reach(
    over?: Parameters<PeopleScene['read']>[2],
    directory?: Parameters<typeof createReachReader>[0],
  ): Promise<readonly ReachFact[]>;
}

/** A project with both groups of administrators, and an environment `prod` (12) of which nothing is given to anybody. */
export async function reachScene(
  approvers: (scene: PeopleScene) => readonly PlatformSubject[] = () => [],
): Promise<ReachScene> {
  const own = await peopleScene();
  const { people } = own.simulator;
  const [project, collection] = [
    people.group('Project Administrators'),
    people.group('Project Collection Administrators'),
  ];
  project.members.push(people.addUser('Ann Archer').descriptor);
  collection.members.push(people.addUser('Cleo Chief').descriptor);
  const sections = [environmentsOf(own.project, anEnvironment(12, 'prod', approvers(own)))];
  return {
    ...own,
    groups: { project, collection },
    async reach(over = {}, directory = undefined) {
      const read = await own.read(createReachReader(directory), 'reach', { sections, ...(over as object) });
      return read.facts;
    },
  };
}

export function roleOf(facts: readonly ReachFact[], role: ReachFact['role'], subject: string): ReachFact {
  const found = facts.find((one) => one.role === role && one.subject.startsWith(subject));
  if (found === undefined) throw new Error(`no ${role} of ${subject}`);
  return found;
}

/** Of everybody listed, sorted. */
export const names = ({ members }: ReachFact) => members.map(({ name }) => name).sort();
