import { z } from 'zod';
import { translated } from './platform-faults.ts';
import { pipelinePermissionsPath } from './platform-people-paths.ts';
import { PERMISSIONS } from './platform-permissions.ts';
import type { ReachRoot } from './platform-reach-members.ts';
import type { PlatformRead } from './platform-read.ts';
import { unlessRefused } from './platform-users.ts';

/** "Administer build permissions", of namespace "Build". */
const ADMINISTER = 16_384;

const bits = z.number().int().nullish();
const lists = z.object({
  value: z.array(
    z.object({
      acesDictionary: z
        .record(
          z.string(),
          z.object({
            descriptor: z.string().min(1),
            allow: bits,
            deny: bits,
            extendedInfo: z.object({ effectiveAllow: bits, effectiveDeny: bits }).nullish(),
          }),
        )
        .nullish(),
    }),
  ),
});

/** Who may change permissions of all pipelines of a project (Access Control Lists - Query); where that may not be read it says so. */
export async function pipelinePermissions(read: PlatformRead, project: string): Promise<ReachRoot['holders']> {
  const found = await translated(PERMISSIONS.pipelines, () =>
    unlessRefused(() => read(pipelinePermissionsPath(project), lists)),
  );
  if (found === undefined) return [{ key: '', name: `whoever that is: ${PERMISSIONS.pipelines}` }];
  const entries = found.value.value.flatMap(({ acesDictionary }) => Object.values(acesDictionary ?? {}));
  const allowed = entries.filter(({ allow, deny, extendedInfo }) => {
    const given = (allow ?? 0) | (extendedInfo?.effectiveAllow ?? 0);
    const taken = (deny ?? 0) | (extendedInfo?.effectiveDeny ?? 0);
    return (given & ~taken & ADMINISTER) !== 0;
  });
  return allowed.map(({ descriptor }) => ({ key: descriptor, name: descriptor.split(';').at(-1) ?? descriptor }));
}
